// What `dragoman query` prints: aligned text, and JSON whose keys scripts rely on.
#include "commands/query_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dragoman/dns/message_writer.h"

namespace dragoman::app {
namespace {

using testing::HasSubstr;

class QueryOutput : public testing::Test {
 protected:
  QueryOutput() {
    const dns::Name name = *dns::Name::from_text("www.example.com");
    dns::MessageWriter writer(room);
    writer.question(name, dns::Type::a, dns::Class::in);
    writer.record(dns::Section::answer, name, dns::Type::a, 300, std::vector<std::uint8_t>{192, 0, 2, 1});
    writer.record(dns::Section::additional, *dns::Name::from_text("x.example"), dns::Type::a, 5,
                  std::vector<std::uint8_t>{192, 0, 2, 2});
    dns::Header header;
    header.flags = dns::Header::qr | dns::Header::rd | dns::Header::ad;
    dns::EdnsReply edns;
    edns.ede = dns::Ede::network_error;
    edns.ede_text = "tls:// \"dead\"\x1b[31m";
    const MutableBytes message = writer.finish(header, &edns);
    heard.message.assign(message.begin(), message.end());
    heard.elapsed = std::chrono::microseconds(1540);
    heard.transport = upstream::Transport::tls;
    heard.tls = net::TlsVersion::tls13;
    heard.resumed = true;
    if (dns::MessageView::parse(heard.message, view) != dns::MessageView::Fault::none) std::abort();
  }

  std::vector<std::uint8_t> room = std::vector<std::uint8_t>(512);
  Asked asked{"www.example.com.", "A", "tls://192.0.2.53"};
  upstream::Heard heard;
  dns::MessageView view;
};

TEST_F(QueryOutput, has_one_line_about_the_answer_and_columns_of_records) {
  const std::string text = answer_as_text(asked, heard, view);
  EXPECT_THAT(text, HasSubstr(";; NOERROR, flags qr rd ad, 1.5 ms, "));
  EXPECT_THAT(text, HasSubstr(" from tls://192.0.2.53 (tls, TLS 1.3, resumed)\n"));
  EXPECT_THAT(text, HasSubstr("\n;; question\nwww.example.com.  IN  A\n"));
  EXPECT_THAT(text, HasSubstr("\n;; answer\nwww.example.com.  300  IN  A  192.0.2.1\n"));
  EXPECT_THAT(text, HasSubstr("\n;; additional\nx.example.        5    IN  A  192.0.2.2\n"));
  EXPECT_THAT(text, testing::Not(HasSubstr("authority")));
}

TEST_F(QueryOutput, spells_out_extended_errors_and_lets_no_escape_sequence_through) {
  const std::string text = answer_as_text(asked, heard, view);
  EXPECT_THAT(text, HasSubstr(";; EDE 23 Network Error: "));
  EXPECT_THAT(text, testing::Not(HasSubstr("\x1b")));
}

TEST_F(QueryOutput, has_stable_keys_as_json) {
  const std::string text = answer_as_json(asked, heard, view);
  EXPECT_THAT(text, HasSubstr(R"({"question":{"name":"www.example.com.","type":"A"},"server":"tls://192.0.2.53")"));
  EXPECT_THAT(text, HasSubstr(R"("transport":"tls","time_ms":1.5,"tls":{"version":"TLS 1.3","resumed":true})"));
  EXPECT_THAT(text, HasSubstr(R"("rcode":"NOERROR","flags":["qr","rd","ad"])"));
  EXPECT_THAT(text, HasSubstr(R"("ede":[{"code":23,"purpose":"Network Error","text":"tls:// \"dead\"\u001b[31m"}])"));
  EXPECT_THAT(text, HasSubstr(R"("answer":[{"name":"www.example.com.","ttl":300,"class":"IN","type":"A",)"));
  EXPECT_THAT(text, HasSubstr(R"("authority":[],"additional":[{)"));
}

TEST_F(QueryOutput, says_why_there_is_no_answer) {
  heard.failure = upstream::Failure::tls;
  heard.reason = "hostname mismatch";
  EXPECT_EQ(failure_as_text(asked, heard),
            "tls://192.0.2.53: no trusted TLS connection could be made (hostname mismatch)\n");
  EXPECT_THAT(failure_as_json(asked, heard), HasSubstr(R"("error":"tls","reason":"hostname mismatch"})"));
}

}  // namespace
}  // namespace dragoman::app
