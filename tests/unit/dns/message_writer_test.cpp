// Writing messages: sections, RDATA, the limit, the OPT with its options and padding (RFC 6891, 7828, 7830, 8914).
#include "dragoman/dns/message_writer.h"

#include <gtest/gtest.h>

#include "wire.h"

namespace dragoman::dns {
namespace {

using test::Draft;
using test::hex;
using test::name;
using test::Octets;
using test::Parsed;
using test::wire;

const Octets address = wire("C0000201");

TEST(MessageWriter, writes_a_query) {
  Draft draft("www.example", Type::aaaa);
  Header header;
  header.id = 0xABCD;
  header.flags = Header::rd;
  EXPECT_EQ(hex(draft.finish(header)), hex(wire("ABCD 0100 0001 0000 0000 0000 03 'www' 07 'example' 00 001C 0001")));
}

TEST(MessageWriter, points_to_the_question_without_regard_to_case) {
  Draft draft("wWw.Example");
  draft.writer.record(Section::answer, name("www.example"), Type::a, 60, address);
  EXPECT_EQ(hex(draft.writer.records()), hex(wire("C00C 0001 0001 0000003C 0004 C0000201")));
}

TEST(MessageWriter, counts_records_by_section) {
  Draft draft;
  draft.writer.record(Section::answer, name("www.example.com"), Type::a, 60, address);
  draft.writer.record(Section::answer, name("www.example.com"), Type::a, 60, address);
  draft.writer.record(Section::authority, name("example.com"), Type::txt, 60, wire("00"));
  draft.writer.record(Section::additional, name("ns.example.com"), Type::a, 60, address);
  Octets message = draft.finish();
  Header header = Header::read(message.data());
  EXPECT_EQ(header.questions, 1);
  EXPECT_EQ(header.answers, 2);
  EXPECT_EQ(header.authorities, 1);
  EXPECT_EQ(header.additionals, 1);
}

TEST(MessageWriter, ignores_the_counts_of_the_header_that_it_is_given) {
  Draft draft;
  Header header;
  header.questions = header.answers = header.authorities = header.additionals = 9;
  EXPECT_EQ(test::fault_of(draft.finish(header)), MessageView::Fault::none);
}

TEST(MessageWriter, writes_rdata_piece_by_piece) {
  Draft draft;
  draft.writer.begin_record(Section::answer, name("www.example.com"), Type::srv, Class::in, 1);
  draft.writer.rdata_u16(0x1122);
  draft.writer.rdata_u32(0x33445566);
  draft.writer.rdata_name(name("www.example.com"), false);
  draft.writer.rdata(wire("77"));
  draft.writer.end_record();
  EXPECT_EQ(hex(draft.writer.records()),
            hex(wire("C00C 0021 0001 00000001 0018 1122 33445566 03 'www' 07 'example' 03 'com' 00 77")));
}

TEST(MessageWriter, stops_at_the_record_that_does_not_fit) {
  Draft draft("a", Type::a, 12 + 7 + 16 + 15);
  draft.writer.record(Section::answer, name("a"), Type::a, 60, address);
  EXPECT_TRUE(draft.writer.ok());
  draft.writer.record(Section::answer, name("a"), Type::a, 60, address);
  EXPECT_FALSE(draft.writer.ok());
  draft.writer.record(Section::answer, name("a"), Type::txt, 60, wire("00"));
  EXPECT_FALSE(draft.writer.ok());
  Octets message = draft.finish();
  EXPECT_EQ(message.size(), 12u + 7 + 16);
  EXPECT_EQ(Parsed(message)->header().answers, 1);
}

TEST(MessageWriter, leaves_nothing_of_a_record_whatever_place_it_stopped_at) {
  for (std::size_t room = 0; room < 28; ++room) {
    Draft draft("a", Type::a, 12 + 7 + room);
    draft.writer.begin_record(Section::answer, name("b.c"), Type::soa, Class::in, 60);
    draft.writer.rdata_name(name("d.c"), true);
    draft.writer.rdata_u32(1);
    draft.writer.rdata_u16(2);
    draft.writer.rdata(wire("03"));
    draft.writer.end_record();
    EXPECT_EQ(draft.writer.ok(), room >= 26) << room;
    EXPECT_EQ(draft.writer.length(), draft.writer.ok() ? 12u + 7 + 26 : 12u + 7) << room;
  }
}

TEST(MessageWriter, fails_for_a_question_that_does_not_fit) {
  Draft draft("a", Type::a, 12 + 6);
  EXPECT_FALSE(draft.writer.ok());
  EXPECT_EQ(draft.finish().size(), 12u);
}

TEST(MessageWriter, goes_back_to_a_mark_as_if_nothing_had_followed) {
  Draft draft("a.example", Type::a, 100);
  draft.writer.record(Section::answer, name("a.example"), Type::a, 60, address);
  MessageWriter::Mark mark = draft.writer.mark();
  draft.writer.record(Section::authority, name("b.other"), Type::a, 60, address);
  draft.writer.record(Section::authority, name("b.other"), Type::txt, 60, Octets(100));
  EXPECT_FALSE(draft.writer.ok());
  draft.writer.rewind(mark);
  EXPECT_TRUE(draft.writer.ok());
  // A pointer to the b.other that is gone would read something else now.
  draft.writer.record(Section::authority, name("c.other"), Type::a, 60, address);
  const Parsed view(draft.finish());
  EXPECT_EQ(view->header().authorities, 1);
  EXPECT_EQ(view->owner((*++view->records().begin()).record).to_text(), "c.other.");
}

TEST(MessageWriter, puts_the_records_of_an_answer_behind_the_question) {
  Draft first("Www.Example.COM");
  first.writer.record(Section::answer, name("www.example.com"), Type::a, 60, address);
  first.writer.record(Section::authority, name("example.com"), Type::a, 60, address);
  Draft second("www.example.com");
  second.writer.append_records(first.writer.records(), 1, 1, 0);
  const Parsed view(second.finish());
  auto item = view->records().begin();
  EXPECT_EQ(view->owner((*item).record).to_text(), "www.example.com.");
  ++item;
  EXPECT_EQ(view->owner((*item).record).to_text(), "example.com.");
}

TEST(MessageWriter, appends_all_records_or_none) {
  Draft draft("a", Type::a, 12 + 7 + 10);
  draft.writer.append_records(Octets(11), 1, 0, 0);
  EXPECT_FALSE(draft.writer.ok());
  EXPECT_EQ(Parsed(draft.finish())->header().answers, 0);
}

TEST(MessageWriter, copies_a_record_of_another_message) {
  Draft source("www.example.com");
  source.writer.begin_record(Section::answer, name("www.example.com"), Type::soa, Class::in, 60);
  source.writer.rdata_name(name("ns.example.com"), true);
  source.writer.rdata_name(name("mail.example.com"), true);
  source.writer.rdata(wire("00000001 00000002 00000003 00000004 00000005"));
  source.writer.end_record();
  Octets message = source.finish();
  const Parsed from(message);

  Draft draft("example.com");
  draft.writer.copy(Section::authority, *from, (*from->records().begin()).record, 7);
  EXPECT_EQ(hex(draft.writer.records()), hex(wire("03 'www' C00C 0006 0001 00000007 0020 02 'ns' C00C 04 'mail' C00C"
                                                  "00000001 00000002 00000003 00000004 00000005")));
}

TEST(MessageWriter, sends_names_in_the_rdata_of_later_types_plain) {
  Octets message = wire(
      "0000 8000 0001 0001 0000 0000 01 'a' 00 0021 0001"
      "C00C 0021 0001 00000000 0008 0001 0002 0003 C00C");
  const Parsed from(message);
  Draft draft("a", Type::srv);
  draft.writer.copy(Section::answer, *from, (*from->records().begin()).record, 0);
  EXPECT_EQ(hex(draft.writer.records()), hex(wire("C00C 0021 0001 00000000 0009 0001 0002 0003 01 'a' 00")));
}

// -- The OPT --

TEST(MessageWriter, writes_an_opt) {
  Draft draft("a");
  EdnsReply edns;
  edns.rcode = Rcode::badvers;
  edns.dnssec_ok = true;
  Octets message = draft.finish({}, &edns);
  EXPECT_EQ(hex(Bytes(message).last(11)), hex(wire("00 0029 04D0 01 00 8000 0000")));
  EXPECT_EQ(Parsed(message)->rcode(), Rcode::badvers);
}

TEST(MessageWriter, says_beforehand_what_an_opt_will_take) {
  EdnsReply edns;
  EXPECT_EQ(MessageWriter::size_of(edns), 11u);
  edns.ede = Ede::network_error;
  edns.ede_text = "down";
  EXPECT_EQ(MessageWriter::size_of(edns), 11u + 4 + 2 + 4);
  edns.keepalive = 100;
  EXPECT_EQ(MessageWriter::size_of(edns), 11u + 4 + 2 + 4 + 4 + 2);
  Draft draft("a");
  EXPECT_EQ(draft.finish({}, &edns).size(), 12u + 7 + MessageWriter::size_of(edns));
}

TEST(MessageWriter, writes_extended_error_keepalive_and_padding_in_this_order) {
  Draft draft("a");
  EdnsReply edns;
  edns.ede = Ede::synthesized;
  edns.ede_text = "x";
  edns.keepalive = 0x0102;
  edns.pad_to = 64;
  Octets message = draft.finish({}, &edns);
  EXPECT_EQ(message.size(), 64u);
  const Parsed view(message);
  std::vector<EdnsOptionCode> order;
  for (EdnsOption option : EdnsOptions(view->edns()->options)) order.push_back(option.code);
  EXPECT_EQ(order, (std::vector{EdnsOptionCode::ede, EdnsOptionCode::tcp_keepalive, EdnsOptionCode::padding}));
  EXPECT_EQ(hex(*view->edns()->find(EdnsOptionCode::ede)), hex(wire("001D 'x'")));
  EXPECT_EQ(hex(*view->edns()->find(EdnsOptionCode::tcp_keepalive)), "0102");
}

TEST(MessageWriter, writes_a_cookie_and_counts_its_octets) {
  const Octets cookie{1, 2, 3, 4, 5, 6, 7, 8, 1, 0, 0, 0, 9, 9, 9, 9, 8, 8, 8, 8, 8, 8, 8, 8};
  EdnsReply edns;
  const std::size_t without = MessageWriter::size_of(edns);
  edns.cookie = cookie;
  EXPECT_EQ(MessageWriter::size_of(edns), without + 4 + cookie.size());
  Draft draft("a");
  Octets message = draft.finish({}, &edns);
  const Parsed view(message);
  const auto found = view->edns()->find(EdnsOptionCode::cookie);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(Octets(found->begin(), found->end()), cookie);
}

TEST(MessageWriter, pads_the_whole_message_to_a_multiple) {
  for (std::size_t label = 1; label <= 63; ++label) {
    Draft draft(std::string(label, 'a'));
    EdnsReply edns;
    edns.pad_to = 16;
    Octets message = draft.finish({}, &edns);
    EXPECT_EQ(message.size() % 16, 0u) << label;
    EXPECT_LT(message.size() - draft.writer.records_offset() - 11, 4u + 16) << label;
    EXPECT_TRUE(Parsed(message)->edns()->find(EdnsOptionCode::padding)) << label;
  }
}

TEST(MessageWriter, never_pads_beyond_the_limit) {
  EdnsReply edns;
  edns.pad_to = 468;
  for (std::size_t room = 11; room < 40; ++room) {
    Draft draft("a", Type::a, 12 + 7 + room);
    Octets message = draft.finish({}, &edns);
    EXPECT_EQ(message.size(), 12 + 7 + (room < 15 ? 11 : room)) << room;
    EXPECT_EQ(Parsed(message)->edns()->find(EdnsOptionCode::padding).has_value(), room >= 15) << room;
  }
}

TEST(MessageWriter, leaves_the_options_out_when_they_do_not_fit) {
  Draft draft("a", Type::a, 12 + 7 + 16);
  EdnsReply edns;
  edns.ede = Ede::other;
  Octets message = draft.finish({}, &edns);
  EXPECT_TRUE(draft.writer.ok());
  EXPECT_TRUE(Parsed(message)->edns()->options.empty());
}

TEST(MessageWriter, leaves_out_an_opt_that_does_not_fit) {
  Draft draft("a", Type::a, 12 + 7 + 10);
  EdnsReply edns;
  Octets message = draft.finish({}, &edns);
  EXPECT_FALSE(draft.writer.ok());
  EXPECT_FALSE(Parsed(message)->has_edns());
}

TEST(MessageWriter, adds_the_opt_to_a_truncated_message) {
  EdnsReply edns;
  Draft draft("a", Type::a, 12 + 7 + 11);
  draft.writer.record(Section::answer, name("a"), Type::a, 60, address);
  Octets message = draft.finish({}, &edns);
  EXPECT_FALSE(draft.writer.ok());
  EXPECT_TRUE(Parsed(message)->has_edns());
}

TEST(MessageWriter, uses_no_more_than_65535_octets) {
  Draft draft("a", Type::a, 70000);
  draft.writer.record(Section::answer, name("a"), Type::txt, 0, Octets(40000));
  draft.writer.record(Section::answer, name("a"), Type::txt, 0, Octets(40000));
  EXPECT_FALSE(draft.writer.ok());
  EXPECT_EQ(Parsed(draft.finish())->header().answers, 1);
}

}  // namespace
}  // namespace dragoman::dns
