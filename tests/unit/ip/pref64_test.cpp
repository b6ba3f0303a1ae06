// R40 (RFC 6052): the published examples, every length there and back, and what may not be a prefix.
#include "dragoman/ip/pref64.h"

#include <gtest/gtest.h>

#include <random>

namespace dragoman::ip {
namespace {

Pref64 pref64(std::string_view text) { return *Pref64::from_text(text); }
Ipv6Octets v6(std::string_view text) { return Address::from_text(text)->v6(); }
constexpr const char* every_length[] = {"2001:db8::/32",         "2001:db8:100::/40",     "2001:db8:122::/48",
                                        "2001:db8:122:300::/56", "2001:db8:122:344::/64", "2001:db8:122:344::/96"};

TEST(Pref64, embeds_as_in_the_examples_of_rfc_6052_2_4) {
  struct {
    const char* prefix;
    const char* address;
  } const table[] = {
      {"2001:db8::/32", "2001:db8:c000:221::"},
      {"2001:db8:100::/40", "2001:db8:1c0:2:21::"},
      {"2001:db8:122::/48", "2001:db8:122:c000:2:2100::"},
      {"2001:db8:122:300::/56", "2001:db8:122:3c0:0:221::"},
      {"2001:db8:122:344::/64", "2001:db8:122:344:c0:2:2100::"},
      {"2001:db8:122:344::/96", "2001:db8:122:344::192.0.2.33"},
      {"64:ff9b::/96", "64:ff9b::192.0.2.33"},
  };
  for (const auto& row : table) {
    Address embedded(pref64(row.prefix).embed({192, 0, 2, 33}));
    EXPECT_EQ(embedded, *Address::from_text(row.address)) << row.prefix << " gave " << embedded.to_text();
  }
}

TEST(Pref64, extracts_what_it_embedded) {
  std::mt19937 random(6052);
  for (const char* text : every_length) {
    Pref64 prefix = pref64(text);
    for (int i = 0; i < 1000; ++i) {
      auto bits = static_cast<std::uint32_t>(random());
      Ipv4Octets address{std::uint8_t(bits >> 24), std::uint8_t(bits >> 16), std::uint8_t(bits >> 8),
                         std::uint8_t(bits)};
      ASSERT_TRUE(prefix.contains(prefix.embed(address)));
      ASSERT_EQ(prefix.extract(prefix.embed(address)), address) << text;
    }
  }
}

TEST(Pref64, extracts_nothing_from_outside_the_prefix) {
  for (const char* text : every_length) EXPECT_EQ(pref64(text).extract(v6("2001:db9::1")), std::nullopt) << text;
  EXPECT_EQ(Pref64().extract(v6("64:ff9b:1::192.0.2.33")), std::nullopt);
}

TEST(Pref64, extracts_nothing_when_the_u_octet_is_set) {
  for (const char* text : {"2001:db8::/32", "2001:db8:100::/40", "2001:db8:122::/48", "2001:db8:122:344::/64"}) {
    Ipv6Octets address = pref64(text).embed({192, 0, 2, 33});
    address[8] = 1;
    EXPECT_EQ(pref64(text).extract(address), std::nullopt) << text;
  }
}

TEST(Pref64, extracts_nothing_when_the_suffix_is_not_zero) {
  for (const char* text : every_length) {
    Pref64 prefix = pref64(text);
    if (prefix.length() == 96) continue;  // has no suffix
    Ipv6Octets address = prefix.embed({192, 0, 2, 33});
    address[15] = 1;
    EXPECT_EQ(prefix.extract(address), std::nullopt) << text;
  }
}

TEST(Pref64, refuses_what_cannot_be_one) {
  struct {
    const char* text;
    ErrorCode code;
  } const table[] = {
      {"", ErrorCode::malformed},
      {"64:ff9b::/x", ErrorCode::malformed},
      {"64:ff9b::1/96", ErrorCode::malformed},
      {"64:ff9b::", ErrorCode::invalid_argument},  // a /128
      {"192.0.2.0/24", ErrorCode::invalid_argument},
      {"2001:db8::/33", ErrorCode::invalid_argument},
      {"2001:db8::/80", ErrorCode::invalid_argument},
      {"2001:db8:0:0:100::/96", ErrorCode::invalid_argument},  // bits 64 to 71
  };
  for (const auto& row : table) {
    Result<Pref64> result = Pref64::from_text(row.text);
    ASSERT_FALSE(result) << row.text;
    EXPECT_EQ(result.error().code, row.code) << row.text;
    EXPECT_EQ(result.error().detail, row.text);
  }
}

TEST(Pref64, puts_a_suffix_behind_the_address) {
  const Pref64 prefix = *pref64("2001:db8:122:344::/64").with_suffix(v6("::1"));
  EXPECT_EQ(prefix.embed({192, 0, 2, 33}), v6("2001:db8:122:344:c0:2:2100:1"));
  EXPECT_EQ(prefix.extract(v6("2001:db8:122:344:c0:2:2100:1")), (Ipv4Octets{192, 0, 2, 33}));
  EXPECT_EQ(prefix.extract(v6("2001:db8:122:344:c0:2:2100:0")), std::nullopt);
  EXPECT_EQ(prefix.extract(v6("2001:db8:122:344:1c0:2:2100:1")), std::nullopt) << "the u octet stays zero";
  EXPECT_NE(prefix, pref64("2001:db8:122:344::/64"));
  EXPECT_TRUE(prefix.has_suffix());
}

TEST(Pref64, takes_back_what_it_embedded_with_a_suffix) {
  for (const char* text : every_length) {
    const Pref64 plain = pref64(text);
    if (plain.length() == 96) continue;
    const Pref64 prefix = *plain.with_suffix(v6("::ff"));
    EXPECT_EQ(prefix.extract(prefix.embed({203, 0, 113, 255})), (Ipv4Octets{203, 0, 113, 255})) << text;
  }
}

TEST(Pref64, refuses_a_suffix_where_something_else_is) {
  struct {
    const char* prefix;
    const char* suffix;
  } const table[] = {
      {"64:ff9b::/96", "::1"},                        // no room
      {"2001:db8::/32", "2001::"},                    // the prefix
      {"2001:db8::/32", "0:0:0:1::"},                 // the address
      {"2001:db8::/32", "0:0:0:0:100::"},             // bits 64 to 71
      {"2001:db8:122:344::/64", "::1:0:0"},           // the address behind them
      {"2001:db8:122:344::/64", "0:0:0:0:100:0:0:1"}  // bits 64 to 71
  };
  for (const auto& row : table) {
    const auto result = pref64(row.prefix).with_suffix(v6(row.suffix));
    ASSERT_FALSE(result) << row.prefix << ' ' << row.suffix;
    EXPECT_EQ(result.error().code, ErrorCode::invalid_argument);
  }
  EXPECT_TRUE(bool(pref64("2001:db8::/32").with_suffix(v6("::ff:ffff:ffff:ffff"))));
}

TEST(Pref64, is_the_well_known_prefix_by_default) {
  EXPECT_TRUE(Pref64().is_well_known());
  EXPECT_EQ(Pref64(), pref64("64:ff9b::/96"));
  EXPECT_EQ(Pref64().to_text(), "64:ff9b::/96");
  EXPECT_FALSE(pref64("64:ff9b:1::/48").is_well_known());
  EXPECT_FALSE(pref64("64:ff9b:1::/96").is_well_known());
}

}  // namespace
}  // namespace dragoman::ip
