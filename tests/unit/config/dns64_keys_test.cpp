// dns64: the forms that prefixes are written in, and whom they are for.
#include "config_testing.h"
#include "dragoman/config/reference.h"

namespace dragoman::config {
namespace {

std::vector<std::string> prefixes_of(const dns64::Policy& policy) {
  std::vector<std::string> out;
  for (const dns64::Mapping& mapping : policy.mappings) {
    for (const ip::Pref64& prefix : mapping.prefixes) out.push_back(prefix.to_text());
  }
  return out;
}

using Texts = std::vector<std::string>;

TEST(Dns64Keys, mean_no_synthesis_when_the_section_is_absent) { EXPECT_TRUE(config_of("").dns64.policies.empty()); }

TEST(Dns64Keys, mean_the_well_known_prefix_when_the_section_names_none) {
  for (const char* text : {"dns64:\n", "dns64: {}\n", "dns64: {ptr: off}\n"}) {
    dns64::Options dns64 = config_of(text).dns64;
    ASSERT_EQ(dns64.policies.size(), 1u) << text;
    EXPECT_EQ(prefixes_of(dns64.policies[0]), Texts{"64:ff9b::/96"}) << text;
    ASSERT_EQ(dns64.policies[0].exclude_aaaa.size(), 1u);
    EXPECT_EQ(dns64.policies[0].exclude_aaaa[0], dns64::default_exclude_aaaa()[0]);
  }
}

TEST(Dns64Keys, put_prefixes_without_clients_into_one_policy) {
  for (const char* text : {"dns64: {prefixes: [\"64:ff9b::/96\", \"2001:db8::/40\"]}\n",
                           "dns64: {prefixes: [{prefix: \"64:ff9b::/96\"}, {prefix: \"2001:db8::/40\"}]}\n",
                           "dns64: {prefixes: [{prefixes: [\"64:ff9b::/96\", \"2001:db8::/40\"]}]}\n"}) {
    dns64::Options dns64 = config_of(text).dns64;
    ASSERT_EQ(dns64.policies.size(), 1u) << text;
    EXPECT_EQ(prefixes_of(dns64.policies[0]), (Texts{"64:ff9b::/96", "2001:db8::/40"})) << text;
    EXPECT_TRUE(dns64.policies[0].clients.empty());
  }
}

TEST(Dns64Keys, try_entries_with_clients_before_the_one_for_everybody) {
  dns64::Options dns64 = config_of(
                             "dns64:\n  exclude_a: 10.0.0.0/8\n  prefixes:\n    - 64:ff9b::/96\n"
                             "    - {prefix: none, clients: 192.0.2.0/24}\n"
                             "    - {prefix: \"2001:db8:64::/96\", clients: [\"2001:db8:a::/48\"], ptr: off, "
                             "exclude_a: []}\n")
                             .dns64;
  ASSERT_EQ(dns64.policies.size(), 3u);
  EXPECT_FALSE(dns64.policies[0].synthesizes());
  EXPECT_EQ(dns64.policies[0].name, "192.0.2.0/24");
  EXPECT_EQ(dns64.policies[0].exclude_a.size(), 1u);
  EXPECT_EQ(prefixes_of(dns64.policies[1]), Texts{"2001:db8:64::/96"});
  EXPECT_EQ(dns64.policies[1].ptr, dns64::PtrMode::off);
  EXPECT_TRUE(dns64.policies[1].exclude_a.empty());
  EXPECT_EQ(prefixes_of(dns64.policies[2]), Texts{"64:ff9b::/96"});
  EXPECT_EQ(dns64.policies[2].ptr, dns64::PtrMode::cname);
}

TEST(Dns64Keys, leave_everybody_else_without_synthesis_when_only_entries_have_prefixes) {
  dns64::Options only_entries =
      config_of("dns64: {prefixes: [{prefix: \"64:ff9b::/96\", clients: 10.0.0.0/8}]}\n").dns64;
  ASSERT_EQ(only_entries.policies.size(), 2u);
  EXPECT_EQ(only_entries.policies[1].name, "default");
  EXPECT_FALSE(only_entries.policies[1].synthesizes());
  EXPECT_TRUE(config_of("dns64: {prefix: none}\n").dns64.policies.empty());
}

TEST(Dns64Keys, reach_the_options) {
  dns64::Options dns64 = config_of(
                             "dns64: {prefix: \"2001:db8::/32\", exclude_aaaa: [], aaaa_timeout: 2s, a_delay: 50ms, "
                             "well_known_prefix_for_global_only: false}\n")
                             .dns64;
  EXPECT_EQ(dns64.aaaa_deadline, milliseconds(2000));
  EXPECT_EQ(dns64.a_delay, milliseconds(50));
  ASSERT_EQ(dns64.policies.size(), 1u);
  EXPECT_TRUE(dns64.policies[0].exclude_aaaa.empty());
  EXPECT_EQ(dns64.policies[0].well_known_prefix, dns64::WellKnownPrefixRule::off);
}

TEST(Dns64Keys, refuse_prefixes_that_rfc_6052_does_not_know) {
  expect_problems_behind_basis({
      {"dns64: {prefix: \"64:ff9b::/95\"}\n",
       {"f:4:17: dns64.prefix: `64:ff9b::/95`: the length must be 32, 40, 48, 56, 64 or 96"}},
      {"dns64: {prefix: 192.0.2.0/24}\n", {"f:4:17: dns64.prefix: `192.0.2.0/24`: not an IPv6 prefix"}},
      {"dns64: {prefix: \"2001:db8:0:0:ff00::/96\"}\n",
       {"f:4:17: dns64.prefix: `2001:db8:0:0:ff00::/96`: bits 64 to 71 must be zero"}},
  });
}

TEST(Dns64Keys, refuse_what_has_two_meanings) {
  expect_problems_behind_basis({
      {"dns64: {prefix: \"64:ff9b::/96\", prefixes: [\"2001:db8::/96\"]}\n",
       {"f:4:43: dns64.prefixes: stands beside `prefix`"}},
      {"dns64: {prefixes: [\"64:ff9b::/96\", \"64:ff9b::/96\"]}\n",
       {"f:4:36: dns64.prefixes[1]: `64:ff9b::/96` is listed twice"}},
      {"dns64: {prefixes: [{clients: [10.0.0.0/8]}]}\n", {"f:4:20: dns64.prefixes[0]: names no prefix"}},
      {"dns64: {prefixes: [{prefix: \"64:ff9b::/96\", exclude_a: [10.0.0.0/8]}]}\n",
       {"f:4:56: dns64.prefixes[0].exclude_a: without `clients` this is for everybody"}},
      {"dns64: {prefixes: [{prefix: \"64:ff9b::/96\", clients: []}]}\n",
       {"f:4:54: dns64.prefixes[0].clients: names nobody"}},
      {"dns64: {ptr: synthesize}\n", {"f:4:14: dns64.ptr: `synthesize` is not known"}},
      {"dns64: [\"64:ff9b::/96\"]\n", {"f:4:8: dns64: must be a section, this is a list"}},
  });
}

TEST(Dns64Keys, warn_of_prefixes_beside_the_well_known_one) {
  EXPECT_EQ(warnings_of(basis + "dns64: {prefix: \"64:ff9b:2::/96\"}\n"),
            Texts{"f:4:17: dns64.prefix: 64:ff9b:2::/96 is neither the Well-Known Prefix nor within 64:ff9b:1::/48"});
  EXPECT_EQ(warnings_of(basis + "dns64: {prefix: \"64:ff9b:1::/96\"}\n"), Texts{});
  EXPECT_EQ(warnings_of(basis + "dns64: {prefix: \"64:ff9b::/96\"}\n"), Texts{});
}

TEST(Dns64Keys, make_policies_that_inherit_what_they_do_not_say) {
  dns64::Options dns64 = config_of_whole(
                             "upstream: dns://192.0.2.1\ntls: {cert: a, key: b}\n"
                             "listen: [dns://127.0.0.1:0, \"https://127.0.0.1:0/kids\"]\n"
                             "dns64:\n  exclude_a: 10.0.0.0/8\n  prefix: 2001:db8:64::/96\n  policies:\n"
                             "    - {name: kids, paths: /kids, tls_names: DNS.Example.net., exclude_names: ads.test}\n"
                             "    - {name: wires, clients: 192.0.2.0/24, listeners: \"dns://127.0.0.1:0\", "
                             "prefix: none, exclude_a: []}\n")
                             .dns64;
  ASSERT_EQ(dns64.policies.size(), 3u);
  const dns64::Policy& kids = dns64.policies[0];
  EXPECT_EQ(kids.name, "kids");
  EXPECT_EQ(kids.paths, Texts{"/kids"});
  EXPECT_EQ(kids.tls_names, Texts{"dns.example.net"});
  EXPECT_EQ(prefixes_of(kids), Texts{"2001:db8:64::/96"});
  EXPECT_EQ(kids.exclude_a.size(), 1u);
  EXPECT_TRUE(kids.exclude_names.hold(*dns::Name::from_text("x.ADS.test")));
  const dns64::Policy& wires = dns64.policies[1];
  EXPECT_EQ(wires.listeners, Texts{"dns://127.0.0.1:0"});
  EXPECT_EQ(wires.clients.size(), 1u);
  EXPECT_FALSE(wires.synthesizes());
  EXPECT_TRUE(wires.exclude_a.empty());
  EXPECT_TRUE(wires.exclude_names.empty());
  EXPECT_EQ(dns64.policies[2].name, "default");
  EXPECT_TRUE(dns64.policies[2].paths.empty());
}

TEST(Dns64Keys, try_listed_policies_before_entries_with_clients) {
  dns64::Options dns64 = config_of(
                             "dns64: {prefixes: [{prefix: none, clients: 192.0.2.0/24}], policies: [{name: first, "
                             "clients: 192.0.2.0/25, prefix: \"64:ff9b::/96\"}]}\n")
                             .dns64;
  ASSERT_EQ(dns64.policies.size(), 3u);
  EXPECT_EQ(dns64.policies[0].name, "first");
  EXPECT_EQ(dns64.policies[1].name, "192.0.2.0/24");
}

TEST(Dns64Keys, refuse_policies_that_cannot_be_told_apart) {
  expect_problems_behind_basis({
      {"dns64: {policies: [{clients: 10.0.0.0/8}]}\n", {"f:4:20: dns64.policies[0]: has no name"}},
      {"dns64: {policies: [{name: a, clients: 10.0.0.0/8}, {name: a, clients: 11.0.0.0/8}]}\n",
       {"f:4:59: dns64.policies[1].name: `a` is the name of an earlier policy"}},
      {"dns64: {policies: [{name: default}]}\n",
       {"f:4:27: dns64.policies[0].name: `default`: is what stands under dns64 itself"}},
      {"dns64: {policies: [{name: a/b}]}\n",
       {"f:4:27: dns64.policies[0].name: `a/b`: not a name of at most 64 letters, digits, `-`, `_` and `.`"}},
      {"dns64: {policies: [{name: a, clients: []}]}\n", {"f:4:39: dns64.policies[0].clients: names nobody"}},
      {"dns64: {policies: [{name: a, clinets: 10.0.0.0/8}]}\n",
       {"f:4:30: dns64.policies[0].clinets: unknown key; did you mean `clients`?"}},
      {"dns64: {policies: [guests]}\n", {"f:4:20: dns64.policies[0]: must be a section, this is `guests`"}},
      {"dns64: {policies: [{name: a, prefixes: [{prefix: none, clients: 10.0.0.0/8}]}]}\n",
       {"f:4:56: dns64.policies[0].prefixes[0].clients: unknown key"}},
  });
}

TEST(Dns64Keys, show_policies_and_prefixes_apart_to_a_reload) {
  const auto changed = [](const std::string& before, const std::string& after) {
    Texts out;
    for (const Change& change : differences(config_of(before), config_of(after))) out.push_back(change.key);
    return out;
  };
  EXPECT_EQ(changed("dns64: {policies: [{name: a, clients: 10.0.0.0/8}]}\n",
                    "dns64: {policies: [{name: a, clients: 10.0.0.0/9}]}\n"),
            Texts{"dns64.policies"});
  EXPECT_EQ(
      changed("dns64: {prefixes: [{prefix: \"2001:db8::/96\", external: true}]}\n",
              "dns64: {prefixes: [{prefix: \"2001:db8::/96\", external: true, probe: \"tcp://192.0.2.1:80\"}]}\n"),
      Texts{"dns64.prefixes"});
  EXPECT_EQ(changed("dns64: {prefix: discovered}\n", "dns64: {prefix: \"64:ff9b::/96\"}\n"), Texts{"dns64.prefixes"});
}

}  // namespace
}  // namespace dragoman::config
