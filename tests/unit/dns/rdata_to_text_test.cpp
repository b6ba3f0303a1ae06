// RDATA shown in presentation form: one golden row per type, and the generic form for the rest (RFC 3597 5).
#include <gtest/gtest.h>

#include "dragoman/dns/rdata.h"
#include "rdata_golden.h"
#include "wire.h"

namespace dragoman::dns {
namespace {

using test::Octets;
using test::wire;

std::string text_of(Type type, const Octets& rdata, Class klass = Class::in) {
  test::Draft draft("q");
  draft.writer.begin_record(Section::answer, Name(), type, klass, 0);
  draft.writer.rdata(rdata);
  draft.writer.end_record();
  test::Parsed message(draft.finish());
  return rdata_to_text(*message, (*message->records().begin()).record);
}

TEST(RdataToText, shows_every_type) {
  for (const test::GoldenRdata& row : test::golden_rdata) {
    EXPECT_EQ(text_of(row.type, wire(row.rdata)), row.text);
    EXPECT_EQ(rdata_to_text(row.type, wire(row.rdata)), row.text);
  }
}

TEST(RdataToText, shows_what_has_not_the_shape_of_its_type_as_octets) {
  EXPECT_EQ(text_of(Type::txt, wire("05 'a'")), R"(\# 2 0561)");
  EXPECT_EQ(text_of(Type::caa, wire("00 00 'x'")), R"(\# 3 000078)");
  EXPECT_EQ(text_of(Type::ds, wire("1234")), R"(\# 2 1234)");
  EXPECT_EQ(text_of(Type::nsec3, wire("01 01 000C 04 AA")), R"(\# 6 0101000C04AA)");
  EXPECT_EQ(text_of(Type::https, wire("0001 00 0003 0001 01")), R"(\# 8 0001000003000101)");
  EXPECT_EQ(text_of(Type::a, wire("01"), Class::ch), R"(\# 1 01)");
  EXPECT_EQ(text_of(Type::a, wire(""), Class::any), R"(\# 0)");
}

}  // namespace
}  // namespace dragoman::dns
