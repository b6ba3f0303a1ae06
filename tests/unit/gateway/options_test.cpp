// The URLs of probes, and what is said of wrong ones.
#include "dragoman/gateway/options.h"

#include <gtest/gtest.h>

namespace dragoman::gateway {
namespace {

TEST(ProbeTarget, is_an_ipv4_address_with_a_port) {
  const auto tcp = ProbeTarget::from_url("tcp://198.51.100.1:443");
  ASSERT_TRUE(tcp);
  EXPECT_EQ(tcp->kind, ProbeTarget::Kind::tcp);
  EXPECT_EQ(tcp->address, (ip::Ipv4Octets{198, 51, 100, 1}));
  EXPECT_EQ(tcp->port, 443);
  EXPECT_EQ(tcp->url, "tcp://198.51.100.1:443");
}

TEST(ProbeTarget, asks_dns_servers_on_port_53_unless_told_otherwise) {
  const auto alone = ProbeTarget::from_url("dns://192.0.2.53");
  ASSERT_TRUE(alone);
  EXPECT_EQ(alone->kind, ProbeTarget::Kind::dns);
  EXPECT_EQ(alone->port, 53);
  EXPECT_EQ(ProbeTarget::from_url("dns://192.0.2.53:5353")->port, 5353);
}

TEST(ProbeTarget, wrong_urls_are_refused_with_one_that_would_do) {
  const std::pair<const char*, const char*> table[] = {
      {"198.51.100.1:443",
       "a probe is written as tcp://ADDRESS:PORT or dns://ADDRESS: 198.51.100.1:443 (for example "
       "tcp://198.51.100.1:443)"},
      {"icmp://198.51.100.1",
       "a probe is written as tcp://ADDRESS:PORT or dns://ADDRESS: icmp://198.51.100.1 (for example "
       "tcp://198.51.100.1:443)"},
      {"tcp://198.51.100.1", "a tcp probe needs a port: tcp://198.51.100.1 (for example tcp://198.51.100.1:443)"},
      {"tcp://www.example.com:80",
       "a probe goes to an IPv4 address, not to a name: tcp://www.example.com:80 (for example "
       "tcp://198.51.100.1:443)"},
      {"dns://[2001:db8::1]:53",
       "a probe goes to an IPv4 address: it is embedded in the prefix: dns://[2001:db8::1]:53 (for example "
       "dns://192.0.2.53)"},
      {"tcp://198.51.100.1:0",
       "the port must be a number from 1 to 65535: tcp://198.51.100.1:0 (for example tcp://198.51.100.1:443)"},
      {"dns://", "a probe goes to an IPv4 address, not to a name: dns:// (for example dns://192.0.2.53)"},
  };
  for (const auto& [url, text] : table) {
    const auto target = ProbeTarget::from_url(url);
    ASSERT_FALSE(target) << url;
    EXPECT_EQ(target.error().text(), text);
  }
}

}  // namespace
}  // namespace dragoman::gateway
