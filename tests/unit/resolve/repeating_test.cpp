// The reply of this second is sent again, with everything that goes with it, and not a moment longer.
#include "fixture.h"

namespace dragoman::resolve {
namespace {

using dns::Type;

class RepeatingTest : public ResolverTest {
 protected:
  RepeatingTest() { serve_v4_only("www.example.test"); }

  std::uint64_t repeated() const { return metrics.packets_repeated.value(); }

  // Until the reply comes out of the packet cache.
  Reply resolve_again(const Ask& ask) {
    resolve(ask);
    begin_a_second();
    resolve(ask);
    return resolve(ask);
  }
};

TEST_F(RepeatingTest, the_same_octets_get_the_same_reply_with_their_own_id) {
  const Ask ask{.name = "www.example.test"};
  resolve(ask);
  begin_a_second();
  const Reply first = resolve(ask);
  TestClient client;
  auto octets = query_octets(ask);
  store_u16(octets.data(), 0xBEEF);
  const HandleResult result = handle(octets, ask, client);
  ASSERT_EQ(result.handled, Handled::answered);
  EXPECT_EQ(repeated(), 1u);
  const Reply second(Bytes(room).first(result.length), result.facts);
  EXPECT_EQ(second.view.header().id, 0xBEEF);
  EXPECT_EQ(second.records(), first.records());
  EXPECT_EQ(second.facts.fresh_s, first.facts.fresh_s);
  EXPECT_EQ(second.ede(), first.ede());
}

TEST_F(RepeatingTest, a_new_second_has_a_new_reply) {
  const Ask ask{.name = "www.example.test", .type = Type::a};
  const Reply before = resolve_again(ask);
  EXPECT_EQ(repeated(), 1u);
  begin_a_second();
  EXPECT_NE(resolve(ask).records(), before.records()) << "the TTL is one less";
  EXPECT_EQ(repeated(), 1u);
}

TEST_F(RepeatingTest, it_counts_as_if_it_had_been_made_anew) {
  resolve_again({.name = "www.example.test"});
  EXPECT_EQ(repeated(), 1u);
  EXPECT_EQ(metrics.cache_hits(CacheHit::dns64).value(), 2u);
  EXPECT_EQ(metrics.dns64(Dns64Result::synthesized).value(), 3u);
  EXPECT_EQ(metrics.responses(Protocol::tcp, ReplyCode::noerror).value(), 3u);
  EXPECT_EQ(metrics.requests(Protocol::tcp, Family::v6, QueryType::aaaa).value(), 3u);
  EXPECT_EQ(resolver->ipv4_only().names.at(0).count, 3u);
}

TEST_F(RepeatingTest, the_list_of_ipv4_only_names_counts_over_seconds) {
  const Ask ask{.name = "www.example.test"};
  for (int i = 0; i < 2; ++i) resolve_again(ask);
  EXPECT_EQ(resolver->ipv4_only().names.at(0).count, 6u);
  resolve(ask);
  EXPECT_EQ(resolver->ipv4_only().names.at(0).count, 7u);
}

TEST_F(RepeatingTest, a_name_that_gets_its_aaaa_is_noted_though_packets_leave_later) {
  const Ask ask{.name = "www.example.test"};
  resolve_again(ask);
  upstream.answer("www.example.test.", Type::aaaa, {"www.example.test. 300 AAAA 2001:db8::1"});
  cache.clear();
  resolve(ask);
  EXPECT_NE(resolver->ipv4_only().names.at(0).got_aaaa_at, 0);
  EXPECT_EQ(resolver->ipv4_only().names.at(0).count, 3u);
}

TEST_F(RepeatingTest, policies_and_protocols_have_replies_of_their_own) {
  dns64::Policy guests = everybody("2001:db8:99::/96");
  guests.name = "guests";
  guests.clients = {*ip::Prefix::from_text("127.0.0.0/8")};
  settings->dns64.policies = {guests, everybody()};
  start();
  const Ask one{.name = "www.example.test"}, other{.name = "www.example.test", .from = "127.0.0.1"};
  resolve_again(one);
  EXPECT_THAT(resolve(other).records(), testing::ElementsAre(testing::EndsWith(" 2001:db8:99::c633:6407")));
  EXPECT_EQ(repeated(), 1u);
  resolve({.name = "www.example.test", .protocol = Protocol::doh});
  EXPECT_EQ(repeated(), 1u);
}

TEST_F(RepeatingTest, whoever_may_not_ask_gets_none) {
  settings->acl = make_acl({{*ip::Prefix::from_text("::1/128")}, {}});
  start();
  resolve_again({.name = "www.example.test"});
  EXPECT_EQ(resolve({.name = "www.example.test", .from = "127.0.0.1"}).rcode(), dns::Rcode::refused);
}

TEST_F(RepeatingTest, cookies_and_keepalive_are_one_clients_alone) {
  settings->cookies = std::make_shared<const ServerCookies>(CookieOptions(), 0);
  start();
  resolve_again({.name = "www.example.test", .options = {0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8}});
  resolve_again({.name = "www.example.test", .options = {0, 11, 0, 0}});
  EXPECT_EQ(repeated(), 0u);
}

TEST_F(RepeatingTest, response_rate_limiting_looks_at_each_reply) {
  settings->rate_limits = RateLimits::make({.responses_per_second = 1});
  start();
  const Ask ask{.name = "www.example.test", .protocol = Protocol::udp, .from = "::1"};
  resolve_again({.name = "www.example.test", .protocol = Protocol::tcp, .from = "::1"});
  EXPECT_EQ(repeated(), 1u);
  TestClient client;
  for (int i = 0; i < 20; ++i) handle(query_octets(ask), ask, client);
  EXPECT_EQ(repeated(), 1u);
}

TEST_F(RepeatingTest, new_settings_and_a_cleared_cache_end_it) {
  const Ask ask{.name = "www.example.test"};
  resolve_again(ask);
  settings->dns64.policies = {everybody("2001:db8:99::/96")};
  resolver->apply(std::make_shared<const Settings>(*settings));
  EXPECT_THAT(resolve(ask).records(), testing::ElementsAre(testing::EndsWith(" 2001:db8:99::c633:6407")));
  begin_a_second();
  resolve_again(ask);
  EXPECT_EQ(resolver->ipv4_only().names.at(0).count, 7u) << "those under the former settings, too";
  const auto before = repeated();
  serve_v4_only("www.example.test", "198.51.100.9");
  cache.clear();
  EXPECT_THAT(resolve(ask).records(), testing::ElementsAre(testing::EndsWith(" 2001:db8:99::c633:6409")));
  EXPECT_EQ(repeated(), before);
}

TEST_F(RepeatingTest, what_was_cut_short_is_not_kept) {
  std::vector<std::string> records;
  for (int i = 0; i < 60; ++i) records.push_back("many.test. 300 A 198.51.100." + std::to_string(i));
  upstream.answer("many.test.", Type::a, records);
  const Ask ask{.name = "many.test", .type = Type::a, .protocol = Protocol::udp, .udp_payload = 512};
  EXPECT_TRUE(resolve_again(ask).view.header().has(dns::Header::tc));
  EXPECT_EQ(repeated(), 0u);
  EXPECT_EQ(metrics.truncated.value(), 3u);
}

TEST_F(RepeatingTest, the_nat64_hears_of_every_client) {
  auto resolved = std::make_shared<nat64::ResolvedAddresses>(1 << 20, std::uint8_t{64}, 7);
  settings->acl = make_acl({{*ip::Prefix::from_text("::/0")}, {}});
  settings->resolved = resolved;
  start();
  for (const Type type : {Type::aaaa, Type::a}) {
    const std::string other = type == Type::a ? "2001:db8:7::1" : "2001:db8:9::1";
    resolve_again({.name = "www.example.test", .type = type, .from = "2001:db8:1::1"});
    const auto before = repeated();
    resolve({.name = "www.example.test", .type = type, .from = other});
    EXPECT_EQ(repeated(), before + 1);
    const ip::Ipv6Octets client = ip::Address::from_text(other)->v6();
    EXPECT_TRUE(resolved->was_resolved(client.data(), {198, 51, 100, 7}, loop.now()));
    const auto text = resolved->names().text(resolved->domain_of(client.data(), {198, 51, 100, 7}));
    EXPECT_EQ(text ? std::string(text->view()) : "", type == Type::a ? "" : "example.test");
  }
}

TEST_F(RepeatingTest, an_answer_of_more_addresses_than_are_told_again_goes_the_long_way) {
  settings->resolved = std::make_shared<nat64::ResolvedAddresses>(1 << 20, std::uint8_t{64}, 7);
  start();
  std::vector<std::string> records;
  for (int i = 0; i < 5; ++i) records.push_back("five.test. 300 A 198.51.100." + std::to_string(i));
  upstream.answer("five.test.", Type::a, records);
  resolve_again({.name = "five.test", .type = Type::a});
  EXPECT_EQ(repeated(), 0u);
}

TEST_F(RepeatingTest, none_is_kept_where_there_is_no_memory_for_it) {
  cache::AnswerCache without(cache::Options{.size = 1 << 20, .packets = 0});
  resolver = std::make_unique<Resolver>(loop, without, upstream, settings, metrics);
  resolve_again({.name = "www.example.test"});
  EXPECT_EQ(repeated(), 0u);
  EXPECT_EQ(metrics.cache_hits(CacheHit::dns64).value(), 2u);
  resolver.reset();
}

}  // namespace
}  // namespace dragoman::resolve
