// Answers: what is kept of a response, in how many octets, and what can be read from it without a message around it.
#include "dragoman/dns/answer.h"

#include <gtest/gtest.h>

#include "dragoman/dns/rdata.h"
#include "wire.h"

namespace dragoman::dns {
namespace {

using test::Draft;
using test::hex;
using test::name;
using test::Octets;
using test::Parsed;
using test::wire;

// A response to www.example.com A as a server without name compression sends it: a CNAME, its A, an SOA and the OPT.
Octets plain_response() {
  return wire(
      "1234 85A0 0001 0002 0001 0001 03 'www' 07 'example' 03 'com' 00 0001 0001"
      "03 'www' 07 'example' 03 'com' 00 0005 0001 0000003C 0013 05 'alias' 07 'example' 03 'com' 00"
      "05 'alias' 07 'example' 03 'com' 00 0001 0001 00000028 0004 C0000201"
      "07 'example' 03 'com' 00 0006 0001 00000050 0036"
      "  02 'ns' 07 'example' 03 'com' 00 04 'mail' 07 'example' 03 'com' 00"
      "  00000001 00000002 00000003 00000004 00000014"
      "00 0029 0200 00000000 0000");
}

TEST(Answer, is_as_small_as_compression_makes_it) {
  Answer answer = from_message(*Parsed(plain_response()));
  EXPECT_EQ(hex(answer.records), hex(wire("C00C 0005 0001 0000003C 0008 05 'alias' C010"
                                          "C02D 0001 0001 00000028 0004 C0000201"
                                          "C010 0006 0001 00000050 0020 02 'ns' C010 04 'mail' C010"
                                          "00000001 00000002 00000003 00000004 00000014")));
}

TEST(Answer, tells_the_facts_beside_the_records_and_drops_the_opt) {
  Answer answer = from_message(*Parsed(plain_response()));
  EXPECT_EQ(answer.head.rcode, Rcode::noerror);
  EXPECT_TRUE(answer.head.authentic);
  EXPECT_TRUE(answer.head.authoritative);
  EXPECT_EQ(answer.head.answers, 2);
  EXPECT_EQ(answer.head.authorities, 1);
  EXPECT_EQ(answer.head.additionals, 0);
  EXPECT_EQ(answer.question_length, 17u + 4);
}

TEST(Answer, can_stand_behind_a_question_in_another_case) {
  Answer answer = from_message(*Parsed(plain_response()));
  Draft draft("WWW.example.COM");
  draft.writer.append_records(answer.records, 2, 1, 0);
  Octets message = draft.finish();
  const Parsed view(message);
  auto item = view->records().begin();
  EXPECT_EQ(view->owner((*item).record).to_text(), "WWW.example.COM.");
  EXPECT_EQ(rdata_to_text(*view, (*item).record), "alias.example.COM.");
}

TEST(Answer, can_be_made_of_what_a_writer_holds) {
  Draft draft;
  draft.writer.record(Section::answer, name("www.example.com"), Type::a, 60, wire("C0000201"));
  draft.writer.record(Section::answer, name("www.example.com"), Type::a, 60, wire("C0000202"));
  draft.writer.record(Section::additional, name("ns.example.com"), Type::a, 60, wire("C0000203"));
  const AnswerHead head{Rcode::noerror, true, false, 7, 7, 7};
  const Answer answer = to_answer(written_answer(draft.writer, head));
  EXPECT_TRUE(answer.head.authentic);
  EXPECT_EQ(answer.head.answers, 2);
  EXPECT_EQ(answer.head.authorities, 0);
  EXPECT_EQ(answer.head.additionals, 1);
  EXPECT_EQ(answer.question_length, 17u + 4);
  EXPECT_EQ(hex(answer.records), hex(draft.writer.records()));
  const Answer again = from_message(*Parsed(draft.finish()));
  EXPECT_EQ(hex(again.records), hex(answer.records));
}

TEST(Answer, is_a_failure_when_its_names_expand_beyond_a_message) {
  // RP, two long names compressed to two octets each: many times larger without compression. None of them is there
  // twice, for the second of two would be dropped.
  std::string long_name;
  for (int i = 0; i < 127; ++i) long_name += "01 61";
  Octets message = wire("0000 8000 0001 0000 0000 0000" + long_name + "00 0011 0001");
  for (int i = 0; i < 200; ++i) {
    Octets record = wire("C00C 0011 0001 00000001 0004 C00C C00C");
    record[13] = static_cast<std::uint8_t>(record[13] + i / 100 * 2);
    record[15] = static_cast<std::uint8_t>(record[15] + i % 100 * 2);
    message.insert(message.end(), record.begin(), record.end());
  }
  store_u16(&message[6], 200);
  Answer answer = from_message(*Parsed(message));
  EXPECT_EQ(answer.head.rcode, Rcode::servfail);
  EXPECT_TRUE(answer.records.empty());
  EXPECT_EQ(answer.head.answers, 0);
}

// RFC 2181 5.
TEST(Answer, has_no_record_twice_in_a_section) {
  Draft draft("www.example.com");
  const Name owner = *Name::from_text("www.example.com"), shout = *Name::from_text("WWW.example.com");
  const Octets one{192, 0, 2, 1}, other{192, 0, 2, 2};
  draft.writer.record(Section::answer, owner, Type::a, 60, one);
  draft.writer.record(Section::answer, owner, Type::a, 60, other);
  draft.writer.record(Section::answer, shout, Type::a, 60, one);
  draft.writer.record(Section::additional, owner, Type::a, 60, one);
  Answer answer = from_message(*Parsed(draft.finish()));
  EXPECT_EQ(answer.head.answers, 2);
  EXPECT_EQ(answer.head.additionals, 1);
}

TEST(AnswerRecords, walks_all_sections) {
  Answer answer = from_message(*Parsed(plain_response()));
  AnswerRecords records(answer.view());
  AnswerRecord record;
  ASSERT_TRUE(records.next(record));
  EXPECT_EQ(record.section, Section::answer);
  EXPECT_EQ(record.type, Type::cname);
  EXPECT_EQ(record.klass, Class::in);
  EXPECT_EQ(record.ttl, 60u);
  EXPECT_EQ(record.offset, 0u);
  EXPECT_EQ(record.ttl_offset, 6u);
  EXPECT_TRUE(record.owner_is_question);
  ASSERT_TRUE(records.next(record));
  EXPECT_EQ(record.type, Type::a);
  EXPECT_FALSE(record.owner_is_question);
  EXPECT_EQ(hex(record.rdata), "c0000201");
  ASSERT_TRUE(records.next(record));
  EXPECT_EQ(record.section, Section::authority);
  EXPECT_EQ(record.type, Type::soa);
  EXPECT_FALSE(records.next(record));
  EXPECT_FALSE(records.next(record));
}

TEST(AnswerRecords, knows_the_root_s_own_records) {
  Draft draft(".", Type::ns);
  draft.writer.record(Section::answer, Name(), Type::ns, 1, wire("01 'a' 00"));
  AnswerView answer{{}, draft.writer.records(), 5};
  answer.head.answers = 1;
  AnswerRecords records(answer);
  AnswerRecord record;
  ASSERT_TRUE(records.next(record));
  EXPECT_TRUE(record.owner_is_question);
  EXPECT_TRUE(owner_of(answer, Name(), record).view().is_root());
}

TEST(AnswerRecords, does_not_take_the_root_for_another_question) {
  Draft draft("a", Type::ns);
  draft.writer.record(Section::authority, Name(), Type::ns, 1, wire("01 'a' 00"));
  AnswerView answer{{}, draft.writer.records(), 7};
  answer.head.authorities = 1;
  AnswerRecords records(answer);
  AnswerRecord record;
  ASSERT_TRUE(records.next(record));
  EXPECT_FALSE(record.owner_is_question);
}

TEST(Answer, gives_owners_and_targets_without_a_message) {
  Answer answer = from_message(*Parsed(plain_response()));
  Name question = name("wwW.example.com");
  AnswerRecords records(answer.view());
  AnswerRecord record;
  ASSERT_TRUE(records.next(record));
  EXPECT_EQ(owner_of(answer.view(), question, record).to_text(), "wwW.example.com.");
  EXPECT_EQ(target_of(answer.view(), question, record).to_text(), "alias.example.com.");
  ASSERT_TRUE(records.next(record));
  EXPECT_EQ(owner_of(answer.view(), question, record).to_text(), "alias.example.com.");
}

TEST(Answer, lends_its_records_to_a_message_with_another_question) {
  Answer answer = from_message(*Parsed(plain_response()));
  Draft draft("short.com");
  AnswerRecords records(answer.view());
  for (AnswerRecord record; records.next(record);) {
    copy_record(answer.view(), name("www.example.com"), record, 5, draft.writer);
  }
  Octets message = draft.finish();
  const Parsed view(message);
  std::string text;
  for (const auto& [section, record] : view->records()) {
    text +=
        view->owner(record).to_text() + " " + std::to_string(record.ttl) + " " + rdata_to_text(*view, record) + "\n";
  }
  EXPECT_EQ(text,
            "www.example.com. 5 alias.example.com.\n"
            "alias.example.com. 5 192.0.2.1\n"
            "example.com. 5 ns.example.com. mail.example.com. 1 2 3 4 20\n");
}

TEST(Answer, ages_every_ttl_and_stops_at_0) {
  Answer answer = from_message(*Parsed(plain_response()));
  age_records(answer.records, answer.head, 50);
  AnswerRecords records(answer.view());
  std::vector<std::uint32_t> ttls;
  for (AnswerRecord record; records.next(record);) ttls.push_back(record.ttl);
  EXPECT_EQ(ttls, (std::vector<std::uint32_t>{10, 0, 30}));
}

TEST(Answer, takes_one_ttl_for_all_records) {
  Answer answer = from_message(*Parsed(plain_response()));
  set_ttls(answer.records, answer.head, 30);
  AnswerRecords records(answer.view());
  std::vector<std::uint32_t> ttls;
  for (AnswerRecord record; records.next(record);) ttls.push_back(record.ttl);
  EXPECT_EQ(ttls, (std::vector<std::uint32_t>{30, 30, 30}));
}

TEST(Answer, tells_its_smallest_ttl) {
  EXPECT_EQ(smallest_ttl(from_message(*Parsed(plain_response())).view()), 40u);
  EXPECT_EQ(smallest_ttl({}, 77), 77u);
}

// RFC 2308 5.
TEST(Answer, keeps_a_negative_answer_for_the_smaller_of_the_soa_s_ttl_and_its_minimum) {
  Answer answer = from_message(*Parsed(plain_response()));
  EXPECT_EQ(negative_ttl(answer.view()), 20u);
  age_records(answer.records, answer.head, 65);
  EXPECT_EQ(negative_ttl(answer.view()), 15u);
  EXPECT_EQ(negative_ttl({}), 0u);
}

TEST(Answer, takes_no_soa_of_the_answer_section_for_a_negative_ttl) {
  Draft draft("a", Type::soa);
  draft.writer.record(Section::answer, name("a"), Type::soa, 60,
                      wire("00 00 00000001 00000002 00000003 00000004 00000005"));
  AnswerView answer{{}, draft.writer.records(), 7};
  answer.head.answers = 1;
  EXPECT_EQ(negative_ttl(answer), 0u);
}

}  // namespace
}  // namespace dragoman::dns
