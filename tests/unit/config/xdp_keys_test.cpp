// xdp.
#include "config_testing.h"
#include "dragoman/config/reference.h"

namespace dragoman::config {
namespace {

const std::string server = "listen: dns://127.0.0.1:53\nupstream: dns://192.0.2.1\n\n";

net::XdpOptions options_of(const std::string& text) { return config_of_whole(server + text).xdp; }

TEST(XdpKeys, reach_the_options) {
  const net::XdpOptions options = options_of("xdp: {interfaces: [eth0, eth1.5], mode: native}\n");
  EXPECT_EQ(options.interfaces, (std::vector<std::string>{"eth0", "eth1.5"}));
  EXPECT_EQ(options.mode, net::XdpMode::native);
  EXPECT_EQ(options_of("xdp: {interfaces: eth0, mode: generic}\n").mode, net::XdpMode::generic);
}

TEST(XdpKeys, take_an_interface_alone) {
  const net::XdpOptions options = options_of("xdp: eth0\n");
  EXPECT_EQ(options.interfaces, std::vector<std::string>{"eth0"});
  EXPECT_EQ(options.mode, net::XdpMode::automatic);
  EXPECT_TRUE(options_of("").interfaces.empty());
}

TEST(XdpKeys, refuse_what_is_no_interface_or_mode) {
  expect_problems({
      {server + "xdp: an-interface-of-20\n", {"f:4:6: xdp: `an-interface-of-20`: an interface has 1 to 15 characters"}},
      {server + "xdp: [a/b]\n", {"f:4:7: xdp[0]: `a/b`: an interface has no slash, colon or space in its name"}},
      {server + "xdp: [eth0, eth0]\n", {"f:4:13: xdp[1]: `eth0` is listed twice"}},
      {server + "xdp: {interfaces: eth0, mode: driver}\n", {"f:4:31: xdp.mode: `driver` is not known"}},
  });
}

TEST(XdpKeys, want_a_listener_whose_queries_can_come_this_way) {
  expect_problems({
      {"listen: dns://127.0.0.1:0\nupstream: dns://192.0.2.1\nxdp: eth0\n",
       {"f:3:6: xdp: there is no dns:// listener with a port, whose queries would come this way"}},
  });
}

TEST(XdpKeys, warn_of_a_mode_of_nothing) {
  EXPECT_EQ(warnings_of(server + "xdp: {mode: native}\n"),
            std::vector<std::string>{"f:4:13: xdp.mode: is of no effect without interfaces"});
}

TEST(XdpKeys, need_a_restart) {
  const std::vector<Change> changes = differences(config_of_whole(server), config_of_whole(server + "xdp: eth0\n"));
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].key, "xdp.interfaces");
  EXPECT_EQ(changes[0].reload, Reload::restart);
}

}  // namespace
}  // namespace dragoman::config
