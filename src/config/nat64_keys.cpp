// nat64: the rows of translation. Its section is there or not: without it there is no NAT64.
#include "nat64_keys.h"

#include <algorithm>

#include "policy_keys.h"

namespace dragoman::config {
namespace {

using namespace std::chrono_literals;
using gateway::Nat64Options;
using gateway::Switch;
using nat64::Options;

// The section while it is read.
struct Section {
  bool enabled = true;
  Nat64Options options;
};

template <class T>
void append(Keys<T>& keys, Keys<T> more) {
  for (Key<T>& key : more) keys.push_back(std::move(key));
}

// -- prefixes and addresses --

void read_nat64_prefixes(const Node& node, Options& options, Reading& reading) {
  options.prefixes.clear();
  for (const Node* element : read_list(node, reading)) {
    const auto prefix = read_pref64(*element, reading);
    if (!prefix) continue;
    for (const ip::Pref64& earlier : options.prefixes) {
      const bool overlap =
          earlier.prefix().contains(prefix->prefix().network) || prefix->prefix().contains(earlier.prefix().network);
      if (!overlap) continue;
      const std::string text = earlier == *prefix ? " is listed twice" : " overlaps " + earlier.to_text();
      reading.findings.error(*element, element->shown() + text, "keep one of the two");
    }
    options.prefixes.push_back(*prefix);
  }
}

std::string nat64_prefixes_to_text(const Options& options) {
  std::vector<std::string> texts;
  for (const ip::Pref64& prefix : options.prefixes) texts.push_back(prefix.to_text());
  return joined(texts);
}

// Prefixes of one family alone.
Value<Options> prefixes_of(std::vector<ip::Prefix> Options::*member, bool is_v6, const char* fix) {
  Value<Options> out = prefixes(member);
  out.read = [member, is_v6, fix](const Node& node, Options& options, Reading& reading) {
    options.*member = read_elements(node, prefix_element, reading);
    const std::vector<const Node*> nodes = read_list(node, reading);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (nodes[i]->kind != Node::Kind::scalar || !ip::Prefix::from_text(nodes[i]->text)) continue;  // reported
      if ((options.*member)[i].network.is_v6() == is_v6) continue;
      reading.findings.error(*nodes[i], nodes[i]->shown() + (is_v6 ? " is not IPv6" : " is not IPv4"), fix);
    }
  };
  return out;
}

Result<ip::Ipv4Octets> ipv4_from_text(std::string_view text) {
  const auto address = ip::Address::from_text(text);
  if (!address) return address.error();
  if (address->is_v6()) return Error{ErrorCode::invalid_argument, "not an IPv4 address", std::string(text)};
  return address->v4();
}

std::string ipv4_to_text(const ip::Ipv4Octets& octets) { return ip::Address(octets).to_text(); }

const ElementText<ip::Ipv4Octets> ipv4_element{"list of IPv4 addresses", &ipv4_from_text, &ipv4_to_text,
                                               "write 198.51.100.1"};

// One address; none is all zeros.
template <class Octets>
Value<nat64::IcmpOptions> address(Octets nat64::IcmpOptions::*member) {
  constexpr bool is_v6 = std::is_same_v<Octets, ip::Ipv6Octets>;
  return {is_v6 ? "IPv6 address" : "IPv4 address",
          [member](const Node& node, nat64::IcmpOptions& options, Reading& reading) {
            constexpr const char* fix = is_v6 ? "write \"2001:db8::1\"" : "write 198.51.100.1";
            const auto text = read_text(node, reading);
            if (!text) return;
            const auto parsed = ip::Address::from_text(*text);
            if (!parsed || parsed->is_v6() != is_v6) {
              return reading.findings.error(
                  node, node.shown() + (is_v6 ? " is no IPv6 address" : " is no IPv4 address"), fix);
            }
            if constexpr (is_v6) {
              options.*member = parsed->v6();
            } else {
              options.*member = parsed->v4();
            }
          },
          [member](const nat64::IcmpOptions& options) {
            return options.*member == Octets{} ? std::string() : ip::Address(options.*member).to_text();
          }};
}

// -- texts of the system --

// IFNAMSIZ has room for 15 octets; the kernel fills in a number for %d, and paths in /sys end at a slash.
void read_device(const Node& node, Nat64Options& options, Reading& reading) {
  const auto text = read_text(node, reading);
  if (!text) return;
  const bool is_plain = std::all_of(text->begin(), text->end(),
                                    [](unsigned char c) { return c > ' ' && c < 0x7f && c != '/' && c != '%'; });
  if (text->size() > 15 || !is_plain || *text == "." || *text == "..") {
    reading.findings.error(node, node.shown() + " is no name for a device",
                           "write at most 15 letters and digits, as in nat64");
    return;
  }
  options.device = *text;
}

Value<Options> block_size() {
  Value<Options> out = integer(&Options::port_block_size, std::uint16_t{64}, std::uint16_t{1024});
  out.type = "power of two, " + out.range->to_text();
  out.read = [read = out.read](const Node& node, Options& options, Reading& reading) {
    read(node, options, reading);
    const unsigned size = options.port_block_size;
    if ((size & (size - 1)) == 0) return;
    unsigned below = 64;
    while (below * 2 < size) below *= 2;
    reading.findings.error(node, "must be a power of two, this is " + node.shown(),
                           "write " + std::to_string(below) + " or " + std::to_string(below * 2));
    options.port_block_size = Options().port_block_size;
  };
  return out;
}

Value<Nat64Options> on_or_off(Switch Nat64Options::*member) {
  return choice<Nat64Options, Switch>(member, {{"auto", Switch::automatic}, {"on", Switch::on}, {"off", Switch::off}});
}

// A number, or auto for 0.
Value<Nat64Options> number_or_auto(std::uint32_t Nat64Options::*member, std::uint32_t low, std::uint32_t high) {
  Value<Nat64Options> out = integer(member, low, high);
  out.type = "auto or " + out.type;
  out.read = [member, read = out.read](const Node& node, Nat64Options& options, Reading& reading) {
    if (node.text == "auto") {
      options.*member = 0;
    } else {
      read(node, options, reading);
    }
  };
  out.show = [member](const Nat64Options& options) {
    return options.*member == 0 ? "auto" : std::to_string(options.*member);
  };
  return out;
}

// -- tables --

Keys<nat64::Timeouts> timeout_keys() {
  using T = nat64::Timeouts;
  constexpr milliseconds day = 24h;
  return {
      {"udp", duration(&T::udp, 1s, day), Reload::live, "A UDP session without packets; 2m at least (RFC 4787 REQ-5)."},
      {"tcp_established", duration(&T::tcp_established, 1s, 7 * day), Reload::live,
       "An open TCP connection without packets; 2h4m at least (RFC 5382 REQ-5)."},
      {"tcp_transitory", duration(&T::tcp_transitory, 1s, day), Reload::live,
       "A TCP connection that begins or ends; 4m at least (RFC 5382 REQ-5)."},
      {"tcp_incoming_syn", duration(&T::tcp_incoming_syn, 1s, 1min), Reload::live,
       "How long a SYN from IPv4 is kept for one from inside to cross it; 6s at least (RFC 5382 REQ-4)."},
      {"icmp", duration(&T::icmp, 1s, day), Reload::live, "A ping's session; 60s at least (RFC 5508 REQ-1)."},
      {"fragment", duration(&T::fragment, 1s, 1min), Reload::live,
       "How long fragments wait for the first one; 2s at least (RFC 6146 4)."},
      {"port_hold", duration(&T::port_hold, 0s, 1h), Reload::live,
       "An empty port block rests before another subscriber may have it; 2m at least (RFC 6888 REQ-8)."},
  };
}

Keys<nat64::IcmpOptions> icmp_keys() {
  using I = nat64::IcmpOptions;
  return {
      {"errors", boolean(&I::errors), Reload::live, "Whether senders are told of packets that go no further."},
      {"errors_per_second", integer(&I::errors_per_second, 1u, 1'000'000u), Reload::live, "How often, by each worker."},
      {"source4", address(&I::source4), Reload::live,
       "From which address IPv4 senders are told; empty: the one that the packet was for."},
      {"source6", address(&I::source6), Reload::live,
       "From which address IPv6 senders are told; empty: the first of the pool under the first prefix."},
      {"router_addresses", list(&I::router_addresses, ipv4_element), Reload::live,
       "IPv4 addresses that stand for IPv6 routers in ICMP errors (RFC 6791); empty: the address of the binding."},
      {"router_extension", boolean(&I::router_extension), Reload::live,
       "Adds the router's IPv6 address to such errors (RFC 5837)."},
  };
}

Keys<Nat64Options> device_keys() {
  using N = Nat64Options;
  return {
      {"device",
       {"name of a device", &read_device, [](const N& options) { return options.device; }},
       Reload::restart,
       "The TUN device. It is made if it is not there, which needs CAP_NET_ADMIN; one that systemd-networkd or `ip "
       "tuntap` made for our user needs none."},
      {"queues", number_or_auto(&N::queues, 1, 1024), Reload::restart,
       "Queues of the device, each with a thread of its own; auto: as many as `workers`."},
      {"routes", boolean(&N::routes), Reload::restart,
       "Brings the device up and routes prefixes, pool and static bindings to it; false: somebody else does."},
      {"device_mtu", number_or_auto(&N::device_mtu, 1280, 65535), Reload::restart,
       "MTU of the device; auto: the larger of mtu6 and mtu4."},
      {"txqueuelen", integer(&N::txqueuelen, 1u, 1'000'000u), Reload::restart,
       "Packets that may wait in a queue of the device."},
      {"tso", on_or_off(&N::tso), Reload::restart, "TCP super-packets of up to 64 KiB through the device."},
      {"uso", on_or_off(&N::uso), Reload::restart, "The same of UDP (Linux 6.2)."},
      {"steering", on_or_off(&N::steering), Reload::restart,
       "An eBPF program gives each packet to the queue of its owner; without it workers hand packets on."},
      {"user", text(&N::user, "name of a user"), Reload::restart,
       "Who to be once everything is open; empty: who started the program."},
      {"group", text(&N::group, "name of a group"), Reload::restart, "The same for the group; empty: that of `user`."},
  };
}

// Where packets go, and whose.
Keys<Options> address_keys() {
  using Rule = ip::WellKnownPrefixRule;
  return {
      {"prefix",
       {"prefix", &read_nat64_prefixes, [](const Options&) { return std::string(); }},
       Reload::live,
       "Short form for one prefix."},
      {"prefixes",
       {"list of prefixes", &read_nat64_prefixes, &nat64_prefixes_to_text},
       Reload::live,
       "The prefixes that are translated (RFC 6052); the first one is for what IPv4 starts. DNS64 without prefixes of "
       "its own takes these."},
      {"pool4", pool4_value(), Reload::live, ""},
      {"static_bindings", static_bindings_value(), Reload::live, ""},
      {"clients", prefixes_of(&Options::clients, true, "write \"2001:db8::/32\""), Reload::live,
       "IPv6 sources that are served; empty: all."},
      {"deny", prefixes_of(&Options::denied_destinations, false, "write 192.0.2.0/24"), Reload::live,
       "IPv4 destinations that are not reached."},
      {"well_known_prefix",
       choice<Options, Rule>(&Options::well_known_prefix, {{"examples", Rule::examples},
                                                           {"rfc6052", Rule::rfc6052},
                                                           {"wkp_1918", Rule::wkp_1918},
                                                           {"off", Rule::off}}),
       Reload::live,
       "Which IPv4 addresses 64:ff9b::/96 may hold, by the words of dns64.well_known_prefix; what one of the two says "
       "holds for the other."},
      {"only_resolved", boolean(&Options::only_resolved), Reload::live,
       "Only IPv4 addresses that our DNS64 answered to this subscriber shortly before. Clients must ask it over IPv6; "
       "464XLAT and addresses that are written out do not work then."},
  };
}

// How much a subscriber, and all of them, may have.
Keys<Options> quota_keys() {
  using L = nat64::SubscriberLimits;
  Keys<Options> keys{
      {"max_sessions", integer(&Options::max_sessions, 16u, 1'000'000'000u), Reload::live,
       "Sessions of all subscribers together, about 96 octets each."},
      {"port_block_size", block_size(), Reload::restart,
       "Ports that a subscriber gets at a time; the binding log has a line for each block."},
      {"subscriber_prefix", integer(&Options::subscriber_prefix, std::uint8_t{48}, std::uint8_t{128}), Reload::restart,
       "How many bits of an IPv6 source make a subscriber."},
  };
  append(keys, lifted(&Options::subscriber,
                      Keys<L>{
                          {"ports_per_subscriber", integer(&L::ports, 0u, 1'000'000u), Reload::live,
                           "Ports of each protocol that a subscriber may hold (RFC 6888 REQ-4); 0: no limit."},
                          {"sessions_per_subscriber", integer(&L::sessions, 0u, 1'000'000'000u), Reload::live,
                           "Sessions that a subscriber may have (RFC 6888 REQ-5); 0: no limit."},
                          {"new_sessions_per_second", integer(&L::new_sessions_per_second, 0u, 10'000'000u),
                           Reload::live, "Sessions that a subscriber may begin; 0: no limit."},
                      }));
  return keys;
}

// How sessions behave.
Keys<Options> behaviour_keys() {
  using nat64::Filtering;
  return {
      {"timeouts", section(&Options::timeouts, timeout_keys()), Reload::live, ""},
      {"filtering",
       choice<Options, Filtering>(&Options::filtering, {{"endpoint_independent", Filtering::endpoint_independent},
                                                        {"address_dependent", Filtering::address_dependent}}),
       Reload::live,
       "Who may reach a port that a host inside has: everybody, or the IPv4 addresses that it wrote to (RFC 4787 5)."},
      {"inbound_tcp", boolean(&Options::inbound_tcp), Reload::live,
       "Whether IPv4 may start TCP connections to such a port; static bindings may always be reached."},
      {"inbound_refresh", boolean(&Options::inbound_refresh), Reload::live,
       "Whether packets from IPv4 prolong UDP and ICMP sessions (RFC 7857 3)."},
      {"parity", boolean(&Options::parity), Reload::live,
       "Odd ports are given to odd ones, even to even (RFC 7857 7 advises against)."},
      {"icmp", section(&Options::icmp, icmp_keys()), Reload::live, ""},
  };
}

Value<Options> traffic_class() {
  return {"one of copy, zero",
          [](const Node& node, Options& options, Reading& reading) {
            if (const auto index = read_choice(node, {"copy", "zero"}, reading))
              options.copy_traffic_class = *index == 0;
          },
          [](const Options& options) { return std::string(options.copy_traffic_class ? "copy" : "zero"); }};
}

// What becomes of packets.
Keys<Options> packet_keys() {
  constexpr std::uint16_t lowest6 = 1280, lowest4 = 68, highest = 65535, highest_mss = 65495;
  return {
      {"mtu6", integer(&Options::mtu6, lowest6, highest), Reload::live, "MTU of the IPv6 link that packets leave by."},
      {"mtu4", integer(&Options::mtu4, lowest4, highest), Reload::live, "MTU of the IPv4 link that packets leave by."},
      {"lowest_ipv6_mtu", integer(&Options::lowest_ipv6_mtu, lowest6, highest), Reload::live,
       "IPv4 packets that may be fragmented are cut to this (RFC 7915 4.1)."},
      {"tcp_mss", integer(&Options::tcp_mss, std::uint16_t{0}, highest_mss), Reload::live,
       "TCP connections are told this MSS at most; 0: what the hosts agree on."},
      {"traffic_class", traffic_class(), Reload::live, "TOS and traffic class: copied into each other, or zero."},
      {"fragment_memory", size(&Options::fragment_memory, 64 << 10, 1 << 30), Reload::live,
       "Memory of one worker for fragments that wait, and for SYNs from IPv4."},
  };
}

Keys<Nat64Options> name_keys() {
  using N = Nat64Options;
  return {
      {"resolved_memory", size(&N::resolved_memory, 64 << 10, std::size_t{4} << 30), Reload::restart,
       "Memory that knows who was answered with which IPv4 address, for only_resolved and traffic_by_name."},
      {"traffic_by_name", boolean(&N::traffic_by_name), Reload::restart,
       "Counts sessions and octets by the domain that was asked for, for `dragoman ctl top ipv4-only`."},
      {"unready_max_ttl", duration(&N::unready_max_ttl, 0s, 24h), Reload::live,
       "No synthetic record has a higher TTL while the pool is full or drains, so that clients soon ask again."},
  };
}

Keys<Nat64Options> nat64_keys() {
  Keys<Nat64Options> keys = device_keys();
  for (const auto& table : {address_keys(), quota_keys(), behaviour_keys(), packet_keys()}) {
    append(keys, lifted(&Nat64Options::nat64, table));
  }
  append(keys, name_keys());
  keys.push_back({"binding_log", binding_log_value(), Reload::live, ""});
  return keys;
}

Keys<Section> section_keys() {
  Keys<Section> keys{{"enabled", boolean(&Section::enabled), Reload::restart,
                      "false: as if the section were not there; true when it is."}};
  append(keys, lifted(&Section::options, nat64_keys()));
  return keys;
}

void read_nat64(const Node& node, Config& config, Reading& reading) {
  Section section;
  section.options.nat64.prefixes = {ip::Pref64()};
  read_section(node, section_keys(), section, reading);
  report_both_forms(node, reading);
  if (section.enabled) config.nat64 = std::move(section.options);
}

void append_nat64_rows(const Config& config, const std::string& path, std::vector<Row>& out) {
  Section section;
  section.options.nat64.prefixes = {ip::Pref64()};
  if (config.nat64) section.options = *config.nat64;
  const std::size_t enabled_at = out.size();
  append_rows(section_keys(), section, path, out);
  if (!config.nat64) out[enabled_at].value = "";  // it comes and goes with the section
}

}  // namespace

Value<Config> nat64_value() {
  Value<Config> out;
  out.type = "section";
  out.read = &read_nat64;
  out.rows = &append_nat64_rows;
  return out;
}

}  // namespace dragoman::config
