// RRsets in canonical form and order, and whose signatures are whose.
#include "dragoman/dnssec/rrset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_message.h"

namespace dragoman::dnssec {
namespace {

using dns::Section;
using dns::Type;
using testing::ElementsAre;

TEST(Rrset, has_its_records_in_canonical_order_without_doubles) {
  TestMessage message("example.");
  for (const char* address : {"192.0.2.9", "192.0.2.1", "192.0.2.9", "10.0.0.1"}) {
    message.add(Section::answer, name("example."), Type::a, 300, rdata(Type::a, address));
  }
  const auto rrsets = message.rrsets();
  ASSERT_EQ(rrsets.size(), 1u);
  ASSERT_EQ(rrsets[0].size(), 3u);
  EXPECT_THAT(rrsets[0].rdata(0), ElementsAre(10, 0, 0, 1));
  EXPECT_THAT(rrsets[0].rdata(1), ElementsAre(192, 0, 2, 1));
  EXPECT_THAT(rrsets[0].rdata(2), ElementsAre(192, 0, 2, 9));
}

// RFC 4034 6.3: shorter comes first where one begins with the other.
TEST(Rrset, puts_a_record_before_those_that_begin_with_it) {
  TestMessage message("example.", Type::txt);
  for (const char* text : {"\"ab\"", "\"a\" \"b\"", "\"a\""}) {
    message.add(Section::answer, name("example."), Type::txt, 300, rdata(Type::txt, text));
  }
  const auto rrsets = message.rrsets();
  EXPECT_THAT(rrsets[0].rdata(0), ElementsAre(1, 'a'));
  EXPECT_THAT(rrsets[0].rdata(1), ElementsAre(1, 'a', 1, 'b'));
  EXPECT_THAT(rrsets[0].rdata(2), ElementsAre(2, 'a', 'b'));
}

// RFC 4034 6.2, RFC 6840 5.1.
TEST(Rrset, has_small_letters_in_names_of_old_types_only) {
  TestMessage message("example.", Type::mx);
  message.add(Section::answer, name("example."), Type::mx, 300, rdata(Type::mx, "10 MAIL.Example."));
  message.add(Section::answer, name("example."), Type::dname, 300, rdata(Type::dname, "OTHER."));
  message.add(Section::answer, name("example."), Type::svcb, 300, rdata(Type::svcb, "1 SVC.Example."));
  fakes::Octets nsec{4, 'N', 'E', 'X', 'T', 0, 0, 1, 0x40};
  message.add(Section::answer, name("example."), Type::nsec, 300, nsec);
  const auto rrsets = message.rrsets();
  ASSERT_EQ(rrsets.size(), 4u);
  EXPECT_EQ(rrsets[0].rdata(0)[3], 'm');
  EXPECT_EQ(rrsets[1].rdata(0)[1], 'o');
  EXPECT_EQ(rrsets[2].rdata(0)[3], 'S');
  EXPECT_EQ(rrsets[3].rdata(0)[1], 'N');
}

TEST(Rrset, counts_the_smallest_ttl) {
  TestMessage message("example.");
  message.add(Section::answer, name("example."), Type::a, 300, rdata(Type::a, "192.0.2.1"));
  message.add(Section::answer, name("EXAMPLE."), Type::a, 60, rdata(Type::a, "192.0.2.2"));
  const auto rrsets = message.rrsets();
  ASSERT_EQ(rrsets.size(), 1u);
  EXPECT_EQ(rrsets[0].ttl, 60u);
}

TEST(Rrset, has_the_signatures_of_its_owner_type_and_section) {
  const fakes::SigningKey key;
  const auto signature = [&](const char* owner, Type type) {
    return fakes::rrsig(key, name("example."), name(owner), type, {rdata(Type::a, "192.0.2.1")});
  };
  TestMessage message("a.example.");
  message.add(Section::answer, name("a.example."), Type::a, 300, rdata(Type::a, "192.0.2.1"));
  message.add(Section::answer, name("A.example."), Type::rrsig, 300, signature("a.example.", Type::a));
  message.add(Section::answer, name("a.example."), Type::rrsig, 300, signature("a.example.", Type::aaaa));
  message.add(Section::answer, name("b.example."), Type::rrsig, 300, signature("b.example.", Type::a));
  message.add(Section::authority, name("a.example."), Type::rrsig, 300, signature("a.example.", Type::a));
  const auto rrsets = message.rrsets();
  ASSERT_EQ(rrsets.size(), 1u);
  ASSERT_EQ(rrsets[0].signatures.size(), 1u);
  EXPECT_EQ(rrsets[0].signatures[0].key_tag, key.tag());
}

TEST(Rrset, is_not_made_of_the_additional_section) {
  TestMessage message("example.");
  message.add(Section::additional, name("example."), Type::a, 300, rdata(Type::a, "192.0.2.1"));
  EXPECT_TRUE(message.rrsets().empty());
}

TEST(Rrset, is_one_of_a_bounded_number) {
  TestMessage message("example.");
  for (const char* owner : {"a.", "b.", "c."}) {
    message.add(Section::answer, name(owner), Type::a, 300, rdata(Type::a, "192.0.2.1"));
  }
  EXPECT_TRUE(rrsets_of(message.view(), 3));
  EXPECT_FALSE(rrsets_of(message.view(), 2));
}

}  // namespace
}  // namespace dragoman::dnssec
