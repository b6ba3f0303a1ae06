// How a server is asked; see server.h.
#include "server.h"

#include "bootstrap.h"
#include "dragoman/base/log.h"

namespace dragoman::upstream {
namespace {

// How long a server that refused EDNS is asked without it.
constexpr seconds edns_pause{300};
// How long a server that refused a cookie is asked without.
constexpr seconds cookie_pause{300};

bool refuses_edns(dns::Rcode rcode) {
  return rcode == dns::Rcode::formerr || rcode == dns::Rcode::notimp || rcode == dns::Rcode::badvers;
}

RcodeLabel label_of(dns::Rcode rcode) {
  switch (rcode) {
    case dns::Rcode::noerror:
      return RcodeLabel::noerror;
    case dns::Rcode::formerr:
      return RcodeLabel::formerr;
    case dns::Rcode::servfail:
      return RcodeLabel::servfail;
    case dns::Rcode::nxdomain:
      return RcodeLabel::nxdomain;
    case dns::Rcode::notimp:
      return RcodeLabel::notimp;
    case dns::Rcode::refused:
      return RcodeLabel::refused;
    default:
      return RcodeLabel::other;
  }
}

AttemptFailure attempt_failure_of(Ending ending) {
  switch (ending) {
    case Ending::timeout:
      return AttemptFailure::timeout;
    case Ending::tls:
      return AttemptFailure::tls;
    case Ending::overloaded:
      return AttemptFailure::overloaded;
    case Ending::http:
      return AttemptFailure::http;
    case Ending::lost:
    case Ending::network:
      return AttemptFailure::network;
    default:
      return AttemptFailure::malformed;
  }
}

// Host and port as a request's :authority (RFC 9113 8.3.1).
std::string authority_of(const ServerOptions& options) {
  const std::string& host = options.verify_name.empty() ? options.host : options.verify_name;
  const bool is_v6 = host.find(':') != std::string::npos;
  std::string text = is_v6 ? "[" + host + "]" : host;
  if (options.port != 443) text += ":" + std::to_string(options.port);
  return text;
}

Result<ConnectionPlan> make_plan(const ServerOptions& options, const std::string& ca_file) {
  ConnectionPlan plan{.transport = options.transport, .tls = {}, .authority = {}, .path = {}};
  if (options.transport == Transport::udp || options.transport == Transport::tcp) return plan;
  const bool is_https = options.transport == Transport::https;
  const std::string& name = options.verify_name.empty() ? options.host : options.verify_name;
  Result<std::shared_ptr<net::ClientTls>> tls = net::ClientTls::make(ca_file, name, is_https ? "h2" : "dot");
  if (!tls) return tls.error();
  plan.tls = std::move(*tls);
  if (is_https) plan.authority = authority_of(options), plan.path = options.path;
  return plan;
}

}  // namespace

Exchange::~Exchange() { give_up(); }

void Exchange::give_up() {
  if (carrier != nullptr) carrier->abandon(*this);
  unlink();
  if (server != nullptr) std::exchange(server, nullptr)->given_up(*this);
}

Server::Server(Context& context, const ServerOptions& options, Bootstrap& bootstrap, ServerMetrics& metrics)
    : context_(context),
      options_(options),
      metrics_(metrics),
      health_(context.options.first_probe, context.options.slowest_probe),
      udp_(context, metrics),
      probe_timer_([](void* self) { static_cast<Server*>(self)->on_probe_timer(); }, this) {
  metrics_.enter();
  if (Result<ConnectionPlan> plan = make_plan(options, context.options.ca_file)) {
    pool_.emplace(context, metrics, std::move(*plan));
  } else {
    tls_trouble_ = plan.error().text();
    log::error("upstream_tls", "an upstream server cannot be asked over TLS",
               {{"server", options.url}, {"reason", tls_trouble_}});
  }
  probe_lookup_.type = dns::Type::ns;  // of the root
  if (const Result<ip::Address> address = ip::Address::from_text(options.host)) {
    set_addresses({*address});
  } else {
    bootstrap.resolve(*this);
  }
}

Server::~Server() {
  probe_.give_up();
  metrics_.leave(is_up());
}

void Server::set_addresses(const std::vector<ip::Address>& addresses) {
  resolved_once_ = true;
  if (!addresses.empty()) {
    const std::optional<ip::Endpoint> used =
        endpoints_.empty() ? std::nullopt : std::optional(endpoints_[current_endpoint_]);
    endpoints_.clear();
    std::size_t keep = 0;
    for (const ip::Address& address : addresses) {
      endpoints_.push_back({address, options_.port});
      if (used == endpoints_.back()) keep = endpoints_.size() - 1;
    }
    use_address(keep);
  }
  while (waiting_for_address_.is_linked()) {
    auto& exchange = static_cast<Exchange&>(*waiting_for_address_.next());
    exchange.unlink();
    dispatch(exchange);
  }
}

void Server::use_address(std::size_t index) {
  current_endpoint_ = index;
  udp_.set_endpoint(endpoints_[index]);
  if (pool_) pool_->set_endpoint(endpoints_[index]);
}

void Server::ask(Exchange& exchange, const Lookup& lookup, ExchangeOwner& owner) {
  exchange.give_up();
  exchange.lookup = &lookup;
  exchange.owner = &owner;
  exchange.server = this;
  exchange.last_server = this;
  exchange.asked_at = context_.loop.now();
  exchange.over_stream = !is_datagram();
  exchange.checks_case = false;
  exchange.without_edns = exchange.asked_at < without_edns_until_;
  exchange.without_cookie = exchange.asked_at < without_cookies_until_;
  exchange.cookie_was_bad = false;
  exchange.cookies = is_datagram() && context_.options.cookies ? &udp_.cookies() : nullptr;
  exchange.counted_slow = false;
  exchange.moves = 0;
  exchange.addresses_tried = 1;
  metrics_.requests.add();
  ++in_flight_;
  metrics_.in_flight.add(1);
  dispatch(exchange);
}

void Server::dispatch(Exchange& exchange) {
  if (endpoints_.empty()) {
    if (resolved_once_) return context_.agenda.finish(exchange, Ending::network);
    waiting_for_address_.append(exchange);
    return;
  }
  if (exchange.over_stream) {
    if (!pool_) return context_.agenda.finish(exchange, Ending::tls);
    if (exchange.transcript != nullptr) {
      exchange.transcript->transport = is_datagram() ? Transport::tcp : options_.transport;
    }
    return pool_->send(exchange);
  }
  const bool mixes_case = context_.options.use_0x20 && keeps_case_;
  udp_.send(exchange, {.edns = !exchange.without_edns, .letter_case = mixes_case ? &context_.random : nullptr});
}

void Server::finished(Exchange& exchange) {
  if (goes_on(exchange)) return dispatch(exchange);
  conclude(exchange);
}

// Whether there is another way to ask this server; sets the exchange up for it.
bool Server::goes_on(Exchange& exchange) {
  switch (exchange.ending) {
    case Ending::truncated:
      if (exchange.over_stream) return false;
      return exchange.over_stream = true;
    case Ending::case_changed:
      if (!exchange.over_stream) return exchange.over_stream = exchange.checks_case = true;
      // The same over TCP, where nobody forges: the server itself changes it.
      keeps_case_ = false;
      exchange.ending = Ending::answered;
      [[fallthrough]];
    case Ending::answered:
      // It knows EDNS, but chokes on the option.
      if (exchange.answer.head.rcode == dns::Rcode::formerr && exchange.sent_cookie && exchange.answer_has_edns) {
        return exchange.without_cookie = true;
      }
      if (!refuses_edns(exchange.answer.head.rcode) || exchange.without_edns) return false;
      return exchange.without_edns = true;
    case Ending::cookie_missing:
      return exchange.over_stream = true;
    case Ending::bad_cookie:
      if (exchange.over_stream) return false;
      if (exchange.cookie_was_bad) exchange.over_stream = true;
      return exchange.cookie_was_bad = true;
    case Ending::lost:
      return exchange.moves++ == 0;
    case Ending::network:
    case Ending::timeout:
      return try_next_address(exchange);
    default:
      return false;
  }
}

bool Server::try_next_address(Exchange& exchange) {
  if (exchange.addresses_tried >= endpoints_.size()) return false;
  ++exchange.addresses_tried;
  use_address((current_endpoint_ + 1) % endpoints_.size());
  return true;
}

void Server::conclude(Exchange& exchange) {
  --in_flight_;
  metrics_.in_flight.add(-1);
  if (exchange.ending == Ending::answered) {
    record_answer(exchange);
  } else {
    record_failure(exchange);
  }
  exchange.server = nullptr;
  exchange.owner->on_finished(exchange);
}

void Server::given_up(Exchange&) {
  --in_flight_;
  metrics_.in_flight.add(-1);
}

void Server::record_answer(const Exchange& exchange) {
  const bool was_up = is_up();
  const TimePoint now = context_.loop.now();
  const Duration elapsed = now - exchange.asked_at;
  const dns::Rcode rcode = exchange.answer.head.rcode;
  health_.answered(elapsed, now);
  metrics_.duration.observe(elapsed);
  metrics_.responses(label_of(rcode)).add();
  if (exchange.without_edns && !refuses_edns(rcode) && now >= without_edns_until_) {
    without_edns_until_ = now + edns_pause;
  }
  const bool can_without = exchange.without_cookie && rcode != dns::Rcode::formerr;
  if (can_without && now >= without_cookies_until_) without_cookies_until_ = now + cookie_pause;
  health_changed(was_up, "it answers");
}

void Server::record_failure(Exchange& exchange) {
  const bool ours = exchange.ending == Ending::overloaded && options_.transport != Transport::https;
  if (exchange.counted_slow) return;
  if (exchange.ending == Ending::overloaded && !ours) {
    const bool was_up = is_up();
    health_.back_off(context_.loop.now());
    health_changed(was_up, "it is overloaded");
  }
  fail(attempt_failure_of(exchange.ending), !ours);
}

void Server::note_slow(Exchange& exchange) {
  exchange.counted_slow = true;
  const TimePoint now = context_.loop.now();
  health_.measure(now - exchange.asked_at, now);
  // A server that answered others meanwhile has a slow name to resolve, and is well.
  fail(AttemptFailure::timeout, health_.heard_at() < exchange.asked_at);
  if (endpoints_.size() > 1 && health_.heard_at() < exchange.asked_at) {
    use_address((current_endpoint_ + 1) % endpoints_.size());
  }
}

void Server::fail(AttemptFailure reason, bool counts_against_health) {
  metrics_.failures(reason).add();
  if (!counts_against_health) return;
  const bool was_up = is_up();
  health_.failed(context_.loop.now());
  health_changed(was_up, telemetry::label_text(reason));
}

void Server::health_changed(bool was_up, std::string_view reason) {
  if (was_up == is_up()) return;
  metrics_.change(is_up());
  if (is_up()) {
    log::info("upstream_up", "an upstream server answers again", {{"server", options_.url}});
    return;
  }
  log::warn("upstream_down", "an upstream server does not answer",
            {{"server", options_.url}, {"reason", std::string(reason)}, {"detail", trouble()}});
  if (!probe_.is_pending()) context_.loop.set_after(probe_timer_, health_.probe_interval());
}

void Server::probe() {
  if (probe_.is_pending()) return;
  ask(probe_, probe_lookup_, *this);
  context_.loop.set_after(probe_timer_, context_.options.attempt_timeout * 2);
}

void Server::on_probe_timer() {
  if (!probe_.is_pending()) {
    if (!is_up()) probe();
    return;
  }
  if (!is_up()) health_.probe_failed();
  note_slow(probe_);
  probe_.give_up();
  if (!is_up()) context_.loop.set_after(probe_timer_, health_.probe_interval());
}

void Server::on_finished(Exchange& probe) {
  probe_timer_.cancel();
  if (is_up()) return;
  if (probe.ending != Ending::answered) health_.probe_failed();
  context_.loop.set_after(probe_timer_, health_.probe_interval());
}

std::string Server::trouble() const { return pool_ ? pool_->trouble() : tls_trouble_; }

ServerState Server::state() const {
  return {.url = options_.url,
          .up = is_up(),
          .latency = health_.latency(),
          .in_flight = in_flight_,
          .connections = pool_ ? static_cast<std::uint32_t>(pool_->size()) : 0};
}

}  // namespace dragoman::upstream
