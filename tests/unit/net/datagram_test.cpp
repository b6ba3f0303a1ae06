// The client side of UDP: answers of one correspondent.
#include "dragoman/net/datagram.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <string>

#include "dragoman/net/socket.h"

namespace dragoman::net {
namespace {

class Datagram : public testing::Test {
 protected:
  using State = DatagramReader::State;

  static Bytes bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  }
  void answer(std::string_view text) {
    const ip::Endpoint to = local_endpoint(client.get());
    sockaddr_storage address{};
    const unsigned length = to.to_sockaddr(&address);
    ASSERT_EQ(::sendto(server.get(), text.data(), text.size(), 0, reinterpret_cast<sockaddr*>(&address), length),
              static_cast<ssize_t>(text.size()));
  }
  std::string text_of(std::size_t index) const {
    const Bytes octets = reader.datagram(index);
    return {octets.begin(), octets.end()};
  }

  UniqueFd server = *bind_udp({*ip::Address::from_text("127.0.0.1"), 0});
  UniqueFd client = *connect_udp(local_endpoint(server.get()));
  DatagramReader reader;
};

TEST_F(Datagram, arrives_as_it_was_sent) {
  ASSERT_TRUE(send_datagram(client.get(), bytes_of("question")));
  answer("answer");
  EXPECT_EQ(reader.receive(client.get()), State::drained);
  ASSERT_EQ(reader.count(), 1u);
  EXPECT_EQ(text_of(0), "answer");
}

TEST_F(Datagram, none_is_drained) {
  EXPECT_EQ(reader.receive(client.get()), State::drained);
  EXPECT_EQ(reader.count(), 0u);
}

TEST_F(Datagram, more_than_a_call_takes_wait_for_the_next) {
  for (std::size_t i = 0; i <= DatagramReader::capacity; ++i) answer(std::to_string(i));
  EXPECT_EQ(reader.receive(client.get()), State::more);
  EXPECT_EQ(reader.count(), DatagramReader::capacity);
  EXPECT_EQ(reader.receive(client.get()), State::drained);
  ASSERT_EQ(reader.count(), 1u);
  EXPECT_EQ(text_of(0), std::to_string(DatagramReader::capacity));
}

TEST_F(Datagram, one_that_is_too_long_is_empty) {
  answer(std::string(DatagramReader::max_length + 1, 'x'));
  EXPECT_EQ(reader.receive(client.get()), State::drained);
  ASSERT_EQ(reader.count(), 1u);
  EXPECT_TRUE(reader.datagram(0).empty());
}

TEST_F(Datagram, nobody_on_the_other_side_is_told_by_icmp) {
  { UniqueFd gone(std::move(server)); }
  send_datagram(client.get(), bytes_of("question"));
  pollfd wanted{.fd = client.get(), .events = POLLIN, .revents = 0};
  ASSERT_EQ(poll(&wanted, 1, 5000), 1);
  EXPECT_EQ(reader.receive(client.get()), State::refused);
}

}  // namespace
}  // namespace dragoman::net
