// upstreams and routes.
#include "config_testing.h"
#include "dragoman/config/reference.h"

namespace dragoman::config {
namespace {

using Texts = std::vector<std::string>;

// Three lines, as `basis`.
const std::string with_corp =
    "listen: dns://127.0.0.1:0\nupstream: dns://192.0.2.1\nupstreams: {corp: dns://192.0.2.2}\n";

TEST(RoutesKeys, name_groups_in_both_forms) {
  const Config config = config_of(
      "upstreams:\n  corp: [dns://192.0.2.2, dns://192.0.2.3]\n  lab: {servers: tcp://192.0.2.4, timeout: 9s}\n"
      "routes: [{zone: corp.test, upstream: corp}, {zone: lab.test, upstream: lab}]\n");
  ASSERT_EQ(config.groups.size(), 2u);
  EXPECT_EQ(config.groups[0].name, "corp");
  EXPECT_EQ(config.groups[0].options.servers.size(), 2u);
  EXPECT_EQ(config.groups[1].options.timeout, seconds(9));
  EXPECT_EQ(config.upstream.servers.at(0).url, "dns://192.0.2.1");
}

TEST(RoutesKeys, take_the_group_default_for_upstream) {
  const Loaded loaded =
      load_text("listen: dns://127.0.0.1:0\nupstreams:\n  default: {servers: dns://192.0.2.7}\n", "f");
  ASSERT_TRUE(loaded.config);
  EXPECT_EQ(loaded.config->upstream.servers.at(0).url, "dns://192.0.2.7");
  EXPECT_TRUE(loaded.config->groups.empty());
  EXPECT_TRUE(loaded.warnings.empty());
}

TEST(RoutesKeys, say_who_is_asked_and_whether_dns64_applies) {
  const Config config = config_of(
      "upstreams: {corp: dns://192.0.2.2}\n"
      "routes:\n  - {zone: corp.test, upstream: corp, dns64: false}\n  - {zone: vpn.test., dns64: no}\n"
      "  - {zone: Lab.test, servers: [dns://192.0.2.5, dns://192.0.2.6]}\n");
  ASSERT_EQ(config.routes.size(), 3u);
  EXPECT_EQ(config.routes[0].zone.to_text(), "corp.test.");
  EXPECT_EQ(config.routes[0].group, "corp");
  EXPECT_FALSE(config.routes[0].dns64);
  EXPECT_EQ(config.routes[1].group, "default");
  EXPECT_FALSE(config.routes[1].dns64);
  EXPECT_TRUE(config.routes[2].dns64);
  ASSERT_EQ(config.groups.size(), 2u);
  EXPECT_EQ(config.routes[2].group, config.groups[1].name);
  EXPECT_EQ(config.groups[1].options.servers.size(), 2u);
}

TEST(RoutesKeys, refuse_groups_that_cannot_be_meant) {
  expect_problems_behind_basis({
      {"upstreams: {default: dns://192.0.2.2}\n",
       {"f:4:13: upstreams.default: stands beside `upstream`, which is the same group"}},
      {"upstreams: {a.b: dns://192.0.2.2}\n", {"f:4:13: upstreams.a.b: is no name for a group"}},
      {"upstreams: [dns://192.0.2.2]\n", {"f:4:12: upstreams: must be a section of groups; did you mean `upstream`?"}},
      {"upstreams: {corp: {timeout: 2s}}\nroutes: [{zone: corp.test, upstream: corp}]\n",
       {"f:4:19: upstreams.corp: names no servers"}},
      {"upstreams: {corp: quic://192.0.2.2}\nroutes: [{zone: corp.test, upstream: corp}]\n",
       {"f:4:19: upstreams.corp: `quic://192.0.2.2`: the scheme of a server is dns, udp, tcp, tls or https (for "
        "example tls://192.0.2.53#dns.example.net)"}},
      {"upstreams: {corp: {servers: dns://192.0.2.2, attempt_timeout: 5s}}\nroutes: [{zone: corp.test, upstream: "
       "corp}]\n",
       {"f:4:63: upstreams.corp.attempt_timeout: attempt_timeout leaves no time for a second server"}},
  });
}

TEST(RoutesKeys, refuse_routes_that_lead_nowhere) {
  expect_problems({
      {with_corp + "routes: [{zone: corp.test, upstream: crop}]\n",
       {"f:4:38: routes[0].upstream: there is no group `crop`; did you mean `corp`?"}},
      {with_corp + "routes: [{zone: corp.test, upstream: corp}, {zone: CORP.test., dns64: false}]\n",
       {"f:4:52: routes[1].zone: an earlier route is for `corp.test.`"}},
      {with_corp + "routes: [{zone: corp.test, upstream: corp}, {zone: a.test}]\n",
       {"f:4:45: routes[1]: leads nowhere"}},
      {with_corp + "routes: [{upstream: corp}]\n", {"f:4:10: routes[0]: `zone` is missing"}},
      {with_corp + "routes: [{zone: ., upstream: corp}]\n", {"f:4:17: routes[0].zone: every name is below the root"}},
      {with_corp + "routes: [{zone: a..test, upstream: corp}]\n",
       {"f:4:17: routes[0].zone: `a..test`: a name has an empty label"}},
      {with_corp + "routes: [{zone: corp.test, upstream: corp, servers: dns://192.0.2.3}]\n",
       {"f:4:53: routes[0].servers: stands beside `upstream`"}},
      {with_corp + "routes: [{zone: corp.test, upstream: corp, dsn64: no}]\n",
       {"f:4:44: routes[0].dsn64: unknown key; did you mean `dns64`?"}},
      {with_corp + "routes: [corp.test]\n", {"f:4:10: routes[0]: must be a section, this is `corp.test`"}},
  });
}

TEST(RoutesKeys, are_checked_for_loops_and_secure_channels_like_upstream) {
  expect_problems({
      {"listen: dns://127.0.0.1:5300\nupstream: dns://192.0.2.1\nupstreams: {corp: [dns://127.0.0.1:5300]}\n"
       "routes: [{zone: corp.test, upstream: corp}, {zone: a.test, servers: dns://127.0.0.1:5300}]\n",
       {"f:3:20: upstreams.corp[0]: dns://127.0.0.1:5300 is our own listener dns://127.0.0.1:5300",
        "f:4:69: routes[1].servers: dns://127.0.0.1:5300 is our own listener dns://127.0.0.1:5300"}},
      {"listen: dns://127.0.0.1:0\nupstream: tls://192.0.2.1#a.test\nupstreams: {corp: {servers: [dns://192.0.2.2]}}\n"
       "routes: [{zone: corp.test, upstream: corp}]\ndnssec: {mode: trust_ad}\n",
       {"f:3:30: upstreams.corp.servers[0]: dnssec.mode `trust_ad` needs an authenticated upstream"}},
  });
}

TEST(RoutesKeys, warn_of_what_nobody_uses) {
  EXPECT_EQ(warnings_of(with_corp), Texts{"f:3:19: upstreams.corp: no route leads here, so nobody asks these servers"});
  EXPECT_EQ(warnings_of("listen: dns://127.0.0.1:0\nroutes: [{zone: corp.test, servers: dns://192.0.2.2}]\n"),
            Texts{"f:2:9: routes: without `upstream` only these names are answered"});
}

TEST(RoutesKeys, are_shown_as_they_would_be_written) {
  const Config before;
  const Config after = config_of(
      "upstreams: {corp: {servers: dns://192.0.2.2, timeout: 9s}}\n"
      "routes: [{zone: corp.test, upstream: corp}, {zone: lab.test, servers: dns://192.0.2.5, dns64: false}]\n");
  Texts texts;
  for (const Change& change : differences(before, after)) {
    if (change.key == "upstreams" || change.key == "routes") texts.push_back(change.after);
  }
  EXPECT_EQ(texts, (Texts{"{corp: {servers: [dns://192.0.2.2], timeout: 9s}}",
                          "[{zone: corp.test., upstream: corp}, {zone: lab.test., servers: [dns://192.0.2.5], dns64: "
                          "false}]"}));
}

}  // namespace
}  // namespace dragoman::config
