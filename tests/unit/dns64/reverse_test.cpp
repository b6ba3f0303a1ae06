// RFC 6147 5.3.1: which ip6.arpa names stand for an IPv4 address.
#include <gtest/gtest.h>

#include <random>

#include "dragoman/dns64/reverse.h"
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

Policy policy_under(std::string_view prefix) { return policy_with({pref64(prefix)}); }

TEST(Dns64Reverse, finds_the_address_under_every_length_of_prefix) {
  for (const char* text : {"2001:db8::/32", "2001:db8:100::/40", "2001:db8:122::/48", "2001:db8:122:300::/56",
                           "2001:db8:122:344::/64", "2001:db8:122:344::/96", "64:ff9b::/96"}) {
    const Policy policy = policy_under(text);
    EXPECT_EQ(target(policy, reverse_name(policy.mappings[0].prefixes[0].embed({192, 0, 2, 33}))),
              "33.2.0.192.in-addr.arpa.")
        << text;
  }
}

TEST(Dns64Reverse, finds_the_address_under_any_of_several_prefixes) {
  Policy policy = policy_with({pref64("2001:db8:1::/96"), pref64("2001:db8:2::/96")});
  policy.reverse_prefixes = {pref64("2001:db8:3::/96")};
  for (const char* text : {"2001:db8:1::/96", "2001:db8:2::/96", "2001:db8:3::/96"}) {
    EXPECT_EQ(target(policy, reverse_name(pref64(text).embed({203, 0, 113, 255}))), "255.113.0.203.in-addr.arpa.");
  }
}

TEST(Dns64Reverse, takes_the_well_known_prefix_beside_the_policys) {
  EXPECT_EQ(target(policy_under("2001:db8::/96"), reverse_name(ip::Pref64().embed({0, 1, 22, 0}))),
            "0.22.1.0.in-addr.arpa.");
}

TEST(Dns64Reverse, reads_nibbles_of_either_case) {
  std::string text = reverse_name(ip::Pref64().embed({171, 205, 239, 10}));
  for (char& c : text) c = static_cast<char>(std::toupper(c));
  EXPECT_EQ(target(policy_under("64:ff9b::/96"), text), "10.239.205.171.in-addr.arpa.");
}

TEST(Dns64Reverse, leaves_every_other_name_alone) {
  const Policy policy = policy_under("64:ff9b::/96");
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
  const Policy policy = policy_under("2001:db8:100::/40");
  for (int i = 0; i < 500; ++i) {
    ip::Ipv4Octets address;
    for (auto& octet : address) octet = static_cast<std::uint8_t>(random());
    const ip::Ipv4Octets turned{address[3], address[2], address[1], address[0]};
    EXPECT_EQ(target(policy, reverse_name(policy.mappings[0].prefixes[0].embed(address))),
              ip::Address(turned).to_text() + ".in-addr.arpa.");
  }
}

using Place = ReverseName::Place;

std::string without_leading_nibbles(const std::string& name, std::size_t count) { return name.substr(count * 2); }

TEST(Dns64Reverse, knows_which_names_of_a_zone_lead_to_addresses) {
  Policy policy = policy_under("2001:db8:122:344::/64");
  const std::string whole = reverse_name(policy.mappings[0].prefixes[0].embed({192, 0, 2, 33}));
  const std::string apex = "4.4.3.0.2.2.1.0.8.b.d.0.1.0.0.2.ip6.arpa.";
  struct {
    const char* title;
    std::string name;
    Place place;
  } const table[] = {
      {"an address", whole, Place::address},
      {"half of one", without_leading_nibbles(whole, 12), Place::non_terminal},
      {"only the u octet", "0.0." + apex, Place::non_terminal},
      {"the apex", apex, Place::apex},
      {"above it", without_leading_nibbles(apex, 1), Place::outside},
      {"a u octet of our own", "1.0." + apex, Place::nonexistent},
      {"a suffix", "1" + whole.substr(1), Place::nonexistent},
      {"too long", "1." + whole, Place::nonexistent},
      {"far too long", "a.b.c.d." + whole, Place::nonexistent},
      {"no digit", "g." + apex, Place::nonexistent},
      {"no digit further up", "0.g.0." + apex, Place::nonexistent},
      {"a label of two digits", "00." + apex, Place::nonexistent},
      {"another prefix", "5" + apex.substr(1), Place::outside},
      {"no prefix at all", "ip6.arpa.", Place::outside},
      {"another tree", "33.2.0.192.in-addr.arpa.", Place::outside},
      {"an end within a label", "1\\003ip6.arpa.", Place::outside},
  };
  for (const auto& row : table) {
    const dns::Name asked = name(row.name);
    const ReverseName found = find_reverse_name(policy, asked);
    EXPECT_EQ(found.place, row.place) << row.title;
    EXPECT_EQ(found.zone.to_text(), row.place == Place::outside ? "." : apex) << row.title;
  }
}

