// Trust anchors as text, as the tools that people have write them.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "dragoman/dnssec/trust_anchors.h"

namespace dragoman::dnssec {
namespace {

constexpr const char* digest = "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D";

// "zone: record; record" of each anchor.
std::vector<std::string> read(std::string_view text) {
  const auto anchors = parse_trust_anchors(text);
  if (!anchors) return {anchors.error().detail};
  std::vector<std::string> out;
  for (const TrustAnchor& anchor : *anchors) {
    std::string& line = out.emplace_back(anchor.zone.to_text() + ":");
    for (const std::string& record : to_text(anchor)) line += " " + record + ";";
  }
  return out;
}

std::vector<std::string> one_ds(const std::string& zone) { return {zone + ": DS 20326 8 2 " + digest + ";"}; }

TEST(TrustAnchorFile, has_ttl_and_class_in_either_order_or_not_at_all) {
  const std::string rest = std::string("DS 20326 8 2 ") + digest + "\n";
  for (const char* between : {" ", " IN ", " 172800 ", " 172800 IN ", " IN 172800 ", "\tin\t2d ", " 1w2D IN "}) {
    EXPECT_EQ(read("." + std::string(between) + rest), one_ds(".")) << between;
  }
}

TEST(TrustAnchorFile, shipped_with_the_program_is_what_is_built_in) {
  std::ifstream file(DRAGOMAN_SOURCE_DIR "/config/root.key");
  std::stringstream text;
  text << file.rdbuf();
  const auto anchors = parse_trust_anchors(text.str());
  ASSERT_TRUE(anchors) << anchors.error().text();
  EXPECT_EQ(*anchors, root_trust_anchors());
}

TEST(TrustAnchorFile, is_read_as_dig_prints_it) {
  EXPECT_EQ(read("; <<>> DiG 9.18 <<>> . DNSKEY +multi\r\n;; ANSWER SECTION:\r\n"
                 "example.\t\t172800 IN DNSKEY 257 3 13 (\r\n\t\t\t\tAwEA\r\n\t\t\t\tAaz/\r\n"
                 "\t\t\t\t) ; KSK; alg = ECDSAP256SHA256 ; key id = 20326\r\n\r\n;; Query time: 4 msec\r\n"),
            std::vector<std::string>{"example.: DNSKEY 257 3 13 AwEAAaz/;"});
}

// Unbound's states: 0 start, 1 pending, 2 valid, 3 missing, 4 revoked, 5 removed.
TEST(TrustAnchorFile, trusts_what_unbound_says_is_valid) {
  const std::string text =
      "; autotrust trust anchor file\n;;id: . 1\n;;last_queried: 1411200001 ;;Sat Sep 20 08:00:01 2014\n"
      ".\t86400\tIN\tDNSKEY\t257 3 8 AQID ;{id = 1 (ksk), size = 2048b} ;;state=2 [  VALID  ] ;;count=0\n"
      ".\t86400\tIN\tDNSKEY\t257 3 8 BAUG ;{id = 2 (ksk), size = 2048b} ;;state=1 [ ADDPEND ] ;;count=3\n"
      ".\t86400\tIN\tDNSKEY\t257 3 8 BwgJ ;{id = 3 (ksk), size = 2048b} ;;state=3 [ MISSING ] ;;count=3\n"
      ".\t86400\tIN\tDNSKEY\t257 3 8 CgsM ;{id = 4 (ksk), size = 2048b} ;;state=4 [ REVOKED ] ;;count=3\n";
  EXPECT_EQ(read(text), std::vector<std::string>{".: DNSKEY 257 3 8 AQID; DNSKEY 257 3 8 BwgJ;"});
}

TEST(TrustAnchorFile, knows_origins_and_omitted_owners) {
  EXPECT_EQ(read("$TTL 1h\n$ORIGIN example.\ncorp DS 1 8 1 0102030405060708090a0b0c0d0e0f1011121314\n"
                 "  DNSKEY 257 3 8 AQID\n@ DNSKEY 256 3 8 BAUG\n"),
            (std::vector<std::string>{
                "corp.example.: DS 1 8 1 0102030405060708090A0B0C0D0E0F1011121314; DNSKEY 257 3 8 AQID;",
                "example.: DNSKEY 256 3 8 BAUG;"}));
}

TEST(TrustAnchorFile, passes_over_revoked_keys) {
  EXPECT_EQ(read(". DNSKEY 385 3 8 AQID\n. DNSKEY 257 3 8 AQID\n"),
            std::vector<std::string>{".: DNSKEY 257 3 8 AQID;"});
}

TEST(TrustAnchorFile, may_be_empty) {
  EXPECT_EQ(read(""), std::vector<std::string>{});
  EXPECT_EQ(read("; nothing\n\n  \n"), std::vector<std::string>{});
}

TEST(TrustAnchorFile, says_where_it_is_wrong) {
  const std::pair<std::string, const char*> table[] = {
      {"\n. IN A 192.0.2.1\n", "2: neither a DS nor a DNSKEY record: A"},
      {". IN\n", "1: the record has no type"},
      {". CH DS 1 8 2 00\n", "1: only class IN has trust anchors: CH"},
      {"  IN DS 1 8 2 00\n", "1: the first record has no owner"},
      {"a..b DS 1 8 2 00\n", "1: the owner is no domain name: a..b"},
      {". DS 1 8\n", "1: the record has too few fields"},
      {". DS 1 8 2\n", "1: no DS record"},
      {". DS 1 8 2 zz\n", "1: a field of the record is malformed"},
      {". DS 1 800 2 00\n", "1: a field is malformed: 800"},
      {". DS 1 8 2 0011\n", "1: the digest is not as long as its type says"},
      {". DNSKEY 257 2 8 AQID\n", "1: the protocol of a DNSKEY record is 3"},
      {". DNSKEY 1 3 8 AQID\n", "1: a key without the flag of zone keys verifies nothing"},
      {". DNSKEY 257 3 8 AQI\n", "1: a field of the record is malformed"},
      {"\n\n. DNSKEY 257 3 8 (\nAQID\n", "3: a parenthesis is not closed"},
      {". DNSKEY 257 3 8 AQID )\n", "1: a parenthesis has no other half"},
      {". DNSKEY 257 3 8 ( AQID\n ( )\n", "2: a parenthesis has no other half"},
      {"$INCLUDE other\n", "1: only $ORIGIN and $TTL are understood: $INCLUDE"},
      {"$ORIGIN\n", "1: a directive has one value: $ORIGIN"},
      {"$ORIGIN a..\n", "1: the origin is no domain name: a.."},
      {"<?xml version=\"1.0\"?>\n", "1: neither a DS nor a DNSKEY record: version=\"1.0\"?>"},
  };
  for (const auto& [text, detail] : table) EXPECT_EQ(read(text), std::vector<std::string>{detail}) << text;
}

// Digest types that we cannot compute are kept as they are: they make a zone insecure, not a file wrong.
TEST(TrustAnchorFile, keeps_what_is_not_known) {
  EXPECT_EQ(read(". DS 1 200 99 0011\n"), std::vector<std::string>{".: DS 1 200 99 0011;"});
}

}  // namespace
}  // namespace dragoman::dnssec
