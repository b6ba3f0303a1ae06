// Falling back, or not, where there is no such interface. With interfaces and workers: tests/integration/test_xdp.py.
#include "xdp_ports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dragoman/telemetry/exposition.h"
#include "fakes/network_namespace.h"

namespace dragoman::app {
namespace {

using testing::HasSubstr;

config::Config config_with(net::XdpMode mode) {
  config::Config config;
  config.listen.push_back(*serve::ListenOptions::from_url("dns://[::]:53"));
  config.xdp = {{"nowhere"}, mode};
  return config;
}

TEST(XdpPorts, are_none_when_nothing_is_said) {
  net::EventLoop loop;
  XdpPorts ports(loop);
  EXPECT_TRUE(ports.open({}, {}));
}

TEST(XdpPorts, leave_an_interface_that_is_not_there_to_the_ordinary_way) {
  test::in_own_network([] {
    net::EventLoop loop;
    XdpPorts ports(loop);
    ASSERT_TRUE(ports.open(config_with(net::XdpMode::automatic), {}));
    telemetry::Catalogue catalogue;
    catalogue.add_callback([&](telemetry::Collector& visit) { ports.describe(visit); });
    EXPECT_THAT(telemetry::write(catalogue.Collect(), telemetry::Format::text),
                HasSubstr("dragoman_xdp_mode{interface=\"nowhere\",mode=\"none\"} 1"));
  });
}

TEST(XdpPorts, end_the_start_when_a_mode_was_demanded) {
  test::in_own_network([] {
    net::EventLoop loop;
    XdpPorts ports(loop);
    for (const net::XdpMode mode : {net::XdpMode::native, net::XdpMode::generic}) {
      const auto opened = ports.open(config_with(mode), {});
      ASSERT_FALSE(opened);
      EXPECT_THAT(opened.error().text(), HasSubstr("nowhere"));
      EXPECT_THAT(opened.error().text(), HasSubstr("xdp.mode: auto"));
    }
  });
}

}  // namespace
}  // namespace dragoman::app
