// CNAME chains that end too early (RFC 1034 5.3.3).
#include "chain.h"

#include <gmock/gmock.h>

#include "dragoman/dns/whole_message.h"
#include "fakes/fake_upstream.h"

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

TEST(Chain, loops_though_there_is_a_denial_or_a_record) {
  const Case c;
  EXPECT_EQ(c.target({"a.test. 60 CNAME b.test.", "b.test. 60 CNAME a.test.", "!test. 60 SOA n. h. 1 2 3 4 5"}),
            "a.test.");
  EXPECT_EQ(c.target({"a.test. 60 CNAME b.test.", "b.test. 60 CNAME a.test.", "b.test. 60 AAAA 2001:db8::1"}),
            "a.test.");
}

TEST(Chain, has_sixteen_links_at_most) {
  const Case c;
  std::vector<std::string> records{"a.test. 60 CNAME n0.test."};
  const auto add = [&](int link) {
    records.push_back("n" + std::to_string(link) + ".test. 60 CNAME n" + std::to_string(link + 1) + ".test.");
  };
  for (int link = 0; link < 15; ++link) add(link);
  EXPECT_EQ(c.target(records), "n15.test.");
  add(15);
  EXPECT_EQ(c.target(records), "a.test.");
}

TEST(Chain, has_a_dname_of_both_its_parts_once) {
  const Case c;
  const dns::Answer head = c.answer({"test. 60 DNAME net.", "a.test. 60 CNAME a.net."});
  const auto target = *dns::Name::from_text("a.net");
  const dns::Answer tail = fakes::make_answer({target, Type::aaaa, dns::Class::in}, dns::Rcode::noerror,
                                              {"test. 60 DNAME net.", "a.net. 30 AAAA 2001:db8::1"});
  EXPECT_EQ(splice(c.question, head.view(), target, tail.view())->head.answers, 3);
}

TEST(Chain, keeps_the_proofs_of_its_head_that_a_link_is_made_of_a_wildcard) {
  const Case c;
  const dns::Answer head = c.answer({"a.test. 60 CNAME b.test.", "!0.test. 60 NSEC b.test. A", "!test. 60 NS n.test."});
  const auto target = *dns::Name::from_text("b.test");
  const dns::Answer tail = fakes::make_answer({target, Type::aaaa, dns::Class::in}, dns::Rcode::noerror,
                                              {"b.test. 30 AAAA 2001:db8::1", "!b.test. 60 NSEC c.test. AAAA"});
  const auto whole = splice(c.question, head.view(), target, tail.view());
  ASSERT_TRUE(whole.has_value());
  const dns::WholeMessage message(c.question, whole->view());
  ASSERT_TRUE(message.ok());
  std::vector<std::string> owners;
  for (auto [section, record] : message.view().records()) owners.push_back(message.view().owner(record).to_text());
  EXPECT_THAT(owners, testing::ElementsAre("a.test.", "b.test.", "0.test.", "b.test."));
}

TEST(Chain, is_spliced_from_the_head_and_what_its_target_has) {
  const Case c;
  const dns::Answer head = c.answer({"a.test. 60 CNAME b.test.", "!x.test. 60 NS n.x.test."});
  const auto target = *dns::Name::from_text("b.test");
  const dns::Answer tail =
      fakes::make_answer({target, Type::aaaa, dns::Class::in}, dns::Rcode::noerror, {"b.test. 30 AAAA 2001:db8::1"});
  const auto whole = splice(c.question, head.view(), target, tail.view());
  ASSERT_TRUE(whole.has_value());
  const dns::WholeMessage message(c.question, whole->view());
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

std::string denied(const Case& c, const std::vector<std::string>& records, dns::Rcode rcode = dns::Rcode::nxdomain) {
  const dns::Answer made = c.answer(records, rcode);
  const auto found = denied_target(c.question, made.view());
  return found ? found->name.to_text() : "";
}

// RFC 2308 2.1: NXDOMAIN is said of the last target.
TEST(Chain, tells_which_name_a_denial_behind_it_denies) {
  const Case c;
  EXPECT_EQ(denied(c, {"a.test. 60 CNAME b.test.", "b.test. 60 CNAME c.test.", "!test. 60 SOA n. h. 1 2 3 4 5"}),
            "c.test.");
  EXPECT_EQ(denied(c, {"!test. 60 SOA n. h. 1 2 3 4 5"}), "") << "no chain";
  EXPECT_EQ(denied(c, {"a.test. 60 CNAME b.test.", "!test. 60 SOA n. h. 1 2 3 4 5"}, dns::Rcode::noerror), "");
  EXPECT_EQ(denied(c, {"a.test. 60 CNAME b.test."}), "") << "no SOA";
}

TEST(Chain, says_nothing_of_names_in_other_zones_than_the_question_s) {
  const Case c;
  EXPECT_EQ(denied(c, {"a.test. 60 CNAME b.other.", "!other. 60 SOA n. h. 1 2 3 4 5"}), "");
  EXPECT_EQ(denied(c, {"a.test. 60 CNAME b.other.", "!test. 60 SOA n. h. 1 2 3 4 5"}), "");
}

TEST(Chain, gives_a_denial_as_the_answer_about_its_own_name) {
  const Case c;
  const dns::Answer made =
      c.answer({"a.test. 60 CNAME gone.b.test.", "!test. 60 SOA n.test. h. 1 2 3 4 5"}, dns::Rcode::nxdomain);
  const auto found = denied_target(c.question, made.view());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->answer.head.answers, 0);
  EXPECT_EQ(found->answer.head.authorities, 1);
  const dns::WholeMessage whole({found->name, Type::aaaa, dns::Class::in}, found->answer.view());
  ASSERT_TRUE(whole.ok());
  for (auto [section, record] : whole.view().records()) EXPECT_EQ(whole.view().owner(record).to_text(), "test.");
}

}  // namespace
}  // namespace dragoman::resolve
