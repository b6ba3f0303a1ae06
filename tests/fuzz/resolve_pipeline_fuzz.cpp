// Clients that ask, an upstream that does whatever it likes (chance_upstream.h), and settings that change meanwhile.
// Whatever happens, each query has one reply, and each reply keeps what DNS64 promises: no A beside AAAA in an answer
// to AAAA, no synthetic record for a client without DNS64, no TTL above those that it was made of (RFC 6147 5.1.7).
#include <map>
#include <memory>

#include "chance_upstream.h"
#include "check.h"
#include "choices.h"
#include "dragoman/cache/answer_cache.h"
#include "dragoman/net/event_loop.h"
#include "dragoman/resolve/metrics.h"
#include "dragoman/resolve/resolver.h"

namespace {

using namespace dragoman;
using fuzz::check;
using fuzz::Choices;

const ip::Pref64 prefix = *ip::Pref64::from_text("2001:db8:64::/96");

dns64::Policy policy_for_v6(Choices& choices) {
  dns64::Policy policy;
  const std::uint8_t words = choices.octet();
  policy.always = (words & 1) != 0;
  policy.a_after_nxdomain = (words & 2) != 0;
  policy.synthesize_on = static_cast<dns64::SynthesizeOn>((words >> 2) % 3);
  policy.well_known_prefix = static_cast<dns64::WellKnownPrefixRule>(words >> 4 & 3);
  if (words & 64) policy.max_ttl = seconds(60);
  if (words & 128) policy.ignore_aaaa_names.add(fuzz::name_of(0));
  policy.clients = {*ip::Prefix::from_text("::/0")};
  policy.mappings = {{.prefixes = {prefix}}};
  policy.exclude_aaaa = dns64::default_exclude_aaaa();
  return policy;
}

std::shared_ptr<const resolve::Settings> settings_by(Choices& choices) {
  auto settings = std::make_shared<resolve::Settings>();
  settings->acl = resolve::make_acl({});
  settings->dns64.policies = {policy_for_v6(choices)};
  // 0: a deadline that is over in the next turn.
  settings->dns64.aaaa_deadline = milliseconds(choices.once_in(3) ? 0 : 10'000);
  settings->dns64.a_delay = milliseconds(choices.once_in(3) ? 1 : 0);
  settings->max_in_flight = choices.once_in(6) ? 1 : 1000;
  return settings;
}

struct Asked {
  dns::Name name;
  dns::Type type{};
  bool has_dns64 = false;
};

class Clients final : public resolve::ReplyTarget {
 public:
  Clients(Choices& choices, const fuzz::ChanceUpstream& upstream) : choices_(choices), upstream_(upstream) {}

  void ask(resolve::Resolver& resolver) {
    static constexpr dns::Type types[] = {dns::Type::aaaa, dns::Type::a, dns::Type::txt, dns::Type::aaaa};
    static const ip::Address v4 = *ip::Address::from_text("127.0.0.1"), v6 = *ip::Address::from_text("::1");
    Asked asked{fuzz::name_of(choices_.below(fuzz::name_count * 2)), types[choices_.below(4)], !choices_.once_in(4)};
    const std::uint8_t flags = choices_.octet();
    resolve::Query query;
    query.client = {asked.has_dns64 ? v6 : v4, flags & 1 ? resolve::Protocol::udp : resolve::Protocol::tcp};
    if (flags & 2) asked.has_dns64 = false;  // CD: no synthesis (RFC 6147 5.5)
    std::vector<std::uint8_t> room(512);
    dns::MessageWriter writer(room);
    writer.question(asked.name, asked.type, dns::Class::in);
    dns::Header header;
    header.id = static_cast<std::uint16_t>(++tickets_);
    header.flags = static_cast<std::uint16_t>(dns::Header::rd | (flags & 2 ? dns::Header::cd : 0));
    dns::EdnsReply edns;
    edns.dnssec_ok = (flags & 4) != 0;
    query.message = writer.finish(header, flags & 8 ? &edns : nullptr);
    waiting_[tickets_] = asked;
    const auto result = resolver.handle(query, *this, tickets_, reply_);
    check(result.handled != resolve::Handled::dropped, "a query is not dropped");
    if (result.handled == resolve::Handled::answered) deliver(tickets_, Bytes(reply_).first(result.length), {});
  }

  void deliver(std::uint64_t ticket, Bytes message, const resolve::ReplyFacts&) override {
    const auto known = waiting_.find(ticket);
    check(known != waiting_.end(), "one reply to a query");
    const Asked asked = known->second;
    waiting_.erase(known);
    dns::MessageView view;
    check(dns::MessageView::parse(message, view) == dns::MessageView::Fault::none, "a reply is well formed");
    check(view.header().is_response() && view.header().id == static_cast<std::uint16_t>(ticket), "it is the reply");
    check(dns::equal_exactly(view.question().name, asked.name) && view.question().type == asked.type,
          "to the question");
    look_at_records(view, asked);
  }

  std::size_t waiting() const { return waiting_.size(); }

 private:
  void look_at_records(const dns::MessageView& view, const Asked& asked) const {
    bool has_a = false, has_aaaa = false;
    for (auto [section, record] : view.records()) {
      const bool in_answer = section == dns::Section::answer;
      has_a = has_a || (in_answer && record.type == dns::Type::a);
      has_aaaa = has_aaaa || (in_answer && record.type == dns::Type::aaaa);
      if (record.type != dns::Type::aaaa) continue;
      const auto aaaa = dns::Aaaa::read(record.rdata);
      if (!aaaa || upstream_.said(aaaa->address)) continue;
      const auto embedded = prefix.extract(aaaa->address);
      check(embedded.has_value(), "an AAAA is an upstream's or lies under the prefix");
      check(asked.has_dns64 && asked.type == dns::Type::aaaa,
            "synthetic records are for AAAA questions of DNS64 clients");
      const std::uint32_t* const ttl = upstream_.ttl_of(*embedded);
      check(ttl != nullptr, "a synthetic address is made of one that an upstream gave");
      check(record.ttl <= *ttl, "its TTL is not above that");
    }
    check(asked.type != dns::Type::aaaa || !asked.has_dns64 || !(has_a && has_aaaa), "no A beside AAAA");
  }

  Choices& choices_;
  const fuzz::ChanceUpstream& upstream_;
  std::map<std::uint64_t, Asked> waiting_;
  std::uint64_t tickets_ = 0;
  std::vector<std::uint8_t> reply_ = std::vector<std::uint8_t>(dns::max_message_length);
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 4096) return 0;
  Choices choices{Bytes(data, size)};
  net::EventLoop loop;
  cache::AnswerCache cache{cache::Options{.size = 1 << 18}};
  fuzz::ChanceUpstream upstream(choices);
  resolve::Metrics metrics;
  resolve::Resolver resolver(loop, cache, upstream, settings_by(choices), metrics);
  Clients clients(choices, upstream);

  constexpr milliseconds no_wait{0};
  while (choices.any()) {
    switch (choices.below(8)) {
      case 0:
        loop.run_once(no_wait);
        break;
      case 1:
        resolver.apply(settings_by(choices));
        break;
      case 2:
      case 3:
        upstream.release_one();
        loop.run_once(no_wait);
        break;
      default:
        clients.ask(resolver);
    }
  }
  // What still waits for the upstream is answered now; nothing else could hold a reply up but a deadline.
  for (int turns = 0; turns < 1000 && (upstream.waiting() > 0 || clients.waiting() > 0); ++turns) {
    upstream.release_one();
    loop.run_once(upstream.waiting() > 0 ? no_wait : milliseconds(2));
  }
  check(clients.waiting() == 0, "every query has its reply");
  check(resolver.in_flight() == 0, "nothing is left behind");
  return 0;
}
