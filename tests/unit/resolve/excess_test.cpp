// What clients over their limits get, and how cookies help them; the queries that are about cookies alone.
#include <ctime>

#include "fixture.h"

namespace dragoman::resolve {
namespace {

using dns::Rcode;
using dns::Type;
using testing::IsEmpty;

using Octets = std::vector<std::uint8_t>;

Octets cookie_option(const Octets& cookie) {
  Octets option{0, 10, 0, static_cast<std::uint8_t>(cookie.size())};
  option.insert(option.end(), cookie.begin(), cookie.end());
  return option;
}

const Octets client_cookie{1, 2, 3, 4, 5, 6, 7, 8};

Octets cookie_in(const Reply& reply) {
  const auto option = reply.view.has_edns() ? reply.view.edns()->find(dns::EdnsOptionCode::cookie) : std::nullopt;
  return option ? Octets(option->begin(), option->end()) : Octets();
}

bool is_truncated(const Reply& reply) { return reply.view.header().has(dns::Header::tc); }

class ExcessTest : public ResolverTest {
 protected:
  ExcessTest() {
    settings->cookies = std::make_shared<const ServerCookies>(CookieOptions(), std::time(nullptr));
    upstream.answer("host.test.", Type::a, {"host.test. 60 A 198.51.100.1"});
    ask.name = "host.test";
    ask.type = Type::a;
    ask.protocol = Protocol::udp;
  }
  void limit(const RateLimitOptions& options) {
    settings->rate_limits = RateLimits::make(options);
    start();
    loop.run_once(milliseconds(0));
  }
  // The reply, or nothing when it was dropped.
  std::optional<Reply> try_once(const Ask& how) {
    TestClient client;
    const HandleResult result = handle(query_octets(how), how, client);
    if (result.handled == Handled::dropped) return {};
    if (result.handled == Handled::answered) return Reply(Bytes(room).first(result.length), result.facts);
    while (client.tickets.empty()) loop.run_once(milliseconds(5));
    return *client.replies.front();
  }
  Octets learn_cookie() {
    Ask how = ask;
    how.protocol = Protocol::tcp;
    how.options = cookie_option(client_cookie);
    return cookie_in(resolve(how));
  }

