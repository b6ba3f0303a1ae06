// Answers put back behind their question.
#include "dragoman/dns/whole_message.h"

#include <gtest/gtest.h>

#include "fakes/fake_upstream.h"

namespace dragoman::dns {
namespace {

TEST(WholeMessage, reads_records_whose_names_point_into_the_question) {
  const auto name = *dns::Name::from_text("www.example.test");
  const dns::Question question{name, dns::Type::a, dns::Class::in};
  const dns::Answer answer = fakes::make_answer(question, dns::Rcode::noerror, {"www.example.test. 60 A 192.0.2.1"});
  EXPECT_LT(answer.records.size(), 17u);  // the owner is two octets
  const WholeMessage whole(question, answer.view());
  ASSERT_TRUE(whole.ok());
  for (auto [section, record] : whole.view().records()) {
    EXPECT_TRUE(dns::equal(whole.view().owner(record), name));
    EXPECT_EQ(record.ttl, 60u);
  }
}

TEST(WholeMessage, notices_an_answer_that_belongs_to_another_question) {
  const auto name = *dns::Name::from_text("a.very.long.name.in.example.test");
  const auto other = *dns::Name::from_text("x");
  const dns::Answer answer = fakes::make_answer({name, dns::Type::cname, dns::Class::in}, dns::Rcode::noerror,
                                                {"a.very.long.name.in.example.test. 60 CNAME b.example.test."});
  EXPECT_FALSE(WholeMessage({other, dns::Type::cname, dns::Class::in}, answer.view()).ok());
}

}  // namespace
}  // namespace dragoman::dns
