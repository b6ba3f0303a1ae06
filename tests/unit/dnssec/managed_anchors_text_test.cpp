// What is kept between two runs of the program.
#include <gtest/gtest.h>

#include "dragoman/dnssec/managed_anchors.h"

namespace dragoman::dnssec {
namespace {

const std::string whole =
    "dragoman-trust-anchors 1\n"
    ". configured DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n"
    ". configured DNSKEY 257 3 8 AQID\n"
    ". awaited DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n"
    ". refreshed 2026-11-28T12:00:00.000Z 172800 1209600\n"
    ". next 2026-11-29T12:00:00.000Z\n"
    ". valid 2026-11-28T12:00:00.000Z 0 DNSKEY 257 3 8 AQID\n"
    ". add_pend 2026-11-28T12:00:00.000Z 2592000 DNSKEY 257 3 8 BAUG\n"
    ". witness DNSKEY 257 3 8 AQID\n"
    ". revoked 2026-11-28T12:00:00.000Z 0 DNSKEY 257 3 8 BwgJ\n"
    "corp.example. configured DNSKEY 257 3 13 CgsM\n"
    "corp.example. next 1970-01-01T00:00:00.000Z\n"
    "corp.example. missing 2026-11-28T12:00:00.001Z 0 DNSKEY 257 3 13 CgsM\n"
    "corp.example. removed 2026-11-28T12:00:00.000Z 0 DNSKEY 257 3 13 DQ4P\n"
    "end\n";

TEST(ManagedAnchorsText, is_read_as_it_was_written) {
  const auto anchors = parse_managed_anchors(whole);
  ASSERT_TRUE(anchors) << anchors.error().text();
  EXPECT_EQ(to_text(*anchors), whole);
  ASSERT_EQ(anchors->size(), 2u);
  const ManagedAnchor& root = anchors->front();
  EXPECT_TRUE(root.zone().view().is_root());
  EXPECT_EQ(root.configured().endorsed_by.ds.size(), 1u);
  EXPECT_EQ(root.awaited().size(), 1u);
  EXPECT_EQ(root.refreshed(), wall_time_from_text("2026-11-28T12:00:00Z"));
  EXPECT_EQ(root.next_query(), wall_time_from_text("2026-11-29T12:00:00Z"));
  ASSERT_EQ(root.keys().size(), 3u);
  EXPECT_EQ(root.keys()[1].state, KeyState::add_pend);
  EXPECT_EQ(root.keys()[1].hold_down, std::chrono::days(30));
  EXPECT_EQ(root.keys()[1].witnesses, std::vector<std::vector<std::uint8_t>>{root.keys()[0].rdata});
  EXPECT_EQ(root.trusted().endorsed_by.dnskeys.size(), 1u);
  EXPECT_EQ((*anchors)[1].trusted().endorsed_by.dnskeys.size(), 1u);
}

TEST(ManagedAnchorsText, is_that_of_new_anchors) {
  const ManagedAnchor anchor(root_trust_anchors().front());
  const auto again = parse_managed_anchors(to_text(std::vector{anchor}));
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(*again, std::vector{anchor});
  EXPECT_EQ(*parse_managed_anchors(to_text(std::vector<ManagedAnchor>{})), std::vector<ManagedAnchor>{});
}

// A file that a crash or a full disk cut off is not taken for a smaller one.
TEST(ManagedAnchorsText, is_refused_when_it_is_cut_off) {
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(parse_managed_anchors(whole.substr(0, size))) << size;
  }
}

TEST(ManagedAnchorsText, is_refused_with_the_line_that_is_wrong) {
  const auto trouble = [](const std::string& line) {
    const auto read = parse_managed_anchors("dragoman-trust-anchors 1\n" + line + "\nend\n");
    return read ? "none" : read.error().detail;
  };
  EXPECT_EQ(trouble(". next 2026-11-29T12:00:00.000Z"), "none");
  for (const char* line :
       {"", "a..b next 2026-11-29T12:00:00.000Z", ". next", ". next tomorrow", ". next 0000-01-01T00:00:00+23:00",
        ". next 9999-12-31T23:00:00-23:00", ". trusted 2026-11-28T12:00:00.000Z 0",
        ". valid 2026-11-28T12:00:00.000Z 0", ". valid 2026-11-28T12:00:00.000Z 0 DNSKEY 257 3 8",
        ". valid 2026-11-28T12:00:00.000Z -1 DNSKEY 257 3 8 AQID",
        ". valid 2026-11-28T12:00:00.000Z 9999999999 DNSKEY 257 3 8 AQID", ". witness DNSKEY 257 3 8 AQID",
        ". awaited DNSKEY 257 3 8 AQID", ". configured A 192.0.2.1", ". refreshed 2026-11-28T12:00:00.000Z 172800"}) {
    EXPECT_EQ(trouble(line), "2: it says nothing that is known") << line;
  }
  EXPECT_EQ(trouble(". next 2026-11-29T12:00:00.000Z\na. next 2026-11-29T12:00:00.000Z\n. next 2026-11-29T12:00:00Z"),
            "4: it says nothing that is known");
  EXPECT_EQ(parse_managed_anchors("dragoman-trust-anchors 2\nend\n").error().detail, "1: it begins with another line");
}

}  // namespace
}  // namespace dragoman::dnssec
