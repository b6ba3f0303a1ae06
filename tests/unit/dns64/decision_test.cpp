// RFC 6147 5.1.1 to 5.1.7 and 5.5: what an AAAA answer leads to.
#include <gtest/gtest.h>

#include "dragoman/dns64/synthesis.h"
#include "zone_text.h"

namespace dragoman::dns64 {
namespace {

using dns::Rcode;
using dns::Type;

constexpr const char* soa = "authority:\nexample. 300 SOA ns.example. root.example. 1 2 3 4 60\n";

Policy default_policy() { return {.prefixes = {ip::Pref64()}, .exclude_aaaa = default_exclude_aaaa()}; }

TEST(Dns64Decision, wants_synthesis_for_class_in_type_aaaa_without_cd) {
  const dns::Name owner = name("www.example");
  const Policy policy = default_policy();
  const Policy without_prefix;
  struct {
    const char* title;
    const Policy* policy;
    dns::Question question;
    bool dnssec_ok, checking_disabled, wanted;
  } const table[] = {
      {"the usual", &policy, {owner, Type::aaaa, dns::Class::in}, false, false, true},
      {"DO alone", &policy, {owner, Type::aaaa, dns::Class::in}, true, false, true},
      {"DO and CD", &policy, {owner, Type::aaaa, dns::Class::in}, true, true, false},
      {"CD alone", &policy, {owner, Type::aaaa, dns::Class::in}, false, true, false},
      {"another type", &policy, {owner, Type::a, dns::Class::in}, false, false, false},
      {"ANY", &policy, {owner, Type::any, dns::Class::in}, false, false, false},
      {"class CH", &policy, {owner, Type::aaaa, dns::Class::ch}, false, false, false},
      {"class ANY", &policy, {owner, Type::aaaa, dns::Class::any}, false, false, false},
      {"no policy", nullptr, {owner, Type::aaaa, dns::Class::in}, false, false, false},
      {"no prefix", &without_prefix, {owner, Type::aaaa, dns::Class::in}, false, false, false},
  };
  for (const auto& row : table) {
    EXPECT_EQ(wants_synthesis(row.policy, row.question, row.dnssec_ok, row.checking_disabled), row.wanted) << row.title;
  }
}

TEST(Dns64Decision, judges_an_aaaa_answer_by_rcode_and_addresses) {
  struct {
    const char* title;
    Rcode rcode;
    const char* records;
    AaaaVerdict verdict;
  } const table[] = {
      {"a real address", Rcode::noerror, "www.example 60 AAAA 2001:db8::1\n", AaaaVerdict::native},
      {"at the end of a chain", Rcode::noerror, "www.example 60 CNAME a.example\na.example 60 AAAA 2001:db8::1\n",
       AaaaVerdict::native},
      {"inside a prefix of ours", Rcode::noerror, "www.example 60 AAAA 64:ff9b::1\n", AaaaVerdict::native},
      {"beside an excluded one", Rcode::noerror,
       "www.example 60 AAAA ::ffff:9.9.9.9\nwww.example 60 AAAA 2001:db8::1\n", AaaaVerdict::filtered},
      {"only excluded ones", Rcode::noerror, "www.example 60 AAAA ::ffff:9.9.9.9\nwww.example 60 AAAA ::ffff:1.1.1.1\n",
       AaaaVerdict::excluded},
      {"NODATA", Rcode::noerror, soa, AaaaVerdict::empty},
      {"NODATA without SOA", Rcode::noerror, "", AaaaVerdict::empty},
      {"a chain to nothing", Rcode::noerror, "www.example 60 CNAME a.example\n", AaaaVerdict::empty},
      {"an address in the additional section", Rcode::noerror, "additional:\nns.example 60 AAAA 2001:db8::1\n",
       AaaaVerdict::empty},
      {"NXDOMAIN", Rcode::nxdomain, soa, AaaaVerdict::nxdomain},
      {"NXDOMAIN behind a chain", Rcode::nxdomain, "www.example 60 CNAME a.example\n", AaaaVerdict::nxdomain},
      {"FORMERR", Rcode::formerr, "", AaaaVerdict::error},
      {"SERVFAIL", Rcode::servfail, "", AaaaVerdict::error},
      {"NOTIMP", Rcode::notimp, "", AaaaVerdict::error},
      {"REFUSED", Rcode::refused, "", AaaaVerdict::error},
      {"an RCODE nobody knows", static_cast<Rcode>(3000), "", AaaaVerdict::error},
  };
  for (const auto& row : table) {
    const dns::Answer aaaa = answer("www.example", Type::aaaa, row.records, row.rcode);
    EXPECT_EQ(judge_aaaa(default_policy(), aaaa.view()), row.verdict) << row.title;
  }
}

TEST(Dns64Decision, excludes_nothing_when_told_to) {
  const Policy policy{.prefixes = {ip::Pref64()}};
  const dns::Answer aaaa = answer("www.example", Type::aaaa, "www.example 60 AAAA ::ffff:9.9.9.9\n");
  EXPECT_EQ(judge_aaaa(policy, aaaa.view()), AaaaVerdict::native);
}

TEST(Dns64Decision, takes_several_ranges_to_exclude) {
  Policy policy = default_policy();
  policy.exclude_aaaa.push_back(*ip::Prefix::from_text("64:ff9b::/96"));
  const dns::Answer aaaa =
      answer("www.example", Type::aaaa, "www.example 60 AAAA ::ffff:9.9.9.9\nwww.example 60 AAAA 64:ff9b::1\n");
  EXPECT_EQ(judge_aaaa(policy, aaaa.view()), AaaaVerdict::excluded);
}

TEST(Dns64Decision, leaves_excluded_addresses_and_their_signatures_out_of_a_filtered_answer) {
  // The RDATA of the RRSIGs begins with the type covered: 28 is AAAA, 5 is CNAME.
  const dns::Answer aaaa = answer("www.example", Type::aaaa,
                                  "www.example 60 CNAME a.example\n"
                                  "www.example 60 RRSIG \\# 20 0005080200000000000000000000000000010000\n"
                                  "a.example 60 AAAA ::ffff:9.9.9.9\n"
                                  "a.example 60 AAAA 2001:db8::1\n"
                                  "a.example 60 RRSIG \\# 20 001c080200000000000000000000000000010000\n"
                                  "authority:\n"
                                  "example. 60 NS ns.example.\n"
                                  "additional:\n"
                                  "ns.example. 60 AAAA ::ffff:9.9.9.9\n");
  const dns::Name owner = name("www.example");
  Message message({owner, Type::aaaa, dns::Class::in});
  write_filtered(default_policy(), aaaa.view(), {owner, Type::aaaa, dns::Class::in}, message.writer());
  const std::string text = message.text();
  EXPECT_NE(text.find("www.example. 60 CNAME a.example.\nwww.example. 60 RRSIG CNAME "), text.npos) << text;
  EXPECT_NE(text.find("a.example. 60 AAAA 2001:db8::1\nauthority:\nexample. 60 NS ns.example.\nadditional:\n"),
            text.npos)
      << text;
  EXPECT_EQ(text.find("RRSIG AAAA"), text.npos) << text;
  EXPECT_EQ(text.find("a.example. 60 AAAA ::ffff:9.9.9.9"), text.npos) << text;
}

TEST(Dns64Decision, limits_the_ttl_by_the_soa_or_the_option) {
  struct {
    const char* title;
    AaaaVerdict verdict;
    Rcode rcode;
    const char* records;
    std::uint32_t limit;
  } const table[] = {
      {"the SOA's MINIMUM", AaaaVerdict::empty, Rcode::noerror, soa, 60},
      {"the SOA's TTL", AaaaVerdict::empty, Rcode::noerror,
       "authority:\nexample. 30 SOA ns.example. root.example. 1 2 3 4 60\n", 30},
      {"a MINIMUM of zero", AaaaVerdict::empty, Rcode::noerror,
       "authority:\nexample. 30 SOA ns.example. root.example. 1 2 3 4 0\n", 0},
      {"no SOA", AaaaVerdict::empty, Rcode::noerror, "", 600},
      {"other authority", AaaaVerdict::empty, Rcode::noerror, "authority:\nexample. 30 NS ns.example.\n", 600},
      {"an SOA in the answer section", AaaaVerdict::empty, Rcode::noerror,
       "example. 30 SOA ns.example. root.example. 1 2 3 4 60\n", 600},
      {"every address excluded", AaaaVerdict::excluded, Rcode::noerror, "www.example 60 AAAA ::ffff:9.9.9.9\n", 600},
      {"an error", AaaaVerdict::error, Rcode::servfail, "", 600},
      {"an error with an SOA", AaaaVerdict::error, Rcode::servfail, soa, 600},
  };
  for (const auto& row : table) {
    const dns::Answer aaaa = answer("www.example", Type::aaaa, row.records, row.rcode);
    EXPECT_EQ(synthesis_ttl_limit(aaaa.view(), row.verdict, seconds(600)), row.limit) << row.title;
  }
}

}  // namespace
}  // namespace dragoman::dns64
