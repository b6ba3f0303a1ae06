// Lines of the log: one event is one line, whatever its values hold.
#include "dragoman/base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace dragoman {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

class Log : public testing::Test {
 protected:
  ~Log() override { log::configure({}); }

  template <class Use>
  static std::string lines_of(Use use) {
    testing::internal::CaptureStderr();
    use();
    return testing::internal::GetCapturedStderr();
  }
};

TEST_F(Log, text_has_time_level_event_and_fields) {
  log::configure({});
  const std::string line = lines_of([] {
    log::info("upstream_down", "an upstream server stopped answering",
              {{"server", "dns://192.0.2.1"}, {"reason", "no route"}});
  });
  EXPECT_THAT(line, MatchesRegex("....-..-..T..:..:......Z info    upstream_down: an upstream server stopped answering "
                                 "server=dns://192.0.2.1 reason=\"no route\"\n"));
}

TEST_F(Log, json_has_the_same_in_one_object) {
  log::configure({.format = LogFormat::json});
  const std::string line = lines_of([] { log::warn("reload_failed", "the old one stays", {{"file", "a.yaml"}}); });
  EXPECT_THAT(line,
              MatchesRegex("\\{\"time\":\"....-..-..T..:..:......Z\",\"level\":\"warning\",\"event\":\"reload_failed\","
                           "\"text\":\"the old one stays\",\"file\":\"a.yaml\"\\}\n"));
}

TEST_F(Log, values_cannot_end_the_line_or_break_json) {
  const std::string hostile = "a\"b\\c\nd\x1b[31m\xff";
  for (const LogFormat format : {LogFormat::text, LogFormat::json}) {
    log::configure({.format = format});
    const std::string line = lines_of([&] { log::error("event", "text", {{"name", hostile}}); });
    EXPECT_THAT(line, HasSubstr(R"("a\"b\\c\u000ad\u001b[31m\u00ff")"));
    EXPECT_EQ(line.find('\n'), line.size() - 1);
  }
}

TEST_F(Log, an_empty_value_is_visible) {
  log::configure({});
  EXPECT_THAT(lines_of([] { log::info("event", "text", {{"name", ""}}); }), HasSubstr("name=\"\""));
}

TEST_F(Log, what_is_below_the_level_is_not_written) {
  log::configure({.level = LogLevel::warn});
  EXPECT_EQ(lines_of([] {
              log::debug("event", "text");
              log::info("event", "text");
            }),
            "");
  EXPECT_NE(lines_of([] { log::warn("event", "text"); }), "");
}

}  // namespace
}  // namespace dragoman
