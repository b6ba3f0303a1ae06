// One request to an admin listener, and what people are told when it fails.
#include "commands/admin_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli.h"
#include "fakes/one_answer.h"

namespace dragoman::app {
namespace {

using fakes::OneAnswer;
using testing::HasSubstr;

struct Asked {
  int code = 0;
  std::string body, error;
};

Asked ask(const std::string& url, milliseconds timeout = milliseconds(2000),
          admin::Method method = admin::Method::get) {
  Asked asked;
  testing::internal::CaptureStderr();
  asked.code = admin_ask("ctl", url, AdminRequest("/api/v1/x?y=z", method), timeout, asked.body);
  asked.error = testing::internal::GetCapturedStderr();
  return asked;
}

TEST(AdminClient, gives_the_body_of_the_answer) {
  OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n");
  const Asked asked = ask(server.url());
  EXPECT_EQ(asked.code, exit_ok);
  EXPECT_EQ(asked.body, "ok\n");
  EXPECT_EQ(server.request().find("GET /api/v1/x?y=z HTTP/1.1\r\nHost: 127.0.0.1:"), 0u);
}

TEST(AdminClient, posts_what_changes_something) {
  OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n");
  EXPECT_EQ(ask(server.url(), milliseconds(2000), admin::Method::post).body, "ok\n");
  EXPECT_EQ(server.request().find("POST /api/v1/x?y=z HTTP/1.1\r\nHost: 127.0.0.1:"), 0u);
  EXPECT_THAT(server.request(), HasSubstr("\r\nContent-Length: 0\r\n"));
}

TEST(AdminClient, says_what_the_server_finds_wrong_with_the_request) {
  OneAnswer server("HTTP/1.1 400 Bad Request\r\n\r\nwhich name?\n");
  const Asked asked = ask(server.url());
  EXPECT_EQ(asked.code, exit_usage);
  EXPECT_THAT(asked.error, HasSubstr(": which name?\n"));
}

TEST(AdminClient, fails_for_any_other_answer) {
  for (const char* answer : {"HTTP/1.1 404 Not Found\r\n\r\nno such page\n", "220 mail.test\r\n", "x"}) {
    OneAnswer server(answer);
    EXPECT_EQ(ask(server.url()).code, exit_failed) << answer;
  }
}

TEST(AdminClient, says_where_it_looked_when_nobody_answers) {
  OneAnswer server("");
  const Asked asked = ask(server.url(), milliseconds(50));
  EXPECT_EQ(asked.code, exit_failed);
  EXPECT_THAT(asked.error, HasSubstr(server.url()));
  EXPECT_THAT(asked.error, HasSubstr("http.listen"));
}

TEST(AdminClient, wants_an_address_and_a_port) {
  for (const char* url : {"127.0.0.1:9153", "https://127.0.0.1:9153", "http://localhost:9153", ""}) {
    EXPECT_FALSE(admin_endpoint(url)) << url;
    EXPECT_EQ(ask(url).code, exit_usage) << url;
  }
  EXPECT_EQ(admin_endpoint("http://[::1]:9153/")->to_text(), "[::1]:9153");
}

}  // namespace
}  // namespace dragoman::app