TEST(Dns64Reverse, finds_the_deepest_of_zones_within_each_other) {
  const Policy policy = policy_with({pref64("2001:db8::/32"), pref64("2001:db8:122::/48")});
  const dns::Name inner = name(reverse_name(pref64("2001:db8:122::/48").embed({192, 0, 2, 33})));
  EXPECT_EQ(find_reverse_name(policy, inner).zone.to_text(), "2.2.1.0.8.b.d.0.1.0.0.2.ip6.arpa.");
  EXPECT_EQ(find_reverse_name(policy, inner).place, Place::address);
}

TEST(Dns64Reverse, finds_addresses_with_their_suffix_alone) {
  const ip::Pref64 suffixed = *pref64("2001:db8:122::/48").with_suffix(ip::Address::from_text("::1")->v6());
  const Policy policy = policy_with({suffixed});
  EXPECT_EQ(target(policy, reverse_name(suffixed.embed({192, 0, 2, 33}))), "33.2.0.192.in-addr.arpa.");
  EXPECT_EQ(target(policy, reverse_name(pref64("2001:db8:122::/48").embed({192, 0, 2, 33}))), "none");
}

struct Written {
  dns::Rcode rcode;
  std::string text;
};

Written answer_to(const Policy& policy, const std::string& text, dns::Type type) {
  const dns::Name owner = name(text);
  const dns::Question question{owner, type, dns::Class::in};
  Message message(question);
  const dns::Rcode rcode =
      write_reverse(policy, find_reverse_name(policy, owner), question, seconds(600), message.writer());
  return {rcode, message.text()};
}

TEST(Dns64Reverse, answers_for_its_zones) {
  Policy policy = policy_under("64:ff9b::/96");
  const std::string apex = "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.b.9.f.f.4.6.0.0.ip6.arpa.";
  const std::string whole = reverse_name(ip::Pref64().embed({192, 0, 2, 33}));
  const std::string soa_text = apex + " 600 SOA " + apex + " nobody.invalid. 1 3600 1200 604800 600\n";
  EXPECT_EQ(answer_to(policy, apex, dns::Type::soa).text, soa_text);
  EXPECT_EQ(answer_to(policy, apex, dns::Type::ns).text, apex + " 600 NS " + apex + "\n");
  struct {
    const char* title;
    PtrMode mode;
    std::string name;
    dns::Type type;
    dns::Rcode rcode;
  } const table[] = {
      {"another type at the apex", PtrMode::cname, apex, dns::Type::txt, dns::Rcode::noerror},
      {"another type at an address", PtrMode::cname, whole, dns::Type::txt, dns::Rcode::noerror},
      {"on the way to one", PtrMode::cname, without_leading_nibbles(whole, 3), dns::Type::ptr, dns::Rcode::noerror},
      {"what is no name", PtrMode::cname, "x." + apex, dns::Type::ptr, dns::Rcode::nxdomain},
      {"an address in an empty zone", PtrMode::local, whole, dns::Type::ptr, dns::Rcode::nxdomain},
      {"on the way in an empty zone", PtrMode::local, without_leading_nibbles(whole, 3), dns::Type::ptr,
       dns::Rcode::noerror},
  };
  for (const auto& row : table) {
    policy.ptr = row.mode;
    const Written written = answer_to(policy, row.name, row.type);
    EXPECT_EQ(written.rcode, row.rcode) << row.title;
    EXPECT_EQ(written.text, "authority:\n" + soa_text) << row.title;
  }
}

TEST(Dns64Reverse, leaves_the_ds_of_a_zone_to_its_parent) {
  Policy policy = policy_under("64:ff9b::/96");
  const dns::Name apex = name("0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.b.9.f.f.4.6.0.0.ip6.arpa.");
  const ReverseName found = find_reverse_name(policy, apex);
  EXPECT_FALSE(is_in_reverse_zone(policy, found, dns::Type::ds));
  EXPECT_TRUE(is_in_reverse_zone(policy, found, dns::Type::ptr));
  policy.ptr = PtrMode::off;
  EXPECT_FALSE(is_in_reverse_zone(policy, found, dns::Type::ptr));
}

}  // namespace
}  // namespace dragoman::dns64
