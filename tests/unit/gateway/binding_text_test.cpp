// Which values each line has, whatever the format.
#include "binding_text.h"

#include <gtest/gtest.h>

#include "binding_samples.h"

namespace dragoman::gateway {
namespace {

// name=value name=value
class PlainEncoder final : public TextEncoder {
 public:
  using TextEncoder::TextEncoder;

 private:
  void begin(Line line, WallTime) override { line_ += word_of(line); }
  void text(std::string_view name, std::string_view value) override {
    line_ += " " + std::string(name) + "=" + std::string(value);
  }
  void number(std::string_view name, std::uint64_t value) override { text(name, std::to_string(value)); }
  void end() override {}
};

class TextLines : public testing::Test {
 protected:
  std::string of(const StampedEvent& stamped) {
    encoder.event(stamped, backlog);
    EXPECT_EQ(backlog.events(), 1u);
    return samples::units(backlog).at(0);
  }
  Writer writer = samples::writer();
  PlainEncoder encoder{writer};
  Backlog backlog{1 << 20};
};

using samples::Kind;

TEST_F(TextLines, of_blocks_say_whose_and_which) {
  EXPECT_EQ(of(samples::block()), "block_allocated subscriber=2001:db8:1::/64 address=198.51.100.1 ports=1024-1279");
  EXPECT_EQ(of(samples::block(Kind::block_released)),
            "block_released subscriber=2001:db8:1::/64 address=198.51.100.1 ports=1024-1279");
}

// RFC 6888 REQ-12: destinations only where they were asked for.
TEST_F(TextLines, of_sessions_say_which_host_and_the_remote_only_if_it_is_known) {
  EXPECT_EQ(of(samples::session()),
            "session_created protocol=udp inside=[2001:db8:1::5]:40000 outside=198.51.100.1:1030");
  EXPECT_EQ(of(samples::session_with_remote(Kind::session_deleted)),
            "session_deleted protocol=udp inside=[2001:db8:1::5]:40000 outside=198.51.100.1:1030 "
            "remote=192.0.2.80:443");
}

TEST_F(TextLines, of_want_say_whose_if_they_know) {
  EXPECT_EQ(of(samples::quota()), "quota_exceeded subscriber=2001:db8:1::/64");
  EXPECT_EQ(of(samples::of_kind(Kind::pool_exhausted)), "pool_exhausted");
  StampedEvent exhausted = samples::block(Kind::pool_exhausted);
  EXPECT_EQ(of(exhausted), "pool_exhausted subscriber=2001:db8:1::/64 address=198.51.100.1");
}

TEST_F(TextLines, of_a_gap_say_how_much_is_missing_since_when_and_why) {
  encoder.gap({12, samples::time - seconds(1), samples::time, BindingLoss::unwritable}, backlog);
  EXPECT_EQ(backlog.events(), 0u);
  EXPECT_EQ(samples::units(backlog),
            (std::vector<std::string>{"lost lost=12 since=2026-11-27T22:30:59.123Z reason=unwritable"}));
}

TEST_F(TextLines, of_the_start_and_of_reloads_tell_the_pool_and_the_static_bindings) {
  std::vector<std::string> expected{
      "started host=nat1 instance=7 logs=blocks block_size=256 subscriber_prefix=64",
      "pool addresses=198.51.100.1-198.51.100.4 ports=1024-65535",
      "pool addresses=203.0.113.7 ports=4096-8191",
      "static_binding protocol=tcp inside=[2001:db8:1::80]:80 outside=198.51.100.1:8080",
  };
  encoder.occasion(Occasion::started, samples::time, samples::pool(), backlog);
  EXPECT_EQ(samples::units(backlog), expected);

  nat64::Options sessions = samples::pool();
  sessions.log_sessions = true;
  encoder.occasion(Occasion::changed, samples::time, sessions, backlog);
  expected[0] = "changed host=nat1 instance=7 logs=sessions block_size=256 subscriber_prefix=64";
  EXPECT_EQ(samples::units(backlog), expected);

  sessions.log_destinations = true;
  encoder.occasion(Occasion::changed, samples::time, sessions, backlog);
  EXPECT_NE(samples::units(backlog)[0].find(" logs=destinations "), std::string::npos);
}

TEST_F(TextLines, of_the_end_are_one) {
  encoder.occasion(Occasion::stopped, samples::time, samples::pool(), backlog);
  EXPECT_EQ(samples::units(backlog), (std::vector<std::string>{"stopped host=nat1 instance=7"}));
}

}  // namespace
}  // namespace dragoman::gateway
