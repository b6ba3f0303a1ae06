// `dragoman ctl dnssec`: what each question asks for, and what each order tells.
#include "commands/ctl_dnssec.h"

#include <gmock/gmock.h>

#include "cli.h"
#include "fakes/one_answer.h"
#include "ran.h"

namespace dragoman::app {
namespace {

using fakes::OneAnswer;
using testing::HasSubstr;

constexpr const char* no_anchor = "HTTP/1.1 200 OK\r\n\r\n{\"validates\":false,\"anchors\":[]}";
constexpr const char* no_negative = "HTTP/1.1 200 OK\r\n\r\n{\"validates\":true,\"negative\":[]}";
constexpr const char* explained =
    "HTTP/1.1 200 OK\r\n\r\n{\"query\":{\"name\":\"a.test.\",\"type\":\"A\"},\"steps\":[],\"reply\":{\"rcode\":"
    "\"NOERROR\",\"flags\":[],\"ede\":[]}}";

Ran ran(std::vector<std::string> words) {
  words.insert(words.begin(), {"ctl", "dnssec"});
  return ran_program(words);
}

// The first line of the request that these words make.
std::string request_of(const char* answer, std::vector<std::string> words) {
  OneAnswer server(answer);
  words.insert(words.end(), {"--admin", server.url()});
  const Ran result = ran(words);
  EXPECT_EQ(result.code, exit_ok) << result.err;
  return server.request().substr(0, server.request().find(" HTTP/1.1"));
}

TEST(CtlDnssec, asks_for_anchors_and_negative_ones) {
  EXPECT_EQ(request_of(no_anchor, {"anchors"}), "GET /api/v1/dnssec/anchors");
  EXPECT_EQ(request_of(no_negative, {"nta"}), "GET /api/v1/dnssec/negative");
}

TEST(CtlDnssec, adds_for_an_hour_or_as_long_as_is_said) {
  const std::string page = "POST /api/v1/dnssec/negative/add?name=a.test&seconds=";
  EXPECT_EQ(request_of(no_negative, {"nta", "add", "a.test"}), page + "3600");
  EXPECT_EQ(request_of(no_negative, {"nta", "add", "a.test", "--for", "30m"}), page + "1800");
  EXPECT_EQ(request_of(no_negative, {"nta", "add", "a.test", "--for", "7d"}), page + "604800");
  EXPECT_EQ(request_of(no_negative, {"nta", "add", "a.test", "--for", "90"}), page + "90");
}

TEST(CtlDnssec, removes) {
  EXPECT_EQ(request_of(no_negative, {"nta", "remove", "a.test"}), "POST /api/v1/dnssec/negative/remove?name=a.test");
}

TEST(CtlDnssec, explains_with_do) {
  EXPECT_EQ(request_of(explained, {"explain", "a.test"}), "GET /api/v1/explain?name=a.test&type=AAAA&do=1");
  EXPECT_EQ(request_of(explained, {"explain", "a.test", "TXT"}), "GET /api/v1/explain?name=a.test&type=TXT&do=1");
}

TEST(CtlDnssec, prints_text_or_json_as_it_came) {
  OneAnswer text(no_negative), as_json(no_negative);
  EXPECT_EQ(ran({"nta", "--admin", text.url()}).out, "every name is validated\n");
  EXPECT_EQ(ran({"nta", "add", "a.test", "--json", "--admin", as_json.url()}).out,
            "{\"validates\":true,\"negative\":[]}");
}

TEST(CtlDnssec, tells_what_the_server_refuses) {
  OneAnswer server("HTTP/1.1 400 Bad Request\r\n\r\nthis is a trust anchor: .\n");
  const Ran result = ran({"nta", "add", ".", "--admin", server.url()});
  EXPECT_EQ(result.code, exit_usage);
  EXPECT_THAT(result.err, HasSubstr("this is a trust anchor"));
}

TEST(CtlDnssec, wants_a_question_that_there_is) {
  EXPECT_EQ(ran({}).code, exit_usage);
  EXPECT_EQ(ran({"anchor"}).code, exit_usage);
  EXPECT_EQ(ran({"nta", "add"}).code, exit_usage);
  EXPECT_EQ(ran({"nta", "add", "a.test", "--for", "8d"}).code, exit_usage);
  EXPECT_EQ(ran({"nta", "add", "a.test", "--for", "0"}).code, exit_usage);
  EXPECT_EQ(ran({"nta", "remove"}).code, exit_usage);
  EXPECT_EQ(ran({"explain"}).code, exit_usage);
}

}  // namespace
}  // namespace dragoman::app
