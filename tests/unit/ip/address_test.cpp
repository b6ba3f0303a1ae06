// Addresses, endpoints and prefixes as values and as text.
#include "dragoman/ip/address.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstring>

namespace dragoman::ip {
namespace {

Address address(std::string_view text) { return *Address::from_text(text); }
Prefix prefix(std::string_view text) { return *Prefix::from_text(text); }

TEST(Address, reads_and_writes_text_by_rfc_5952) {
  struct {
    const char* in;
    const char* out;
  } const table[] = {
      {"192.0.2.1", "192.0.2.1"},
      {"2001:0DB8::0001", "2001:db8::1"},
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
      {"::", "::"},
      {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
      {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
  };
  for (const auto& row : table) EXPECT_EQ(address(row.in).to_text(), row.out) << row.in;
}

TEST(Address, refuses_text_that_is_none) {
  using namespace std::string_view_literals;
  for (std::string_view text :
       {""sv, "192.0.2"sv, "192.0.2.256"sv, "192.0.2.01"sv, "192.0.2.1 "sv, "2001:db8:::1"sv, "fe80::1%eth0"sv,
        "example.com"sv, "192.0.2.1\0"sv, "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb"sv}) {
    Result<Address> result = Address::from_text(text);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().code, ErrorCode::malformed);
  }
}

TEST(Address, loses_its_mapping) {
  EXPECT_EQ(address("::ffff:192.0.2.1").without_mapping(), address("192.0.2.1"));
  EXPECT_EQ(address("::fffe:192.0.2.1").without_mapping(), address("::fffe:192.0.2.1"));
  EXPECT_EQ(address("192.0.2.1").without_mapping(), address("192.0.2.1"));
  EXPECT_EQ(address("192.0.2.1").with_mapping(), address("::ffff:192.0.2.1"));
  EXPECT_EQ(address("2001:db8::1").with_mapping(), address("2001:db8::1"));
}

TEST(Address, knows_loopback_and_unspecified) {
  for (const char* text : {"127.0.0.1", "127.255.255.255", "::1"}) EXPECT_TRUE(address(text).is_loopback()) << text;
  for (const char* text : {"128.0.0.1", "::2", "::"}) EXPECT_FALSE(address(text).is_loopback()) << text;
  EXPECT_TRUE(address("0.0.0.0").is_unspecified());
  EXPECT_TRUE(address("::").is_unspecified());
  EXPECT_FALSE(address("::1").is_unspecified());
}

TEST(Address, is_equal_only_within_its_family) {
  EXPECT_NE(address("0.0.0.0"), address("::"));
  EXPECT_LT(address("192.0.2.1"), address("192.0.2.2"));
}

TEST(Endpoint, reads_and_writes_text) {
  for (const char* text : {"192.0.2.1:53", "[2001:db8::1]:853", "0.0.0.0:0", "[::]:65535"}) {
    Result<Endpoint> endpoint = Endpoint::from_text(text);
    ASSERT_TRUE(endpoint) << text;
    EXPECT_EQ(endpoint->to_text(), text);
  }
}

TEST(Endpoint, refuses_text_that_is_none) {
  for (const char* text :
       {"192.0.2.1", "192.0.2.1:", "192.0.2.1:65536", "192.0.2.1:-1", "192.0.2.1:5 3", "2001:db8::1", "[2001:db8::1]",
        "[192.0.2.1]:53", "2001:db8:0:0:0:0:0:1:53", "host:53", ":53", "[:53", "[2001:db8::1:53", "2001:db8::1]:53"}) {
    EXPECT_FALSE(Endpoint::from_text(text)) << text;
  }
}

TEST(Endpoint, survives_the_socket_interface) {
  for (const char* text : {"192.0.2.1:53", "[2001:db8::1]:853"}) {
    Endpoint endpoint = *Endpoint::from_text(text);
    sockaddr_storage storage{};
    unsigned length = endpoint.to_sockaddr(&storage);
    EXPECT_EQ(length, endpoint.address.is_v6() ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
    EXPECT_EQ(Endpoint::from_sockaddr(reinterpret_cast<sockaddr*>(&storage)), endpoint);
  }
}

TEST(Endpoint, is_ipv4_when_a_dual_stack_socket_gives_a_mapped_address) {
  sockaddr_storage storage{};
  Endpoint::from_text("[::ffff:192.0.2.1]:53")->to_sockaddr(&storage);
  EXPECT_EQ(Endpoint::from_sockaddr(reinterpret_cast<sockaddr*>(&storage)).to_text(), "192.0.2.1:53");
}

TEST(Endpoint, is_unspecified_for_another_address_family) {
  sockaddr_storage storage{};
  storage.ss_family = AF_UNIX;
  EXPECT_EQ(Endpoint::from_sockaddr(reinterpret_cast<sockaddr*>(&storage)), Endpoint{});
}

TEST(Prefix, reads_and_writes_text) {
  EXPECT_EQ(prefix("192.0.2.0/24").to_text(), "192.0.2.0/24");
  EXPECT_EQ(prefix("192.0.2.1").to_text(), "192.0.2.1/32");
  EXPECT_EQ(prefix("2001:db8::1").to_text(), "2001:db8::1/128");
  EXPECT_EQ(prefix("::/0").to_text(), "::/0");
}

TEST(Prefix, refuses_text_that_is_none) {
  for (const char* text : {"", "/24", "192.0.2.0/", "192.0.2.0/33", "192.0.2.1/24", "192.0.2.0/-1", "2001:db8::/129",
                           "2001:db8::1/64", "192.0.2.0/24/8", "192.0.2.0/ 24"}) {
    EXPECT_FALSE(Prefix::from_text(text)) << text;
  }
}

TEST(Prefix, contains_the_addresses_under_it) {
  struct {
    const char* prefix;
    const char* address;
    bool contains;
  } const table[] = {
      {"192.0.2.0/24", "192.0.2.255", true},
      {"192.0.2.0/24", "192.0.3.0", false},
      {"192.0.2.128/25", "192.0.2.128", true},
      {"192.0.2.128/25", "192.0.2.127", false},
      {"0.0.0.0/0", "255.255.255.255", true},
      {"0.0.0.0/0", "::", false},
      {"::/0", "2001:db8::1", true},
      {"::/0", "192.0.2.1", false},
      {"2001:db8::1/128", "2001:db8::1", true},
      {"2001:db8::1/128", "2001:db8::", false},
      {"2001:db8::/33", "2001:db8:7fff::", true},
      {"2001:db8::/33", "2001:db8:8000::", false},
  };
  for (const auto& row : table) {
    EXPECT_EQ(prefix(row.prefix).contains(address(row.address)), row.contains) << row.prefix << ' ' << row.address;
  }
}

TEST(PrefixSet, lets_the_longest_match_decide) {
  PrefixSet set;
  EXPECT_TRUE(set.empty());
  set.add(prefix("10.0.0.0/8"), true);
  set.add(prefix("10.1.2.0/24"), true);
  set.add(prefix("10.1.0.0/16"), false);
  EXPECT_FALSE(set.empty());
  EXPECT_TRUE(set.allows(address("10.2.0.1"), false));
  EXPECT_FALSE(set.allows(address("10.1.3.1"), true));
  EXPECT_TRUE(set.allows(address("10.1.2.1"), false));
}

TEST(PrefixSet, answers_otherwise_when_nothing_matches) {
  PrefixSet set;
  set.add(prefix("10.0.0.0/8"), true);
  EXPECT_TRUE(set.allows(address("192.0.2.1"), true));
  EXPECT_FALSE(set.allows(address("2001:db8::1"), false));
}

TEST(PrefixSet, refuses_a_prefix_that_is_both_allowed_and_refused) {
  for (bool first : {true, false}) {
    for (bool second : {true, false}) {
      PrefixSet set;
      set.add(prefix("10.0.0.0/8"), first);
      set.add(prefix("10.0.0.0/8"), second);
      EXPECT_EQ(set.allows(address("10.0.0.1"), true), first && second);
    }
  }
}

}  // namespace
}  // namespace dragoman::ip
