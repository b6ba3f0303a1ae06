// The BIO that OpenSSL reads and writes by.
#include "socket_bio.h"

#include <gtest/gtest.h>
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

TEST_F(SocketBio, remembers_a_short_read_until_the_next_begin) {
  begin_reading(bio.get());
  send("0123456789");
  EXPECT_EQ(read(6), 6);
  EXPECT_FALSE(emptied_socket(bio.get()));
  EXPECT_EQ(read(6), 4);
  EXPECT_TRUE(emptied_socket(bio.get()));
  begin_reading(bio.get());
  EXPECT_FALSE(emptied_socket(bio.get()));
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
