// Times as text, against timegm and strftime.
#include "dragoman/base/wall_time.h"

#include <gtest/gtest.h>

#include <ctime>
#include <random>

namespace dragoman {
namespace {

using std::chrono::milliseconds;

WallTime at(std::int64_t ms) { return WallTime(milliseconds(ms)); }

TEST(WallTime, is_written_as_rfc_3339_in_utc) {
  EXPECT_EQ(to_text(at(0)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_text(at(1795818660123)), "2026-11-27T22:31:00.123Z");
  EXPECT_EQ(to_text(at(-1)), "1969-12-31T23:59:59.999Z");
}

TEST(WallTime, is_what_the_c_library_says_it_is) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20000; ++i) {
    const std::int64_t ms = static_cast<std::int64_t>(random() % 8'000'000'000'000u);
    const std::time_t second = ms / 1000;
    char expected[32];
    std::strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S", std::gmtime(&second));
    const std::string text = to_text(at(ms));
    ASSERT_EQ(text.substr(0, 19), expected);
    ASSERT_EQ(text.size(), timestamp_length);
    ASSERT_EQ(wall_time_from_text(text), at(ms));
  }
}

TEST(WallTime, is_read_with_any_zone_and_fraction) {
  const WallTime expected = at(1795818660000);
  for (const char* text : {"2026-11-27T22:31:00Z", "2026-11-27t22:31:00z", "2026-11-27 22:31:00.0Z",
                           "2026-11-27T23:31:00+01:00", "2026-11-27T17:01:00-05:30", "2026-11-28T04:16:00+05:45"}) {
    EXPECT_EQ(wall_time_from_text(text), expected) << text;
  }
  EXPECT_EQ(wall_time_from_text("2026-11-27T22:31:00.1Z"), expected + milliseconds(100));
  EXPECT_EQ(wall_time_from_text("2026-11-27T22:31:00.123999Z"), expected + milliseconds(123));
  EXPECT_EQ(wall_time_from_text("2016-12-31T23:59:60Z"), wall_time_from_text("2016-12-31T23:59:59Z"));
}

TEST(WallTime, is_not_read_from_anything_else) {
  for (const char* text :
       {"", "2026-11-27", "2026-11-27T22:31:00", "2026-13-27T22:31:00Z", "2026-02-29T22:31:00Z", "2026-11-27T24:31:00Z",
        "2026-11-27T22:60:00Z", "2026-11-27T22:31:61Z", "2026-11-27T22:31:00.Z", "2026-11-27T22:31:00ZZ",
        "2026-11-27T22:31:00+0100", "2026-11-27T22:31:00+24:00", "2026-11-27T22:31Z", " 2026-11-27T22:31:00Z",
        "+026-11-27T22:31:00Z", "2026-11-27T22:31:00"}) {
    EXPECT_EQ(wall_time_from_text(text), std::nullopt) << text;
  }
}

TEST(WallTime, of_now_is_now) {
  const std::time_t before = std::time(nullptr);
  const WallTime now = wall_now();
  EXPECT_GE(now, at(before * 1000));
  EXPECT_LE(now, at((std::time(nullptr) + 1) * 1000));
}

}  // namespace
}  // namespace dragoman
