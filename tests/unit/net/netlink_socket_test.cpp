// The conversation with the kernel: answers of one message and of many, and refusals in its own words.
#include "netlink_socket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/if_addr.h>
#include <sys/socket.h>

#include "fakes/network_namespace.h"

namespace dragoman::net {
namespace {

constexpr std::uint32_t loopback = 1;

NetlinkRequest add_loopback_address(std::uint32_t address, std::uint8_t length) {
  ifaddrmsg header{};
  header.ifa_family = AF_INET;
  header.ifa_prefixlen = length;
  header.ifa_index = loopback;
  NetlinkRequest request(RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, header);
  std::uint8_t octets[4];
  store_u32(octets, address);
  request.add(IFA_LOCAL, octets);
  return request;
}

TEST(NetlinkSocket, reads_answers_of_several_datagrams) {
  test::in_own_network([] {
    Result<NetlinkSocket> socket = NetlinkSocket::open();
    ASSERT_TRUE(socket);
    constexpr std::uint32_t count = 1500;
    for (std::uint32_t i = 0; i < count; ++i) {
      NetlinkRequest request = add_loopback_address(0x0a000001 + i, 32);
      ASSERT_TRUE(socket->change(request, "address"));
    }
    NetlinkRequest request(RTM_GETADDR, NLM_F_DUMP, ifaddrmsg{});
    const auto sizes = socket->list<std::size_t>(
        request, "addresses", [](std::vector<std::size_t>& list, Bytes payload) { list.push_back(payload.size()); });
    ASSERT_TRUE(sizes);
    EXPECT_EQ(sizes->size(), count);
  });
}

TEST(NetlinkSocket, tells_what_the_kernel_refuses_and_why) {
  test::in_own_network([] {
    Result<NetlinkSocket> socket = NetlinkSocket::open();
    ASSERT_TRUE(socket);
    NetlinkRequest first = add_loopback_address(0x0a000001, 32);
    ASSERT_TRUE(socket->change(first, "address 10.0.0.1/32"));
    NetlinkRequest again = add_loopback_address(0x0a000001, 32);
    const Result<void> twice = socket->change(again, "address 10.0.0.1/32");
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().code, ErrorCode::in_use);
    EXPECT_THAT(twice.error().text(), testing::StartsWith("it is there already: address 10.0.0.1/32 ("));

    NetlinkRequest wrong = add_loopback_address(0x0a000002, 33);
    const Result<void> refused = socket->change(wrong, "address 10.0.0.2/33");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
  });
}

TEST(NetlinkSocket, goes_on_after_a_refusal) {
  test::in_own_network([] {
    Result<NetlinkSocket> socket = NetlinkSocket::open();
    ASSERT_TRUE(socket);
    NetlinkRequest wrong = add_loopback_address(0x0a000002, 33);
    EXPECT_FALSE(socket->change(wrong, "address"));
    NetlinkRequest right = add_loopback_address(0x0a000002, 24);
    EXPECT_TRUE(socket->change(right, "address"));
  });
}

}  // namespace
}  // namespace dragoman::net
