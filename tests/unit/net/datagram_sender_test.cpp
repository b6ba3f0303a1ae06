// Batches to one receiver: a UDP port on loopback, a Unix socket.
#include "dragoman/net/datagram_sender.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "fakes/temporary_directory.h"

namespace dragoman::net {
namespace {

Bytes bytes_of(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

std::vector<Bytes> views(const std::vector<std::string>& texts) {
  std::vector<Bytes> all;
  for (const std::string& text : texts) all.push_back(bytes_of(text));
  return all;
}

std::vector<std::string> numbered(std::size_t count) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) texts.push_back("datagram " + std::to_string(i));
  return texts;
}

std::vector<std::string> received(int fd) {
  std::vector<std::string> all;
  char buffer[2048];
  for (;;) {
    const ssize_t length = ::recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (length < 0) return all;
    all.emplace_back(buffer, static_cast<std::size_t>(length));
  }
}

UniqueFd unix_receiver(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  return fd;
}

TEST(DatagramSender, sends_more_than_a_batch_in_order) {
  for (const char* address : {"127.0.0.1", "::1"}) {
    const UniqueFd receiver = *bind_udp({*ip::Address::from_text(address), 0});
    auto sender = DatagramSender::to_udp(local_endpoint(receiver.get()));
    ASSERT_TRUE(sender);
    const auto texts = numbered(2 * DatagramSender::batch + 1);
    const DatagramSender::Sent sent = sender->send(views(texts));
    EXPECT_EQ(sent.count, texts.size());
    EXPECT_EQ(sent.error, 0);
    EXPECT_EQ(received(receiver.get()), texts);
  }
}

TEST(DatagramSender, stops_soon_when_nobody_listens) {
  ip::Endpoint nobody;
  {
    const UniqueFd receiver = *bind_udp({*ip::Address::from_text("127.0.0.1"), 0});
    nobody = local_endpoint(receiver.get());
  }
  auto sender = DatagramSender::to_udp(nobody);
  ASSERT_TRUE(sender);
  const auto texts = numbered(100);
  const DatagramSender::Sent sent = sender->send(views(texts));
  EXPECT_EQ(sent.error, ECONNREFUSED);
  EXPECT_LE(sent.count, 2u);  // the rest is kept for better times
}

TEST(DatagramSender, tells_of_a_refusal_that_came_since) {
  ip::Endpoint nobody;
  {
    const UniqueFd receiver = *bind_udp({*ip::Address::from_text("127.0.0.1"), 0});
    nobody = local_endpoint(receiver.get());
  }
  auto sender = DatagramSender::to_udp(nobody);
  const auto one = numbered(1);
  EXPECT_FALSE(sender->take_refusal());
  EXPECT_EQ(sender->send(views(one)).error, 0);
  EXPECT_TRUE(sender->take_refusal());
  EXPECT_FALSE(sender->take_refusal());
  EXPECT_EQ(sender->send(views(one)).count, 1u);
  EXPECT_EQ(sender->send(views(one)).error, ECONNREFUSED);
}

TEST(DatagramSender, sends_to_a_unix_socket_as_much_as_its_reader_lets_it) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.path("log");
  auto receiver = std::make_unique<UniqueFd>(unix_receiver(path));
  auto sender = DatagramSender::to_unix(path);
  ASSERT_TRUE(sender);
  const auto texts = numbered(5000);  // more than any net.unix.max_dgram_qlen
  const DatagramSender::Sent sent = sender->send(views(texts));
  EXPECT_EQ(sent.error, EAGAIN);
  EXPECT_LT(sent.count, texts.size());
  EXPECT_EQ(received(receiver->get()), std::vector<std::string>(texts.begin(), texts.begin() + sent.count));

  receiver.reset();
  EXPECT_EQ(sender->send(views(texts)).error, ECONNREFUSED);
}

TEST(DatagramSender, wants_a_socket_that_is_there) {
  const test::TemporaryDirectory directory;
  EXPECT_FALSE(DatagramSender::to_unix(directory.path("nobody")));
  EXPECT_FALSE(DatagramSender::to_unix(""));
  EXPECT_FALSE(DatagramSender::to_unix(std::string(200, 'x')));
}

}  // namespace
}  // namespace dragoman::net
