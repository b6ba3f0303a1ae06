// RFC 6147 5.1.1 to 5.1.7 and 5.5: what an AAAA answer leads to.
#include <gtest/gtest.h>

#include "dragoman/dns64/synthesis.h"
#include "zone_text.h"

namespace dragoman::dns64 {
namespace {

using dns::Rcode;
using dns::Type;

constexpr const char* soa = "authority:\nexample. 300 SOA ns.example. root.example. 1 2 3 4 60\n";

Policy default_policy() {
  Policy policy = policy_with({ip::Pref64()});
  policy.exclude_aaaa = default_exclude_aaaa();
  return policy;
}

AaaaVerdict judge(const Policy& policy, const dns::Answer& aaaa) {
  return judge_aaaa(policy, name("www.example"), aaaa.view());
}

TEST(Dns64Decision, looks_after_class_in_type_aaaa_without_cd) {
  const dns::Name owner = name("www.example");
  const Policy policy = default_policy();
  const Policy without_prefix;
  Policy for_cd = policy, without_name = policy;
  for_cd.synthesize_for_cd = true;
  without_name.exclude_names.add(name("example"));
  using E = Eligibility;
  struct {
    const char* title;
    const Policy* policy;
    dns::Question question;
    bool dnssec_ok, checking_disabled;
    E expected;
  } const table[] = {
      {"the usual", &policy, {owner, Type::aaaa, dns::Class::in}, false, false, E::eligible},
      {"DO alone", &policy, {owner, Type::aaaa, dns::Class::in}, true, false, E::eligible},
      {"DO and CD", &policy, {owner, Type::aaaa, dns::Class::in}, true, true, E::checking_disabled},
      {"CD alone", &policy, {owner, Type::aaaa, dns::Class::in}, false, true, E::checking_disabled},
      {"CD alone, wanted", &for_cd, {owner, Type::aaaa, dns::Class::in}, false, true, E::eligible},
      {"DO and CD are never", &for_cd, {owner, Type::aaaa, dns::Class::in}, true, true, E::checking_disabled},
      {"another type", &policy, {owner, Type::a, dns::Class::in}, false, false, E::other_question},
      {"ANY", &policy, {owner, Type::any, dns::Class::in}, false, false, E::other_question},
      {"class CH", &policy, {owner, Type::aaaa, dns::Class::ch}, false, false, E::other_question},
      {"class ANY", &policy, {owner, Type::aaaa, dns::Class::any}, false, false, E::other_question},
      {"no policy", nullptr, {owner, Type::aaaa, dns::Class::in}, false, false, E::no_prefix},
      {"no prefix", &without_prefix, {owner, Type::aaaa, dns::Class::in}, false, false, E::no_prefix},
      {"an excluded name", &without_name, {owner, Type::aaaa, dns::Class::in}, false, false, E::excluded_name},
  };
  for (const auto& row : table) {
    EXPECT_EQ(eligibility(row.policy, row.question, row.dnssec_ok, row.checking_disabled), row.expected) << row.title;
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
      {"beside an A record", Rcode::noerror, "www.example 60 AAAA 2001:db8::1\nwww.example 60 A 192.0.2.1\n",
       AaaaVerdict::filtered},
      {"an A record alone", Rcode::noerror, "www.example 60 A 192.0.2.1\n", AaaaVerdict::empty},
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
    EXPECT_EQ(judge(default_policy(), aaaa), row.verdict) << row.title;
  }
}

TEST(Dns64Decision, excludes_nothing_when_told_to) {
  const Policy policy = policy_with({ip::Pref64()});
  const dns::Answer aaaa = answer("www.example", Type::aaaa, "www.example 60 AAAA ::ffff:9.9.9.9\n");
  EXPECT_EQ(judge(policy, aaaa), AaaaVerdict::native);
}

TEST(Dns64Decision, takes_several_ranges_to_exclude) {
  Policy policy = default_policy();
  policy.exclude_aaaa.push_back(*ip::Prefix::from_text("64:ff9b::/96"));
  const dns::Answer aaaa =
      answer("www.example", Type::aaaa, "www.example 60 AAAA ::ffff:9.9.9.9\nwww.example 60 AAAA 64:ff9b::1\n");
  EXPECT_EQ(judge(policy, aaaa), AaaaVerdict::excluded);
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

TEST(Dns64Decision, keeps_the_signature_of_addresses_beside_which_an_a_record_went) {
  const dns::Answer aaaa = answer("www.example", Type::aaaa,
                                  "www.example 60 AAAA 2001:db8::1\n"
                                  "www.example 60 RRSIG \\# 20 001c080200000000000000000000000000010000\n"
                                  "www.example 60 A 192.0.2.1\n"
                                  "www.example 60 RRSIG \\# 20 0001080200000000000000000000000000010000\n");
  const dns::Name owner = name("www.example");
  Message message({owner, Type::aaaa, dns::Class::in});
  write_filtered(default_policy(), aaaa.view(), {owner, Type::aaaa, dns::Class::in}, message.writer());
  const std::string text = message.text();
  EXPECT_NE(text.find("RRSIG AAAA "), text.npos) << text;
  EXPECT_EQ(text.find(" A "), text.npos) << text;
}

TEST(Dns64Decision, counts_silence_and_errors_apart) {
  dns::Answer aaaa = answer("www.example", Type::aaaa, "", Rcode::servfail);
  EXPECT_EQ(judge(default_policy(), aaaa), AaaaVerdict::error);
  aaaa.head.unanswered = true;
  EXPECT_EQ(judge(default_policy(), aaaa), AaaaVerdict::unanswered);
}

TEST(Dns64Decision, ignores_aaaa_records_of_names_that_the_policy_says) {
  Policy policy = default_policy();
  policy.ignore_aaaa_names.add(name("Example"));
  EXPECT_EQ(judge(policy, answer("www.example", Type::aaaa, "www.example 60 AAAA 2001:db8::1\n")),
            AaaaVerdict::excluded);
  EXPECT_EQ(judge(policy, answer("www.example", Type::aaaa, soa)), AaaaVerdict::empty);
}

TEST(Dns64Decision, counts_addresses_in_its_own_prefixes_as_the_policy_says) {
  Policy policy = policy_with({pref64("2001:db8:1::/96")});
  policy.reverse_prefixes = {pref64("2001:db8:2::/96")};
  for (const char* address : {"2001:db8:1::1", "2001:db8:2::1", "64:ff9b::1"}) {
    const dns::Answer aaaa = answer("www.example", Type::aaaa, std::string("www.example 60 AAAA ") + address + "\n");
    policy.own_prefix_aaaa = OwnPrefixAaaa::pass;
    EXPECT_EQ(judge(policy, aaaa), AaaaVerdict::native) << address;
    policy.own_prefix_aaaa = OwnPrefixAaaa::exclude;
    EXPECT_EQ(judge(policy, aaaa), AaaaVerdict::excluded) << address;
  }
  EXPECT_EQ(judge(policy, answer("www.example", Type::aaaa, "www.example 60 AAAA 2001:db8:3::1\n")),
            AaaaVerdict::native);
}

TEST(Dns64Decision, needs_a_where_the_policy_lets_it_synthesize) {
  Policy policy = default_policy();
  const auto needed = [&] {
    std::string out;
    for (const auto verdict : {AaaaVerdict::native, AaaaVerdict::filtered, AaaaVerdict::nxdomain, AaaaVerdict::empty,
                               AaaaVerdict::excluded, AaaaVerdict::error, AaaaVerdict::unanswered}) {
      out += needs_a(policy, verdict) ? '1' : '0';
    }
    return out;
  };
  EXPECT_EQ(needed(), "0001111");
  policy.synthesize_on = SynthesizeOn::rcode;
  EXPECT_EQ(needed(), "0001110");
  policy.synthesize_on = SynthesizeOn::nodata;
  EXPECT_EQ(needed(), "0001100");
  policy.a_after_nxdomain = true;
  EXPECT_EQ(needed(), "0011100");
  policy.always = true;
  EXPECT_EQ(needed(), "1111100");
}

TEST(Dns64Decision, caps_the_ttl_as_the_policy_says) {
  Policy policy = default_policy();
  policy.max_ttl = seconds(10);
  const dns::Answer aaaa = answer("www.example", Type::aaaa, soa);
  EXPECT_EQ(synthesis_ttl_limit(policy, aaaa.view(), AaaaVerdict::empty, seconds(600)), 10u);
  EXPECT_EQ(synthesis_ttl_limit(policy, aaaa.view(), AaaaVerdict::error, seconds(600)), 10u);
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
      {"NXDOMAIN", AaaaVerdict::nxdomain, Rcode::nxdomain, soa, 60},
      {"an error with an SOA", AaaaVerdict::error, Rcode::servfail, soa, 600},
  };
  for (const auto& row : table) {
    const dns::Answer aaaa = answer("www.example", Type::aaaa, row.records, row.rcode);
    EXPECT_EQ(synthesis_ttl_limit(default_policy(), aaaa.view(), row.verdict, seconds(600)), row.limit) << row.title;
  }
}

}  // namespace
}  // namespace dragoman::dns64
