// `dragoman ctl`: its table, and what each command asks for.
#include "commands/ctl.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <set>

#include "cli.h"
#include "fakes/one_answer.h"
#include "ran.h"

namespace dragoman::app {
namespace {

using fakes::OneAnswer;
using testing::HasSubstr;

constexpr const char* status =
    "HTTP/1.1 200 OK\r\n\r\n"
    R"({"version":"0.1.0","uptime_s":5,"workers":1,"ready":true,"reasons":[],"upstreams":[]})";

Ran ran(std::vector<std::string> words) {
  words.insert(words.begin(), "ctl");
  return ran_program(words);
}

TEST(Ctl, has_commands_with_names_and_sentences_of_their_own) {
  std::set<std::string> names;
  for (const CtlCommand& command : ctl_commands()) {
    EXPECT_TRUE(names.insert(command.name).second) << command.name;
    EXPECT_STRNE(command.sentence, "");
    CLI::App app;
    EXPECT_TRUE(command.declare(app, std::make_shared<CtlArguments>())) << command.name;
  }
}

TEST(Ctl, shows_the_status) {
  OneAnswer server(status);
  const Ran result = ran({"--admin", server.url(), "status"});
  EXPECT_EQ(result.code, exit_ok) << result.err;
  EXPECT_THAT(result.out, HasSubstr("version  0.1.0\n"));
  EXPECT_THAT(server.request(), HasSubstr("GET /api/v1/status HTTP/1.1"));
}

TEST(Ctl, takes_the_admin_url_behind_the_command_too) {
  OneAnswer server(status);
  EXPECT_EQ(ran({"upstreams", "--admin", server.url()}).out, "no upstream is configured\n");
}

TEST(Ctl, prints_the_json_of_the_status_as_it_came) {
  OneAnswer server(status);
  EXPECT_THAT(ran({"--admin", server.url(), "upstreams", "--json"}).out, HasSubstr("\"uptime_s\":5"));
}

TEST(Ctl, asks_for_an_explanation) {
  OneAnswer server("HTTP/1.1 400 Bad Request\r\n\r\nnot today\n");
  const Ran result = ran({"--admin", server.url(), "explain", "v4.test", "A", "--client", "192.0.2.1"});
  EXPECT_EQ(result.code, exit_usage);
  EXPECT_THAT(server.request(), HasSubstr("GET /api/v1/explain?name=v4.test&type=A&client=192.0.2.1 HTTP/1.1"));
  EXPECT_THAT(result.err, HasSubstr("not today"));
}

TEST(Ctl, does_not_take_another_answer_for_a_status) {
  OneAnswer server("HTTP/1.1 200 OK\r\n\r\nhello\n");
  EXPECT_EQ(ran({"--admin", server.url(), "status"}).code, exit_failed);
}

TEST(Ctl, names_the_command_in_which_a_slip_is) {
  const Ran result = ran({"status", "--nonsense"});
  EXPECT_EQ(result.code, exit_usage);
  EXPECT_THAT(result.err, HasSubstr("Try `dragoman ctl status --help`"));
  EXPECT_EQ(ran({}).code, exit_usage);
}

}  // namespace
}  // namespace dragoman::app
