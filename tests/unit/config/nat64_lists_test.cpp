// nat64.pool4 and nat64.static_bindings.
#include "config_testing.h"
#include "dragoman/config/reference.h"
#include "nat64_keys.h"

namespace dragoman::config {
namespace {

using nat64::PoolEntry;
using nat64::Protocol;
using nat64::StaticBinding;
using Pool = std::vector<PoolEntry>;

nat64::Options options_of(const std::string& words) {
  const Config config = config_of("nat64: {" + words + "}\n");
  EXPECT_TRUE(config.nat64) << words;
  return config.nat64.value_or(gateway::Nat64Options()).nat64;
}

ip::Endpoint endpoint(const char* text) { return *ip::Endpoint::from_text(text); }

TEST(Nat64Pool, has_addresses_as_host_prefix_and_range) {
  EXPECT_EQ(options_of("pool4: [{addresses: 198.51.100.1}]").pool4, (Pool{{{198, 51, 100, 1}, {198, 51, 100, 1}}}));
  EXPECT_EQ(options_of("pool4: [{addresses: 198.51.100.1/32}]").pool4, (Pool{{{198, 51, 100, 1}, {198, 51, 100, 1}}}));
  EXPECT_EQ(options_of("pool4: [{addresses: 198.51.100.16/28}]").pool4,
            (Pool{{{198, 51, 100, 16}, {198, 51, 100, 31}}}));
  EXPECT_EQ(options_of("pool4: [{addresses: 198.51.100.1-198.51.100.9}]").pool4,
            (Pool{{{198, 51, 100, 1}, {198, 51, 100, 9}}}));
}

TEST(Nat64Pool, has_the_ports_from_1024_on_unless_told_otherwise) {
  EXPECT_EQ(options_of("pool4: 198.51.100.1").pool4,
            (Pool{{{198, 51, 100, 1}, {198, 51, 100, 1}, 1024, 65535, false}}));
  EXPECT_EQ(options_of("pool4: [{addresses: 198.51.100.1, ports: 2000-2999, drain: true}]").pool4,
            (Pool{{{198, 51, 100, 1}, {198, 51, 100, 1}, 2000, 2999, true}}));
}

TEST(Nat64Pool, an_entry_with_lists_is_one_for_each_pair) {
  EXPECT_EQ(options_of("pool4: [{addresses: [198.51.100.1, 198.51.100.3], ports: [1024-1999, 5000]}]").pool4,
            (Pool{{{198, 51, 100, 1}, {198, 51, 100, 1}, 1024, 1999},
                  {{198, 51, 100, 1}, {198, 51, 100, 1}, 5000, 5000},
                  {{198, 51, 100, 3}, {198, 51, 100, 3}, 1024, 1999},
                  {{198, 51, 100, 3}, {198, 51, 100, 3}, 5000, 5000}}));
}

TEST(Nat64Pool, says_what_is_wrong_and_what_would_do) {
  const auto refused = [](const std::string& entry, const std::string& problem) {
    EXPECT_EQ(problems_of(basis + "nat64: {pool4: [" + entry + "]}\n"), std::vector<std::string>{problem}) << entry;
  };
  refused("{addresses: 198.51.100.1/24}",
          "f:4:29: nat64.pool4[0].addresses: `198.51.100.1/24`: bits behind the prefix are set");
  refused("{addresses: \"2001:db8::1\"}", "f:4:29: nat64.pool4[0].addresses: `2001:db8::1`: not an IPv4 address");
  refused("{addresses: 198.51.100.9-198.51.100.1}",
          "f:4:29: nat64.pool4[0].addresses: `198.51.100.9-198.51.100.1`: the first address is above the last");
  refused("{addresses: 127.0.0.1}", "f:4:29: nat64.pool4[0].addresses: `127.0.0.1`: no host can have such an address");
  refused("{addresses: 223.255.255.255-224.0.0.1}",
          "f:4:29: nat64.pool4[0].addresses: `223.255.255.255-224.0.0.1`: no host can have such an address");
  refused("{addresses: 198.51.100.1, ports: 0-65535}",
          "f:4:50: nat64.pool4[0].ports: `0-65535`: port 0 cannot be used");
  refused("{addresses: 198.51.100.1, ports: 5-4}",
          "f:4:50: nat64.pool4[0].ports: `5-4`: the first port is above the last");
  refused("{addresses: 198.51.100.1, ports: 1024-65536}",
          "f:4:50: nat64.pool4[0].ports: `1024-65536`: not a range of ports up to 65535");
  refused("{ports: 1024-65535}", "f:4:17: nat64.pool4[0]: names no address");
  refused("{addresses: 198.51.100.1, drian: true}", "f:4:43: nat64.pool4[0].drian: unknown key; did you mean `drain`?");
}

TEST(Nat64Pool, has_no_port_twice) {
  EXPECT_EQ(problems_of(basis + "nat64:\n  pool4:\n    - 198.51.100.0/28\n    - {addresses: 198.51.100.3, ports: "
                                "2000-3000}\n"),
            std::vector<std::string>{
                "f:7:7: nat64.pool4[1]: has 198.51.100.3 ports 2000-3000, which are in the pool already"});
  EXPECT_EQ(options_of("pool4: [{addresses: 198.51.100.1, ports: 1024-1999}, {addresses: 198.51.100.1, ports: "
                       "2000-2999}]")
                .pool4.size(),
            2u);
}

TEST(Nat64Pool, is_shown_as_it_would_be_written) {
  const std::string before = "nat64: {pool4: [198.51.100.0/28]}\n";
  const std::string after = "nat64: {pool4: [{addresses: 198.51.100.0/28, drain: true}]}\n";
  const std::vector<Change> changes = differences(config_of(before), config_of(after));
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].key, "nat64.pool4");
  EXPECT_EQ(changes[0].before, "[{addresses: 198.51.100.0/28, ports: 1024-65535}]");
  EXPECT_EQ(changes[0].after, "[{addresses: 198.51.100.0/28, ports: 1024-65535, drain: true}]");
  EXPECT_EQ(changes[0].reload, Reload::live);
}

