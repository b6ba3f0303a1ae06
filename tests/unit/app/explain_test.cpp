// `dragoman query --explain`: its request, and the exit code for what came of it.
#include "commands/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli.h"
#include "fakes/one_answer.h"
#include "ran.h"

namespace dragoman::app {
namespace {

using fakes::OneAnswer;
using testing::HasSubstr;

Ran run(const OneAnswer& server, QueryArguments arguments) {
  arguments.admin_url = server.url();
  return captured([&] { return run_explain(arguments); });
}

std::string explanation(const std::string& rcode, const std::string& answer) {
  return "HTTP/1.1 200 OK\r\n\r\n"
         R"({"query":{"name":"a.","type":"AAAA","client":"::1","listener":"dns://127.0.0.1","tls_name":"",)"
         R"("dnssec_ok":false,"checking_disabled":false},"elapsed_ms":1.5,"steps":[],"steps_left_out":0,)"
         R"("reply":{"rcode":")" +
         rcode + R"(","flags":["qr"],"answer":[)" + answer + "]}}\n";
}
const std::string record = R"({"name":"a.","ttl":60,"class":"IN","type":"AAAA","rdata":"2001:db8::1"})";

TEST(Explain, asks_for_what_the_words_say) {
  OneAnswer server(explanation("NOERROR", record));
  run(server, {.name = "a b.test",
               .type = "HTTPS",
               .server_url = "tls://[::1]:853#dns.test",
               .dnssec_ok = true,
               .checking_disabled = true,
               .client = "192.0.2.1"});
  EXPECT_EQ(server.request().find("GET /api/v1/explain?name=a%20b.test&type=HTTPS&client=192.0.2.1&"
                                  "listener=tls%3A%2F%2F%5B%3A%3A1%5D%3A853&tls_name=dns.test&do=1&cd=1 HTTP/1.1\r\n"),
            0u)
      << server.request();
}

TEST(Explain, asks_for_aaaa_and_for_the_reverse_name_of_an_address) {
  OneAnswer first(explanation("NOERROR", record)), second(explanation("NOERROR", record));
  run(first, {.name = "v4.test"});
  EXPECT_THAT(first.request(), HasSubstr("?name=v4.test&type=AAAA HTTP/1.1"));
  run(second, {.name = "192.0.2.1"});
  EXPECT_THAT(second.request(), HasSubstr("?name=1.2.0.192.in-addr.arpa.&type=PTR HTTP/1.1"));
}

TEST(Explain, is_content_with_records_alone) {
  OneAnswer good(explanation("NOERROR", record)), none(explanation("NOERROR", "")), bad(explanation("SERVFAIL", ""));
  const Ran ran = run(good, {.name = "a"});
  EXPECT_EQ(ran.code, exit_ok);
  EXPECT_THAT(ran.out, HasSubstr("a.  60  IN  AAAA  2001:db8::1\n"));
  EXPECT_EQ(run(none, {.name = "a"}).code, exit_failed);
  EXPECT_EQ(run(bad, {.name = "a"}).code, exit_failed);
}

TEST(Explain, passes_the_json_on_as_it_came) {
  OneAnswer server(explanation("NOERROR", record));
  EXPECT_THAT(run(server, {.name = "a", .json = true}).out, testing::StartsWith(R"({"query":{"name":"a.")"));
}

TEST(Explain, does_not_take_another_answer_for_an_explanation) {
  OneAnswer server("HTTP/1.1 200 OK\r\n\r\n{}\n");
  const Ran ran = run(server, {.name = "a"});
  EXPECT_EQ(ran.code, exit_failed);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr("cannot be read"));
}

TEST(Explain, says_what_the_server_finds_wrong) {
  OneAnswer server("HTTP/1.1 400 Bad Request\r\n\r\n`name` is no domain name\n");
  const Ran ran = run(server, {.name = "a..b"});
  EXPECT_EQ(ran.code, exit_usage);
  EXPECT_THAT(ran.err, HasSubstr("no domain name"));
}

}  // namespace
}  // namespace dragoman::app
