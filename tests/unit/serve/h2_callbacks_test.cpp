// What a client may overdo on an HTTP/2 connection (RFC 9113 10.5), and what it must be able to do unharmed.
#include <gtest/gtest.h>

#include <memory>
#include <random>

#include "h2_fixture.h"

namespace dragoman::serve {
namespace {

TEST_F(H2SessionTest, ends_a_flood_of_pings) {
  std::string frames;
  for (int i = 0; i < 1000; ++i) frames += frame(NGHTTP2_PING, 1, 0, "12345678");
  EXPECT_FALSE(attack(frames));
  expect_calm(H2Abuse::ping);
}

TEST_F(H2SessionTest, ends_a_flood_of_pings_that_want_acknowledgements) {
  std::string frames;
  for (int i = 0; i < 150; ++i) frames += frame(NGHTTP2_PING, 0, 0, "12345678");
  EXPECT_FALSE(attack(frames));
  expect_calm(H2Abuse::flood);
}

TEST_F(H2SessionTest, ends_other_floods_of_control_frames) {
  struct Row {
    H2Abuse abuse;
    std::string one;
  };
  const std::string headers = frame(NGHTTP2_HEADERS, 4, 1, get_section());
  const Row rows[] = {
      {H2Abuse::settings, empty_settings},
      {H2Abuse::priority, frame(NGHTTP2_PRIORITY, 0, 3, std::string("\0\0\0\0\x10", 5))},
      {H2Abuse::window_update, frame(NGHTTP2_WINDOW_UPDATE, 0, 0, std::string("\0\0\0\1", 4))},
      {H2Abuse::empty_data, frame(NGHTTP2_DATA, 0, 1, "")},
      {H2Abuse::priority_update, frame(NGHTTP2_PRIORITY_UPDATE, 0, 0, std::string("\0\0\0\1u=1", 7))},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(telemetry::LabelValues<H2Abuse>::values[static_cast<std::size_t>(row.abuse)]);
    H2Session fresh(shared, dns_query, limits);
    SessionDriver fed(fresh);
    std::vector<TakenRequest> taken;
    fed.give(preface + empty_settings + headers, taken);
    int sent = 0;
    for (; sent < 500 && fed.give(row.one, taken); ++sent) fed.output();
    EXPECT_LT(sent, 350);
    EXPECT_EQ(metrics.h2_abuse(row.abuse).value(), 1u);
    fed.output();
    EXPECT_TRUE(fresh.finished());
  }
}

TEST(ControlBudgetTest, is_spent_by_frames_and_earned_by_time_and_requests) {
  ControlBudget budget;
  TimePoint now{std::chrono::hours(1)};
  budget.refill(now);
  while (budget.spend()) {
  }
  budget.refill(now + milliseconds(900));
  EXPECT_FALSE(budget.spend());
  budget.refill(now + seconds(1));
  int earned = 0;
  while (budget.spend()) ++earned;
  EXPECT_EQ(earned, 20);
  budget.stream_opened();
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(budget.spend());
  EXPECT_FALSE(budget.spend());
}

TEST(ControlBudgetTest, does_not_grow_without_bound) {
  ControlBudget budget;
  TimePoint now{std::chrono::hours(1)};
  budget.refill(now);
  budget.refill(now + std::chrono::hours(24));
  for (int i = 0; i < 10000; ++i) budget.stream_opened();
  int left = 0;
  while (budget.spend()) ++left;
  EXPECT_EQ(left, 400);
}

TEST_F(H2SessionTest, bears_pings_that_come_now_and_then) {
  // As clients do that keep a connection alive for hours.
  exchange();
  for (int i = 1; i <= 500; ++i) {
    now += seconds(1);
    client.ping();
    exchange();
    ASSERT_EQ(client.pings_acknowledged(), i);
  }
  EXPECT_FALSE(session.failed());
}

// Chromium sends one before the HEADERS of each request (RFC 9218 7.1).
TEST_F(H2SessionTest, bears_a_priority_update_with_every_request) {
  std::vector<TakenRequest> taken;
  driver.give(preface + empty_settings, taken);
  for (std::uint32_t i = 0; i < 5000; ++i) {
    taken.clear();
    const std::uint32_t id = 1 + 2 * i;
    std::string update(4, '\0');
    store_u32(reinterpret_cast<std::uint8_t*>(update.data()), id);
    ASSERT_TRUE(driver.give(
        frame(NGHTTP2_PRIORITY_UPDATE, 0, 0, update + "u=4, i") + frame(NGHTTP2_HEADERS, 5, id, get_section()), taken));
    ASSERT_EQ(taken.size(), 1u);
    driver.reply(taken[0], "reply");
    ASSERT_FALSE(driver.output().empty());
  }
}

TEST_F(H2SessionTest, ends_rapid_resets) {
  // CVE-2023-44487. The clock of nghttp2's own limit does not pass within this test.
  std::string frames;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    frames += frame(NGHTTP2_HEADERS, 5, 1 + 2 * i, get_section());
    frames += frame(NGHTTP2_RST_STREAM, 0, 1 + 2 * i, std::string("\0\0\0\x8", 4));
  }
  attack(frames);
  driver.output();
  EXPECT_EQ(metrics.h2_abuse(H2Abuse::flood).value(), 1u);
  EXPECT_TRUE(session.finished());
  EXPECT_TRUE(session.failed());
}

TEST_F(H2SessionTest, ends_a_flood_of_continuations) {
  // CVE-2024-28182.
  std::string frames = frame(NGHTTP2_HEADERS, 1, 1, get_section());
  for (int i = 0; i < 20; ++i) frames += frame(NGHTTP2_CONTINUATION, 0, 1, "");
  EXPECT_FALSE(attack(frames));
  expect_calm(H2Abuse::flood);
}

TEST_F(H2SessionTest, ends_an_hpack_bomb) {
  // One literal of 4000 octets that is indexed, then references of one octet to it: 1:4000.
  std::string section = get_section() +
                        std::string(
                            "\x40\x01"
                            "x") +
                        "\x7f\xa1\x1e" + std::string(4000, 'b');
  section += std::string(12000 - section.size(), '\xbe');
  EXPECT_FALSE(attack(frame(NGHTTP2_HEADERS, 5, 1, section)));
  expect_calm(H2Abuse::header_octets);
}

TEST_F(H2SessionTest, ends_a_connection_that_leaves_its_replies_unread) {
  // A window of no octets for every stream: the replies stay here.
  H2Client stingy({{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0}});
  for (int i = 0; i < 100; ++i) stingy.get(get_target);
  reply_all(exchange(stingy, session), std::string(2000, 'r'));
  EXPECT_EQ(session.waiting(), 200000u);
  stingy.give(driver.output());
  EXPECT_EQ(metrics.h2_abuse(H2Abuse::unread_replies).value(), 1u);
  EXPECT_EQ(stingy.goaway_error(), static_cast<std::uint32_t>(NGHTTP2_ENHANCE_YOUR_CALM));
  EXPECT_TRUE(session.finished());
}

TEST_F(H2SessionTest, sends_what_a_window_kept_back_when_it_opens) {
  H2Client slow({{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 10}});
  const std::int32_t id = slow.get(get_target);
  reply_all(exchange(slow, session), std::string(1000, 'r'));
  slow.give(driver.output());
  EXPECT_EQ(session.waiting(), 990u);
  EXPECT_FALSE(slow.reply(id).is_complete);
  exchange(slow, session);  // WINDOW_UPDATEs, by nghttp2
  for (int i = 0; i < 300 && !slow.reply(id).is_complete; ++i) exchange(slow, session);
  EXPECT_EQ(slow.reply(id).body, std::string(1000, 'r'));
}

TEST_F(H2SessionTest, ends_without_a_word_for_what_is_not_http2) {
  std::vector<TakenRequest> taken;
  EXPECT_FALSE(driver.give("GET / HTTP/1.1\r\nhost: a\r\n\r\n", taken));
  EXPECT_TRUE(session.failed());
  EXPECT_TRUE(session.finished());
  EXPECT_EQ(driver.output(), "");
}

TEST_F(H2SessionTest, ends_with_goaway_at_a_frame_that_breaks_the_protocol) {
  const std::string rows[] = {
      frame(NGHTTP2_DATA, 0, 0, "x"),                            // DATA needs a stream
      frame(NGHTTP2_HEADERS, 5, 2, get_section()),               // even stream of a client
      frame(NGHTTP2_WINDOW_UPDATE, 0, 0, std::string(4, '\0')),  // increment of 0
      frame(NGHTTP2_PING, 0, 0, "short"),
      frame(NGHTTP2_SETTINGS, 0, 0, std::string(33 * 6, '\0')),       // 33 settings
      frame(NGHTTP2_PUSH_PROMISE, 4, 1, std::string("\0\0\0\2", 4)),  // RFC 9113 8.4
      frame(NGHTTP2_HEADERS, 5, 1, "\xff\xff\xff\xff\xff"),           // HPACK
      frame(NGHTTP2_CONTINUATION, 4, 1, "x"),
      std::string("\xff\xff\xff\x00\x00\x00\x00\x00\x01", 9),  // beyond SETTINGS_MAX_FRAME_SIZE
  };
  for (const std::string& bad : rows) {
    SCOPED_TRACE(testing::PrintToString(bad.substr(0, 20)));
    H2Session fresh(shared, dns_query, limits);
    SessionDriver fed(fresh);
    H2Client peer;
    peer.output();
    fed.give(preface + empty_settings + bad);
    EXPECT_TRUE(peer.give(fed.output()));
    EXPECT_TRUE(peer.has_goaway());
    EXPECT_TRUE(fresh.finished());
    EXPECT_TRUE(fresh.failed());
  }
}

}  // namespace
}  // namespace dragoman::serve
