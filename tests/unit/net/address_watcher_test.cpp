// Addresses that come and go, in a network of the test's own.
#include "dragoman/net/address_watcher.h"

#include <gtest/gtest.h>

#include "dragoman/net/netlink.h"
#include "fakes/network_namespace.h"

namespace dragoman::net {
namespace {

TEST(AddressWatcher, tells_of_addresses_that_come_and_go) {
  test::in_own_network([] {
    EventLoop loop;
    int calls = 0;
    AddressWatcher watcher(loop, [&] { ++calls; });
    ASSERT_TRUE(watcher.start());
    Netlink netlink = *Netlink::open();
    const LinkAddress addresses[] = {{netlink.link("lo")->index, *ip::Address::from_text("192.0.2.1"), 32},
                                     {netlink.link("lo")->index, *ip::Address::from_text("2001:db8::1"), 128}};
    ASSERT_TRUE(netlink.set_up(addresses[0].link));
    loop.run_once(milliseconds(0));
    for (const LinkAddress& address : addresses) {
      calls = 0;
      ASSERT_TRUE(netlink.add_address(address));
      for (int turn = 0; turn < 100 && calls == 0; ++turn) loop.run_once(milliseconds(50));
      EXPECT_GE(calls, 1) << address.address.to_text();
      calls = 0;
      ASSERT_TRUE(netlink.remove_address(address));
      for (int turn = 0; turn < 100 && calls == 0; ++turn) loop.run_once(milliseconds(50));
      EXPECT_GE(calls, 1) << address.address.to_text();
    }
  });
}

}  // namespace
}  // namespace dragoman::net
