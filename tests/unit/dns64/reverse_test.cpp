// RFC 6147 5.3.1: which ip6.arpa names stand for an IPv4 address.
#include <gtest/gtest.h>

#include <random>

#include "dragoman/dns64/synthesis.h"
#include "zone_text.h"

namespace dragoman::dns64 {
namespace {

// The ip6.arpa name of an address (RFC 3596 2.5).
std::string reverse_name(const ip::Ipv6Octets& address) {
  std::string text;
  for (std::size_t i = 16; i-- > 0;) {
    constexpr const char* digits = "0123456789abcdef";
    text += digits[address[i] & 15];
    text += '.';
    text += digits[address[i] >> 4];
    text += '.';
  }
  return text + "ip6.arpa.";
}

std::string target(const Policy& policy, std::string_view text) {
  const auto found = reverse_target(policy, name(text));
  return found ? found->to_text() : "none";
}

Policy policy_with(std::string_view prefix) { return {.prefixes = {*ip::Pref64::from_text(prefix)}}; }

TEST(Dns64Reverse, finds_the_address_under_every_length_of_prefix) {
  for (const char* text : {"2001:db8::/32", "2001:db8:100::/40", "2001:db8:122::/48", "2001:db8:122:300::/56",
                           "2001:db8:122:344::/64", "2001:db8:122:344::/96", "64:ff9b::/96"}) {
    const Policy policy = policy_with(text);
    EXPECT_EQ(target(policy, reverse_name(policy.prefixes[0].embed({192, 0, 2, 33}))), "33.2.0.192.in-addr.arpa.")
        << text;
  }
}

TEST(Dns64Reverse, finds_the_address_under_any_of_several_prefixes) {
  const Policy policy{
      .prefixes = {*ip::Pref64::from_text("2001:db8:1::/96"), *ip::Pref64::from_text("2001:db8:2::/96")}};
  for (const ip::Pref64& prefix : policy.prefixes) {
    EXPECT_EQ(target(policy, reverse_name(prefix.embed({203, 0, 113, 255}))), "255.113.0.203.in-addr.arpa.");
  }
}

TEST(Dns64Reverse, takes_the_well_known_prefix_beside_the_policys) {
  EXPECT_EQ(target(policy_with("2001:db8::/96"), reverse_name(ip::Pref64().embed({0, 1, 22, 0}))),
            "0.22.1.0.in-addr.arpa.");
}

TEST(Dns64Reverse, reads_nibbles_of_either_case) {
  std::string text = reverse_name(ip::Pref64().embed({171, 205, 239, 10}));
  for (char& c : text) c = static_cast<char>(std::toupper(c));
  EXPECT_EQ(target(policy_with("64:ff9b::/96"), text), "10.239.205.171.in-addr.arpa.");
}

TEST(Dns64Reverse, leaves_every_other_name_alone) {
  const Policy policy = policy_with("64:ff9b::/96");
  const std::string whole = reverse_name(ip::Pref64().embed({192, 0, 2, 33}));
  const std::string last = whole.substr(1);
  for (const std::string& text : {
           std::string("."),
           std::string("33.2.0.192.in-addr.arpa."),
           reverse_name(ip::Address::from_text("2001:db8::1")->v6()),
           whole.substr(2),  // a nibble short
           "1." + whole,     // one too many
           "g" + last,       // no nibble
           "@" + last,
           "`" + last,
           "/" + last,
           ":" + last,                // the octets beside the digits
           "111." + whole.substr(4),  // as long, but with a label of three digits
           whole.substr(0, whole.size() - 9) + "ip4.arpa.",
           whole.substr(0, whole.size() - 9) + "ip6.arpb.",
       }) {
    EXPECT_EQ(target(policy, text), "none") << text;
  }
}

TEST(Dns64Reverse, finds_what_was_embedded) {
  std::mt19937 random(53);
  const Policy policy = policy_with("2001:db8:100::/40");
  for (int i = 0; i < 500; ++i) {
    ip::Ipv4Octets address;
    for (auto& octet : address) octet = static_cast<std::uint8_t>(random());
    const ip::Ipv4Octets turned{address[3], address[2], address[1], address[0]};
    EXPECT_EQ(target(policy, reverse_name(policy.prefixes[0].embed(address))),
              ip::Address(turned).to_text() + ".in-addr.arpa.");
  }
}

}  // namespace
}  // namespace dragoman::dns64