  Ask ask;
};

class CookieTest : public ExcessTest {};

TEST_F(CookieTest, a_client_cookie_is_answered_with_a_server_cookie_on_every_protocol) {
  start();
  for (const Protocol protocol : {Protocol::udp, Protocol::tcp, Protocol::dot, Protocol::doh}) {
    ask.protocol = protocol;
    ask.options = cookie_option(client_cookie);
    const Octets cookie = cookie_in(resolve(ask));
    ASSERT_EQ(cookie.size(), 24u);
    EXPECT_EQ(Octets(cookie.begin(), cookie.begin() + 8), client_cookie);
    ask.options = cookie_option(cookie);
    EXPECT_EQ(cookie_in(resolve(ask)), cookie);
  }
  EXPECT_EQ(metrics.cookies(CookieState::client).value(), 4u);
  EXPECT_EQ(metrics.cookies(CookieState::valid).value(), 4u);
}

TEST_F(CookieTest, a_bad_server_cookie_is_answered_all_the_same_and_renewed) {
  start();
  Octets cookie = learn_cookie();
  cookie.back() ^= 1;
  ask.options = cookie_option(cookie);
  const Reply reply = resolve(ask);
  EXPECT_EQ(reply.rcode(), Rcode::noerror);
  EXPECT_EQ(reply.records().size(), 1u);
  EXPECT_NE(cookie_in(reply), cookie);
  EXPECT_EQ(metrics.cookies(CookieState::invalid).value(), 1u);
}

TEST_F(CookieTest, an_option_of_an_illegal_length_is_formerr) {
  start();
  for (const std::size_t length : {0u, 7u, 9u, 15u, 41u}) {
    ask.options = cookie_option(Octets(length));
    const Reply reply = resolve(ask);
    EXPECT_EQ(reply.rcode(), Rcode::formerr) << length;
    EXPECT_THAT(cookie_in(reply), IsEmpty());
  }
  EXPECT_EQ(metrics.refused(RefusalReason::malformed).value(), 5u);
}

TEST_F(CookieTest, the_option_is_ignored_when_cookies_are_off) {
  settings->cookies = nullptr;
  start();
  for (const std::size_t length : {7u, 8u, 24u}) {
    ask.options = cookie_option(Octets(length));
    const Reply reply = resolve(ask);
    EXPECT_EQ(reply.rcode(), Rcode::noerror);
    EXPECT_THAT(cookie_in(reply), IsEmpty());
  }
}

TEST_F(CookieTest, refusals_and_late_replies_carry_one_too) {
  start();
  ask.options = cookie_option(client_cookie);
  ask.from = "192.0.2.1";
  EXPECT_EQ(cookie_in(resolve(ask)).size(), 24u);
  ask.from = "::1";
  ask.name = "late.test";
  upstream.answer("late.test.", Type::a, {"late.test. 60 A 198.51.100.1"});
  EXPECT_EQ(cookie_in(resolve(ask)).size(), 24u);
}

Octets cookie_alone(const Octets& option) {
  Octets octets = query_octets({.name = "x.test", .options = option});
  octets.erase(octets.begin() + 12, octets.begin() + 12 + 8 + 4);
  store_u16(octets.data() + 4, 0);
  return octets;
}

TEST_F(CookieTest, a_query_without_a_question_renews_and_checks_it) {
  start();
  const auto rcode_of = [&](const Octets& option, Octets& cookie) {
    TestClient client;
    const HandleResult result = handle(cookie_alone(option), ask, client);
    EXPECT_EQ(result.handled, Handled::answered);
    dns::MessageView view;
    EXPECT_EQ(dns::MessageView::parse(Bytes(room).first(result.length), view), dns::MessageView::Fault::question_count);
    EXPECT_TRUE(view.has_edns());
    const auto found = view.edns()->find(dns::EdnsOptionCode::cookie);
    cookie = found ? Octets(found->begin(), found->end()) : Octets();
    return view.rcode();
  };
  Octets cookie, other;
  EXPECT_EQ(rcode_of(cookie_option(client_cookie), cookie), Rcode::noerror);
  ASSERT_EQ(cookie.size(), 24u);
  EXPECT_EQ(rcode_of(cookie_option(cookie), other), Rcode::noerror);
  EXPECT_EQ(other, cookie);
  cookie[20] ^= 4;
  EXPECT_EQ(rcode_of(cookie_option(cookie), other), Rcode::badcookie);
  EXPECT_EQ(rcode_of(cookie_option(other), cookie), Rcode::noerror);
  TestClient client;
  for (const Octets& option : {Octets(), cookie_option(Octets(5))}) {
    ASSERT_EQ(handle(cookie_alone(option), ask, client).handled, Handled::answered);
    EXPECT_EQ(room[3] & 15, 1) << "FORMERR";
  }
}

class RateLimitTest : public ExcessTest {};

TEST_F(RateLimitTest, drops_excess_over_udp_and_truncates_every_second_reply) {
  limit({.queries_per_second = 1, .burst = 3});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(try_once(ask)->records().size(), 1u);
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(try_once(ask).has_value());
    const auto reply = try_once(ask);
    ASSERT_TRUE(reply.has_value());
    EXPECT_TRUE(is_truncated(*reply));
    EXPECT_EQ(reply->rcode(), Rcode::noerror);
    EXPECT_THAT(reply->records(), IsEmpty());
  }
  EXPECT_EQ(metrics.rate_limited(RateRule::client, RateAction::drop).value(), 3u);
  EXPECT_EQ(metrics.rate_limited(RateRule::client, RateAction::slip).value(), 3u);
  EXPECT_EQ(metrics.dropped(DropReason::rate_limit).value(), 3u);
  EXPECT_EQ(metrics.truncated.value(), 0u);
}

TEST_F(RateLimitTest, refuses_excess_where_the_address_is_real) {
  for (const Protocol protocol : {Protocol::tcp, Protocol::dot, Protocol::doh}) {
    limit({.queries_per_second = 1, .burst = 2});
    ask.protocol = protocol;
    for (int i = 0; i < 2; ++i) EXPECT_EQ(try_once(ask)->rcode(), Rcode::noerror);
    const auto reply = try_once(ask);
    EXPECT_EQ(reply->rcode(), Rcode::refused);
    EXPECT_EQ(reply->ede(), 0);
    EXPECT_EQ(reply->facts.fresh_s, 0u);
  }
  EXPECT_EQ(metrics.refused(RefusalReason::rate_limit).value(), 3u);
  EXPECT_EQ(metrics.rate_limited(RateRule::client, RateAction::refuse).value(), 3u);
}

TEST_F(RateLimitTest, shares_one_limit_between_all_connections_of_a_client) {
  limit({.queries_per_second = 1, .burst = 2});
  ask.protocol = Protocol::tcp;
  EXPECT_EQ(try_once(ask)->rcode(), Rcode::noerror);
  ask.protocol = Protocol::doh;
  EXPECT_EQ(try_once(ask)->rcode(), Rcode::noerror);
  ask.protocol = Protocol::dot;
  EXPECT_EQ(try_once(ask)->rcode(), Rcode::refused);
}

TEST_F(RateLimitTest, lets_nobody_use_up_a_clients_share_by_forging_its_address) {
  limit({.queries_per_second = 1, .burst = 2});
  const Octets cookie = learn_cookie();
  while (try_once(ask) || try_once(ask)) {
    if (metrics.rate_limited(RateRule::client, RateAction::drop).value() > 20) break;
  }
  ask.options = cookie_option(cookie);
  EXPECT_EQ(try_once(ask)->records().size(), 1u);
  EXPECT_FALSE(try_once(ask).has_value()) << "a good cookie is no licence";
}

TEST_F(RateLimitTest, asks_for_a_cookie_who_knows_of_cookies) {
  limit({.queries_per_second = 1, .burst = 1, .slip = 1});
  EXPECT_TRUE(try_once(ask).has_value());
  ask.options = cookie_option(client_cookie);
  const auto reply = try_once(ask);
  EXPECT_EQ(reply->rcode(), Rcode::badcookie);
  EXPECT_FALSE(is_truncated(*reply));
  EXPECT_EQ(metrics.rate_limited(RateRule::client, RateAction::badcookie).value(), 1u);
  EXPECT_EQ(metrics.responses(Protocol::udp, ReplyCode::badcookie).value(), 1u);
  ask.options = cookie_option(cookie_in(*reply));
  EXPECT_EQ(try_once(ask)->records().size(), 1u);
}

TEST_F(RateLimitTest, sends_to_tcp_instead_when_cookies_are_never_required) {
  CookieOptions options;
  options.require = CookieDemand::never;
  settings->cookies = std::make_shared<const ServerCookies>(options, std::time(nullptr));
  limit({.queries_per_second = 1, .burst = 1, .slip = 1});
  try_once(ask);
  ask.options = cookie_option(client_cookie);
  const auto reply = try_once(ask);
  EXPECT_EQ(reply->rcode(), Rcode::noerror);
  EXPECT_TRUE(is_truncated(*reply));
}

TEST_F(RateLimitTest, says_nothing_to_excess_that_it_cannot_read) {
  limit({.queries_per_second = 1, .burst = 1, .slip = 1});
  try_once(ask);
  Octets message = query_octets(ask);
  message.pop_back();
  TestClient client;
  EXPECT_EQ(handle(message, ask, client).handled, Handled::dropped);
}

TEST_F(RateLimitTest, counts_clients_that_may_not_ask_as_well) {
  limit({.queries_per_second = 1, .burst = 1, .slip = 0});
  ask.from = "192.0.2.1";
  EXPECT_EQ(try_once(ask)->rcode(), Rcode::refused);
  EXPECT_FALSE(try_once(ask).has_value());
}

TEST_F(RateLimitTest, leaves_the_exempt_alone) {
  limit({.queries_per_second = 1, .burst = 1, .responses_per_second = 1, .exempt = {*ip::Prefix::from_text("::1")}});
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(try_once(ask).has_value());
}

class ResponseLimitTest : public ExcessTest {
 protected:
  // Of so many queries, how many were answered in full.
  int answered(int count, const std::function<Ask(int)>& make) {
    int full = 0;
    for (int i = 0; i < count; ++i) {
      const auto reply = try_once(make(i));
      full += reply && !is_truncated(*reply);
    }
    return full;
  }
};

TEST_F(ResponseLimitTest, sends_the_same_answer_so_often_and_no_more) {
  limit({.responses_per_second = 3});
  EXPECT_EQ(answered(10, [&](int) { return ask; }), 3);
  EXPECT_EQ(metrics.rate_limited(RateRule::response, RateAction::slip).value(), 3u);
  EXPECT_EQ(metrics.rate_limited(RateRule::response, RateAction::drop).value(), 4u);
}

TEST_F(ResponseLimitTest, takes_random_names_of_a_zone_for_one_response) {
  limit({.responses_per_second = 3});
  EXPECT_EQ(answered(10,
                     [&](int i) {
                       const std::string name = "r" + std::to_string(i) + ".zone.test";
                       Ask how = ask;
                       how.name = name;
                       return how;
                     }),
            3);
}

TEST_F(ResponseLimitTest, takes_all_refusals_to_a_network_for_one_response) {
  limit({.responses_per_second = 3});
  EXPECT_EQ(answered(10,
                     [&](int i) {
                       Ask how = ask;
                       how.name = "n" + std::to_string(i) + ".test";
                       how.from = "192.0.2." + std::to_string(i);
                       return how;
                     }),
            3);
}

TEST_F(ResponseLimitTest, leaves_streams_and_good_cookies_alone) {
  limit({.responses_per_second = 1});
  Ask with_cookie = ask;
  with_cookie.options = cookie_option(learn_cookie());
  EXPECT_EQ(answered(10, [&](int) { return with_cookie; }), 10);
  Ask over_tcp = ask;
  over_tcp.protocol = Protocol::tcp;
  EXPECT_EQ(answered(10, [&](int) { return over_tcp; }), 10);
  EXPECT_EQ(answered(10, [&](int) { return ask; }), 1);
}

TEST_F(ResponseLimitTest, drops_late_replies_as_well) {
  class Lengths final : public ReplyTarget {
   public:
    void deliver(std::uint64_t, Bytes message, const ReplyFacts&) override { empty += message.empty(), ++all; }
    int all = 0, empty = 0;
  };
  limit({.responses_per_second = 1, .slip = 0});
  upstream.hold(Type::a);
  Lengths client;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(handle(query_octets(ask), ask, client).handled, Handled::pending);
  upstream.release();
  while (client.all < 3) loop.run_once(milliseconds(5));
  EXPECT_EQ(client.empty, 2);
  EXPECT_EQ(metrics.dropped(DropReason::rate_limit).value(), 2u);
}

}  // namespace
}  // namespace dragoman::resolve
