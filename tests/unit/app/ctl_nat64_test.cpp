// `dragoman ctl nat64`: what each question asks for.
#include "commands/ctl_nat64.h"

#include <gmock/gmock.h>

#include "cli.h"
#include "fakes/one_answer.h"
#include "ran.h"

namespace dragoman::app {
namespace {

using fakes::OneAnswer;
using testing::HasSubstr;

constexpr const char* no_sessions = "HTTP/1.1 200 OK\r\n\r\n{\"sessions\":[],\"is_cut\":false}";
constexpr const char* nobody =
    "HTTP/1.1 200 OK\r\n\r\n{\"address\":\"2001:db8::1\",\"subscriber\":null,\"worker\":null,\"limits\":{}}";

Ran ran(std::vector<std::string> words) {
  words.insert(words.begin(), {"ctl", "nat64"});
  return ran_program(words);
}

TEST(CtlNat64, asks_for_sessions_of_everybody_or_of_one) {
  OneAnswer all(no_sessions);
  EXPECT_EQ(ran({"sessions", "--admin", all.url()}).out, "no sessions\n");
  EXPECT_THAT(all.request(), HasSubstr("GET /api/v1/nat64/sessions?limit=100 HTTP/1.1"));
  OneAnswer one(no_sessions);
  EXPECT_EQ(ran({"sessions", "--subscriber", "2001:db8:1::/48", "--limit", "7", "--admin", one.url()}).code, exit_ok);
  EXPECT_THAT(one.request(), HasSubstr("GET /api/v1/nat64/sessions?limit=7&subscriber=2001%3Adb8%3A1%3A%3A%2F48 HTTP"));
}

TEST(CtlNat64, asks_for_a_subscriber) {
  OneAnswer server(nobody);
  const Ran result = ran({"subscriber", "2001:db8::1", "--admin", server.url()});
  EXPECT_EQ(result.out, "2001:db8::1 holds nothing\n") << result.err;
  EXPECT_THAT(server.request(), HasSubstr("GET /api/v1/nat64/subscriber?address=2001%3Adb8%3A%3A1 HTTP"));
}

TEST(CtlNat64, prints_json_as_it_came) {
  OneAnswer server(no_sessions);
  EXPECT_EQ(ran({"sessions", "--json", "--admin", server.url()}).out, "{\"sessions\":[],\"is_cut\":false}");
}

TEST(CtlNat64, tells_what_the_server_refuses) {
  OneAnswer server("HTTP/1.1 400 Bad Request\r\n\r\nthere is no NAT64 in this configuration\n");
  const Ran result = ran({"status", "--admin", server.url()});
  EXPECT_EQ(result.code, exit_usage);
  EXPECT_THAT(result.err, HasSubstr("there is no NAT64 in this configuration"));
}

TEST(CtlNat64, wants_a_question_that_there_is) {
  EXPECT_EQ(ran({}).code, exit_usage);
  EXPECT_EQ(ran({"sesions"}).code, exit_usage);
  EXPECT_EQ(ran({"subscriber"}).code, exit_usage);
  EXPECT_EQ(ran({"sessions", "--limit", "0"}).code, exit_usage);
}

}  // namespace
}  // namespace dragoman::app
