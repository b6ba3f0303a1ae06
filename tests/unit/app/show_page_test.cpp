// Pages of the admin API on standard output.
#include "commands/show_page.h"

#include <gtest/gtest.h>

#include "cli.h"
#include "fakes/one_answer.h"

namespace dragoman::app {
namespace {

std::optional<std::string> reversed(std::string_view text) {
  if (text == "other") return std::nullopt;
  return std::string(text.rbegin(), text.rend()) + "\n";
}

std::pair<int, std::string> shown(const char* body, bool as_json) {
  fakes::OneAnswer server("HTTP/1.1 200 OK\r\n\r\n" + std::string(body));
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int code = show_page(server.url(), "/api/v1/x", as_json, &reversed);
  testing::internal::GetCapturedStderr();
  return {code, testing::internal::GetCapturedStdout()};
}

TEST(ShowPage, shows_text_or_what_came) {
  EXPECT_EQ(shown("abc", false), (std::pair<int, std::string>{exit_ok, "cba\n"}));
  EXPECT_EQ(shown("abc", true), (std::pair<int, std::string>{exit_ok, "abc"}));
}

TEST(ShowPage, does_not_show_what_it_cannot_read) {
  EXPECT_EQ(shown("other", false), (std::pair<int, std::string>{exit_failed, ""}));
  EXPECT_EQ(shown("other", true), (std::pair<int, std::string>{exit_failed, ""}));
}

}  // namespace
}  // namespace dragoman::app
