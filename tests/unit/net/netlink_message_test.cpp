// Messages are read as they were written; what the kernel would never send is survived.
#include "netlink_message.h"

#include <gtest/gtest.h>

namespace dragoman::net {
namespace {

NetlinkAttributes attributes_of(Bytes message, rtmsg& fixed) {
  NetlinkAttributes attributes;
  EXPECT_TRUE(read_fixed(message.subspan(sizeof(nlmsghdr)), fixed, attributes));
  return attributes;
}

nlmsghdr header_of(Bytes message) {
  nlmsghdr header;
  std::memcpy(&header, message.data(), sizeof header);
  return header;
}

TEST(NetlinkMessage, begins_with_its_header) {
  NetlinkRequest request(RTM_GETROUTE, NLM_F_DUMP, rtmsg{});
  request.add_value(RTA_OIF, std::uint32_t{7});
  const Bytes message = request.finish(42);
  const nlmsghdr header = header_of(message);
  EXPECT_EQ(header.nlmsg_len, message.size());
  EXPECT_EQ(header.nlmsg_type, RTM_GETROUTE);
  EXPECT_EQ(header.nlmsg_flags, NLM_F_REQUEST | NLM_F_DUMP);
  EXPECT_EQ(header.nlmsg_seq, 42u);
}

TEST(NetlinkMessage, has_its_attributes_at_multiples_of_four) {
  rtmsg fixed{};
  fixed.rtm_dst_len = 96;
  NetlinkRequest request(RTM_NEWROUTE, 0, fixed);
  request.add_text(IFLA_IFNAME, "nat64");  // six octets with the zero
  request.add_value(IFLA_MTU, std::uint32_t{1500});
  const Bytes message = request.finish(1);
  EXPECT_EQ(message.size() % 4, 0u);

  rtmsg found{};
  const NetlinkAttributes attributes = attributes_of(message, found);
  EXPECT_EQ(found.rtm_dst_len, 96);
  EXPECT_EQ(attributes.text(IFLA_IFNAME), "nat64");
  EXPECT_EQ(attributes.value<std::uint32_t>(IFLA_MTU), 1500u);
  EXPECT_FALSE(attributes.has(IFLA_ADDRESS));
  EXPECT_EQ(attributes.value<std::uint64_t>(IFLA_MTU), std::nullopt) << "four octets are no eight";
}

TEST(NetlinkMessage, nests_attributes) {
  NetlinkRequest request(RTM_NEWLINK, 0, rtmsg{});
  request.add_nested(IFLA_AF_SPEC, [&] {
    request.add_nested(10, [&] { request.add_value(8, std::uint8_t{1}); });
    request.add_value(11, std::uint8_t{2});
  });
  request.add_value(IFLA_MTU, std::uint32_t{9000});
  rtmsg fixed;
  const Bytes message = request.finish(1);
  const NetlinkAttributes attributes = attributes_of(message, fixed);
  EXPECT_EQ(attributes.nested(IFLA_AF_SPEC).nested(10).value<std::uint8_t>(8), 1);
  EXPECT_EQ(attributes.nested(IFLA_AF_SPEC).value<std::uint8_t>(11), 2);
  EXPECT_EQ(attributes.value<std::uint32_t>(IFLA_MTU), 9000u) << "what is behind a nested one is found";
}

TEST(NetlinkMessage, finds_types_with_the_mark_of_nesting) {
  NetlinkRequest request(RTM_NEWLINK, 0, rtmsg{});
  request.add_value(NLA_F_NESTED | 5, std::uint32_t{3});
  rtmsg fixed;
  const Bytes message = request.finish(1);
  EXPECT_EQ(attributes_of(message, fixed).value<std::uint32_t>(5), 3u);
}

TEST(NetlinkMessage, ends_at_an_attribute_that_is_cut_off) {
  NetlinkRequest request(RTM_NEWLINK, 0, rtmsg{});
  request.add_value(1, std::uint32_t{1});
  request.add_value(2, std::uint32_t{2});
  const Bytes message = request.finish(1);
  rtmsg fixed;
  for (std::size_t cut = 1; cut <= 8; ++cut) {
    const Bytes shorter = message.first(message.size() - cut);
    EXPECT_EQ(attributes_of(shorter, fixed).value<std::uint32_t>(1), 1u);
    EXPECT_FALSE(attributes_of(shorter, fixed).has(2)) << cut;
  }
}

TEST(NetlinkMessage, ends_at_an_attribute_shorter_than_its_header) {
  const std::uint8_t octets[8] = {3, 0, 1, 0, 0, 0, 0, 0};  // length 3
  EXPECT_FALSE(NetlinkAttributes(octets).has(1));
}

TEST(NetlinkMessage, needs_room_for_its_fixed_structure) {
  const std::array<std::uint8_t, sizeof(rtmsg) - 1> octets{};
  rtmsg fixed;
  NetlinkAttributes attributes;
  EXPECT_FALSE(read_fixed(Bytes(octets), fixed, attributes));
}

TEST(NetlinkMessage, takes_text_without_a_zero_as_it_is) {
  const std::uint8_t octets[8] = {8, 0, 3, 0, 'e', 't', 'h', '0'};
  EXPECT_EQ(NetlinkAttributes(octets).text(3), "eth0");
}

}  // namespace
}  // namespace dragoman::net
