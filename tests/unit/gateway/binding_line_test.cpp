// Lines as the log writes them and as other tools leave them.
#include "binding_line.h"

#include <gtest/gtest.h>

#include "binding_json.h"
#include "binding_samples.h"
#include "binding_syslog.h"

namespace dragoman::gateway {
namespace {

using samples::Kind;

std::vector<std::string> every_line(BindingEncoder& encoder) {
  Backlog backlog(1 << 20);
  for (const StampedEvent& stamped : {samples::block(), samples::block(Kind::block_released), samples::session(),
                                      samples::session_with_remote(Kind::session_deleted),
                                      samples::of_kind(Kind::pool_exhausted), samples::quota()}) {
    encoder.event(stamped, backlog);
  }
  encoder.occasion(Occasion::started, samples::time, samples::pool(), backlog);
  encoder.occasion(Occasion::stopped, samples::time, samples::pool(), backlog);
  encoder.gap({12, samples::time - seconds(1), samples::time, BindingLoss::refused}, backlog);
  return samples::units(backlog);
}

void expect_every_line(const std::vector<std::string>& texts, bool has_host) {
  const Line expected[] = {Line::block_allocated, Line::block_released, Line::session_created,
                           Line::session_deleted, Line::pool_exhausted, Line::quota_exceeded,
                           Line::started,         Line::pool,           Line::pool,
                           Line::static_binding,  Line::stopped,        Line::lost};
  ASSERT_EQ(texts.size(), std::size(expected));
  std::vector<LogLine> lines(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    std::string_view text = texts[i];
    if (text.ends_with('\n')) text.remove_suffix(1);
    ASSERT_EQ(read_line(text, lines[i]), Reading::line) << text;
    EXPECT_EQ(lines[i].line, expected[i]);
    EXPECT_EQ(lines[i].time, samples::time);
    const LineHead head = head_of(text);
    EXPECT_EQ(head.stamp, "2026-11-27T22:31:00.123Z") << text;
    EXPECT_TRUE(head.word.starts_with(word_of(expected[i]))) << text;
    if (has_host) {
      EXPECT_EQ(lines[i].host, "nat1");
    }
  }
  EXPECT_EQ(lines[0].subscriber, "2001:db8:1::/64");
  EXPECT_EQ(lines[0].address, "198.51.100.1");
  EXPECT_EQ(lines[0].ports, "1024-1279");
  EXPECT_EQ(lines[2].protocol, "udp");
  EXPECT_EQ(lines[2].inside, "[2001:db8:1::5]:40000");
  EXPECT_EQ(lines[2].outside, "198.51.100.1:1030");
  EXPECT_EQ(lines[2].remote, "");
  EXPECT_EQ(lines[3].remote, "192.0.2.80:443");
  EXPECT_EQ(lines[6].host, "nat1");
  EXPECT_EQ(lines[7].addresses, "198.51.100.1-198.51.100.4");
  EXPECT_EQ(lines[9].inside, "[2001:db8:1::80]:80");
  EXPECT_EQ(lines[11].lost, "12");
  EXPECT_EQ(lines[11].since, "2026-11-27T22:30:59.123Z");
}

TEST(BindingLine, is_read_back_from_json) {
  const Writer writer = samples::writer();
  JsonEncoder encoder(writer);
  expect_every_line(every_line(encoder), false);
}

TEST(BindingLine, is_read_back_from_syslog) {
  const Writer writer = samples::writer();
  SyslogEncoder encoder(writer);
  expect_every_line(every_line(encoder), true);
}

TEST(BindingLine, is_read_from_json_in_any_order_with_any_space) {
  LogLine line;
  const std::string_view text =
      R"(nat1 dragoman: { "subscriber" : "2001:db8:1::/64" , "new":1.5e3,"flag":true,"quoted":"a\"b\\",)"
      R"("ports":"1024-1279","event":"block_released","time":"2026-11-27T23:31:00.123+01:00", "address":"198.51.100.1" } )";
  EXPECT_EQ(read_line(text, line), Reading::line);
  EXPECT_EQ(line.line, Line::block_released);
  EXPECT_EQ(line.time, samples::time);
  EXPECT_EQ(line.address, "198.51.100.1");
  EXPECT_TRUE(head_of(text).stamp.empty());
}

TEST(BindingLine, is_read_from_syslog_that_lost_its_priority_or_got_more_structured_data) {
  for (const char* text :
       {"1 2026-11-27T22:31:00.123Z nat1 dragoman 71 block_released [binding@32473 address=\"198.51.100.1\"]",
        "<134>1 2026-11-27T22:31:00.123Z nat1 dragoman - block_released "
        "[meta sequenceId=\"1\"][binding@32473 address=\"198.51.100.1\"] text ]"}) {
    LogLine line;
    EXPECT_EQ(read_line(text, line), Reading::line) << text;
    EXPECT_EQ(line.line, Line::block_released);
    EXPECT_EQ(line.address, "198.51.100.1");
  }
}

TEST(BindingLine, may_have_escapes_in_every_value) {
  LogLine line;
  const std::string_view text =
      R"(<30>1 2026-11-27T22:31:00.123Z nat1 dragoman 71 session_created [binding@32473 inside="[2001:db8:1::5\]:40000" )"
      R"(outside="198.51.100.1\:1030, which is longer than any string keeps in itself" remote="\"\\"])";
  ASSERT_EQ(read_line(text, line), Reading::line);
  EXPECT_EQ(line.inside, "[2001:db8:1::5]:40000");
  EXPECT_EQ(line.outside, "198.51.100.1:1030, which is longer than any string keeps in itself");
  EXPECT_EQ(line.remote, R"("\)");
}

TEST(BindingLine, is_not_what_others_write) {
  for (const char* text :
       {"", "Nov 27 22:31:00 nat1 kernel: hello", "<30>1 2026-11-27T22:31:00Z nat1 sshd 1 - - hello [binding@32473",
        "<30>1 2026-11-27T22:31:00Z nat1 dragoman 1 ready - ready", R"({"time":"2026-11-27T22:31:00Z","level":"info"})",
        R"({"time":"2026-11-27T22:31:00Z","event":"of_a_later_version"})"}) {
    LogLine line;
    EXPECT_EQ(read_line(text, line), Reading::foreign) << text;
    EXPECT_TRUE(head_of(text).stamp.empty() || !line_from_word(head_of(text).word)) << text;
  }
}

TEST(BindingLine, that_was_cut_off_anywhere_is_damaged) {
  const Writer writer = samples::writer();
  JsonEncoder encoder(writer);
  Backlog backlog(1 << 20);
  encoder.event(samples::block(), backlog);
  std::string whole = samples::units(backlog)[0];
  whole.pop_back();
  for (std::size_t length = 1; length < whole.size(); ++length) {
    LogLine line;
    EXPECT_EQ(read_line(whole.substr(0, length), line), Reading::damaged) << whole.substr(0, length);
  }
  LogLine line;
  EXPECT_EQ(read_line(R"({"time":"yesterday","event":"block_released"})", line), Reading::damaged);
  EXPECT_EQ(read_line("<30>1 2026-11-27T22:31:00Z nat1 dragoman 71 lost [binding@32473 lost=\"1", line),
            Reading::damaged);
}

}  // namespace
}  // namespace dragoman::gateway