TEST(Nat64StaticBindings, reach_the_options) {
  EXPECT_EQ(options_of("pool4: 198.51.100.1, static_bindings: [{inside: \"[2001:db8::5]:80\", outside: "
                       "\"198.51.100.1:8080\"}, {protocol: [udp, icmp], inside: \"[2001:db8::6]:53\", outside: "
                       "\"203.0.113.9:53\"}]")
                .static_bindings,
            (std::vector<StaticBinding>{{Protocol::tcp, endpoint("[2001:db8::5]:80"), endpoint("198.51.100.1:8080")},
                                        {Protocol::udp, endpoint("[2001:db8::6]:53"), endpoint("203.0.113.9:53")},
                                        {Protocol::icmp, endpoint("[2001:db8::6]:53"), endpoint("203.0.113.9:53")}}));
}

TEST(Nat64StaticBindings, say_what_is_wrong_and_what_would_do) {
  const auto refused = [](const std::string& entries, const std::string& problem) {
    EXPECT_EQ(problems_of(basis + "nat64: {pool4: 198.51.100.1, static_bindings: [" + entries + "]}\n"),
              std::vector<std::string>{problem})
        << entries;
  };
  const std::string place = "f:4:48: nat64.static_bindings[0]: ";
  const std::string inside = "inside: \"[2001:db8::5]:80\"", outside = "outside: \"198.51.100.1:80\"";
  refused("{" + inside + "}", place + "`outside` is missing");
  refused("{" + outside + "}", place + "`inside` is missing");
  refused("{inside: \"192.0.2.1:80\", " + outside + "}",
          "f:4:57: nat64.static_bindings[0].inside: `192.0.2.1:80` is not IPv6");
  refused("{outside: \"[2001:db8::1]:80\", " + inside + "}",
          "f:4:58: nat64.static_bindings[0].outside: `[2001:db8::1]:80` is not IPv4");
  refused("{outside: 198.51.100.1:0, " + inside + "}",
          "f:4:58: nat64.static_bindings[0].outside: `198.51.100.1:0`: port 0 cannot be used");
  refused("{protocol: sctp, " + inside + ", " + outside + "}",
          "f:4:59: nat64.static_bindings[0].protocol: `sctp`: neither tcp, udp nor icmp");
}

TEST(Nat64StaticBindings, have_one_inside_for_each_outside) {
  const auto problems = [](const std::string& second) {
    return problems_of(basis +
                       "nat64:\n  pool4: 198.51.100.1\n  static_bindings:\n    - {inside: "
                       "\"[2001:db8::5]:80\", outside: \"198.51.100.1:80\"}\n    - {" +
                       second + "}\n");
  };
  using Texts = std::vector<std::string>;
  EXPECT_EQ(problems("inside: \"[2001:db8::6]:80\", outside: \"198.51.100.1:80\""),
            Texts{"f:8:7: nat64.static_bindings[1]: tcp 198.51.100.1:80 is bound already"});
  EXPECT_EQ(problems("inside: \"[2001:db8::5]:80\", outside: \"198.51.100.1:81\""),
            Texts{"f:8:7: nat64.static_bindings[1]: tcp [2001:db8::5]:80 is bound already"});
  EXPECT_EQ(problems("protocol: udp, inside: \"[2001:db8::5]:80\", outside: \"198.51.100.1:80\""), Texts{});
}

}  // namespace
}  // namespace dragoman::config
