// Messages with a two-octet length on a stream; see dns_connection.h.
#include "dns_connection.h"

#include <algorithm>

#include "connection_pool.h"

namespace dragoman::upstream {
namespace {

constexpr std::size_t length_octets = 2;
constexpr std::uint16_t query_padding = 128;   // RFC 8467 4.1
constexpr std::size_t max_queue = 256 * 1024;  // octets toward a server that does not read
constexpr milliseconds keepalive_unit{100};    // RFC 7828 3.1
constexpr milliseconds longest_idle{120'000};  // whatever the server says
constexpr milliseconds closing_margin{200};    // we close before the server does: no question meets a FIN

}  // namespace

DnsConnection::DnsConnection(Context& context, ConnectionPool& pool, net::UniqueFd fd)
    : Connection(context, pool, std::move(fd)) {}

DnsConnection::~DnsConnection() { end_all(Ending::lost); }

bool DnsConnection::has_room() const {
  const std::size_t most = std::min<std::size_t>(context_.options.max_in_flight, WaitingExchanges::all_ids);
  return !is_dead() && !last_use_ && waiting_.size() < most && queue_.size() + unsent() < max_queue;
}

void DnsConnection::send(Exchange& exchange) {
  if (!waiting_.insert(exchange, context_.random)) return context_.agenda.finish(exchange, Ending::overloaded);
  exchange.carrier = this;
  QueryForm form;
  form.edns = !exchange.without_edns;
  form.ask_keepalive = !std::exchange(asked_keepalive_, true);
  form.letter_case = exchange.checks_case ? &context_.random : nullptr;
  form.pad_to = pool_.plan().tls ? query_padding : 0;
  QueryBuffer buffer;
  const Bytes query = write_query(exchange, form, buffer);
  const std::size_t at = queue_.size();
  queue_.resize(at + length_octets);
  store_u16(queue_.data() + at, static_cast<std::uint16_t>(query.size()));
  queue_.insert(queue_.end(), query.begin(), query.end());
  started_waiting();
  context_.agenda.flush(*this);
}

void DnsConnection::fill(std::vector<std::uint8_t>& out) { out.swap(queue_); }

bool DnsConnection::received(Bytes octets) {
  const bool whole = partial_.empty();
  if (!whole) {
    partial_.insert(partial_.end(), octets.begin(), octets.end());
    octets = partial_;
  }
  std::size_t used = 0;
  while (octets.size() - used >= length_octets) {
    const std::size_t length = load_u16(octets.data() + used);
    if (length < dns::header_length) return false;
    if (octets.size() - used - length_octets < length) break;
    read_message(octets.subspan(used + length_octets, length));
    used += length_octets + length;
  }
  if (whole) {
    partial_.assign(octets.begin() + static_cast<std::ptrdiff_t>(used), octets.end());
  } else {
    partial_.erase(partial_.begin(), partial_.begin() + static_cast<std::ptrdiff_t>(used));
  }
  return true;
}

// An answer to a question that was given up meanwhile is nothing to worry about.
void DnsConnection::read_message(Bytes message) {
  Exchange* exchange = waiting_.find(load_u16(message.data()));
  const Match fit = exchange == nullptr ? Match::no : match(message, *exchange);
  if (fit == Match::no) return pool_.metrics().mismatches.add();
  if (exchange->transcript != nullptr) exchange->transcript->facts = facts();

  ServerHints hints;
  Ending ending = read_answer(message, *exchange, hints);
  if (hints.has_keepalive) {
    const milliseconds told = std::min(hints.keepalive * keepalive_unit, longest_idle);
    set_idle_timeout(std::max(told - closing_margin, milliseconds::zero()));
    last_use_ = hints.keepalive == 0;
  }
  // Only who asked to learn about letter case is told of it.
  if (fit == Match::case_changed && exchange->checks_case && ending == Ending::answered) ending = Ending::case_changed;
  finish(*exchange, ending);
}

void DnsConnection::finish(Exchange& exchange, Ending ending) {
  waiting_.remove(exchange);
  context_.agenda.finish(exchange, ending);
}

void DnsConnection::abandon(Exchange& exchange) {
  waiting_.remove(exchange);
  exchange.carrier = nullptr;
}

void DnsConnection::end_all(Ending ending) {
  while (Exchange* exchange = waiting_.oldest()) {
    waiting_.remove(*exchange);
    context_.agenda.finish(*exchange, ending);
  }
}

}  // namespace dragoman::upstream
