// CNAME chains that end too early (RFC 1034 5.3.3).
#include "chain.h"

#include <gmock/gmock.h>

#include "fakes/fake_upstream.h"
#include "whole_message.h"

namespace dragoman::resolve {
namespace {

using dns::Type;

struct Case {
  dns::Name name = *dns::Name::from_text("a.test");
  dns::Question question{name, Type::aaaa, dns::Class::in};
  dns::Answer answer(const std::vector<std::string>& records, dns::Rcode rcode = dns::Rcode::noerror) const {
    return fakes::make_answer(question, rcode, records);
  }
  std::string target(const std::vector<std::string>& records, dns::Rcode rcode = dns::Rcode::noerror) const {
    const dns::Answer made = answer(records, rcode);
    const auto found = dangling_target(question, made.view());
    return found ? found->to_text() : "";
  }
};

TEST(Chain, is_complete_with_a_record_a_denial_or_an_error) {
  const Case c;
  EXPECT_EQ(c.target({"a.test. 60 AAAA 2001:db8::1"}), "");
  EXPECT_EQ(c.target({"a.test. 60 CNAME b.test.", "b.test. 60 AAAA 2001:db8::1"}), "");
  EXPECT_EQ(c.target({"a.test. 60 CNAME b.test.", "!test. 60 SOA n. h. 1 2 3 4 5"}), "");
  EXPECT_EQ(c.target({"a.test. 60 CNAME b.test."}, dns::Rcode::nxdomain), "");
  EXPECT_EQ(c.target({}), "");
}

TEST(Chain, ends_at_the_last_cname_in_whatever_order_they_come) {
  const Case c;
  EXPECT_EQ(c.target({"a.test. 60 CNAME b.test."}), "b.test.");
  EXPECT_EQ(c.target({"b.test. 60 CNAME c.test.", "A.test. 60 CNAME B.test."}), "c.test.");
}

TEST(Chain, leads_back_to_the_question_when_it_loops) {
  const Case c;
  EXPECT_EQ(c.target({"a.test. 60 CNAME b.test.", "b.test. 60 CNAME a.test."}), "a.test.");
}

TEST(Chain, is_spliced_from_the_head_and_what_its_target_has) {
  const Case c;
  const dns::Answer head = c.answer({"a.test. 60 CNAME b.test.", "!x.test. 60 NS n.x.test."});
  const auto target = *dns::Name::from_text("b.test");
  const dns::Answer tail =
      fakes::make_answer({target, Type::aaaa, dns::Class::in}, dns::Rcode::noerror, {"b.test. 30 AAAA 2001:db8::1"});
  const auto whole = splice(c.question, head.view(), target, tail.view());
  ASSERT_TRUE(whole.has_value());
  const WholeMessage message(c.question, whole->view());
  ASSERT_TRUE(message.ok());
  std::vector<std::string> owners;
  for (auto [section, record] : message.view().records()) owners.push_back(message.view().owner(record).to_text());
  EXPECT_THAT(owners, testing::ElementsAre("a.test.", "b.test."));
}

TEST(Chain, takes_the_rcode_of_its_end) {
  const Case c;
  const dns::Answer head = c.answer({"a.test. 60 CNAME b.test."});
  const auto target = *dns::Name::from_text("b.test");
  const dns::Answer tail =
      fakes::make_answer({target, Type::aaaa, dns::Class::in}, dns::Rcode::nxdomain, {"!test. 60 SOA n. h. 1 2 3 4 5"});
  EXPECT_EQ(splice(c.question, head.view(), target, tail.view())->head.rcode, dns::Rcode::nxdomain);
}

TEST(Chain, is_never_spliced_to_itself) {
  const Case c;
  const dns::Answer head = c.answer({"a.test. 60 CNAME b.test."});
  EXPECT_FALSE(splice(c.question, head.view(), c.name, head.view()).has_value());
}

}  // namespace
}  // namespace dragoman::resolve
