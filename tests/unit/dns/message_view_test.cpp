// Parsing messages: what is well formed, what is not and why, and walking what was parsed (RFC 1035 4, RFC 6891).
#include "dragoman/dns/message_view.h"

#include <gtest/gtest.h>

#include "wire.h"

namespace dragoman::dns {
namespace {

using Fault = MessageView::Fault;
using test::fault_of;
using test::Octets;
using test::Parsed;
using test::wire;

constexpr std::string_view question = "01 'q' 00 0001 0001";

// Header with these counts, the question q. A IN, then `rest`.
Octets message(unsigned answers, unsigned authorities, unsigned additionals, std::string_view rest) {
  Octets octets(12);
  Header header;
  header.id = 0x1234;
  header.flags = Header::qr | Header::rd;
  header.questions = 1;
  header.answers = static_cast<std::uint16_t>(answers);
  header.authorities = static_cast<std::uint16_t>(authorities);
  header.additionals = static_cast<std::uint16_t>(additionals);
  header.write(octets.data());
  for (std::string_view part : {question, rest}) {
    Octets more = wire(part);
    octets.insert(octets.end(), more.begin(), more.end());
  }
  return octets;
}

TEST(Header, comes_back_as_it_was_written) {
  Octets octets = wire("BEEF 85A3 0001 0002 0003 0004");
  Header header = Header::read(octets.data());
  EXPECT_EQ(header.id, 0xBEEF);
  EXPECT_TRUE(header.is_response());
  EXPECT_TRUE(header.has(Header::aa) && header.has(Header::rd) && header.has(Header::ra) && header.has(Header::ad));
  EXPECT_FALSE(header.has(Header::tc) || header.has(Header::z) || header.has(Header::cd));
  EXPECT_EQ(header.opcode(), Opcode::query);
  EXPECT_EQ(header.rcode(), Rcode::nxdomain);
  Octets again(12);
  header.write(again.data());
  EXPECT_EQ(again, octets);
}

// RFC 7873 5.4: a query about a cookie alone.
TEST(MessageView, reads_the_opt_of_a_message_without_a_question) {
  MessageView view;
  const Octets cookie = wire("0001 0100 0000 0000 0000 0001 00 0029 04D0 0000 0000 000C 000A 0008 0102 0304 0506 0708");
  EXPECT_EQ(MessageView::parse(cookie, view), Fault::question_count);
  ASSERT_TRUE(view.has_edns());
  EXPECT_EQ(view.edns()->find(EdnsOptionCode::cookie)->size(), 8u);
  EXPECT_FALSE(view.records().begin() != view.records().end());

  for (std::size_t length = 12; length < cookie.size(); ++length) {
    EXPECT_EQ(MessageView::parse(Bytes(cookie).first(length), view), Fault::question_count) << length;
    EXPECT_FALSE(view.has_edns()) << length;
  }
  Octets longer = cookie;
  longer.push_back(0);
  EXPECT_EQ(MessageView::parse(longer, view), Fault::question_count);
  EXPECT_FALSE(view.has_edns());
}

TEST(MessageView, reads_a_plain_query) {
  Octets octets = wire("0001 0100 0001 0000 0000 0000 03 'wWw' 07 'example' 00 001C 0001");
  const Parsed view(octets);
  EXPECT_EQ(view->question().name.to_text(), "wWw.example.");
  EXPECT_EQ(view->question().type, Type::aaaa);
  EXPECT_EQ(view->question().klass, Class::in);
  EXPECT_EQ(view->records_offset(), octets.size());
  EXPECT_FALSE(view->has_edns());
  EXPECT_FALSE(view->records().begin() != view->records().end());
}

TEST(MessageView, reads_the_opt_of_a_query) {
  const Parsed view(message(0, 0, 1, "00 0029 04D0 00 00 8000 0006 000A 0002 ABCD"));
  ASSERT_TRUE(view->has_edns());
  EXPECT_EQ(view->edns()->udp_payload, 1232);
  EXPECT_EQ(view->edns()->version, 0);
  EXPECT_TRUE(view->edns()->dnssec_ok);
  EXPECT_EQ(test::hex(view->edns()->find(EdnsOptionCode::cookie).value()), "abcd");
}

TEST(MessageView, joins_the_opt_s_upper_bits_to_the_rcode) {
  Octets octets = message(0, 0, 1, "00 0029 04D0 01 00 0000 0000");
  EXPECT_EQ(Parsed(octets)->rcode(), Rcode::badvers);
  octets[3] = 7;
  EXPECT_EQ(Parsed(octets)->rcode(), Rcode::badcookie);
}

TEST(MessageView, walks_the_sections_in_order_without_the_opt) {
  Octets octets = message(1, 1, 3,
                          "C00C 0001 0001 0000003C 0004 01020304"
                          "C00C 0002 0001 0000003D 0002 C00C"
                          "C00C 0010 0001 0000003E 0002 01 'a'"
                          "00 0029 0200 00000000 0000"
                          "C00C 001C 0001 0000003F 0010 00112233445566778899AABBCCDDEEFF");
  struct Expected {
    Section section;
    Type type;
    std::uint32_t ttl;
    std::size_t rdata;
  };
  const Expected expected[] = {{Section::answer, Type::a, 60, 4},
                               {Section::authority, Type::ns, 61, 2},
                               {Section::additional, Type::txt, 62, 2},
                               {Section::additional, Type::aaaa, 63, 16}};
  const Parsed view(octets);
  std::size_t index = 0;
  for (const auto& [section, record] : view->records()) {
    ASSERT_LT(index, std::size(expected));
    EXPECT_EQ(section, expected[index].section);
    EXPECT_EQ(record.type, expected[index].type);
    EXPECT_EQ(record.ttl, expected[index].ttl);
    EXPECT_EQ(record.rdata.size(), expected[index].rdata);
    EXPECT_EQ(view->owner(record).to_text(), "q.");
    ++index;
  }
  EXPECT_EQ(index, std::size(expected));
}

TEST(MessageView, takes_a_ttl_with_bit_31_for_0) {
  Octets octets = message(1, 0, 0, "C00C 0001 0001 80000001 0004 01020304");
  EXPECT_EQ((*Parsed(octets)->records().begin()).record.ttl, 0u);
}

TEST(MessageView, takes_a_type_it_does_not_know_as_it_is) {
  EXPECT_EQ(fault_of(message(1, 0, 0, "C00C FF01 0001 00000000 0003 C0FFEE")), Fault::none);
}

// RFC 2136 2.4 and 2.5: in an update, these classes do without RDATA.
TEST(MessageView, takes_an_empty_address_of_class_any_or_none) {
  EXPECT_EQ(fault_of(message(1, 0, 0, "C00C 0001 00FF 00000000 0000")), Fault::none);
  EXPECT_EQ(fault_of(message(1, 0, 0, "C00C 0001 00FE 00000000 0000")), Fault::none);
  EXPECT_EQ(fault_of(message(1, 0, 0, "C00C 0001 0001 00000000 0000")), Fault::bad_record);
}

TEST(MessageView, can_still_tell_the_header_of_what_it_refused) {
  MessageView view;
  EXPECT_EQ(MessageView::parse(wire("0102 0100 0000 0000 0000 0000"), view), Fault::question_count);
  EXPECT_EQ(view.header().id, 0x0102);
}

TEST(MessageView, has_no_records_to_walk_after_a_fault) {
  Octets octets = message(2, 0, 0, "C00C 0001 0001 00000000 0004 01020304");
  MessageView view;
  EXPECT_EQ(MessageView::parse(octets, view), Fault::bad_record);
  EXPECT_EQ(view.question().name.to_text(), "q.");
  EXPECT_FALSE(view.records().begin() != view.records().end());
}

TEST(MessageView, refuses_a_message_without_exactly_one_question) {
  EXPECT_EQ(fault_of(wire("0001 0000 0000 0000 0000 0000")), Fault::question_count);
  EXPECT_EQ(fault_of(wire("0001 0000 0002 0000 0000 0000 00 0001 0001 00 0001 0001")), Fault::question_count);
}

TEST(MessageView, refuses_every_message_that_is_cut_off) {
  Octets whole = message(1, 1, 1,
                         "C00C 0005 0001 0000003C 0004 01 'a' C00C"
                         "C00C 0006 0001 0000003D 001A 01 'm' C00C C00C 00000001 00000002 00000003 00000004 00000005"
                         "00 0029 0200 00000000 0004 0008 0000");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_NE(fault_of(Octets(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length))), Fault::none)
        << length;
  }
}

