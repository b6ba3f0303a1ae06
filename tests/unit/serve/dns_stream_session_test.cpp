// Framing, pipelining and limits of DNS over a stream (RFC 7766), without any stream.
#include "dns_stream_session.h"

#include <gtest/gtest.h>

#include <random>

#include "session_driver.h"

namespace dragoman::serve {
namespace {

std::string framed(const std::string& message) {
  std::string frame(2, '\0');
  store_u16(reinterpret_cast<std::uint8_t*>(frame.data()), static_cast<std::uint16_t>(message.size()));
  return frame + message;
}

class DnsStreamSessionTest : public testing::Test {
 protected:
  DnsStreamSession session{100};
  SessionDriver driver{session};
};

TEST_F(DnsStreamSessionTest, hands_out_a_query_and_frames_its_reply) {
  const auto taken = driver.give(framed(dns_message(7)));
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].message, dns_message(7));
  driver.reply(taken[0], "the reply");
  EXPECT_EQ(driver.output(), framed("the reply"));
  EXPECT_EQ(session.in_flight(), 0u);
}

TEST_F(DnsStreamSessionTest, understands_a_query_that_comes_one_octet_at_a_time) {
  const auto taken = driver.give_slowly(framed(dns_message(1)) + framed(dns_message(2, 300)));
  ASSERT_EQ(taken.size(), 2u);
  EXPECT_EQ(taken[0].message, dns_message(1));
  EXPECT_EQ(taken[1].message, dns_message(2, 300));
}

TEST_F(DnsStreamSessionTest, understands_any_split_of_the_stream) {
  std::string stream;
  std::vector<std::string> messages;
  std::mt19937 random(1);
  for (std::uint16_t id = 0; id < 60; ++id) {
    messages.push_back(dns_message(id, 12 + random() % 600));
    stream += framed(messages.back());
  }
  for (int round = 0; round < 50; ++round) {
    DnsStreamSession fresh(100);
    SessionDriver fed(fresh);
    std::vector<TakenRequest> taken;
    for (std::size_t at = 0; at < stream.size();) {
      const std::size_t count = std::min<std::size_t>(1 + random() % 900, stream.size() - at);
      ASSERT_TRUE(fed.give(std::string_view(stream).substr(at, count), taken));
      at += count;
    }
    ASSERT_EQ(taken.size(), messages.size());
    for (std::size_t i = 0; i < messages.size(); ++i) ASSERT_EQ(taken[i].message, messages[i]);
    EXPECT_FALSE(fresh.mid_message());
  }
}

// RFC 7766 6.2.1.1: clients pipeline, and replies may leave in any order.
TEST_F(DnsStreamSessionTest, sends_replies_in_the_order_in_which_they_come) {
  const auto taken = driver.give(framed(dns_message(1)) + framed(dns_message(2)) + framed(dns_message(3)));
  ASSERT_EQ(taken.size(), 3u);
  driver.reply(taken[2], "third");
  driver.reply(taken[0], "first");
  EXPECT_EQ(driver.output(), framed("third") + framed("first"));
  driver.reply(taken[1], "second");
  EXPECT_EQ(driver.output(), framed("second"));
}

// RFC 7766 8: length and message in one write.
TEST_F(DnsStreamSessionTest, puts_several_replies_into_one_output) {
  const auto taken = driver.give(framed(dns_message(1)) + framed(dns_message(2)));
  driver.reply(taken[0], "a");
  driver.reply(taken[1], "b");
  EXPECT_EQ(driver.output(), framed("a") + framed("b"));
}

TEST_F(DnsStreamSessionTest, holds_what_exceeds_the_number_in_flight) {
  DnsStreamSession narrow(2);
  SessionDriver narrow_driver(narrow);
  const auto taken = narrow_driver.give(framed(dns_message(1)) + framed(dns_message(2)) + framed(dns_message(3)));
  ASSERT_EQ(taken.size(), 2u);
  EXPECT_FALSE(narrow.wants_input());
  EXPECT_FALSE(narrow.mid_message());
  narrow_driver.reply(taken[0], "x");
  const auto rest = narrow_driver.take();
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(rest[0].message, dns_message(3));
  EXPECT_TRUE(narrow.wants_input());
}

