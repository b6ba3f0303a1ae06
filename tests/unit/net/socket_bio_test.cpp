// The BIO that OpenSSL reads and writes by.
#include "socket_bio.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <linux/tcp.h>
#include <sys/socket.h>

#include <array>
#include <memory>

#include "tls_pair.h"

namespace dragoman::net {
namespace {

class SocketBio : public testing::Test {
 protected:
  int read(std::size_t room) { return BIO_read(bio.get(), buffer.data(), static_cast<int>(room)); }
  void send(std::string_view text) { ASSERT_GT(::send(fds.second.get(), text.data(), text.size(), 0), 0); }

  std::pair<UniqueFd, UniqueFd> fds = socket_pair();
  std::unique_ptr<BIO, decltype(&BIO_free)> bio{new_socket_bio(fds.first.get()), BIO_free};
  std::array<char, 64> buffer;
};

TEST_F(SocketBio, an_empty_socket_asks_to_retry) {
  EXPECT_LE(read(64), 0);
  EXPECT_TRUE(BIO_should_read(bio.get()));
}

TEST_F(SocketBio, does_not_ask_again_after_a_short_read_until_that_is_taken) {
  send("0123456789");
  EXPECT_EQ(read(6), 6);
  EXPECT_FALSE(take_emptied(bio.get()));
  EXPECT_EQ(read(6), 4);
  send("more");
  EXPECT_LE(read(6), 0);
  EXPECT_TRUE(BIO_should_read(bio.get()));
  EXPECT_TRUE(take_emptied(bio.get()));
  EXPECT_FALSE(take_emptied(bio.get()));
  EXPECT_EQ(read(6), 4);
}

TEST_F(SocketBio, who_expects_the_end_reads_up_to_it) {
  expect_end(bio.get());
  send("0123456789");
  { UniqueFd gone(std::move(fds.second)); }
  EXPECT_EQ(read(64), 10);
  EXPECT_FALSE(take_emptied(bio.get()));
  EXPECT_EQ(read(64), 0);
  EXPECT_TRUE(BIO_eof(bio.get()));
}

TEST_F(SocketBio, a_short_read_before_the_end_was_expected_counts_for_nothing) {
  send("0123456789");
  EXPECT_EQ(read(64), 10);
  { UniqueFd gone(std::move(fds.second)); }
  expect_end(bio.get());
  EXPECT_EQ(read(64), 0);
  EXPECT_TRUE(BIO_eof(bio.get()));
}

std::uint32_t segments_sent(int fd) {
  tcp_info info{};
  socklen_t length = sizeof info;
  EXPECT_EQ(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length), 0);
  return info.tcpi_data_segs_out;
}

// The kernel lets go after 0.2 s, which a busy machine may take between two calls: one of some attempts has to show it.
TEST(SocketBioOverTcp, a_held_write_leaves_with_the_next) {
  std::uint32_t segments = 0;
  for (int attempt = 0; attempt < 5 && segments != 1; ++attempt) {
    auto [sender, receiver] = tcp_pair();
    std::unique_ptr<BIO, decltype(&BIO_free)> bio(new_socket_bio(sender.get()), BIO_free);
    hold_next_write(bio.get());
    ASSERT_EQ(BIO_write(bio.get(), "ticket", 6), 6);
    ASSERT_EQ(BIO_write(bio.get(), "answer", 6), 6);
    segments = segments_sent(sender.get());
    ASSERT_EQ(BIO_write(bio.get(), "another", 7), 7) << "only one write is held";
    EXPECT_EQ(segments_sent(sender.get()), segments + 1);
  }
  EXPECT_EQ(segments, 1u);
}

TEST_F(SocketBio, tells_the_end_from_a_wait) {
  { UniqueFd gone(std::move(fds.second)); }
  EXPECT_EQ(read(6), 0);
  EXPECT_FALSE(BIO_should_retry(bio.get()));
  EXPECT_TRUE(BIO_eof(bio.get()));
}

TEST_F(SocketBio, writing_to_who_has_gone_is_an_error_and_no_signal) {
  { UniqueFd gone(std::move(fds.second)); }
  EXPECT_LE(BIO_write(bio.get(), "x", 1), 0);
  EXPECT_FALSE(BIO_should_retry(bio.get()));
}

TEST_F(SocketBio, a_full_socket_asks_to_retry) {
  int written = 1;
  while (written > 0) written = BIO_write(bio.get(), buffer.data(), 64);
  EXPECT_TRUE(BIO_should_write(bio.get()));
}

TEST_F(SocketBio, cut_off_fails_for_good) {
  send("0123456789");
  cut_off(bio.get());
  EXPECT_LE(read(6), 0);
  EXPECT_FALSE(BIO_should_retry(bio.get()));
  EXPECT_LE(BIO_write(bio.get(), "x", 1), 0);
}

}  // namespace
}  // namespace dragoman::net
