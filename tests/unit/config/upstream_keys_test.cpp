// upstream.
#include "config_testing.h"

namespace dragoman::config {
namespace {

const std::string listen = "listen: dns://127.0.0.1:0\n";

TEST(UpstreamKeys, have_a_short_form) {
  Loaded loaded = load_text(listen + "upstream:\n  - dns://192.0.2.1\n  - tls://192.0.2.2#dns.example.net\n", "f");
  ASSERT_TRUE(loaded.config);
  ASSERT_EQ(loaded.config->upstream.servers.size(), 2u);
  EXPECT_EQ(loaded.config->upstream.servers[1].verify_name, "dns.example.net");
}

TEST(UpstreamKeys, reach_the_options) {
  Loaded loaded = load_text(listen +
                                "upstream:\n  servers: dns://192.0.2.1\n  bootstrap: [192.0.2.9, \"[::1]:5353\"]\n"
                                "  ca_file: ca.crt\n  timeout: 3s\n  attempt_timeout: 300ms\n  max_in_flight: 9\n"
                                "  max_connections: 3\n  idle_timeout: 1m\n  use_0x20: no\n",
                            "f");
  ASSERT_TRUE(loaded.config);
  const upstream::Options& upstream = loaded.config->upstream;
  ASSERT_EQ(upstream.bootstrap.size(), 2u);
  EXPECT_EQ(upstream.bootstrap[0].to_text(), "192.0.2.9:53");
  EXPECT_EQ(upstream.bootstrap[1].to_text(), "[::1]:5353");
  EXPECT_EQ(upstream.ca_file, "ca.crt");
  EXPECT_EQ(upstream.timeout, milliseconds(3000));
  EXPECT_EQ(upstream.attempt_timeout, milliseconds(300));
  EXPECT_EQ(upstream.max_in_flight, 9u);
  EXPECT_EQ(upstream.max_connections, 3u);
  EXPECT_EQ(upstream.idle_timeout, seconds(60));
  EXPECT_FALSE(upstream.use_0x20);
}

TEST(UpstreamKeys, refuse_servers_that_cannot_be_asked) {
  expect_problems({
      {listen + "upstream: [dns://192.0.2.1, dns://192.0.2.1]\n",
       {"f:2:29: upstream[1]: `dns://192.0.2.1` is listed twice"}},
      {listen + "upstream: {servers: [dns://192.0.2.1], bootstrap: [resolver.test]}\n",
       {"f:2:52: upstream.bootstrap[0]: `resolver.test`: no port"}},
      {listen + "upstream: {servers: [dns://192.0.2.1], retries: 3}\n", {"f:2:40: upstream.retries: unknown key"}},
  });
  for (const char* url : {"quic://192.0.2.1", "192.0.2.1", "dns://", "tls://192.0.2.1:0", "https://"}) {
    std::vector<Problem> problems = load_text(listen + "upstream: [\"" + url + "\"]\n", "f").problems;
    ASSERT_EQ(problems.size(), 1u) << url;
    EXPECT_EQ(problems[0].key, "upstream[0]");
    EXPECT_EQ(problems[0].line, 2);
  }
}

}  // namespace
}  // namespace dragoman::config
