// A step of the pipeline: whether the client asks too much, and what it gets then. The cookie-only query is here as
// well, since it is how a client comes by what exempts it.
#include "pipeline.h"

namespace dragoman::resolve {

// Over UDP excess is dropped, or sent to TCP now and then. Where the address is real anyway, silence would only make
// the client wait and ask again: it is told.
std::optional<HandleResult> Resolver::State::limit_rate(Inquiry& inquiry, MutableBytes reply) {
  RateLimits& limits = *settings->rate_limits;
  const ip::Address& client = inquiry.client.address;
  if (limits.exempts(client)) return {};
  const bool is_udp = is_datagram(inquiry.client.protocol);
  const bool is_proven = !is_udp || inquiry.cookie == CookieState::valid;
  inquiry.limits_reply = !is_proven && limits.limits_responses();
  if (limits.admits_query(client, is_proven, loop.now())) return {};

  inquiry.limits_reply = false;
  limits.report(client, "client", loop.now());
  ReplyWriter writer(inquiry, *settings, metrics, reply);
  if (is_udp) return writer.answer_excess(RateRule::client, clock_for_hit());
  metrics.rate_limited(RateRule::client, RateAction::refuse).add();
  metrics.refused(RefusalReason::rate_limit).add();
  return writer.finish({dns::Rcode::refused, false, dns::Ede::other, "rate limit"}, Source::local, clock_for_hit());
}

// RFC 7873 5.4: no question, an empty answer; the OPT has the cookie.
HandleResult Resolver::State::answer_cookie_alone(const Inquiry& inquiry, MutableBytes reply) {
  const auto rcode = inquiry.cookie == CookieState::invalid ? dns::Rcode::badcookie : dns::Rcode::noerror;
  ReplyWriter writer(inquiry, *settings, metrics, reply);
  return writer.finish({rcode, false, {}, {}}, Source::local, clock_for_hit());
}

}  // namespace dragoman::resolve
