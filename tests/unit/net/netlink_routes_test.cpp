// Routes, in a network of the test's own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dragoman/net/netlink.h"
#include "dragoman/net/tun_device.h"
#include "fakes/network_namespace.h"

namespace dragoman::net {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

Route route(LinkIndex link, const char* destination) {
  Route route;
  route.destination = *ip::Prefix::from_text(destination);
  route.link = link;
  if (route.destination.network.is_v6()) route.metric = 1024;  // as the kernel gives it back
  return route;
}

ip::Address address(const char* text) { return *ip::Address::from_text(text); }

// A network with the loopback interface up.
void with_netlink(FunctionRef<void(Netlink&, LinkIndex)> test) {
  test::in_own_network([&] {
    Result<Netlink> netlink = Netlink::open();
    ASSERT_TRUE(netlink);
    const LinkIndex link = netlink->link("lo")->index;
    ASSERT_TRUE(netlink->set_up(link));
    test(*netlink, link);
  });
}

TEST(NetlinkRoutes, lists_the_routes_that_were_added) {
  with_netlink([](Netlink& netlink, LinkIndex link) {
    const Route prefix = route(link, "64:ff9b::/96");
    const Route pool = route(link, "198.51.100.0/24");
    ASSERT_TRUE(netlink.add_route(prefix));
    ASSERT_TRUE(netlink.add_route(pool));
    EXPECT_THAT(*netlink.routes(), Contains(prefix));
    EXPECT_THAT(*netlink.routes(), Contains(pool));

    ASSERT_TRUE(netlink.remove_route(prefix));
    ASSERT_TRUE(netlink.remove_route(pool));
    EXPECT_THAT(*netlink.routes(), Not(Contains(prefix)));
    EXPECT_THAT(*netlink.routes(), Not(Contains(pool)));
    EXPECT_EQ(netlink.remove_route(pool).error().code, ErrorCode::not_found);
    EXPECT_EQ(netlink.remove_route(prefix).error().code, ErrorCode::not_found);
  });
}

TEST(NetlinkRoutes, tells_when_there_is_another_route_and_replaces_it) {
  with_netlink([](Netlink& netlink, LinkIndex link) {
    for (const char* destination : {"198.51.100.0/24", "64:ff9b::/96"}) {
      Route foreign = route(link, destination);
      foreign.protocol = 4;  // static
      ASSERT_TRUE(netlink.add_route(foreign));
      const Route own = route(link, destination);
      const Result<void> refused = netlink.add_route(own);
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().code, ErrorCode::in_use);
      EXPECT_THAT(refused.error().text(), HasSubstr(destination));
      ASSERT_TRUE(netlink.replace_route(own));
      EXPECT_THAT(*netlink.routes(), Contains(own));
      EXPECT_THAT(*netlink.routes(), Not(Contains(foreign)));
    }
  });
}

TEST(NetlinkRoutes, removes_its_own_routes_and_no_others) {
  with_netlink([](Netlink& netlink, LinkIndex link) {
    Route foreign = route(link, "203.0.113.0/24");
    foreign.protocol = 4;
    const Route own[] = {route(link, "198.51.100.0/24"), route(link, "192.0.2.7/32"), route(link, "64:ff9b::/96"),
                         route(link, "2001:db8:64::/96")};
    ASSERT_TRUE(netlink.add_route(foreign));
    for (const Route& each : own) ASSERT_TRUE(netlink.add_route(each));
    ASSERT_TRUE(netlink.remove_own_routes(link));
    for (const Route& each : own) EXPECT_THAT(*netlink.routes(), Not(Contains(each)));
    EXPECT_THAT(*netlink.routes(), Contains(foreign));
    EXPECT_TRUE(netlink.remove_own_routes(link)) << "there is nothing left to do";
  });
}

TEST(NetlinkRoutes, leaves_own_routes_of_another_interface) {
  with_netlink([](Netlink& netlink, LinkIndex link) {
    const Route own = route(link, "198.51.100.0/24");
    ASSERT_TRUE(netlink.add_route(own));
    ASSERT_TRUE(netlink.remove_own_routes(link + 1));
    EXPECT_THAT(*netlink.routes(), Contains(own));
  });
}

TEST(NetlinkRoutes, has_routes_with_gateways_tables_and_metrics) {
  with_netlink([](Netlink& netlink, LinkIndex link) {
    ASSERT_TRUE(netlink.add_route(route(link, "192.0.2.0/24")));
    Route via = route(link, "0.0.0.0/0");
    via.gateway = address("192.0.2.1");
    via.metric = 77;
    Route in_table = route(link, "2001:db8::/32");
    in_table.table = 1000;
    ASSERT_TRUE(netlink.add_route(via));
    ASSERT_TRUE(netlink.add_route(in_table));
    EXPECT_THAT(*netlink.routes(), Contains(via));
    EXPECT_THAT(*netlink.routes(), Contains(in_table));
    EXPECT_TRUE(netlink.remove_route(via));
    EXPECT_TRUE(netlink.remove_route(in_table));
  });
}

TEST(NetlinkRoutes, lists_the_addresses_of_the_machine_as_local_routes) {
  with_netlink([](Netlink& netlink, LinkIndex link) {
    ASSERT_TRUE(netlink.add_address({link, address("198.51.100.1"), 24}));
    const auto is_local_route =
        testing::AllOf(testing::Field(&Route::is_local, true),
                       testing::Field(&Route::destination, *ip::Prefix::from_text("198.51.100.1/32")));
    EXPECT_THAT(*netlink.routes(), Contains(is_local_route));
  });
}

TEST(NetlinkRoutes, says_how_a_packet_leaves) {
  with_netlink([](Netlink& netlink, LinkIndex) {
    const Result<TunDevice> device = TunDevice::open({.name = "t0"});
    if (!device) GTEST_SKIP() << device.error().text();
    ASSERT_TRUE(netlink.set_up(device->index()));
    ASSERT_TRUE(netlink.add_address({device->index(), address("192.0.2.9"), 24}));
    Route via = route(device->index(), "0.0.0.0/0");
    via.gateway = address("192.0.2.1");
    ASSERT_TRUE(netlink.add_route(via));
    const Result<Netlink::Path> path = netlink.path_to(address("203.0.113.5"));
    ASSERT_TRUE(path);
    EXPECT_EQ(path->link, device->index());
    EXPECT_EQ(path->gateway, address("192.0.2.1"));
    EXPECT_EQ(path->source, address("192.0.2.9"));
    EXPECT_FALSE(path->is_local);
  });
}

TEST(NetlinkRoutes, says_that_a_packet_is_for_this_machine) {
  with_netlink([](Netlink& netlink, LinkIndex link) {
    for (const char* destination : {"127.0.0.1", "::1"}) {
      const Result<Netlink::Path> path = netlink.path_to(address(destination));
      ASSERT_TRUE(path) << path.error().text();
      EXPECT_TRUE(path->is_local);
      EXPECT_EQ(path->link, link);
    }
  });
}

TEST(NetlinkRoutes, says_that_a_packet_does_not_leave) {
  with_netlink([](Netlink& netlink, LinkIndex) {
    for (const char* destination : {"203.0.113.5", "2001:db8::5"}) {
      const Result<Netlink::Path> path = netlink.path_to(address(destination));
      ASSERT_FALSE(path) << destination;
      EXPECT_EQ(path.error().code, ErrorCode::unreachable);
      EXPECT_THAT(path.error().text(), HasSubstr(destination));
    }
  });
}

}  // namespace
}  // namespace dragoman::net
