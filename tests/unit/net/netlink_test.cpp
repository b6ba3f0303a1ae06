// Interfaces and addresses, in a network of the test's own that holds the loopback interface alone.
#include "dragoman/net/netlink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "dragoman/net/privileges.h"
#include "dragoman/net/tun_device.h"
#include "fakes/network_namespace.h"

namespace dragoman::net {
namespace {

using testing::HasSubstr;

Netlink open() {
  Result<Netlink> netlink = Netlink::open();
  EXPECT_TRUE(netlink);
  return *std::move(netlink);
}

LinkIndex loopback(Netlink& netlink) { return netlink.link("lo")->index; }

LinkAddress address(LinkIndex link, const char* text, std::uint8_t length) {
  return {link, *ip::Address::from_text(text), length};
}

TEST(Netlink, finds_an_interface_by_its_name) {
  test::in_own_network([] {
    Netlink netlink = open();
    const Result<Link> link = netlink.link("lo");
    ASSERT_TRUE(link);
    EXPECT_EQ(link->name, "lo");
    EXPECT_EQ(link->mtu, 65536u);
    EXPECT_TRUE(link->is_loopback);
    EXPECT_FALSE(link->is_up);
    EXPECT_FALSE(link->tun);
  });
}

TEST(Netlink, says_that_there_is_no_such_interface) {
  test::in_own_network([] {
    Netlink netlink = open();
    for (const char* name : {"nat64", "", "a-name-of-16-octs"}) {
      const Result<Link> link = netlink.link(name);
      ASSERT_FALSE(link) << name;
      EXPECT_EQ(link.error().code, ErrorCode::not_found);
      EXPECT_THAT(link.error().text(), HasSubstr(name));
    }
    EXPECT_EQ(netlink.set_up(4711).error().code, ErrorCode::not_found);
  });
}

TEST(Netlink, brings_an_interface_up) {
  test::in_own_network([] {
    Netlink netlink = open();
    ASSERT_TRUE(netlink.set_up(loopback(netlink)));
    EXPECT_TRUE(netlink.link("lo")->is_up);
  });
}

TEST(Netlink, sets_mtu_and_queue_length) {
  test::in_own_network([] {
    Netlink netlink = open();
    const LinkIndex link = loopback(netlink);
    ASSERT_TRUE(netlink.set_mtu(link, 1400));
    ASSERT_TRUE(netlink.set_queue_length(link, 4000));
    EXPECT_EQ(netlink.link("lo")->mtu, 1400u);
    EXPECT_EQ(netlink.link("lo")->queue_length, 4000u);
  });
}

TEST(Netlink, needs_a_capability_for_changes_and_none_to_look) {
  test::in_own_network([] {
    Netlink netlink = open();
    const LinkIndex link = loopback(netlink);
    ASSERT_TRUE(reduce_privileges({}));
    const Result<void> refused = netlink.set_mtu(link, 1400);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::permission);
    EXPECT_THAT(refused.error().text(), HasSubstr("CAP_NET_ADMIN"));
    EXPECT_THAT(refused.error().text(), HasSubstr("MTU 1400 of interface lo"));
    EXPECT_TRUE(netlink.links());
    EXPECT_TRUE(netlink.addresses());
    EXPECT_TRUE(netlink.routes());
  });
}

TEST(Netlink, lists_addresses_that_were_added) {
  test::in_own_network([] {
    Netlink netlink = open();
    const LinkIndex link = loopback(netlink);
    const LinkAddress v4 = address(link, "192.0.2.1", 24);
    const LinkAddress v6 = address(link, "2001:db8::1", 64);
    ASSERT_TRUE(netlink.add_address(v4));
    ASSERT_TRUE(netlink.add_address(v6));
    EXPECT_TRUE(netlink.add_address(v4)) << "it is there already, which is what was asked for";
    EXPECT_TRUE(netlink.add_address(v6));
    EXPECT_THAT(*netlink.addresses(), testing::UnorderedElementsAre(v4, v6));

    ASSERT_TRUE(netlink.remove_address(v4));
    EXPECT_THAT(*netlink.addresses(), testing::ElementsAre(v6));
    EXPECT_EQ(netlink.remove_address(v4).error().code, ErrorCode::not_found);
  });
}

// No duplicate address detection: an address is of use at once.
TEST(Netlink, adds_ipv6_addresses_that_sockets_can_use_at_once) {
  test::in_own_network([] {
    Netlink netlink = open();
    const LinkIndex link = loopback(netlink);
    ASSERT_TRUE(netlink.set_up(link));
    ASSERT_TRUE(netlink.add_address(address(link, "2001:db8::1", 64)));
    EXPECT_TRUE(can_bind({*ip::Address::from_text("2001:db8::1"), 0}, true));
  });
}

TEST(Netlink, lists_all_interfaces) {
  test::in_own_network([] {
    Netlink netlink = open();
    const Result<TunDevice> device = TunDevice::open({.name = "t0"});
    if (!device) GTEST_SKIP() << device.error().text();
    const auto has_name = [](const char* name) { return testing::Field(&Link::name, name); };
    EXPECT_THAT(*netlink.links(), testing::IsSupersetOf({has_name("lo"), has_name("t0")}));
  });
}

TEST(Netlink, knows_what_a_tun_device_is_like) {
  test::in_own_network([] {
    Netlink netlink = open();
    const Result<TunDevice> device = TunDevice::open({.name = "t0", .queues = 3});
    if (!device) GTEST_SKIP() << device.error().text();
    const Result<Link> link = netlink.link("t0");
    ASSERT_TRUE(link);
    EXPECT_EQ(link->kind, "tun");
    ASSERT_TRUE(link->tun);
    EXPECT_FALSE(link->tun->is_tap);
    EXPECT_TRUE(link->tun->is_multi_queue);
    EXPECT_FALSE(link->tun->is_persistent);
    EXPECT_EQ(link->tun->queues, 3u);
    EXPECT_EQ(link->tun->owner, std::nullopt);
  });
}

// What the kernel sends by itself would be packets that a NAT64 has to look at and drop.
TEST(Netlink, makes_an_interface_keep_quiet) {
  test::in_own_network([] {
    Netlink netlink = open();
    Result<TunDevice> quiet = TunDevice::open({.name = "quiet"});
    Result<TunDevice> loud = TunDevice::open({.name = "loud"});
    if (!quiet) GTEST_SKIP() << quiet.error().text();
    ASSERT_TRUE(loud);
    ASSERT_TRUE(netlink.set_no_link_local(quiet->index()));
    ASSERT_TRUE(netlink.set_up(quiet->index()));
    ASSERT_TRUE(netlink.set_up(loud->index()));
    const auto is_of = [](const TunDevice& device) {
      return testing::Field("link", &LinkAddress::link, device.index());
    };
    EXPECT_THAT(*netlink.addresses(), testing::Contains(is_of(*loud))) << "else this test shows nothing";
    EXPECT_THAT(*netlink.addresses(), testing::Not(testing::Contains(is_of(*quiet))));
  });
}

}  // namespace
}  // namespace dragoman::net
