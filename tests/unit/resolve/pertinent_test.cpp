// Answers with records that nobody asked for.
#include "pertinent.h"

#include <gmock/gmock.h>

#include "dragoman/dns/rdata.h"
#include "dragoman/dns/whole_message.h"
#include "fakes/fake_upstream.h"

namespace dragoman::resolve {
namespace {

using testing::ElementsAre;

// The answer section of what is left; "whole" when nothing was taken away.
std::vector<std::string> left_of(dns::Type type, const std::vector<std::string>& records) {
  const dns::Name name = *dns::Name::from_text("www.example.test");
  const dns::Question question{name, type, dns::Class::in};
  const dns::Answer answer = fakes::make_answer(question, dns::Rcode::noerror, records);
  const auto part = pertinent_part(question, answer.view());
  if (!part) return {"whole"};
  const dns::WholeMessage whole(question, part->view());
  EXPECT_TRUE(whole.ok());
  std::vector<std::string> texts;
  for (auto [section, record] : whole.view().records()) {
    texts.push_back((section == dns::Section::answer ? "" : "!") + whole.view().owner(record).to_text() + " " +
                    dns::to_text(record.type));
  }
  return texts;
}

TEST(PertinentPart, is_all_of_an_honest_answer) {
  EXPECT_THAT(
      left_of(dns::Type::aaaa, {"www.example.test. 60 AAAA 2001:db8::1", "WWW.example.test. 60 AAAA 2001:db8::2"}),
      ElementsAre("whole"));
  EXPECT_THAT(left_of(dns::Type::aaaa, {"www.example.test. 60 CNAME a.test.", "a.test. 60 CNAME b.test.",
                                        "b.test. 60 AAAA 2001:db8::1", "!test. 60 NS ns.test."}),
              ElementsAre("whole"));
  EXPECT_THAT(left_of(dns::Type::a, {"example.test. 60 DNAME other.test.", "www.example.test. 60 CNAME www.other.test.",
                                     "www.other.test. 60 A 198.51.100.1"}),
              ElementsAre("whole"));
  EXPECT_THAT(left_of(dns::Type::aaaa, {"!test. 60 SOA ns.test. host.test. 1 2 3 4 5"}), ElementsAre("whole"));
}

TEST(PertinentPart, has_no_a_record_beside_aaaa) {
  EXPECT_THAT(left_of(dns::Type::aaaa, {"www.example.test. 60 AAAA 2001:db8::1", "www.example.test. 60 A 198.51.100.1",
                                        "!test. 60 NS ns.test."}),
              ElementsAre("www.example.test. AAAA", "!test. NS"));
}

TEST(PertinentPart, has_no_record_of_a_name_that_the_chain_does_not_lead_to) {
  EXPECT_THAT(left_of(dns::Type::a, {"bank.test. 60 A 198.51.100.66", "www.example.test. 60 CNAME a.test.",
                                     "a.test. 60 A 198.51.100.1", "b.test. 60 CNAME bank.test."}),
              ElementsAre("www.example.test. CNAME", "a.test. A"));
}

TEST(PertinentPart, ends_with_a_chain_that_loops) {
  EXPECT_THAT(left_of(dns::Type::a, {"www.example.test. 60 CNAME a.test.", "a.test. 60 CNAME www.example.test.",
                                     "b.test. 60 A 198.51.100.1"}),
              ElementsAre("www.example.test. CNAME", "a.test. CNAME"));
}

}  // namespace
}  // namespace dragoman::resolve
