// `dragoman health` against a scripted admin listener.
#include "commands/health.h"

#include <gtest/gtest.h>

#include "cli.h"
#include "fakes/one_answer.h"

namespace dragoman::app {
namespace {

using fakes::OneAnswer;

int health(const std::string& url, bool ready = false, milliseconds timeout = milliseconds(2000)) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int exit_code = run_health({url, ready, timeout});
  testing::internal::GetCapturedStdout();
  testing::internal::GetCapturedStderr();
  return exit_code;
}

TEST(Health, is_well_when_the_answer_is_200) {
  OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n");
  EXPECT_EQ(health(server.url()), exit_ok);
  EXPECT_EQ(server.request().find("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:"), 0u);
}

TEST(Health, asks_for_readiness_by_another_path) {
  OneAnswer server("HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_EQ(health(server.url() + "/", true), exit_ok);
  EXPECT_EQ(server.request().find("GET /readyz HTTP/1.1\r\n"), 0u);
}

TEST(Health, fails_for_any_other_answer) {
  for (const char* answer :
       {"HTTP/1.1 503 Service Unavailable\r\n\r\ndraining\n", "HTTP/1.1 503", "220 mail.test\r\n", "x"}) {
    OneAnswer server(answer);
    EXPECT_EQ(health(server.url()), exit_failed) << answer;
  }
}

TEST(Health, fails_when_nobody_listens) {
  const auto bound = net::listen_tcp(*ip::Endpoint::from_text("127.0.0.1:0"), false);
  const std::string url = "http://" + net::local_endpoint(bound->get()).to_text();
  const_cast<net::UniqueFd&>(*bound) = net::UniqueFd();
  EXPECT_EQ(health(url), exit_failed);
}

TEST(Health, gives_up_on_a_server_that_says_nothing) {
  OneAnswer server("");
  EXPECT_EQ(health(server.url(), false, milliseconds(50)), exit_failed);
}

TEST(Health, wants_an_address_and_a_port) {
  for (const char* url :
       {"127.0.0.1:9153", "https://127.0.0.1:9153", "http://localhost:9153", "http://127.0.0.1", ""}) {
    EXPECT_EQ(health(url), exit_usage) << url;
  }
}

}  // namespace
}  // namespace dragoman::app
