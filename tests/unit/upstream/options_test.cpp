// URLs of upstream servers, as people write them.
#include "dragoman/upstream/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dragoman::upstream {
namespace {

struct GoodUrl {
  const char* url;
  Transport transport;
  const char* host;
  std::uint16_t port;
  const char* verify_name;
  const char* path;
};

class Good : public testing::TestWithParam<GoodUrl> {};

TEST_P(Good, url_is_understood) {
  const Result<ServerOptions> server = ServerOptions::from_url(GetParam().url);
  ASSERT_TRUE(server) << server.error().text();
  EXPECT_EQ(server->transport, GetParam().transport);
  EXPECT_EQ(server->host, GetParam().host);
  EXPECT_EQ(server->port, GetParam().port);
  EXPECT_EQ(server->verify_name, GetParam().verify_name);
  EXPECT_EQ(server->path, GetParam().path);
  EXPECT_EQ(server->url, GetParam().url);
}

INSTANTIATE_TEST_SUITE_P(
    ServerOptions, Good,
    testing::Values(GoodUrl{"dns://192.0.2.53", Transport::udp, "192.0.2.53", 53, "", ""},
                    GoodUrl{"udp://192.0.2.53:5301", Transport::udp, "192.0.2.53", 5301, "", ""},
                    GoodUrl{"tcp://[2001:db8::53]", Transport::tcp, "2001:db8::53", 53, "", ""},
                    GoodUrl{"dns://[::1]:65535/", Transport::udp, "::1", 65535, "", ""},
                    GoodUrl{"dns://resolver.example", Transport::udp, "resolver.example", 53, "", ""},
                    GoodUrl{"tls://192.0.2.53", Transport::tls, "192.0.2.53", 853, "", ""},
                    GoodUrl{"tls://192.0.2.53:8853#dns.example", Transport::tls, "192.0.2.53", 8853, "dns.example", ""},
                    GoodUrl{"tls://[2001:db8::53]#dns.example", Transport::tls, "2001:db8::53", 853, "dns.example", ""},
                    GoodUrl{"tls://dns.example", Transport::tls, "dns.example", 853, "", ""},
                    GoodUrl{"https://dns.example/dns-query", Transport::https, "dns.example", 443, "", "/dns-query"},
                    GoodUrl{"https://dns.example", Transport::https, "dns.example", 443, "", "/dns-query"},
                    GoodUrl{"https://dns.example:8443/p/q", Transport::https, "dns.example", 8443, "", "/p/q"},
                    GoodUrl{"https://dns.example/dns-query{?dns}", Transport::https, "dns.example", 443, "",
                            "/dns-query"},
                    GoodUrl{"https://192.0.2.53/dns-query#dns.example", Transport::https, "192.0.2.53", 443,
                            "dns.example", "/dns-query"}));

struct BadUrl {
  const char* url;
  const char* what;
};

class Wrong : public testing::TestWithParam<BadUrl> {};

TEST_P(Wrong, url_is_refused_with_one_that_would_do) {
  const Result<ServerOptions> server = ServerOptions::from_url(GetParam().url);
  ASSERT_FALSE(server);
  EXPECT_THAT(server.error().text(), testing::HasSubstr(GetParam().what));
  EXPECT_THAT(server.error().text(), testing::HasSubstr("for example "));
  const std::string text = server.error().text();
  const std::size_t at = text.find("for example ") + 12;
  EXPECT_TRUE(ServerOptions::from_url(text.substr(at, text.size() - at - 1))) << text;
}

INSTANTIATE_TEST_SUITE_P(
    ServerOptions, Wrong,
    testing::Values(BadUrl{"", "written as a URL"}, BadUrl{"192.0.2.53", "written as a URL"},
                    BadUrl{"quic://192.0.2.53", "the scheme"}, BadUrl{"dns://", "needs a host"},
                    BadUrl{"dns://:53", "neither an address nor a name"}, BadUrl{"dns://192.0.2.53:0", "the port"},
                    BadUrl{"dns://192.0.2.53:65536", "the port"}, BadUrl{"dns://192.0.2.53:", "the port"},
                    BadUrl{"dns://192.0.2.53:dns", "the port"}, BadUrl{"dns://[::1", "not closed"},
                    BadUrl{"dns://[::1]53", "the port"}, BadUrl{"dns://2001:db8::53", "brackets"},
                    BadUrl{"dns://[192.0.2.53]", "brackets"}, BadUrl{"dns://300.1.1.1", "neither"},
                    BadUrl{"dns://1.2.3", "neither"}, BadUrl{"dns://a_host!.example", "neither"},
                    BadUrl{"dns://192.0.2.53/dns-query", "only https has a path"},
                    BadUrl{"dns://192.0.2.53#dns.example", "only tls and https"},
                    BadUrl{"tls://192.0.2.53#", "behind #"}, BadUrl{"tls://192.0.2.53#two names", "no spaces"},
                    BadUrl{"https://dns.example/a path", "no spaces"},
                    BadUrl{"https://dns.example?dns=", "begin with /"},
                    BadUrl{"https://user@dns.example/", "neither"}));

TEST(ServerOptions, knows_whether_its_host_must_be_resolved) {
  EXPECT_TRUE(ServerOptions::from_url("tls://[2001:db8::53]")->host_is_address());
  EXPECT_FALSE(ServerOptions::from_url("tls://dns.example")->host_is_address());
}

}  // namespace
}  // namespace dragoman::upstream
