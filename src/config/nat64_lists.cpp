// nat64.pool4 and nat64.static_bindings: lists of sections, each of which may stand for several of what the NAT64
// knows.
#include <algorithm>
#include <charconv>

#include "dragoman/base/bytes.h"
#include "dragoman/ip/range.h"
#include "nat64_keys.h"

namespace dragoman::config {
namespace {

using nat64::PoolEntry;
using nat64::Protocol;
using nat64::StaticBinding;

constexpr const char* pool_fix = "write {addresses: 198.51.100.0/28, ports: 1024-65535}";
constexpr const char* binding_fix = "write {protocol: tcp, inside: \"[2001:db8::5]:80\", outside: \"198.51.100.1:80\"}";

struct AddressRange {
  ip::Ipv4Octets first{}, last{};
};
struct PortRange {
  std::uint16_t first = 0, last = 0;
};

std::uint32_t number_of(const ip::Ipv4Octets& address) { return load_u32(address.data()); }

ip::Ipv4Octets octets_of(std::uint32_t number) {
  ip::Ipv4Octets out;
  store_u32(out.data(), number);
  return out;
}

// -- texts --

Result<ip::Ipv4Octets> host_from_text(std::string_view text) {
  const auto address = ip::Address::from_text(text);
  if (!address) return address.error();
  if (address->is_v6()) return Error{ErrorCode::invalid_argument, "not an IPv4 address", std::string(text)};
  return address->v4();
}

// Of "this network", of loopback, or from 224.0.0.0 on: no packet from outside would ever find it.
bool is_no_host(const ip::Ipv4Octets& address) { return address[0] == 0 || address[0] == 127 || address[0] >= 224; }

Result<AddressRange> addresses_from_text(std::string_view text) {
  AddressRange range;
  if (const std::size_t dash = text.find('-'); dash != text.npos) {
    const auto first = host_from_text(text.substr(0, dash)), last = host_from_text(text.substr(dash + 1));
    if (!first) return first.error();
    if (!last) return last.error();
    range = {*first, *last};
  } else {
    const auto prefix = ip::Prefix::from_text(text);
    if (!prefix) return prefix.error();
    if (prefix->network.is_v6()) return Error{ErrorCode::invalid_argument, "not an IPv4 address", std::string(text)};
    const std::uint32_t others = prefix->length == 0 ? ~0u : (1u << (32 - prefix->length)) - 1;
    range = {prefix->network.v4(), octets_of(number_of(prefix->network.v4()) | others)};
  }
  if (range.first > range.last) return Error{ErrorCode::malformed, "the first address is above the last", {}};
  if (is_no_host(range.first) || is_no_host(range.last)) {
    return Error{ErrorCode::invalid_argument, "no host can have such an address", {}};
  }
  return range;
}

bool read_number(std::string_view text, std::uint16_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

Result<PortRange> ports_from_text(std::string_view text) {
  PortRange range;
  const std::size_t dash = std::min(text.find('-'), text.size());
  const std::string_view last = dash == text.size() ? text : text.substr(dash + 1);
  if (!read_number(text.substr(0, dash), range.first) || !read_number(last, range.last)) {
    return Error{ErrorCode::malformed, "not a range of ports up to 65535", {}};
  }
  if (range.first == 0) return Error{ErrorCode::invalid_argument, "port 0 cannot be used", {}};
  if (range.first > range.last) return Error{ErrorCode::malformed, "the first port is above the last", {}};
  return range;
}

std::string to_text(const AddressRange& range) { return ip::range_to_text(range.first, range.last); }

std::string to_text(const PortRange& range) {
  return std::to_string(range.first) + (range.first == range.last ? "" : "-" + std::to_string(range.last));
}

const ElementText<AddressRange> addresses_element{"list of addresses, prefixes and ranges", &addresses_from_text,
                                                  &to_text,
                                                  "write 198.51.100.1, 198.51.100.0/28 or 198.51.100.1-198.51.100.9"};
const ElementText<PortRange> ports_element{"list of ports and ranges", &ports_from_text, &to_text, "write 1024-65535"};

// -- pool4 --

// An entry while it is read: each of its ports of each of its addresses.
struct PoolDraft {
  std::vector<AddressRange> addresses;
  std::vector<PortRange> ports{{PoolEntry().first_port, PoolEntry().last_port}};
  bool drain = false;
};

Keys<PoolDraft> pool_keys() {
  return {
      {"addresses", list(&PoolDraft::addresses, addresses_element), Reload::live,
       "IPv4 addresses that are routed to this host and that nobody else has: 198.51.100.1, 198.51.100.0/28 or "
       "198.51.100.1-198.51.100.9."},
      {"ports", list(&PoolDraft::ports, ports_element), Reload::live,
       "Their ports, and identifiers of ICMP; 0-1023 are given to senders with such a port alone."},
      {"drain", boolean(&PoolDraft::drain), Reload::live,
       "true: nobody is given a port of it any more; sessions that have one go on. What is taken out of the file "
       "drains, too."},
  };
}

std::vector<PoolEntry> entries_of(const PoolDraft& draft) {
  std::vector<PoolEntry> out;
  for (const AddressRange& addresses : draft.addresses) {
    for (const PortRange& ports : draft.ports) {
      if (is_no_host(addresses.first) || ports.first == 0) continue;  // reported
      out.push_back({addresses.first, addresses.last, ports.first, ports.last, draft.drain});
    }
  }
  return out;
}

// What both have, if anything.
std::string common_part(const PoolEntry& a, const PoolEntry& b) {
  const AddressRange addresses{std::max(a.first, b.first), std::min(a.last, b.last)};
  const PortRange ports{std::max(a.first_port, b.first_port), std::min(a.last_port, b.last_port)};
  if (addresses.first > addresses.last || ports.first > ports.last) return {};
  return to_text(addresses) + " ports " + to_text(ports);
}

void add_pool_entry(const Node& node, const PoolEntry& entry, std::vector<PoolEntry>& pool, Reading& reading) {
  for (const PoolEntry& earlier : pool) {
    const std::string common = common_part(earlier, entry);
    if (common.empty()) continue;
    return reading.findings.error(node, "has " + common + ", which are in the pool already",
                                  "name each address and port once; split a range to treat one address apart");
  }
  pool.push_back(entry);
}

void read_pool(const Node& node, nat64::Options& options, Reading& reading) {
  if (node.kind == Node::Kind::null) return;
  options.pool4.clear();
  for (const Node* element : read_list(node, reading)) {
    PoolDraft draft;
    if (element->kind == Node::Kind::map) {
      read_section(*element, pool_keys(), draft, reading);
      if (element->find("addresses") == nullptr) reading.findings.error(*element, "names no address", pool_fix);
    } else {
      draft.addresses = read_elements(*element, addresses_element, reading);
    }
    for (const PoolEntry& entry : entries_of(draft)) add_pool_entry(*element, entry, options.pool4, reading);
  }
}

std::string pool_to_text(const nat64::Options& options) {
  std::vector<std::string> texts;
  for (const PoolEntry& entry : options.pool4) {
    texts.push_back("{addresses: " + ip::range_to_text(entry.first, entry.last) + ", ports: " +
                    to_text(PortRange{entry.first_port, entry.last_port}) + (entry.drain ? ", drain: true}" : "}"));
  }
  return joined(texts);
}

// -- static_bindings --

struct BindingDraft {
  std::vector<Protocol> protocols{Protocol::tcp};
  ip::Endpoint inside, outside;
};

constexpr std::array<const char*, nat64::protocol_count> protocol_words{"tcp", "udp", "icmp"};

std::string protocol_to_text(const Protocol& protocol) { return protocol_words[static_cast<std::size_t>(protocol)]; }

Result<Protocol> protocol_from_text(std::string_view text) {
  for (std::size_t i = 0; i < protocol_words.size(); ++i) {
    if (text == protocol_words[i]) return static_cast<Protocol>(i);
  }
  return Error{ErrorCode::invalid_argument, "neither tcp, udp nor icmp", {}};
}

const ElementText<Protocol> protocol_element{"list of tcp, udp and icmp", &protocol_from_text, &protocol_to_text,
                                             "write tcp, udp, icmp, or several as in [tcp, udp]"};

Value<BindingDraft> side(ip::Endpoint BindingDraft::*member, bool is_v6, const char* fix) {
  return {"address and port",
          [member, is_v6, fix](const Node& node, BindingDraft& draft, Reading& reading) {
            const auto text = read_text(node, reading);
            if (!text) return;
            const auto endpoint = ip::Endpoint::from_text(*text);
            if (!endpoint) return report_refused(node, endpoint.error(), fix, reading);
            const bool is_family = endpoint->address.is_v6() == is_v6;
            if (!is_family || endpoint->port == 0 || endpoint->address.is_unspecified()) {
              const char* wrong = !is_family            ? (is_v6 ? " is not IPv6" : " is not IPv4")
                                  : endpoint->port == 0 ? ": port 0 cannot be used"
                                                        : " is no host's address";
              return reading.findings.error(node, node.shown() + wrong, fix);
            }
            draft.*member = *endpoint;
          },
          [](const BindingDraft&) { return std::string(); }};
}

Keys<BindingDraft> binding_keys() {
  return {
      {"protocol", list(&BindingDraft::protocols, protocol_element), Reload::live,
       "tcp, udp, icmp (of which the port is the identifier), or several of them."},
      {"inside", side(&BindingDraft::inside, true, "write \"[2001:db8::5]:80\""), Reload::live,
       "The IPv6 address and port of the service."},
      {"outside", side(&BindingDraft::outside, false, "write \"198.51.100.1:80\""), Reload::live,
       "The IPv4 address and port that it has outside; of the pool or not, it must be routed to this host."},
  };
}

void add_binding(const Node& node, const StaticBinding& binding, std::vector<StaticBinding>& all, Reading& reading) {
  for (const StaticBinding& earlier : all) {
    if (earlier.protocol != binding.protocol) continue;
    const bool same_outside = earlier.outside == binding.outside;
    if (!same_outside && earlier.inside != binding.inside) continue;
    const ip::Endpoint& taken = same_outside ? binding.outside : binding.inside;
    return reading.findings.error(
        node, protocol_to_text(binding.protocol) + " " + taken.to_text() + " is bound already",
        "a binding is of one inside and one outside (RFC 6146 3.1): give each a port of its own");
  }
  all.push_back(binding);
}

void read_bindings(const Node& node, nat64::Options& options, Reading& reading) {
  if (node.kind == Node::Kind::null) return;
  options.static_bindings.clear();
  for (const Node* element : read_list(node, reading)) {
    BindingDraft draft;
    read_section(*element, binding_keys(), draft, reading);
    if (element->kind != Node::Kind::map) continue;
    for (const char* side : {"inside", "outside"}) {
      if (element->find(side) == nullptr) {
        reading.findings.error(*element, "`" + std::string(side) + "` is missing", binding_fix);
      }
    }
    if (draft.inside.port == 0 || draft.outside.port == 0) continue;  // reported
    for (const Protocol protocol : draft.protocols) {
      add_binding(*element, {protocol, draft.inside, draft.outside}, options.static_bindings, reading);
    }
  }
}

std::string bindings_to_text(const nat64::Options& options) {
  std::vector<std::string> texts;
  for (const StaticBinding& binding : options.static_bindings) {
    texts.push_back("{protocol: " + protocol_to_text(binding.protocol) + ", inside: \"" + binding.inside.to_text() +
                    "\", outside: \"" + binding.outside.to_text() + "\"}");
  }
  return joined(texts);
}

// The row of a list, and one for each key of its entries.
template <class Draft>
Value<nat64::Options> list_of_sections(const char* type, const char* sentence, const Keys<Draft>& keys,
                                       std::string (*to_text)(const nat64::Options&)) {
  Value<nat64::Options> out;
  out.type = type;
  out.rows = [=](const nat64::Options& options, const std::string& path, std::vector<Row>& rows) {
    rows.push_back({path, type, to_text(options), Reload::live, sentence, {}});
    const Draft defaults;
    for (const Key<Draft>& key : keys) {
      rows.push_back({path + "[]." + key.name, key.value.type, key.value.show(defaults), key.reload, key.sentence, {}});
    }
  };
  return out;
}

}  // namespace

Value<nat64::Options> pool4_value() {
  Value<nat64::Options> out =
      list_of_sections("list of {addresses, ports, drain}",
                       "The addresses and ports that senders inside are given. An entry may be addresses alone. A "
                       "reload changes the pool without dropping a session.",
                       pool_keys(), &pool_to_text);
  out.read = &read_pool;
  return out;
}

Value<nat64::Options> static_bindings_value() {
  Value<nat64::Options> out =
      list_of_sections("list of {protocol, inside, outside}", "Services inside that IPv4 may reach (RFC 6146 3.1).",
                       binding_keys(), &bindings_to_text);
  out.read = &read_bindings;
  return out;
}

}  // namespace dragoman::config
