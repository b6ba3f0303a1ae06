// Whole answers: aliases, wildcards, denials, and what is no part of an answer whoever has signed it.
#include "dragoman/dnssec/answer_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dragoman/dns/answer.h"
#include "fakes/signed_world.h"
#include "test_message.h"

namespace dragoman::dnssec {
namespace {

using dns::Rcode;
using dns::Section;
using dns::Type;
using fakes::Octets;
using fakes::WireRecords;

// The zone example. is signed, below plain. nothing is, and who is asked about evil. is told that it is broken.
struct AnswerChecks : testing::Test {
  AnswerChecks() { world.add_zone("example."); }

  Standing standing_of(const dns::Name& subject) {
    if (subject.view().is_subdomain_of(name("plain."))) return {verdict_of(Reason::no_ds), nullptr};
    if (subject.view().is_subdomain_of(name("evil."))) return {verdict_of(Reason::key_missing), nullptr};
    if (!subject.view().is_subdomain_of(name("example."))) return {};
    Rrset dnskeys;
    dnskeys.owner = name("example.");
    dnskeys.type = Type::dnskey;
    dnskeys.add(world.key_of("example.").dnskey());
    return {secure, std::make_shared<ZoneKeys>(ZoneKeys::of(dnskeys, budget))};
  }
  // Judges these records as the answer to the question.
  Verdict judge(const fakes::SignedWorld::Subject& asked, Rcode rcode, const WireRecords& records,
                bool ends_here = false) {
    const dns::Name owner = name(asked.name);
    const dns::Question question{owner, asked.type, dns::Class::in};
    answer = *fakes::outcome_of(question, rcode, records).answer;
    octets.assign(dns::max_message_length, 0);
    dns::MessageWriter writer(octets);
    writer.question(question.name, question.type, question.klass);
    writer.append_records(answer.records, answer.head.answers, answer.head.authorities, answer.head.additionals);
    dns::Header header;
    header.flags = static_cast<std::uint16_t>(dns::Header::qr | static_cast<unsigned>(rcode));
    EXPECT_EQ(dns::MessageView::parse(writer.finish(header), message), dns::MessageView::Fault::none);
    check.emplace(message, limits, ends_here);
    std::vector<Standing> standings;
    for (const dns::Name& subject : check->subjects()) standings.push_back(standing_of(subject));
    budget = Budget(limits);
    return check->judge(standings, fakes::signing_time, budget);
  }
  WireRecords signed_a(const std::string& owner, fakes::SignatureFields fields = {}) {
    return world.signed_rrset("example.", {owner, Type::a}, {{192, 0, 2, 1}}, Section::answer, fields);
  }
  // The A record of *.example. as it answers for `owner`.
  WireRecords expanded_a(const std::string& owner) {
    WireRecords records = signed_a("*.example.");
    for (auto& record : records) record.owner = name(owner);
    return records;
  }
  WireRecords nsec(const std::string& owner, const std::string& next, std::vector<Type> types) {
    return world.signed_rrset("example.", {owner, Type::nsec}, {fakes::SignedWorld::nsec(next, types)},
                              Section::authority);
  }
  static WireRecords all_of(std::initializer_list<WireRecords> parts) {
    WireRecords all;
    for (const WireRecords& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
  }

  fakes::FakeUpstream nobody;
  fakes::SignedWorld world{nobody};
  Limits limits;
  Budget budget{limits};
  dns::Answer answer;
  std::vector<std::uint8_t> octets;
  dns::MessageView message;
  std::optional<AnswerCheck> check;
};

TEST_F(AnswerChecks, are_secure_when_everything_is_signed) {
  EXPECT_EQ(judge({"www.example.", Type::a}, Rcode::noerror, signed_a("www.example.")), secure);
  EXPECT_EQ(check->ttl_of(Section::answer, name("www.example."), Type::a), 300u);
  EXPECT_FALSE(check->ttl_of(Section::authority, name("www.example."), Type::a));
  EXPECT_FALSE(check->ttl_of(Section::answer, name("www.example."), Type::aaaa));
}

TEST_F(AnswerChecks, are_what_their_worst_part_is) {
  const fakes::WireRecord to_plain{Section::answer, name("www.plain."), Type::a, {192, 0, 2, 1}};
  WireRecords chain = world.signed_rrset("example.", {"www.example.", Type::cname},
                                         {*dns::rdata_from_text(Type::cname, "www.plain.")}, Section::answer);
  EXPECT_EQ(judge({"www.example.", Type::a}, Rcode::noerror, all_of({chain, {to_plain}})), verdict_of(Reason::no_ds));
  chain[0].rdata = *dns::rdata_from_text(Type::cname, "www.example.");
  EXPECT_EQ(judge({"www.example.", Type::a}, Rcode::noerror, all_of({chain, {to_plain}})).security, Security::bogus);
}

TEST_F(AnswerChecks, are_bogus_without_signatures_in_a_signed_zone) {
  WireRecords bare = signed_a("www.example.");
  bare.pop_back();
  EXPECT_EQ(judge({"www.example.", Type::a}, Rcode::noerror, bare), verdict_of(Reason::signature_missing));
}

TEST_F(AnswerChecks, pass_on_why_a_zone_is_broken) {
  EXPECT_EQ(
      judge({"www.evil.", Type::a}, Rcode::noerror, {{Section::answer, name("www.evil."), Type::a, {192, 0, 2, 1}}}),
      verdict_of(Reason::key_missing));
}

TEST_F(AnswerChecks, are_indeterminate_where_there_is_no_anchor) {
  EXPECT_EQ(
      judge({"www.other.", Type::a}, Rcode::noerror, {{Section::answer, name("www.other."), Type::a, {192, 0, 2, 1}}}),
      Verdict{});
}

// RFC 4035 5.3.4.
TEST_F(AnswerChecks, want_the_proof_that_nothing_is_closer_than_a_wildcard) {
  EXPECT_EQ(judge({"new.example.", Type::a}, Rcode::noerror, expanded_a("new.example.")),
            verdict_of(Reason::wildcard_unproven));
  const WireRecords proven = all_of({expanded_a("new.example."), nsec("a.example.", "z.example.", {Type::a})});
  EXPECT_EQ(judge({"new.example.", Type::a}, Rcode::noerror, proven), secure);
  EXPECT_TRUE(check->ttl_of(Section::authority, name("a.example."), Type::nsec)) << "the proof stays";
  const WireRecords wrong = all_of({expanded_a("new.example."), nsec("a.example.", "b.example.", {Type::a})});
  EXPECT_EQ(judge({"new.example.", Type::a}, Rcode::noerror, wrong), verdict_of(Reason::wildcard_unproven));
}

// Data under another owner, however authentic, say nothing of the name that was asked for.
TEST_F(AnswerChecks, take_nothing_for_the_answer_that_lies_elsewhere) {
  const Verdict verdict = judge({"www.example.", Type::a}, Rcode::noerror, signed_a("other.example."));
  EXPECT_EQ(verdict, verdict_of(Reason::denial_missing));
}

TEST_F(AnswerChecks, follow_a_dname_without_a_signature_of_its_cname) {
  const WireRecords dname = world.signed_rrset("example.", {"d.example.", Type::dname},
                                               {*dns::rdata_from_text(Type::dname, "t.example.")}, Section::answer);
  const auto cname = [](const char* target) {
    return WireRecords{
        {Section::answer, name("x.d.example."), Type::cname, *dns::rdata_from_text(Type::cname, target)}};
  };
  EXPECT_EQ(judge({"x.d.example.", Type::a}, Rcode::noerror,
                  all_of({dname, cname("x.t.example."), signed_a("x.t.example.")})),
            secure);
  EXPECT_TRUE(check->ttl_of(Section::answer, name("x.d.example."), Type::cname));
  EXPECT_EQ(judge({"x.d.example.", Type::a}, Rcode::noerror,
                  all_of({dname, cname("y.t.example."), signed_a("y.t.example.")})),
            verdict_of(Reason::signature_missing))
      << "not what the DNAME says";
}

TEST_F(AnswerChecks, of_nodata_want_soa_and_proof) {
  const auto denial = world.denial("example.", "www.example.", "x.example.", {Type::a});
  EXPECT_EQ(judge({"www.example.", Type::aaaa}, Rcode::noerror, denial), secure);
  EXPECT_TRUE(dns::equal(check->denying_zone(), name("example.")));
  EXPECT_EQ(check->denial().size(), 2u);
  EXPECT_EQ(judge({"www.example.", Type::a}, Rcode::noerror, denial), verdict_of(Reason::denial_missing))
      << "the record says that there is one";
  auto forged_soa = denial;
  forged_soa[0].rdata.back() ^= 1;
  EXPECT_EQ(judge({"www.example.", Type::aaaa}, Rcode::noerror, forged_soa), verdict_of(Reason::signature_wrong));
  auto stripped = denial;
  std::erase_if(stripped, [](const auto& record) { return record.type == Type::rrsig || record.type == Type::nsec; });
  EXPECT_EQ(judge({"www.example.", Type::aaaa}, Rcode::noerror, stripped), verdict_of(Reason::denial_missing));
}

TEST_F(AnswerChecks, of_nxdomain_prove_the_end_of_the_chain) {
  const WireRecords chain = world.signed_rrset("example.", {"www.example.", Type::cname},
                                               {*dns::rdata_from_text(Type::cname, "no.example.")}, Section::answer);
  const auto denial = world.denial("example.", "example.", "www.example.", {Type::soa});
  EXPECT_EQ(judge({"www.example.", Type::a}, Rcode::nxdomain, all_of({chain, denial})), secure);
  const auto of_another = world.denial("example.", "www.example.", "example.", {Type::cname});
  EXPECT_EQ(judge({"www.example.", Type::a}, Rcode::nxdomain, all_of({chain, of_another})).security, Security::bogus);
}

TEST_F(AnswerChecks, of_an_unsigned_zone_need_no_proof) {
  EXPECT_EQ(judge({"www.plain.", Type::a}, Rcode::nxdomain, {}), verdict_of(Reason::no_ds));
}

TEST_F(AnswerChecks, that_end_here_are_indeterminate_at_best) {
  const WireRecords chain = world.signed_rrset("example.", {"www.example.", Type::cname},
                                               {*dns::rdata_from_text(Type::cname, "localhost.")}, Section::answer);
  EXPECT_EQ(judge({"www.example.", Type::a}, Rcode::nxdomain, chain, true), Verdict{});
  WireRecords forged = chain;
  forged.back().rdata.back() ^= 1;
  EXPECT_EQ(judge({"www.example.", Type::a}, Rcode::nxdomain, forged, true).security, Security::bogus);
}

TEST_F(AnswerChecks, refuse_a_signer_that_is_no_zone) {
  WireRecords records = signed_a("a.www.example.");
  records.back().rdata =
      fakes::rrsig(world.key_of("example."), name("www.example."), name("a.www.example."), Type::a, {{192, 0, 2, 1}});
  EXPECT_EQ(judge({"a.www.example.", Type::a}, Rcode::noerror, records), verdict_of(Reason::signature_wrong));
}

TEST_F(AnswerChecks, of_too_many_rrsets_are_too_much_work) {
  limits.rrsets_per_answer = 1;
  EXPECT_EQ(
      judge({"www.example.", Type::a}, Rcode::noerror, all_of({signed_a("www.example."), signed_a("x.example.")})),
      verdict_of(Reason::too_much_work));
  EXPECT_EQ(budget.exceeded(), Limit::rrsets_per_answer);
  EXPECT_TRUE(check->subjects().empty());
}

}  // namespace
}  // namespace dragoman::dnssec
