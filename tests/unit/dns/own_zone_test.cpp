// Apex records of zones that are answered here (RFC 6303 3, RFC 2308 3).
#include "dragoman/dns/own_zone.h"

#include <gtest/gtest.h>

#include "dragoman/dns/rdata.h"
#include "wire.h"

namespace dragoman::dns {
namespace {

using test::Draft;
using test::hex;
using test::name;
using test::Parsed;
using test::wire;

struct Written {
  Section section{};
  std::string owner, rdata;
  std::uint32_t ttl = 0;
};

// The one record of a message.
Written only_record(Draft& draft) {
  const Parsed message(draft.finish());
  Written written;
  int count = 0;
  for (auto [section, record] : message->records()) {
    written = {section, message->owner(record).to_text(), rdata_to_text(*message, record), record.ttl};
    ++count;
  }
  EXPECT_EQ(count, 1);
  return written;
}

TEST(OwnZone, has_an_soa_that_names_the_zone_as_its_server) {
  Draft draft("1.0.0.10.in-addr.arpa", Type::ptr);
  write_soa(Section::authority, name("10.in-addr.arpa"), 86400, draft.writer);
  const Written soa = only_record(draft);
  EXPECT_EQ(soa.section, Section::authority);
  EXPECT_EQ(soa.owner, "10.in-addr.arpa.");
  EXPECT_EQ(soa.rdata, "10.in-addr.arpa. nobody.invalid. 1 3600 1200 604800 86400");
  EXPECT_EQ(soa.ttl, 86400u);
}

TEST(OwnZone, denies_for_as_long_as_its_soa_lives) {
  Draft draft;
  write_soa(Section::authority, name("example.com"), 17, draft.writer);
  const AnswerView answer{{Rcode::noerror, false, false, 0, 1, 0}, draft.writer.records(), 21};
  EXPECT_EQ(negative_ttl(answer), 17u);
}

TEST(OwnZone, may_have_another_server) {
  Draft draft;
  write_soa(Section::answer, name("example.com"), localhost, 300, draft.writer);
  const Written soa = only_record(draft);
  EXPECT_EQ(soa.section, Section::answer);
  EXPECT_EQ(soa.rdata, "localhost. nobody.invalid. 1 3600 1200 604800 300");
}

TEST(OwnZone, is_its_own_name_server) {
  Draft draft("10.in-addr.arpa", Type::ns);
  write_ns(name("10.in-addr.arpa"), 60, draft.writer);
  EXPECT_EQ(hex(draft.writer.records()), hex(wire("C00C 0002 0001 0000003C 0002 C00C")));
}

TEST(OwnZone, knows_localhost) { EXPECT_TRUE(equal_exactly(localhost, name("localhost"))); }

}  // namespace
}  // namespace dragoman::dns
