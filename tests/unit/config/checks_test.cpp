// Keys that are right alone and wrong together.
#include "checks.h"

#include "config_testing.h"

namespace dragoman::config {
namespace {

const std::string upstream = "upstream: dns://192.0.2.1\n";
using Texts = std::vector<std::string>;

TEST(Checks, want_somewhere_to_listen) {
  expect_problems({
      {upstream, {"f:1:1: listen: is missing: nobody could ask"}},
      {upstream + "listen: []\n", {"f:2:9: listen: is empty: nobody could ask"}},
      {upstream + "listen:\n", {"f:2:1: listen: must be a list, this is empty"}},
  });
}

TEST(Checks, want_a_certificate_for_encrypted_listeners) {
  expect_problems({
      {upstream + "listen: tls://127.0.0.1:853\n", {"f:2:9: listen: tls://127.0.0.1:853 needs a certificate"}},
      {upstream + "listen:\n  - dns://127.0.0.1:53\n  - https://127.0.0.1/dns-query\n",
       {"f:4:5: listen[1]: https://127.0.0.1/dns-query needs a certificate"}},
      {upstream + "listen: tls://127.0.0.1:853\ntls: {cert: a, key: b}\n", {}},
  });
}

TEST(Checks, refuse_two_listeners_on_one_endpoint) {
  const std::string tls = upstream + "tls: {cert: a, key: b}\n";
  expect_problems({
      {tls + "listen: [tls://127.0.0.1:5300, dns://127.0.0.1:5300]\n",
       {"f:3:32: listen[1]: takes the address and port of listen[0]"}},
      {tls + "listen: [dns://127.0.0.1:5300, dns://127.0.0.1:5300]\n",
       {"f:3:32: listen[1]: `dns://127.0.0.1:5300` is listed twice"}},
      {tls + "listen: dns://127.0.0.1:5300\nhttp: {listen: 127.0.0.1:5300}\n",
       {"f:4:16: http.listen: takes the address and port of listen[0]"}},
      {tls + "listen: [\"https://[::]/dns-query\", \"https://[::]:443/kids\", \"https://[::]/lab\"]\n", {}},
      {tls + "listen: [\"https://[::]/dns-query\", \"https://[::]/kids\", \"https://[::]\"]\n",
       {"f:3:57: listen[2]: takes the address and port of listen[0]"}},
      {tls + "listen: [\"https://[::]:853/dns-query\", \"tls://[::]\"]\n",
       {"f:3:40: listen[1]: takes the address and port of listen[0]"}},
      {tls + "listen: [tls://127.0.0.1:0, dns://127.0.0.1:0, dns://127.0.0.2:0]\n", {}},
  });
}

TEST(Checks, want_somebody_to_ask_or_something_to_answer) {
  expect_problems({
      {"listen: dns://127.0.0.1:0\n",
       {"f:1:1: upstream: is missing: there is nobody to ask, and no local_data to answer from"}},
      {"listen: dns://127.0.0.1:0\nupstream: []\n",
       {"f:2:1: upstream: is missing: there is nobody to ask, and no local_data to answer from"}},
  });
}

TEST(Checks, refuse_to_forward_to_ourselves) {
  expect_problems({
      {"listen: dns://127.0.0.1:5300\nupstream: dns://127.0.0.1:5300\n",
       {"f:2:11: upstream: dns://127.0.0.1:5300 is our own listener dns://127.0.0.1:5300"}},
      {"listen: \"dns://[::]:5300\"\nupstream: {servers: [\"tcp://[::1]:5300\"]}\n",
       {"f:2:22: upstream.servers[0]: tcp://[::1]:5300 is our own listener dns://[::]:5300"}},
      {"listen: dns://127.0.0.1:5300\nupstream: dns://127.0.0.1:5301\n", {}},
      {"listen: dns://127.0.0.1:5300\nupstream: dns://127.0.0.2:5300\n", {}},
      {"listen: dns://127.0.0.1:5300\nupstream: tls://127.0.0.1:5300\n", {}},
  });
}

// RFC 4035 4.9.3.
TEST(Checks, want_a_secure_channel_to_an_upstream_whose_ad_bit_is_believed) {
  const std::string listen = "listen: dns://127.0.0.1:0\ndnssec: {mode: trust_ad}\n";
  expect_problems({
      {listen + "upstream: dns://192.0.2.1\n",
       {"f:3:11: upstream: dnssec.mode `trust_ad` needs an authenticated upstream"}},
      {listen + "upstream: [tls://192.0.2.2#a.test, tcp://192.0.2.1]\n",
       {"f:3:36: upstream[1]: dnssec.mode `trust_ad` needs an authenticated upstream"}},
      {listen + "upstream: [tls://192.0.2.2#a.test, https://a.test/dns-query, dns://127.0.0.1]\n", {}},
  });
}

TEST(Checks, want_times_that_fit_each_other) {
  expect_problems({
      {"listen: dns://127.0.0.1:0\nupstream: {servers: [dns://192.0.2.1], timeout: 1s, attempt_timeout: 2s}\n",
       {"f:2:70: upstream.attempt_timeout: attempt_timeout leaves no time for a second server"}},
      {basis + "cache: {min_ttl: 1h, max_ttl: 1m}\n", {"f:4:18: cache.min_ttl: min_ttl is above max_ttl"}},
  });
}

TEST(Checks, warn_of_what_is_legal_and_probably_not_meant) {
  const std::string open = "makes this an open resolver, which others will abuse";
  EXPECT_EQ(warnings_of(basis + "acl: {allow: [10.0.0.0/8, 0.0.0.0/0, \"::/0\"]}\n"),
            (Texts{"f:4:27: acl.allow[1]: `0.0.0.0/0` " + open, "f:4:38: acl.allow[2]: `::/0` " + open}));
  EXPECT_EQ(warnings_of(basis + "acl: [0.0.0.0/0]\n"), Texts{"f:4:7: acl[0]: `0.0.0.0/0` " + open});
  EXPECT_EQ(warnings_of(basis + "http: {listen: 0.0.0.0:9153}\n"),
            Texts{"f:4:16: http.listen: the admin pages are cleartext HTTP and open to whoever reaches 0.0.0.0:9153"});
  EXPECT_EQ(warnings_of(basis + "limits: {connections: 10, connections_per_client: 20}\n"),
            Texts{"f:4:51: limits.connections_per_client: one client may take more than all may together"});
}

TEST(Checks, have_nothing_to_say_about_a_plain_configuration) {
  EXPECT_EQ(problems_of(basis), Texts{});
  EXPECT_EQ(warnings_of(basis), Texts{});
  EXPECT_EQ(warnings_of(basis + "limits: {connections: 10}\n"), Texts{});
}

}  // namespace
}  // namespace dragoman::config
