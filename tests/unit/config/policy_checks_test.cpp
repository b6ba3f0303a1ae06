// Policies that are right alone and wrong together.
#include "policy_checks.h"

#include "config_testing.h"

namespace dragoman::config {
namespace {

using Texts = std::vector<std::string>;

TEST(PolicyChecks, want_listeners_that_there_are) {
  expect_problems_behind_basis({
      {"dns64: {policies: [{name: a, listeners: [dns://127.0.0.1:0, dns://127.0.0.2:0]}]}\n",
       {"f:4:61: dns64.policies[0].listeners[1]: `dns://127.0.0.2:0` is not in `listen`"}},
      {"dns64: {policies: [{name: a, listeners: dns://127.0.0.2:0}]}\n",
       {"f:4:41: dns64.policies[0].listeners: `dns://127.0.0.2:0` is not in `listen`"}},
      {"dns64: {policies: [{name: a, paths: [/kids]}]}\n",
       {"f:4:38: dns64.policies[0].paths[0]: no https:// listener has the path `/kids`"}},
      {"dns64: {policies: [{name: a, paths: kids}]}\n",
       {"f:4:37: dns64.policies[0].paths: `kids`: not the path of a URL"}},
      {"dns64: {policies: [{name: a, tls_names: dns.example.net}]}\n",
       {"f:4:41: dns64.policies[0].tls_names: no listener speaks TLS"}},
  });
}

TEST(PolicyChecks, warn_of_policies_that_nobody_gets_to) {
  EXPECT_EQ(
      warnings_of(basis + "dns64:\n  prefixes:\n    - {prefix: none, clients: 10.0.0.0/8}\n"
                          "    - {prefix: \"64:ff9b::/96\", clients: 10.1.0.0/16}\n"),
      Texts{"f:6:5: dns64.prefixes: the entry for 10.1.0.0/16 is never used: an earlier entry has all its clients"});
  EXPECT_EQ(warnings_of(basis + "dns64:\n  policies:\n    - {name: all}\n    - {name: some, clients: 10.0.0.0/8}\n"),
            Texts{"f:7:14: dns64.policies[1].name: the policy some is never used: an earlier one has all its clients"});
  EXPECT_EQ(warnings_of(basis + "dns64:\n  policies:\n    - {name: door, listeners: dns://127.0.0.1:0}\n"
                                "    - {name: some, clients: 10.0.0.0/8}\n"
                                "    - {name: both, clients: 10.1.0.0/16, listeners: dns://127.0.0.1:0}\n"),
            Texts{"f:8:14: dns64.policies[2].name: the policy both is never used: an earlier one has all its clients"});
}

TEST(PolicyChecks, warn_of_ranges_that_no_address_is_left_for) {
  EXPECT_EQ(warnings_of(basis + "dns64:\n  prefixes:\n    - 64:ff9b::/96\n    - {prefix: none, ipv4: 10.0.0.0/8}\n"
                                "    - {prefix: \"2001:db8::/96\", ipv4: 10.1.0.0/16}\n"),
            Texts{"f:6:5: dns64.prefixes: the entry for 10.1.0.0/16 is never used: earlier entries have all its "
                  "addresses"});
  EXPECT_EQ(warnings_of(basis + "dns64: {prefixes: [{prefix: none, ipv4: 10.0.0.0/8}]}\n"),
            Texts{"f:4:19: dns64.prefixes: no entry has a prefix: there is no synthesis"});
}

TEST(PolicyChecks, have_nothing_to_say_about_policies_that_differ) {
  EXPECT_EQ(warnings_of(basis + "dns64:\n  policies:\n    - {name: one, clients: 10.1.0.0/16, prefix: none}\n"
                                "    - {name: two, clients: 10.0.0.0/8, listeners: dns://127.0.0.1:0}\n"
                                "    - {name: three, clients: 10.0.0.0/8}\n"),
            Texts{});
}

}  // namespace
}  // namespace dragoman::config
