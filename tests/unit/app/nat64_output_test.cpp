// The NAT64 as people read it.
#include "commands/nat64_output.h"

#include <gtest/gtest.h>

namespace dragoman::app {
namespace {

constexpr const char* status =
    R"({"state":"ok","device":"nat64: 2 queues, tso","prefixes":["64:ff9b::/96","2001:db8:64::/96"],"workers":2,"subscribers":3,)"
    R"("sessions":{"tcp":10,"udp":5,"icmp":1},"sessions_limit":2000000,"bindings":{"tcp":4,"udp":5,"icmp":1},)"
    R"("pool":{"block_size":256,"blocks":252,"taken":3,"draining":0},"memory":12897485,)"
    R"("packets":{"6to4":100,"4to6":90,"hairpin":0},"bytes":{"6to4":1000,"4to6":1536,"hairpin":0},)"
    R"("drops":{"no_port":2,"malformed":7}})";

TEST(Nat64StatusAsText, has_facts_traffic_and_drops) {
  EXPECT_EQ(nat64_status_as_text(status),
            "state        ok\n"
            "device       nat64: 2 queues, tso\n"
            "prefixes     64:ff9b::/96, 2001:db8:64::/96\n"
            "subscribers  3\n"
            "sessions     16 of 2000000 (tcp 10, udp 5, icmp 1)\n"
            "bindings     10 (tcp 4, udp 5, icmp 1)\n"
            "pool         3 of 252 blocks of 256 ports taken, 0 that drain\n"
            "memory       12.3 MiB\n"
            "\n"
            "direction  packets  octets\n"
            "6to4       100      1000 octets\n"
            "4to6       90       1.5 KiB\n"
            "hairpin    0        0 octets\n"
            "\n"
            "dropped  reason\n"
            "      7  malformed\n"
            "      2  no_port\n");
}

TEST(Nat64SessionsAsText, has_a_row_for_each_and_says_when_there_are_more) {
  const std::string row = R"({"protocol":"udp","inside":"[2001:db8::1]:5000","outside":"198.51.100.1:2000",)"
                          R"("remote":"203.0.113.5:53","state":"open","expires_in_s":299})";
  const std::string table =
      "protocol  inside              outside            remote          state  expires in\n"
      "udp       [2001:db8::1]:5000  198.51.100.1:2000  203.0.113.5:53  open   299 s\n";
  EXPECT_EQ(nat64_sessions_as_text(R"({"sessions":[)" + row + R"(],"is_cut":false})"), table);
  EXPECT_EQ(nat64_sessions_as_text(R"({"sessions":[)" + row + R"(],"is_cut":true})"),
            table + "... and more: --limit\n");
  EXPECT_EQ(nat64_sessions_as_text(R"({"sessions":[],"is_cut":false})"), "no sessions\n");
}

TEST(Nat64PoolAsText, has_a_row_for_each_address) {
  EXPECT_EQ(
      nat64_pool_as_text(
          R"({"block_size":256,"addresses":[{"address":"198.51.100.1","blocks":252,"taken":3,"draining":0,"gives":true},)"
          R"({"address":"198.51.100.2","blocks":0,"taken":0,"draining":9,"gives":false}],)"
          R"("is_cut":false})"),
      "blocks of 256 ports\n"
      "\n"
      "address       taken  of   leaving  new ones\n"
      "198.51.100.1  3      252  0        given\n"
      "198.51.100.2  0      0    9        none: it drains\n");
}

TEST(Nat64SubscriberAsText, has_what_it_holds_of_what_it_may) {
  EXPECT_EQ(nat64_subscriber_as_text(
                R"({"address":"2001:db8::1","subscriber":{"prefix":"2001:db8::/64",)"
                R"("bindings":{"tcp":4,"udp":5,"icmp":1},"sessions":16,)"
                R"("blocks":[{"address":"198.51.100.1","first_port":2048,"last_port":2303}]},"worker":1,)"
                R"("limits":{"ports":1024,"sessions":0,"new_sessions_per_second":0}})"),
            "subscriber  2001:db8::/64\n"
            "worker      1\n"
            "sessions    16, no limit\n"
            "tcp ports   4 of 1024\n"
            "udp ports   5 of 1024\n"
            "icmp ports  1 of 1024\n"
            "\n"
            "address       ports\n"
            "198.51.100.1  2048-2303\n");
}

TEST(Nat64SubscriberAsText, says_when_it_holds_nothing) {
  EXPECT_EQ(nat64_subscriber_as_text(R"({"address":"2001:db8::1","subscriber":null,"worker":null,"limits":{}})"),
            "2001:db8::1 holds nothing\n");
}

TEST(Nat64AsText, is_nothing_for_what_is_no_such_page) {
  for (const char* other : {"{}", "no JSON", "[]"}) {
    EXPECT_FALSE(nat64_status_as_text(other));
    EXPECT_FALSE(nat64_sessions_as_text(other));
    EXPECT_FALSE(nat64_pool_as_text(other));
    EXPECT_FALSE(nat64_subscriber_as_text(other));
  }
}

}  // namespace
}  // namespace dragoman::app
