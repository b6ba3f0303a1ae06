// Settings as the kernel of this machine has them, in a network of the test's own where they may be changed.
#include "dragoman/net/kernel_settings.h"

#include <gtest/gtest.h>

#include <fstream>

#include "dragoman/net/tun_device.h"
#include "fakes/network_namespace.h"

namespace dragoman::net {
namespace {

void set(const std::string& setting, const std::string& value) {
  std::ofstream file("/proc/sys/net/" + setting);
  file << value << std::flush;
  ASSERT_TRUE(file) << setting << " cannot be written here";
}

TEST(KernelSettings, says_whether_ipv4_is_forwarded) {
  test::in_own_network([] {
    set("ipv4/ip_forward", "0");
    EXPECT_EQ(forwards_ipv4("lo"), false);
    set("ipv4/conf/lo/forwarding", "1");
    EXPECT_EQ(forwards_ipv4("lo"), true);
    EXPECT_EQ(forwards_ipv4("all"), false) << "of one interface alone";
  });
}

TEST(KernelSettings, says_whether_ipv6_is_forwarded) {
  test::in_own_network([] {
    set("ipv6/conf/all/forwarding", "0");
    EXPECT_EQ(forwards_ipv6(), false);
    set("ipv6/conf/all/forwarding", "1");
    EXPECT_EQ(forwards_ipv6(), true);
  });
}

// Documentation/networking/ip-sysctl.rst: "The max value from conf/{all,interface}/rp_filter is used".
TEST(KernelSettings, takes_the_larger_reverse_path_filter) {
  test::in_own_network([] {
    set("ipv4/conf/all/rp_filter", "0");
    set("ipv4/conf/lo/rp_filter", "0");
    EXPECT_EQ(reverse_path_filter("lo"), ReversePathFilter::off);
    set("ipv4/conf/all/rp_filter", "1");
    EXPECT_EQ(reverse_path_filter("lo"), ReversePathFilter::strict);
    set("ipv4/conf/lo/rp_filter", "2");
    EXPECT_EQ(reverse_path_filter("lo"), ReversePathFilter::loose);
  });
}

TEST(KernelSettings, says_which_ports_local_sockets_take) {
  test::in_own_network([] {
    set("ipv4/ip_local_port_range", "40000 41001");
    EXPECT_EQ(local_port_range(), (PortRange{40000, 41001}));
  });
}

TEST(KernelSettings, says_nothing_about_what_is_not_there) {
  EXPECT_EQ(forwards_ipv4("no-such-link"), std::nullopt);
  EXPECT_EQ(reverse_path_filter("no-such-link"), std::nullopt);
  EXPECT_EQ(receive_offloads("no-such-link"), std::nullopt);
  EXPECT_EQ(receive_offloads("a-name-that-is-far-too-long"), std::nullopt);
}

TEST(KernelSettings, says_how_an_interface_joins_packets) {
  test::in_own_network([] {
    const Result<TunDevice> device = TunDevice::open({.name = "t0"});
    if (!device) GTEST_SKIP() << device.error().text();
    const std::optional<ReceiveOffloads> before = receive_offloads("t0");
    ASSERT_TRUE(before);
    EXPECT_TRUE(before->gro) << "Linux has it on";
    if (system("ethtool -K t0 gro off rx-udp-gro-forwarding on 2>/dev/null") != 0) GTEST_SKIP() << "no ethtool";
    EXPECT_EQ(receive_offloads("t0"), (ReceiveOffloads{false, true, false}));
    ASSERT_EQ(system("ethtool -K t0 gro on rx-udp-gro-forwarding off rx-gro-list on"), 0);
    EXPECT_EQ(receive_offloads("t0"), (ReceiveOffloads{true, false, true}));
  });
}

}  // namespace
}  // namespace dragoman::net
