// A resolver with everything around it in memory, and clients that keep what they got.
#pragma once

#include <gmock/gmock.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dragoman/dns/message_view.h"
#include "dragoman/dns/rdata.h"
#include "dragoman/net/event_loop.h"
#include "dragoman/resolve/metrics.h"
#include "dragoman/resolve/resolver.h"
#include "fakes/fake_upstream.h"

namespace dragoman::resolve {

// How a client asks.
struct Ask {
  std::string name;
  dns::Type type = dns::Type::aaaa;
  Protocol protocol = Protocol::tcp;
  std::string from = "::1";
  bool edns = true;
  bool dnssec_ok = false;
  bool checking_disabled = false;
  bool authentic_wanted = false;
  std::uint16_t udp_payload = 1232;
  std::vector<std::uint8_t> options{};
  dns::Class klass = dns::Class::in;
  Entrance entrance{};
};

// A reply, taken apart.
struct Reply {
  std::vector<std::uint8_t> octets;
  dns::MessageView view;
  ReplyFacts facts;

  Reply(Bytes message, const ReplyFacts& reply_facts) : octets(message.begin(), message.end()), facts(reply_facts) {
    EXPECT_EQ(dns::MessageView::parse(octets, view), dns::MessageView::Fault::none);
  }
  Reply(const Reply& other) : Reply(Bytes(other.octets), other.facts) {}  // a view belongs to its own octets
  dns::Rcode rcode() const { return view.rcode(); }
  // "name ttl TYPE rdata" of one section.
  std::vector<std::string> records(dns::Section wanted = dns::Section::answer) const {
    std::vector<std::string> texts;
    for (auto [section, record] : view.records()) {
      if (section != wanted) continue;
      texts.push_back(view.owner(record).to_text() + " " + std::to_string(record.ttl) + " " +
                      dns::to_text(record.type) + " " + dns::rdata_to_text(view, record));
    }
    return texts;
  }
  std::optional<int> ede() const {
    if (!view.has_edns()) return {};
    const auto option = view.edns()->find(dns::EdnsOptionCode::ede);
    if (!option) return {};
    return load_u16(option->data());
  }
};

class TestClient final : public ReplyTarget {
 public:
  void deliver(std::uint64_t ticket, Bytes message, const ReplyFacts& facts) override {
    tickets.push_back(ticket);
    replies.push_back(std::make_unique<Reply>(message, facts));
  }
  std::vector<std::uint64_t> tickets;
  std::vector<std::unique_ptr<Reply>> replies;
};

inline std::vector<std::uint8_t> query_octets(const Ask& ask) {
  std::vector<std::uint8_t> room(dns::max_message_length);
  dns::MessageWriter writer(room);
  const auto name = dns::Name::from_text(ask.name);
  writer.question(*name, ask.type, ask.klass);
  dns::Header header;
  header.id = 0x1234;
  header.flags = dns::Header::rd;
  if (ask.checking_disabled) header.flags |= dns::Header::cd;
  if (ask.authentic_wanted) header.flags |= dns::Header::ad;
  if (!ask.edns) {
    const auto message = writer.finish(header);
    return {message.begin(), message.end()};
  }
  // An OPT by hand, so that any option can be in it.
  std::vector<std::uint8_t> opt{0,
                                0,
                                41,
                                static_cast<std::uint8_t>(ask.udp_payload >> 8),
                                static_cast<std::uint8_t>(ask.udp_payload),
                                0,
                                0,
                                static_cast<std::uint8_t>(ask.dnssec_ok ? 0x80 : 0),
                                0,
                                static_cast<std::uint8_t>(ask.options.size() >> 8),
                                static_cast<std::uint8_t>(ask.options.size())};
  opt.insert(opt.end(), ask.options.begin(), ask.options.end());
  const auto message = writer.finish(header);
  std::vector<std::uint8_t> octets(message.begin(), message.end());
  octets.insert(octets.end(), opt.begin(), opt.end());
  store_u16(octets.data() + 10, 1);
  return octets;
}

inline dns64::Policy everybody(const char* prefix = "2001:db8:64::/96") {
  dns64::Policy policy;
  policy.name = "default";
  policy.mappings = {{.prefixes = {*ip::Pref64::from_text(prefix)}}};
  policy.exclude_aaaa = dns64::default_exclude_aaaa();
  return policy;
}

class ResolverTest : public testing::Test {
 protected:
  ResolverTest() {
    settings->acl = make_acl({});
    settings->dns64.policies = {everybody()};
    settings->dns64.aaaa_deadline = milliseconds(30);
    settings->lookup_deadline = milliseconds(200);
    start();
  }
  // After a change of the settings.
  void start() {
    resolver.reset();
    resolver = std::make_unique<Resolver>(loop, cache, upstream, std::make_shared<const Settings>(*settings), metrics);
  }

  HandleResult handle(const std::vector<std::uint8_t>& message, const Ask& ask, ReplyTarget& target,
                      std::uint64_t ticket = 1) {
    Query query;
    query.message = message;
    query.client = {*ip::Address::from_text(ask.from), ask.protocol};
    query.keepalive = 300;
    query.entrance = ask.entrance;
    return resolver->handle(query, target, ticket, room);
  }

  // Asks and waits for the reply, wherever it comes from.
  Reply resolve(const Ask& ask) {
    TestClient waiting;
    const HandleResult result = handle(query_octets(ask), ask, waiting);
    if (result.handled == Handled::answered) return Reply(Bytes(room).first(result.length), result.facts);
    EXPECT_EQ(result.handled, Handled::pending);
    const auto limit = Clock::now() + std::chrono::seconds(5);
    while (waiting.replies.empty() && Clock::now() < limit) loop.run_once(milliseconds(5));
    if (waiting.replies.empty()) {
      ADD_FAILURE() << "no reply to " << ask.name;
      return Reply(query_octets(ask), {});
    }
    return *waiting.replies.front();
  }

  // Replies of this second may be sent again until the next one begins.
  void begin_a_second() {
    const auto second = cache::seconds_of(loop.now());
    while (cache::seconds_of(loop.now()) == second) loop.run_once(milliseconds(1));
  }

  void serve_v4_only(const std::string& name, const std::string& address = "198.51.100.7", int ttl = 3600) {
    upstream.answer(name + ".", dns::Type::a, {name + ". " + std::to_string(ttl) + " A " + address});
    upstream.answer(name + ".", dns::Type::aaaa, {soa});
  }

  static constexpr const char* soa = "!test. 300 SOA ns.test. host.test. 1 2 3 4 300";

  net::EventLoop loop;
  cache::AnswerCache cache{cache::Options{.size = 1 << 20}};
  fakes::FakeUpstream upstream;
  std::shared_ptr<Settings> settings = std::make_shared<Settings>();
  Metrics metrics;
  std::vector<std::uint8_t> room = std::vector<std::uint8_t>(dns::max_message_length);
  std::unique_ptr<Resolver> resolver;
};

}  // namespace dragoman::resolve
