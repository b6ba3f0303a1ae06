// The section nat64, but for its lists of sections.
#include "nat64_keys.h"

#include "config_testing.h"
#include "dragoman/config/reference.h"

namespace dragoman::config {
namespace {

using namespace std::chrono_literals;
using gateway::Nat64Options;
using gateway::Switch;
using Texts = std::vector<std::string>;

const std::string pool = "pool4: [{addresses: 198.51.100.1/32}]";

// Of a section that has a pool and `words`.
Nat64Options nat64_of(const std::string& words) {
  const Config config = config_of("nat64: {" + pool + (words.empty() ? "" : ", " + words) + "}\n");
  EXPECT_TRUE(config.nat64);
  return config.nat64.value_or(Nat64Options());
}

TEST(Nat64Keys, without_the_section_there_is_no_nat64) {
  EXPECT_FALSE(config_of("").nat64);
  EXPECT_FALSE(config_of("nat64: {enabled: false, " + pool + "}\n").nat64);
}

TEST(Nat64Keys, a_pool_is_all_that_is_needed) {
  const Nat64Options options = nat64_of("");
  EXPECT_EQ(options.device, "nat64");
  EXPECT_TRUE(options.routes);
  ASSERT_EQ(options.nat64.prefixes.size(), 1u);
  EXPECT_TRUE(options.nat64.prefixes[0].is_well_known());
  EXPECT_EQ(options.nat64.max_sessions, 2'000'000u);
  EXPECT_EQ(options.nat64.timeouts, nat64::Timeouts());
}

TEST(Nat64Keys, reach_the_options_of_the_device) {
  Nat64Options expected = nat64_of("");
  expected.device = "tun7";
  expected.queues = 3;
  expected.routes = false;
  expected.device_mtu = 9000;
  expected.txqueuelen = 1000;
  expected.tso = Switch::on;
  expected.uso = Switch::off;
  expected.steering = Switch::off;
  expected.user = "dragoman";
  expected.group = "network";
  expected.resolved_memory = 1 << 20;
  expected.traffic_by_name = false;
  expected.unready_max_ttl = 30s;
  EXPECT_EQ(nat64_of("device: tun7, queues: 3, routes: false, device_mtu: 9000, txqueuelen: 1000, tso: on, uso: off, "
                     "steering: off, user: dragoman, group: network, resolved_memory: 1MiB, traffic_by_name: false, "
                     "unready_max_ttl: 30s"),
            expected);
  EXPECT_EQ(nat64_of("queues: auto, device_mtu: auto, tso: auto"), nat64_of(""));
}

TEST(Nat64Keys, reach_the_options_of_addresses_and_limits) {
  nat64::Options expected = nat64_of("").nat64;
  expected.prefixes = {*ip::Pref64::from_text("2001:db8:64::/96"), ip::Pref64()};
  expected.clients = {*ip::Prefix::from_text("2001:db8:a::/48")};
  expected.denied_destinations = {*ip::Prefix::from_text("192.0.2.0/24")};
  expected.well_known_prefix = ip::WellKnownPrefixRule::rfc6052;
  expected.max_sessions = 100'000;
  expected.port_block_size = 512;
  expected.subscriber_prefix = 56;
  expected.subscriber = {1024, 5000, 100};
  EXPECT_EQ(nat64_of("prefixes: [\"2001:db8:64::/96\", \"64:ff9b::/96\"], clients: \"2001:db8:a::/48\", deny: "
                     "192.0.2.0/24, well_known_prefix: rfc6052, max_sessions: 100000, port_block_size: 512, "
                     "subscriber_prefix: 56, ports_per_subscriber: 1024, sessions_per_subscriber: 5000, "
                     "new_sessions_per_second: 100")
                .nat64,
            expected);
}

TEST(Nat64Keys, reach_the_options_of_sessions_and_packets) {
  nat64::Options expected = nat64_of("").nat64;
  expected.filtering = nat64::Filtering::address_dependent;
  expected.inbound_tcp = false;
  expected.inbound_refresh = true;
  expected.parity = true;
  expected.icmp = {false, 7, {198, 51, 100, 7}, ip::Address::from_text("2001:db8::7")->v6(), {{192, 0, 2, 1}}, true};
  expected.mtu6 = 9000;
  expected.mtu4 = 1400;
  expected.lowest_ipv6_mtu = 1500;
  expected.tcp_mss = 1220;
  expected.copy_traffic_class = false;
  expected.fragment_memory = 1 << 20;
  expected.log_sessions = expected.log_destinations = true;
  EXPECT_EQ(nat64_of("filtering: address_dependent, inbound_tcp: false, inbound_refresh: true, parity: true, icmp: "
                     "{errors: false, errors_per_second: 7, source4: 198.51.100.7, source6: \"2001:db8::7\", "
                     "router_addresses: 192.0.2.1, router_extension: true}, mtu6: 9000, mtu4: 1400, lowest_ipv6_mtu: "
                     "1500, tcp_mss: 1220, traffic_class: zero, fragment_memory: 1MiB, binding_log: {sessions: true, "
                     "destinations: true}")
                .nat64,
            expected);
}

TEST(Nat64Keys, timeouts_may_be_short_for_tests_and_are_warned_of) {
  const std::string text =
      basis + "nat64: {" + pool +
      ", timeouts: {udp: 2, tcp_established: 4s, tcp_transitory: 3s, tcp_incoming_syn: 1s, icmp: 5, fragment: 1, "
      "port_hold: 0}}\n";
  const Loaded loaded = load_text(text, "f");
  ASSERT_TRUE(loaded.config);
  EXPECT_EQ(loaded.config->nat64->nat64.timeouts, (nat64::Timeouts{2s, 4s, 3s, 1s, 5s, 1s, 0s}));
  ASSERT_EQ(loaded.warnings.size(), 7u);
  EXPECT_EQ(loaded.warnings[0].to_text(), "f:4:64: nat64.timeouts.udp: is below the 2m of RFC 4787 REQ-5");
  EXPECT_EQ(loaded.warnings[1].fix, "write 2h4m or more; less is for tests");
}

TEST(Nat64Keys, say_what_is_wrong_and_what_would_do) {
  const std::string begin = "nat64: {" + pool + ", ";  // 47 columns
  expect_problems_behind_basis({
      {begin + "device: a/b}\n", {"f:4:56: nat64.device: `a/b` is no name for a device"}},
      {begin + "device: a-name-of-16-let}\n", {"f:4:56: nat64.device: `a-name-of-16-let` is no name for a device"}},
      {begin + "port_block_size: 100}\n", {"f:4:65: nat64.port_block_size: must be a power of two, this is `100`"}},
      {begin + "port_block_size: 32}\n", {"f:4:65: nat64.port_block_size: must be 64 to 1024, this is `32`"}},
      {begin + "subscriber_prefix: 40}\n", {"f:4:67: nat64.subscriber_prefix: must be 48 to 128, this is `40`"}},
      {begin + "tso: maybe}\n", {"f:4:53: nat64.tso: `maybe` is not known"}},
      {begin + "clients: 192.0.2.0/24}\n", {"f:4:57: nat64.clients: `192.0.2.0/24` is not IPv6"}},
      {begin + "deny: [192.0.2.0/24, \"2001:db8::/32\"]}\n", {"f:4:69: nat64.deny[1]: `2001:db8::/32` is not IPv4"}},
      {begin + "icmp: {source4: \"2001:db8::1\"}}\n", {"f:4:64: nat64.icmp.source4: `2001:db8::1` is no IPv4 address"}},
      {begin + "traffic_class: reset}\n", {"f:4:63: nat64.traffic_class: `reset` is not known"}},
      {begin + "max_session: 5}\n", {"f:4:48: nat64.max_session: unknown key; did you mean `max_sessions`?"}},
      {begin + "prefix: \"64:ff9b::/95\"}\n",
       {"f:4:56: nat64.prefix: `64:ff9b::/95`: the length must be 32, 40, 48, 56, 64 or 96"}},
      {begin + "prefix: \"64:ff9b::/96\", prefixes: []}\n",
       {"f:4:82: nat64.prefixes: stands beside `prefix`",
        "f:4:82: nat64.prefixes: is empty: there is nothing to "
        "translate"}},
      {begin + "prefixes: [\"2001:db8::/32\", \"2001:db8:1::/48\"]}\n",
       {"f:4:76: nat64.prefixes[1]: `2001:db8:1::/48` overlaps 2001:db8::/32"}},
      {begin + "prefixes: [\"64:ff9b::/96\", \"64:ff9b::/96\"]}\n",
       {"f:4:75: nat64.prefixes[1]: `64:ff9b::/96` is listed twice"}},
  });
}

TEST(Nat64Keys, a_block_size_that_is_no_power_of_two_is_rounded_in_the_fix) {
  const auto fix_of = [](const std::string& size) {
    const Loaded loaded = load_text(basis + "nat64: {" + pool + ", port_block_size: " + size + "}\n", "f");
    return loaded.problems.empty() ? std::string() : loaded.problems[0].fix;
  };
  EXPECT_EQ(fix_of("65"), "write 64 or 128");
  EXPECT_EQ(fix_of("300"), "write 256 or 512");
  EXPECT_EQ(fix_of("1023"), "write 512 or 1024");
}

TEST(Nat64Keys, a_reload_says_what_needs_a_restart) {
  const auto change = [](const std::string& before, const std::string& after) {
    const auto text = [](const std::string& words) {
      return words.empty() ? "" : "nat64: {" + pool + ", " + words + "}\n";
    };
    std::vector<std::pair<std::string, Reload>> out;
    for (const Change& c : differences(config_of(text(before)), config_of(text(after))))
      out.push_back({c.key, c.reload});
    return out;
  };
  using Changes = std::vector<std::pair<std::string, Reload>>;
  EXPECT_EQ(change("device: a", "device: b"), (Changes{{"nat64.device", Reload::restart}}));
  EXPECT_EQ(change("queues: 1", "queues: 2"), (Changes{{"nat64.queues", Reload::restart}}));
  EXPECT_EQ(change("port_block_size: 64", "port_block_size: 128"),
            (Changes{{"nat64.port_block_size", Reload::restart}}));
  EXPECT_EQ(change("subscriber_prefix: 64", "subscriber_prefix: 56"),
            (Changes{{"nat64.subscriber_prefix", Reload::restart}}));
  EXPECT_EQ(change("max_sessions: 100000", "max_sessions: 200000"), (Changes{{"nat64.max_sessions", Reload::live}}));
  EXPECT_EQ(change("timeouts: {udp: 5m}", "timeouts: {udp: 6m}"), (Changes{{"nat64.timeouts.udp", Reload::live}}));
  const Changes begun = change("", "routes: true");
  ASSERT_FALSE(begun.empty());
  EXPECT_EQ(begun[0], (std::pair<std::string, Reload>{"nat64.enabled", Reload::restart}));
}

}  // namespace
}  // namespace dragoman::config
