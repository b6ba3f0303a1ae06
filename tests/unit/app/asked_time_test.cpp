// Times as people write them, in time zones that turn their clocks.
#include "commands/asked_time.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "dragoman/base/time.h"

namespace dragoman::app {
namespace {

constexpr WallTime moment{std::chrono::milliseconds(1795818660000)};  // 2026-11-27T22:31:00Z

// The rest of a test in this time zone (POSIX form: no data files needed).
class Zone {
 public:
  explicit Zone(const char* zone) {
    if (const char* before = std::getenv("TZ")) before_ = before;
    ::setenv("TZ", zone, 1);
    ::tzset();
  }
  ~Zone() {
    if (before_.empty()) {
      ::unsetenv("TZ");
    } else {
      ::setenv("TZ", before_.c_str(), 1);
    }
    ::tzset();
  }

 private:
  std::string before_;
};
constexpr const char* central_europe = "CET-1CEST,M3.5.0,M10.5.0/3";

WallTime from(const std::string& text) {
  const auto time = asked_time(text);
  EXPECT_TRUE(time) << (time ? "" : time.error().text());
  return time ? time->from : WallTime();
}
milliseconds length(const std::string& text) {
  const auto time = asked_time(text);
  EXPECT_TRUE(time) << (time ? "" : time.error().text());
  return time ? time->to - time->from : milliseconds(0);
}

TEST(AskedTime, has_a_zone) {
  for (const char* text : {"2026-11-27T22:31:00Z", "2026-11-27 22:31:00z", "2026-11-27T23:31:00+01:00",
                           "2026-11-27T17:01-05:30", "2026-11-27T22:31Z", "2026-11-27T22:31:00.000Z"}) {
    EXPECT_EQ(from(text), moment) << text;
  }
}

TEST(AskedTime, is_seconds_since_1970) {
  EXPECT_EQ(from("@1795818660"), moment);
  EXPECT_EQ(from("@1795818660.5"), moment + milliseconds(500));
  EXPECT_EQ(from("@1795818660.123456"), moment + milliseconds(123));
  EXPECT_EQ(from("@0"), WallTime());
}

TEST(AskedTime, is_local_without_a_zone) {
  const Zone zone(central_europe);
  EXPECT_EQ(from("2026-11-27T23:31:00"), moment);
  EXPECT_EQ(from("2026-11-27 23:31"), moment);
  EXPECT_EQ(from("2026-07-01T12:00:00.250"), from("2026-07-01T10:00:00.250Z"));
}

TEST(AskedTime, is_as_long_as_it_is_exact) {
  EXPECT_EQ(length("2026-11-27T22:31Z"), std::chrono::minutes(1));
  EXPECT_EQ(length("2026-11-27T22:31:00Z"), seconds(1));
  EXPECT_EQ(length("2026-11-27T22:31:00.5Z"), milliseconds(100));
  EXPECT_EQ(length("2026-11-27T22:31:00.50Z"), milliseconds(10));
  EXPECT_EQ(length("2026-11-27T22:31:00.500Z"), milliseconds(1));
  EXPECT_EQ(length("2026-11-27T22:31:00.500000Z"), milliseconds(1));
  EXPECT_EQ(length("2026-11-27T22:31"), std::chrono::minutes(1));
  EXPECT_EQ(length("@1795818660"), seconds(1));
  EXPECT_EQ(length("@1795818660.25"), milliseconds(10));
}

// 25 October 2026: 02:00 to 03:00 comes twice. 29 March: it does not come.
TEST(AskedTime, is_refused_when_the_clocks_were_turned_then) {
  const Zone zone(central_europe);
  const auto twice = asked_time("2026-10-25T02:30:00");
  ASSERT_FALSE(twice);
  EXPECT_NE(twice.error().text().find("comes twice"), std::string::npos);
  const auto never = asked_time("2026-03-29T02:30:00");
  ASSERT_FALSE(never);
  EXPECT_NE(never.error().text().find("leave this time out"), std::string::npos);
  EXPECT_EQ(from("2026-10-25T01:59:59"), from("2026-10-24T23:59:59Z"));
  EXPECT_EQ(from("2026-10-25T03:00:00"), from("2026-10-25T02:00:00Z"));
  EXPECT_EQ(from("2026-10-25T02:30:00+01:00"), from("2026-10-25T01:30:00Z"));
}

TEST(AskedTime, is_nothing_else) {
  for (const char* text : {"",
                           "now",
                           "yesterday",
                           "2026-11-27",
                           "22:31",
                           "2026-11-27T22",
                           "2026-11-27T22:3",
                           "2026-11-27T22:31:0",
                           "2026-11-27T22:31:00.",
                           "2026-11-31T22:31:00Z",
                           "2026-11-27T25:31:00",
                           "2026-11-27T22:31:00+1",
                           "2026-11-27T22:31:00ZZ",
                           "@",
                           "@x",
                           "@-1",
                           "@1.x",
                           "@1.",
                           "@1795818660123",
                           "1795818660"}) {
    const auto time = asked_time(text);
    ASSERT_FALSE(time) << text;
    EXPECT_EQ(time.error().code, ErrorCode::invalid_argument);
    EXPECT_NE(time.error().text().find("for example"), std::string::npos);
  }
}

}  // namespace
}  // namespace dragoman::app
