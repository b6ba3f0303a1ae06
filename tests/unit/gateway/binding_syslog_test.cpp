// Syslog messages against the grammar of RFC 5424 6, written as a regular expression.
#include "binding_syslog.h"

#include <gtest/gtest.h>

#include <regex>

#include "binding_samples.h"

namespace dragoman::gateway {
namespace {

// SYSLOG-MSG = HEADER SP STRUCTURED-DATA [SP MSG], all of RFC 5424 6; MSG as MSG-ANY, of ASCII.
const std::regex& syslog_msg() {
  const std::string printable = "[!-~]";
  const std::string priority = "<(0|[1-9][0-9]?|1[0-8][0-9]|19[01])>";
  const std::string timestamp =
      "([0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
      "(?:\\.[0-9]{1,6})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9]))";
  const std::string header = priority + "[1-9][0-9]{0,2} " + timestamp + " (-|" + printable + "{1,255}) (-|" +
                             printable + "{1,48}) (-|" + printable + "{1,128}) (-|" + printable + "{1,32})";
  const std::string name = "[!#-<>-\\\\^-~]{1,32}";  // PRINTUSASCII but "=", "]" and the quote
  const std::string value = "(?:[^\"\\\\\\]]|\\\\.)*";
  const std::string element = "\\[" + name + "(?: " + name + "=\"" + value + "\")*\\]";
  static const std::regex whole(header + " (-|(?:" + element + ")+)(?: ([ -~]*))?");
  return whole;
}

class Syslog : public testing::Test {
 protected:
  std::smatch parsed(const std::string& text) {
    std::smatch match;
    EXPECT_TRUE(std::regex_match(text, match, syslog_msg())) << text;
    return match;
  }
  std::string one() { return samples::units(backlog).at(0); }

  Writer writer = samples::writer();
  Backlog backlog{1 << 20};
};

using samples::Kind;

TEST_F(Syslog, has_a_header_structured_data_and_a_text) {
  SyslogEncoder encoder(writer);
  encoder.event(samples::block(), backlog);
  const std::string text = one();
  EXPECT_EQ(text,
            "<30>1 2026-11-27T22:31:00.123Z nat1 dragoman 71 block_allocated [binding@32473 "
            "subscriber=\"2001:db8:1::/64\" address=\"198.51.100.1\" ports=\"1024-1279\"] "
            "2001:db8:1::/64 198.51.100.1 1024-1279");
  const std::smatch match = parsed(text);
  EXPECT_EQ(match[1], "30");  // daemon, informational
  EXPECT_EQ(match[2], "2026-11-27T22:31:00.123Z");
  EXPECT_EQ(match[3], "nat1");
  EXPECT_EQ(match[4], "dragoman");
  EXPECT_EQ(match[5], "71");
  EXPECT_EQ(match[6], "block_allocated");
  EXPECT_EQ(match[8], "2001:db8:1::/64 198.51.100.1 1024-1279");
}

TEST_F(Syslog, keeps_to_the_grammar_in_every_line) {
  SyslogEncoder encoder(writer);
  for (const StampedEvent& stamped :
       {samples::block(), samples::block(Kind::block_released), samples::session(), samples::session_with_remote(),
        samples::of_kind(Kind::pool_exhausted), samples::quota()}) {
    encoder.event(stamped, backlog);
  }
  encoder.gap({12, samples::time, samples::time, BindingLoss::refused}, backlog);
  for (const Occasion occasion : {Occasion::started, Occasion::changed, Occasion::stopped}) {
    encoder.occasion(occasion, samples::time, samples::pool(), backlog);
  }
  const auto lines = samples::units(backlog);
  EXPECT_EQ(lines.size(), 6u + 1 + 4 + 4 + 1);
  for (const std::string& line : lines) parsed(line);
}

// RFC 5424 6.2.1: facility * 8 + severity; 4 is a warning.
TEST_F(Syslog, warns_of_what_somebody_should_look_at) {
  writer.options.syslog_facility = 16;
  SyslogEncoder encoder(writer);
  encoder.event(samples::quota(), backlog);
  EXPECT_EQ(parsed(one())[1], "132");
  encoder.gap({1, samples::time, samples::time, BindingLoss::refused}, backlog);
  EXPECT_EQ(parsed(one())[1], "132");
  encoder.event(samples::session(), backlog);
  EXPECT_EQ(parsed(one())[1], "134");
}

TEST_F(Syslog, has_no_host_where_none_is_known) {
  writer.host = "-";
  SyslogEncoder encoder(writer);
  encoder.event(samples::session(), backlog);
  EXPECT_EQ(parsed(one())[3], "-");
}

TEST(SyslogGrammar, is_one_that_refuses) {
  for (const char* text : {"<192>1 2026-11-27T22:31:00.123Z - - - - -", "<30>1 2026-11-27T22:31:00 - - - - -",
                           "<30>1 2026-11-27T22:31:00.123Z - - - - [a b=c]", "<30>1 2026-11-27T22:31:00.123Z - - - -",
                           "<30>1 2026-11-27T22:31:00.123Z - - - - [a b=\"]\"]", "<30>1 - a b - - []"}) {
    EXPECT_FALSE(std::regex_match(text, syslog_msg())) << text;
  }
  EXPECT_TRUE(std::regex_match("<30>1 2026-11-27T22:31:00.123Z - - - - [a@1 b=\"\\]\"][c] text", syslog_msg()));
}

}  // namespace
}  // namespace dragoman::gateway
