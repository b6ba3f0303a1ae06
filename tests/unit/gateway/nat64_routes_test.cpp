// Which routes lead to the NAT64: ranges as prefixes, and each destination once. No kernel here;
// tests/integration/test_nat64_lifecycle.py has the routes themselves.
#include "nat64_routes.h"

#include <gmock/gmock.h>

namespace dragoman::gateway {
namespace {

using testing::ElementsAre;

std::vector<std::string> texts(const std::vector<ip::Prefix>& prefixes) {
  std::vector<std::string> texts;
  for (const ip::Prefix& prefix : prefixes) texts.push_back(prefix.to_text());
  return texts;
}

ip::Ipv4Octets address(const char* text) { return ip::Address::from_text(text)->v4(); }

TEST(Nat64Routes, a_range_is_the_fewest_prefixes) {
  EXPECT_THAT(texts(prefixes_between(address("198.51.100.0"), address("198.51.100.255"))),
              ElementsAre("198.51.100.0/24"));
  EXPECT_THAT(texts(prefixes_between(address("198.51.100.1"), address("198.51.100.1"))),
              ElementsAre("198.51.100.1/32"));
  EXPECT_THAT(texts(prefixes_between(address("198.51.100.1"), address("198.51.100.9"))),
              ElementsAre("198.51.100.1/32", "198.51.100.2/31", "198.51.100.4/30", "198.51.100.8/31"));
  EXPECT_THAT(texts(prefixes_between(address("0.0.0.0"), address("255.255.255.255"))), ElementsAre("0.0.0.0/0"));
  EXPECT_THAT(texts(prefixes_between(address("255.255.255.254"), address("255.255.255.255"))),
              ElementsAre("255.255.255.254/31"));
}

TEST(Nat64Routes, lead_prefixes_pool_and_static_bindings_to_the_device_each_once) {
  nat64::Options options;
  options.prefixes = {*ip::Pref64::from_text("64:ff9b::/96"), *ip::Pref64::from_text("2001:db8:64::/96")};
  options.pool4 = {{address("198.51.100.0"), address("198.51.100.3"), 1024, 32767, false},
                   {address("198.51.100.0"), address("198.51.100.3"), 40000, 65535, false}};
  options.static_bindings = {
      {nat64::Protocol::tcp, *ip::Endpoint::from_text("[2001:db8::5]:80"), *ip::Endpoint::from_text("198.51.100.1:80")},
      {nat64::Protocol::tcp, *ip::Endpoint::from_text("[2001:db8::5]:80"), *ip::Endpoint::from_text("203.0.113.9:80")}};
  EXPECT_THAT(texts(nat64_routes(options)),
              ElementsAre("64:ff9b::/96", "2001:db8:64::/96", "198.51.100.0/30", "203.0.113.9/32"));
}

}  // namespace
}  // namespace dragoman::gateway
