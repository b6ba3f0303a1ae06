// The steps of a query that answer at once: reading, admission, built-in names, local data, cache.
#include "fixture.h"

namespace dragoman::resolve {
namespace {

using dns::Rcode;
using dns::Type;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(ResolverTest, asks_an_upstream_once_and_the_cache_from_then_on) {
  upstream.answer("host.test.", Type::a, {"host.test. 60 A 198.51.100.1"});
  const Ask ask{.name = "host.test", .type = Type::a};
  EXPECT_THAT(resolve(ask).records(), ElementsAre("host.test. 60 A 198.51.100.1"));
  TestClient client;
  EXPECT_EQ(handle(query_octets(ask), ask, client).handled, Handled::answered);
  EXPECT_THAT(upstream.asked, ElementsAre("host.test. A"));
  EXPECT_EQ(metrics.cache_hits(CacheHit::positive).value(), 1u);
  EXPECT_EQ(metrics.cache_misses.value(), 1u);
}

TEST_F(ResolverTest, keeps_the_letter_case_of_the_question_in_question_and_owner) {
  upstream.answer("host.test.", Type::a, {"host.test. 60 A 198.51.100.1"});
  resolve({.name = "host.test", .type = Type::a});
  const Reply reply = resolve({.name = "HoSt.tEST", .type = Type::a});
  EXPECT_EQ(reply.view.question().name.to_text(), "HoSt.tEST.");
  EXPECT_THAT(reply.records(), ElementsAre("HoSt.tEST. 60 A 198.51.100.1"));
}

TEST_F(ResolverTest, copies_id_and_rd_and_cd_and_sets_ra) {
  upstream.answer("host.test.", Type::a, {"host.test. 60 A 198.51.100.1"});
  const Reply reply = resolve({.name = "host.test", .type = Type::a, .checking_disabled = true});
  EXPECT_EQ(reply.view.header().id, 0x1234);
  EXPECT_EQ(reply.view.header().flags, dns::Header::qr | dns::Header::rd | dns::Header::ra | dns::Header::cd);
}

TEST_F(ResolverTest, keeps_answers_with_and_without_dnssec_apart) {
  upstream.answer("host.test.", Type::a, {"host.test. 60 A 198.51.100.1"});
  resolve({.name = "host.test", .type = Type::a});
  resolve({.name = "host.test", .type = Type::a, .dnssec_ok = true});
  resolve({.name = "host.test", .type = Type::a, .checking_disabled = true});
  EXPECT_EQ(upstream.asked.size(), 3u);
}

TEST_F(ResolverTest, refuses_clients_outside_the_acl_with_a_reason) {
  const Reply reply = resolve({.name = "host.test", .from = "2001:db8::1"});
  EXPECT_EQ(reply.rcode(), Rcode::refused);
  EXPECT_EQ(reply.ede(), 18);
  EXPECT_THAT(upstream.asked, IsEmpty());
  EXPECT_EQ(metrics.refused(RefusalReason::acl).value(), 1u);
}

TEST_F(ResolverTest, applies_the_acl_to_every_protocol) {
  for (const Protocol protocol : {Protocol::udp, Protocol::tcp, Protocol::dot, Protocol::doh}) {
    EXPECT_EQ(resolve({.name = "a.test", .protocol = protocol, .from = "192.0.2.1"}).rcode(), Rcode::refused);
    EXPECT_NE(resolve({.name = "a.test", .protocol = protocol, .from = "127.0.0.1"}).rcode(), Rcode::refused);
  }
}

TEST_F(ResolverTest, refuses_what_is_no_business_of_a_resolver) {
  EXPECT_EQ(resolve({.name = "test", .type = Type::axfr}).rcode(), Rcode::refused);
  EXPECT_EQ(resolve({.name = "test", .type = Type::ixfr}).ede(), 21);
  EXPECT_EQ(resolve({.name = "test", .type = Type::tkey}).rcode(), Rcode::notimp);
  EXPECT_EQ(resolve({.name = "test", .type = Type::opt}).rcode(), Rcode::formerr);
  EXPECT_EQ(resolve({.name = "version.bind", .type = Type::txt, .klass = dns::Class::ch}).rcode(), Rcode::refused);
  EXPECT_THAT(upstream.asked, IsEmpty());
}

TEST_F(ResolverTest, answers_any_with_one_small_record) {
  const Reply reply = resolve({.name = "host.test", .type = Type::any});
  ASSERT_EQ(reply.records().size(), 1u);
  EXPECT_THAT(reply.records().front(), testing::HasSubstr("HINFO \"RFC8482\""));
}

TEST_F(ResolverTest, says_notimp_to_other_opcodes) {
  auto message = query_octets({.name = "host.test"});
  message[2] |= 4 << 3;  // NOTIFY
  TestClient client;
  const HandleResult result = handle(message, {.name = ""}, client);
  EXPECT_EQ(Reply(Bytes(room).first(result.length), {}).rcode(), Rcode::notimp);
}

TEST_F(ResolverTest, says_badvers_to_a_later_edns) {
  auto message = query_octets({.name = "host.test"});
  message[message.size() - 5] = 1;  // the version octet of the OPT at the end
  TestClient client;
  const HandleResult result = handle(message, {.name = ""}, client);
  const Reply reply(Bytes(room).first(result.length), {});
  EXPECT_EQ(reply.rcode(), Rcode::badvers);
  EXPECT_EQ(reply.view.edns()->version, 0);
}

TEST_F(ResolverTest, drops_responses_and_fragments_of_a_header) {
  TestClient client;
  auto response = query_octets({.name = "host.test"});
  response[2] |= 0x80;
  EXPECT_EQ(handle(response, {.name = ""}, client).handled, Handled::dropped);
  EXPECT_EQ(handle({1, 2, 3}, {.name = ""}, client).handled, Handled::dropped);
  EXPECT_EQ(metrics.dropped(DropReason::response).value(), 1u);
  EXPECT_EQ(metrics.dropped(DropReason::short_header).value(), 1u);
}

TEST_F(ResolverTest, says_formerr_to_what_cannot_be_read) {
  auto message = query_octets({.name = "host.test", .edns = false});
  message.resize(message.size() - 1);
  TestClient client;
  const HandleResult result = handle(message, {.name = ""}, client);
  ASSERT_EQ(result.handled, Handled::answered);
  EXPECT_EQ(room[3] & 15, 1);
  EXPECT_EQ(load_u16(room.data()), 0x1234);
}

TEST_F(ResolverTest, truncates_at_the_clients_size_and_only_over_udp) {
  std::vector<std::string> records;
  for (int i = 0; i < 90; ++i) records.push_back("big.test. 60 A 198.51.100." + std::to_string(i));
  upstream.answer("big.test.", Type::a, records);
  const Reply whole = resolve({.name = "big.test", .type = Type::a});
  EXPECT_EQ(whole.records().size(), 90u);
  EXPECT_FALSE(whole.view.header().has(dns::Header::tc));
  for (const auto& [edns, payload, limit] : {std::tuple{false, 0, 512}, std::tuple{true, 100, 512},
                                             std::tuple{true, 1232, 1232}, std::tuple{true, 4096, 1232}}) {
    const Reply reply = resolve({.name = "big.test",
                                 .type = Type::a,
                                 .protocol = Protocol::udp,
                                 .edns = edns,
                                 .udp_payload = static_cast<std::uint16_t>(payload)});
    EXPECT_TRUE(reply.view.header().has(dns::Header::tc));
    EXPECT_LE(reply.octets.size(), static_cast<std::size_t>(limit));
    EXPECT_THAT(reply.records(), IsEmpty());
    EXPECT_EQ(reply.view.has_edns(), edns);
  }
}

TEST_F(ResolverTest, gives_no_opt_to_clients_without_one) {
  EXPECT_FALSE(resolve({.name = "host.test", .edns = false}).view.has_edns());
}

constexpr std::uint8_t padding_option[] = {0, 12, 0, 4, 0, 0, 0, 0};

TEST_F(ResolverTest, pads_only_encrypted_replies_to_padded_queries) {
  const std::vector<std::uint8_t> padded(std::begin(padding_option), std::end(padding_option));
  for (const Protocol protocol : {Protocol::dot, Protocol::doh}) {
    EXPECT_EQ(resolve({.name = "host.test", .protocol = protocol, .options = padded}).octets.size() % 468, 0u);
    EXPECT_FALSE(resolve({.name = "host.test", .protocol = protocol})
                     .view.edns()
                     ->find(dns::EdnsOptionCode::padding)
                     .has_value());
  }
  for (const Protocol protocol : {Protocol::udp, Protocol::tcp}) {
    EXPECT_FALSE(resolve({.name = "host.test", .protocol = protocol, .options = padded})
                     .view.edns()
                     ->find(dns::EdnsOptionCode::padding)
                     .has_value());
  }
}

TEST_F(ResolverTest, tells_its_idle_timeout_on_tcp_and_dot_to_who_asked) {
  const std::vector<std::uint8_t> keepalive{0, 11, 0, 0};
  for (const Protocol protocol : {Protocol::tcp, Protocol::dot}) {
    const Reply reply = resolve({.name = "host.test", .protocol = protocol, .options = keepalive});
    const auto option = reply.view.edns()->find(dns::EdnsOptionCode::tcp_keepalive);
    ASSERT_TRUE(option.has_value());
    EXPECT_THAT(*option, ElementsAre(1, 44));  // 300 tenths of a second
    EXPECT_FALSE(resolve({.name = "host.test", .protocol = protocol})
                     .view.edns()
                     ->find(dns::EdnsOptionCode::tcp_keepalive)
                     .has_value());
  }
  EXPECT_FALSE(resolve({.name = "host.test", .protocol = Protocol::udp, .options = keepalive})
                   .view.edns()
                   ->find(dns::EdnsOptionCode::tcp_keepalive)
                   .has_value());
}

TEST_F(ResolverTest, tells_http_how_long_a_reply_is_fresh) {
  upstream.answer("host.test.", Type::a, {"host.test. 60 A 198.51.100.1", "host.test. 30 A 198.51.100.2"});
  EXPECT_EQ(resolve({.name = "host.test", .type = Type::a, .protocol = Protocol::doh}).facts.fresh_s, 30u);
  EXPECT_EQ(resolve({.name = "none.test", .type = Type::mx, .protocol = Protocol::doh}).facts.fresh_s, 300u);
  upstream.fail("dead.test.", Type::a, upstream::Failure::timeout);
  EXPECT_EQ(resolve({.name = "dead.test", .type = Type::a, .protocol = Protocol::doh}).facts.fresh_s, 0u);
}

TEST_F(ResolverTest, answers_local_data_without_an_upstream) {
  settings->local.add({*dns::Name::from_text("box.test"), Type::a, {192, 168, 1, 1}, seconds(120)});
  start();
  EXPECT_THAT(resolve({.name = "BOX.test", .type = Type::a}).records(), ElementsAre("BOX.test. 120 A 192.168.1.1"));
  const Reply nodata = resolve({.name = "box.test", .type = Type::mx});
  EXPECT_EQ(nodata.rcode(), Rcode::noerror);
  EXPECT_THAT(nodata.records(), IsEmpty());
  EXPECT_EQ(nodata.records(dns::Section::authority).size(), 1u);
  EXPECT_THAT(upstream.asked, IsEmpty());
}

TEST_F(ResolverTest, synthesizes_from_local_data_like_from_any_other) {
  settings->local.add({*dns::Name::from_text("box.test"), Type::a, {192, 0, 2, 80}, seconds(120)});
  start();
  EXPECT_THAT(resolve({.name = "box.test"}).records(), ElementsAre("box.test. 120 AAAA 2001:db8:64::c000:250"));
  EXPECT_THAT(upstream.asked, IsEmpty());
}

TEST_F(ResolverTest, never_forwards_names_that_exist_empty_or_not_at_all) {
  settings->local.add_nxdomain_below(*dns::Name::from_text("resolver.arpa"));
  settings->local.add_empty_below(*dns::Name::from_text("probe.test"));
  start();
  EXPECT_EQ(resolve({.name = "_dns.resolver.arpa", .type = Type::svcb}).rcode(), Rcode::nxdomain);
  EXPECT_EQ(resolve({.name = "resolver.arpa", .type = Type::svcb}).rcode(), Rcode::noerror);
  EXPECT_EQ(resolve({.name = "x1y2-dnsotls-ds.probe.test"}).rcode(), Rcode::noerror);
  EXPECT_THAT(upstream.asked, IsEmpty());
}

TEST_F(ResolverTest, passes_ad_on_only_when_the_upstream_is_trusted_and_the_client_asked) {
  // make_answer gives no AD: an upstream that says AD is in lookup_test.cpp's conversation.
  upstream.answer("host.test.", Type::a, {"host.test. 60 A 198.51.100.1"});
  EXPECT_FALSE(resolve({.name = "host.test", .type = Type::a, .dnssec_ok = true}).view.header().has(dns::Header::ad));
}

TEST_F(ResolverTest, obeys_new_settings_with_the_next_query_and_keeps_the_cache) {
  serve_v4_only("v4.test");
  EXPECT_EQ(resolve({.name = "v4.test"}).records().size(), 1u);
  Settings changed = *settings;
  changed.dns64.policies = {everybody("2001:db8:aaaa::/96")};
  resolver->apply(std::make_shared<const Settings>(changed));
  EXPECT_THAT(resolve({.name = "v4.test"}).records(), ElementsAre(testing::HasSubstr("AAAA 2001:db8:aaaa::c633:6407")));
  EXPECT_EQ(upstream.asked.size(), 2u);
}

TEST_F(ResolverTest, counts_requests_and_responses_by_protocol) {
  upstream.answer("host.test.", Type::a, {"host.test. 60 A 198.51.100.1"});
  resolve({.name = "host.test", .type = Type::a, .protocol = Protocol::doh, .from = "127.0.0.1"});
  EXPECT_EQ(metrics.requests(Protocol::doh, Family::v4, QueryType::a).value(), 1u);
  EXPECT_EQ(metrics.responses(Protocol::doh, ReplyCode::noerror).value(), 1u);
}

}  // namespace
}  // namespace dragoman::resolve
