// What a reply looks like: header bits, size, OPT, padding, freshness.
#include "fixture.h"

namespace dragoman::resolve {
namespace {

using dns::Rcode;
using dns::Type;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint8_t padding_option[] = {0, 12, 0, 4, 0, 0, 0, 0};

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

TEST_F(ResolverTest, passes_ad_on_only_when_the_upstream_is_trusted_and_the_client_asked) {
  upstream.answer_authentic("host.test.", Type::a, {"host.test. 60 A 198.51.100.1"});
  const auto has_ad = [this](Ask ask) { return resolve(ask).view.header().has(dns::Header::ad); };
  const Ask plain{.name = "host.test", .type = Type::a};
  const Ask with_do{.name = "host.test", .type = Type::a, .dnssec_ok = true};
  const Ask with_ad{.name = "host.test", .type = Type::a, .authentic_wanted = true};
  EXPECT_FALSE(has_ad(plain) || has_ad(with_do) || has_ad(with_ad));
  settings->trust_upstream_ad = true;
  start();
  EXPECT_FALSE(has_ad(plain));
  EXPECT_TRUE(has_ad(with_do));
  EXPECT_TRUE(has_ad(with_ad));
}

TEST_F(ResolverTest, never_says_ad_about_a_synthetic_record) {
  settings->trust_upstream_ad = true;
  start();
  upstream.answer_authentic("v4.test.", Type::a, {"v4.test. 60 A 198.51.100.1"});
  upstream.answer_authentic("v4.test.", Type::aaaa, {soa});
  const Reply reply = resolve({.name = "v4.test", .dnssec_ok = true});
  EXPECT_EQ(reply.records().size(), 1u);
  EXPECT_FALSE(reply.view.header().has(dns::Header::ad));
}

}  // namespace
}  // namespace dragoman::resolve