struct Refusal {
  const char* what;
  Fault fault;
  unsigned answers, additionals;
  const char* rest;
};

constexpr Refusal refusals[] = {
    {"octets behind the last record", Fault::trailing, 0, 0, "00"},
    {"an owner that points forward", Fault::bad_record, 1, 0, "C030 0001 0001 00000000 0004 01020304"},
    {"RDATA longer than the message", Fault::bad_record, 1, 0, "C00C 0010 0001 00000000 0005 01020304"},
    {"more records than there are", Fault::bad_record, 65535, 0, "C00C 0001 0001 00000000 0004 01020304"},
    {"A of 3 octets", Fault::bad_record, 1, 0, "C00C 0001 0001 00000000 0003 010203"},
    {"A of 5 octets", Fault::bad_record, 1, 0, "C00C 0001 0001 00000000 0005 0102030405"},
    {"AAAA of 4 octets", Fault::bad_record, 1, 0, "C00C 001C 0001 00000000 0004 01020304"},
    {"CNAME without a name", Fault::bad_record, 1, 0, "C00C 0005 0001 00000000 0000"},
    {"CNAME with octets behind the name", Fault::bad_record, 1, 0, "C00C 0005 0001 00000000 0003 C00C 00"},
    {"a name that ends behind its RDATA", Fault::bad_record, 1, 0, "C00C 0005 0001 00000000 0002 01 'a' 00"},
    {"a pointer in RDATA to itself", Fault::bad_record, 1, 0, "C00C 0005 0001 00000000 0002 C01F"},
    {"SOA without its numbers", Fault::bad_record, 1, 0, "C00C 0006 0001 00000000 0004 C00C C00C"},
    {"MX of 2 octets", Fault::bad_record, 1, 0, "C00C 000F 0001 00000000 0002 0001"},
    {"NAPTR with a string beyond its end", Fault::bad_record, 1, 0,
     "C00C 0023 0001 00000000 0008 0001 0001 01 'a' 05 'b'"},
    {"DNAME with a pointer", Fault::bad_record, 1, 0, "C00C 0027 0001 00000000 0002 C00C"},
    {"RRSIG with a pointer", Fault::bad_record, 1, 0,
     "C00C 002E 0001 00000000 0015 0001 0801 00000000 00000000 00000000 0000 C00C 11"},
    {"NSEC with a pointer", Fault::bad_record, 1, 0, "C00C 002F 0001 00000000 0005 C00C 0001 40"},
    {"HTTPS with a pointer", Fault::bad_record, 1, 0, "C00C 0041 0001 00000000 0004 0001 C00C"},
    {"an OPT in the answer section", Fault::bad_opt, 1, 0, "00 0029 0200 00000000 0000"},
    {"two OPTs", Fault::bad_opt, 0, 2, "00 0029 0200 00000000 0000 00 0029 0200 00000000 0000"},
    {"an OPT that has an owner", Fault::bad_opt, 0, 1, "C00C 0029 0200 00000000 0000"},
    {"an option cut off", Fault::bad_opt, 0, 1, "00 0029 0200 00000000 0003 000A 00"},
    {"an option longer than the OPT", Fault::bad_opt, 0, 1, "00 0029 0200 00000000 0005 000A 0002 AB"},
};

