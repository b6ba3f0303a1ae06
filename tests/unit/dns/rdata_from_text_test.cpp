// RDATA read from presentation form: the golden rows backwards, other spellings, and what is refused.
#include <gtest/gtest.h>

#include "dragoman/dns/rdata.h"
#include "rdata_golden.h"
#include "wire.h"

namespace dragoman::dns {
namespace {

using test::hex;
using test::Octets;
using test::wire;

TEST(RdataFromText, reads_what_it_shows) {
  for (const test::GoldenRdata& row : test::golden_rdata) {
    Result<Octets> rdata = rdata_from_text(row.type, row.text);
    ASSERT_TRUE(rdata) << row.text << ": " << rdata.error().text();
    if (std::string_view(row.text) == ".") continue;  // an empty bitmap has two forms
    EXPECT_EQ(hex(*rdata), hex(wire(row.rdata))) << row.text;
  }
}

struct Refusal {
  Type type;
  const char* text;
};

TEST(RdataFromText, refuses_what_is_malformed) {
  const Refusal refusals[] = {
      {Type::a, ""},
      {Type::a, "192.0.2"},
      {Type::a, "192.0.2.1 x"},
      {Type::a, "2001:db8::1"},
      {Type::aaaa, "192.0.2.1"},
      {Type::cname, "a..b"},
      {Type::mx, "65536 a."},
      {Type::mx, "-1 a."},
      {Type::mx, "10"},
      {Type::txt, ""},
      {Type::txt, R"("open)"},
      {Type::txt, R"("a"b)"},
      {Type::txt, R"("\256")"},
      {Type::txt, R"("\)"},
      {Type::srv, "1 2 3 4 a."},
      {Type::caa, R"(256 issue "a")"},
      {Type::caa, "0 issue"},
      {Type::caa, R"(0 "" "a")"},
      {Type::ds, "1 2 3 ABC"},
      {Type::ds, "1 2 3 XY"},
      {Type::dnskey, "1 2 3 A==="},
      {Type::dnskey, "1 2 3 AB="},
      {Type::dnskey, "1 2 3 AB=="},
      {Type::nsec, "a. NOTYPE"},
      {Type::rrsig, "A 8 2 3600 20031322173103 20030220173103 2642 e. AP8Q"},
      {Type::https, "1 . port=65536"},
      {Type::https, "1 . port=1 port=2"},
      {Type::https, "1 . alpn="},
      {Type::https, "1 . alpn=h2,,h3"},
      {Type::https, "1 . no-default-alpn=1"},
      {Type::https, "1 . mandatory=mandatory"},
      {Type::https, "1 . mandatory=alpn,alpn"},
      {Type::https, "1 . ipv4hint=2001:db8::1"},
      {Type::https, "1 . key65536=a"},
      {Type::https, "1 . nokey"},
      {static_cast<Type>(65280), "abc"},
      {static_cast<Type>(65280), R"(\# 3 C0FF)"},
      {static_cast<Type>(65280), R"(\# C0FF)"},
      {Type::a, R"(\# 3 C0FF00)"},
      {Type::cname, R"(\# 2 C00C)"},
  };
  for (const Refusal& refusal : refusals) {
    EXPECT_FALSE(rdata_from_text(refusal.type, refusal.text)) << to_text(refusal.type) << " " << refusal.text;
  }
}

TEST(RdataFromText, reads_words_in_more_than_one_form) {
  EXPECT_EQ(hex(*rdata_from_text(Type::txt, "a\\032b  \"c d\"")), hex(wire("03 'a b' 03 'c d'")));
  EXPECT_EQ(hex(*rdata_from_text(Type::ds, "1 2 3 ab cd")), hex(wire("0001 02 03 ABCD")));
  EXPECT_EQ(hex(*rdata_from_text(Type::https, "1 . port=443 alpn=h2")),
            hex(wire("0001 00 0001 0003 02 'h2' 0003 0002 01BB")));
  EXPECT_EQ(hex(*rdata_from_text(Type::https, R"(1 . port="443")")), hex(wire("0001 00 0003 0002 01BB")));
  EXPECT_EQ(hex(*rdata_from_text(Type::a, R"(\# 4 C0000201)")), "c0000201");
  EXPECT_EQ(hex(*rdata_from_text(Type::nsec, "a. TYPE1234 A")),
            hex(wire("01 'a' 00 00 01 40 04 1B" + std::string(52, '0') + "20")));
}

TEST(RdataFromText, reads_signature_times_as_seconds_too) {
  EXPECT_EQ(*rdata_from_text(Type::rrsig, "A 8 2 3600 1048354263 1045762263 2642 e. AP8Q"),
            *rdata_from_text(Type::rrsig, "A 8 2 3600 20030322173103 20030220173103 2642 e. AP8Q"));
}

}  // namespace
}  // namespace dragoman::dns