TEST_F(DnsStreamSessionTest, frees_the_place_of_a_query_without_reply) {
  DnsStreamSession narrow(1);
  SessionDriver narrow_driver(narrow);
  const auto taken = narrow_driver.give(framed(dns_message(1)) + framed(dns_message(2)));
  ASSERT_EQ(taken.size(), 1u);
  narrow.no_reply(taken[0].ticket);
  EXPECT_EQ(narrow_driver.take().size(), 1u);
}

TEST_F(DnsStreamSessionTest, ends_at_a_length_that_no_message_has) {
  for (const std::size_t length : {0u, 1u, 11u}) {
    DnsStreamSession fresh(100);
    SessionDriver fed(fresh);
    std::vector<TakenRequest> taken;
    EXPECT_FALSE(fed.give(framed(std::string(length, 'x')), taken));
    EXPECT_TRUE(taken.empty());
    EXPECT_TRUE(fresh.failed());
    EXPECT_TRUE(fresh.finished());
    EXPECT_FALSE(fresh.wants_input());
  }
}

TEST_F(DnsStreamSessionTest, still_answers_what_came_before_a_bad_length) {
  const auto taken = driver.give(framed(dns_message(1)) + framed("short"));
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_TRUE(session.failed());
  EXPECT_FALSE(session.finished());
  driver.reply(taken[0], "reply");
  EXPECT_EQ(driver.output(), framed("reply"));
  EXPECT_TRUE(session.finished());
}

TEST_F(DnsStreamSessionTest, keeps_only_what_came_of_a_large_announcement) {
  const auto taken = driver.give(std::string("\xff\xff", 2) + "x");
  EXPECT_TRUE(taken.empty());
  EXPECT_TRUE(session.mid_message());
  EXPECT_TRUE(session.wants_input());
}

TEST_F(DnsStreamSessionTest, is_mid_message_from_the_first_octet_of_a_length) {
  EXPECT_FALSE(session.mid_message());
  driver.give(std::string(1, '\0'));
  EXPECT_TRUE(session.mid_message());
  driver.give(framed(dns_message(1)).substr(1));
  EXPECT_FALSE(session.mid_message());
}

TEST_F(DnsStreamSessionTest, gives_output_up_to_the_limit_and_says_that_there_is_more) {
  const auto taken = driver.give(framed(dns_message(1)));
  driver.reply(taken[0], std::string(1000, 'r'));
  std::vector<std::uint8_t> out;
  EXPECT_TRUE(session.write_output(out, 300));
  EXPECT_EQ(out.size(), 300u);
  EXPECT_EQ(session.waiting(), 702u);
  EXPECT_FALSE(session.write_output(out, 2000));
  EXPECT_EQ(text_of(out), framed(std::string(1000, 'r')));
  EXPECT_EQ(session.waiting(), 0u);
}

TEST_F(DnsStreamSessionTest, finishes_a_drain_when_everything_is_answered) {
  const auto taken = driver.give(framed(dns_message(1)));
  session.drain();
  EXPECT_FALSE(session.finished());
  driver.reply(taken[0], "reply");
  EXPECT_TRUE(session.finished());
  EXPECT_FALSE(session.failed());
}

TEST_F(DnsStreamSessionTest, works_on_after_giving_back_its_memory) {
  driver.give(framed(dns_message(1)).substr(0, 10));
  session.trim();
  const auto taken = driver.give(framed(dns_message(1)).substr(10));
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].message, dns_message(1));
  session.trim();
  EXPECT_EQ(driver.give(framed(dns_message(2))).size(), 1u);
}

}  // namespace
}  // namespace dragoman::serve