TEST(MessageView, refuses_what_is_malformed_and_says_why) {
  for (const Refusal& refusal : refusals) {
    EXPECT_EQ(fault_of(message(refusal.answers, 0, refusal.additionals, refusal.rest)), refusal.fault) << refusal.what;
  }
}

// RFC 3597 4: names in the RDATA of these may arrive compressed.
TEST(MessageView, takes_compressed_names_in_the_rdata_of_old_types) {
  const char* records[] = {
      "C00C 0002 0001 00000000 0002 C00C",                     // NS
      "C00C 000E 0001 00000000 0004 C00C C00C",                // MINFO
      "C00C 000F 0001 00000000 0004 000A C00C",                // MX
      "C00C 0011 0001 00000000 0004 C00C C00C",                // RP
      "C00C 0012 0001 00000000 0004 0001 C00C",                // AFSDB
      "C00C 0021 0001 00000000 0008 0001 0002 0003 C00C",      // SRV
      "C00C 0023 0001 00000000 0009 0001 0002 00 00 00 C00C",  // NAPTR
  };
  for (const char* record : records) EXPECT_EQ(fault_of(message(1, 0, 0, record)), Fault::none) << record;
}

TEST(MessageView, takes_32_options_and_not_more) {
  auto with_options = [](int count) {
    std::string options;
    for (int i = 0; i < count; ++i) options += "FDE9 0000";
    std::string length = test::hex(wire("00")) + test::hex(Octets{static_cast<std::uint8_t>(count * 4)});
    return message(0, 0, 1, "00 0029 0200 00000000 " + length + options);
  };
  EXPECT_EQ(fault_of(with_options(32)), Fault::none);
  EXPECT_EQ(fault_of(with_options(33)), Fault::bad_opt);
}

TEST(MessageView, is_empty_before_anything_was_parsed) {
  MessageView view;
  EXPECT_FALSE(view.records().begin() != view.records().end());
  EXPECT_TRUE(view.question().name.is_root());
}

}  // namespace
}  // namespace dragoman::dns
