// What every instance answers by itself, and what it leaves to its upstreams.
#include "settings.h"

#include <gmock/gmock.h>

#include "dragoman/dns/rdata.h"
#include "listening.h"

namespace dragoman::app {
namespace {

using dns::Type;

// The RDATA of what the settings answer by themselves; nullopt when they leave the question to an upstream.
std::optional<std::vector<std::string>> local_answer(const config::Config& config, const std::string& name, Type type) {
  const auto settings = make_settings(config);
  std::vector<std::uint8_t> room(4096);
  dns::MessageWriter writer(room);
  const auto owner = *dns::Name::from_text(name);
  writer.question(owner, type, dns::Class::in);
  dns::Rcode rcode{};
  if (!settings->local.answer({owner, type, dns::Class::in}, writer, rcode)) return {};
  dns::Header header;
  header.flags = dns::Header::qr;
  dns::MessageView view;
  EXPECT_EQ(dns::MessageView::parse(writer.finish(header), view), dns::MessageView::Fault::none);
  std::vector<std::string> texts;
  for (auto [section, record] : view.records()) {
    if (section == dns::Section::answer) texts.push_back(dns::rdata_to_text(view, record));
  }
  return texts;
}

TEST(MakeSettings, answers_the_servers_own_name_with_its_listeners) {
  const auto config = listening_on({"dns://192.0.2.1", "tls://192.0.2.1", "tls://[2001:db8::1]"});
  EXPECT_THAT(*local_answer(config, "dns.example.net", Type::a), testing::ElementsAre("192.0.2.1"));
  EXPECT_THAT(*local_answer(config, "dns.example.net", Type::aaaa), testing::ElementsAre("2001:db8::1"));
}

TEST(MakeSettings, knows_no_address_from_wildcard_listeners) {
  EXPECT_FALSE(local_answer(listening_on({"dns://[::]", "dns://0.0.0.0"}), "dns.example.net", Type::a).has_value());
}

// RFC 6761 6.3: A alone would be taken for an IPv4-only name, and its AAAA synthesized.
TEST(MakeSettings, leaves_localhost_to_the_special_names) {
  auto config = listening_on({"tls://127.0.0.1"});
  config.tls.server_name = "localhost";
  EXPECT_FALSE(local_answer(config, "localhost", Type::a).has_value());
  EXPECT_TRUE(make_settings(config)->special.may_hold(*dns::Name::from_text("localhost")));
}

TEST(MakeSettings, answers_androids_probe_without_an_upstream) {
  EXPECT_TRUE(local_answer({}, "a1b2c3d4-dnsotls-ds.metric.gstatic.com", Type::aaaa).has_value());
  EXPECT_FALSE(local_answer({}, "www.gstatic.com", Type::a).has_value());
}

TEST(MakeSettings, designates_its_listeners_unless_local_data_says_otherwise) {
  auto config = listening_on({"tls://192.0.2.1"});
  EXPECT_THAT(*local_answer(config, "_dns.resolver.arpa", Type::svcb),
              testing::ElementsAre("1 dns.example.net. alpn=\"dot\" port=853 ipv4hint=192.0.2.1"));
  const auto name = *dns::Name::from_text("_dns.resolver.arpa");
  config.local_data.push_back({name, Type::svcb, *dns::rdata_from_text(Type::svcb, "1 other.example. alpn=dot")});
  EXPECT_THAT(*local_answer(config, "_dns.resolver.arpa", Type::svcb),
              testing::ElementsAre("1 other.example. alpn=\"dot\""));
  EXPECT_FALSE(local_answer({}, "_dns.resolver.arpa", Type::svcb).has_value());
}

TEST(MakeSettings, knows_special_names_and_filters_as_configured) {
  config::Config config;
  const dns::Name name = *dns::Name::from_text("1.0.0.10.in-addr.arpa");
  const dns::Question private_reverse{name, Type::ptr, dns::Class::in};
  EXPECT_TRUE(make_settings(config)->special.answer(private_reverse).has_value());
  EXPECT_FALSE(make_settings(config)->rebinding.is_on());
  config.special_names.enabled = false;
  config.rebinding.enabled = true;
  EXPECT_FALSE(make_settings(config)->special.answer(private_reverse).has_value());
  EXPECT_TRUE(make_settings(config)->rebinding.is_on());
}

TEST(MakeSettings, outlives_the_upstreams_own_time_limit) {
  config::Config config;
  config.upstream.timeout = milliseconds(9000);
  EXPECT_GT(make_settings(config)->lookup_deadline, config.upstream.timeout);
}

TEST(MakeSettings, waits_for_the_slowest_group) {
  config::Config config;
  config.groups.push_back({"corp", {}});
  config.groups[0].options.timeout = milliseconds(20'000);
  EXPECT_GT(make_settings(config)->lookup_deadline, milliseconds(20'000));
}

TEST(MakeSettings, knows_which_names_have_a_route_and_which_route_forbids_dns64) {
  config::Config config;
  config.routes = {{*dns::Name::from_text("corp.test"), "corp", false},
                   {*dns::Name::from_text("www.corp.test"), "default", true}};
  const auto settings = make_settings(config);
  const auto name = [](const char* text) { return *dns::Name::from_text(text); };
  EXPECT_TRUE(settings->routed.hold(name("a.corp.test")));
  EXPECT_FALSE(settings->routed.hold(name("test")));
  EXPECT_TRUE(settings->is_without_dns64(name("a.CORP.test")));
  EXPECT_FALSE(settings->is_without_dns64(name("www.corp.test")));  // the longest zone decides
  EXPECT_FALSE(settings->is_without_dns64(name("corp.example")));
}

TEST(MakeSettings, hands_cookies_and_rate_limits_on_to_the_next_configuration) {
  config::Config config;
  config.rate_limit.queries_per_second = config.rate_limit.burst = 1;
  const auto before = make_settings(config);
  const ip::Address client;
  constexpr std::array<std::uint8_t, 8> client_cookie{1, 2, 3, 4, 5, 6, 7, 8};
  constexpr std::int64_t now = 1'800'000'000;
  resolve::WholeCookie cookie{}, renewed{};
  before->cookies->judge(client_cookie, client, now, cookie);
  EXPECT_TRUE(before->rate_limits->admits_query(client, true, Clock::now()));

  const auto after = make_settings(config, {}, before.get());
  EXPECT_EQ(after->cookies->judge(cookie, client, now, renewed), resolve::CookieState::valid);
  EXPECT_FALSE(after->rate_limits->admits_query(client, true, Clock::now()));
}

TEST(MakeSettings, has_neither_cookies_nor_limits_when_they_are_off) {
  config::Config config;
  config.cookies.enabled = false;
  EXPECT_EQ(make_settings(config)->cookies, nullptr);
  EXPECT_EQ(make_settings(config)->rate_limits, nullptr);
}

TEST(MakeSettings, keeps_ttls_low_while_our_own_nat64_is_strained) {
  const ip::Pref64 own;
  config::Config config;
  config.dns64.policies = {{.mappings = {{.prefixes = {own}}}}};
  config.nat64.emplace().unready_max_ttl = seconds(17);
  const auto ttl = [&](const gateway::PrefixState& state) {
    return make_settings(config, state)->dns64.policies[0].max_ttl;
  };
  EXPECT_EQ(ttl({}), seconds(86400));
  gateway::PrefixState full;
  full.failed = full.strained = {own};
  EXPECT_EQ(ttl(full), seconds(17));
}

TEST(MakeSettings, tells_a_nat64_of_answers_when_it_wants_to_know) {
  const auto resolved = std::make_shared<nat64::ResolvedAddresses>(1 << 16, std::uint8_t{64}, 7);
  config::Config config;
  EXPECT_EQ(make_settings(config, {}, nullptr, resolved)->resolved, nullptr);
  gateway::Nat64Options& nat64 = config.nat64.emplace();
  EXPECT_EQ(make_settings(config, {}, nullptr, resolved)->resolved, resolved);
  nat64.traffic_by_name = false;
  EXPECT_EQ(make_settings(config, {}, nullptr, resolved)->resolved, nullptr);
  nat64.nat64.only_resolved = true;
  EXPECT_EQ(make_settings(config, {}, nullptr, resolved)->resolved, resolved);
}

TEST(MakeSettings, takes_validation_from_the_configuration_and_its_anchors) {
  config::Config config = listening_on({"dns://127.0.0.1"});
  EXPECT_FALSE(make_settings(config)->validates());
  EXPECT_FALSE(make_settings(config)->vouches());
  config.dnssec.mode = config::DnssecMode::trust_ad;
  EXPECT_TRUE(make_settings(config)->trust_upstream_ad);
  config.dnssec.mode = config::DnssecMode::validate;
  config.dnssec.limits.failures = 3;
  config.dnssec.aggressive = false;
  config.dnssec.synthesize_on_error = true;
  const auto anchors = std::make_shared<const dnssec::TrustAnchors>();
  const auto settings = make_settings(config, {}, nullptr, nullptr, anchors);
  EXPECT_EQ(settings->anchors, anchors);
  EXPECT_FALSE(settings->trust_upstream_ad);
  EXPECT_EQ(settings->validation_limits.failures, 3);
  EXPECT_FALSE(settings->uses_denials);
  EXPECT_TRUE(settings->synthesizes_on_error);
}

}  // namespace
}  // namespace dragoman::app
