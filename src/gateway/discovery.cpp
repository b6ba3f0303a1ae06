// When to ask, and what an answer or a failure means; see discovery.h. How an answer is read is in pref64_answer.h.
#include "discovery.h"

#include <algorithm>
#include <ctime>

#include "dragoman/base/log.h"
#include "pref64_answer.h"

namespace dragoman::gateway {
namespace {

constexpr std::uint8_t ipv4only_arpa[] = {8, 'i', 'p', 'v', '4', 'o', 'n', 'l', 'y', 4, 'a', 'r', 'p', 'a', 0};

std::string to_text(const std::vector<ip::Pref64>& prefixes) {
  std::string text;
  for (const ip::Pref64& prefix : prefixes) text += (text.empty() ? "" : " ") + prefix.to_text();
  return text.empty() ? "none" : text;
}

bool contains(const std::vector<ip::Pref64>& prefixes, const ip::Pref64& wanted) {
  return std::find(prefixes.begin(), prefixes.end(), wanted) != prefixes.end();
}

// The known ones in their order, then the new ones in the answer's.
std::vector<ip::Pref64> in_known_order(const std::vector<ip::Pref64>& known, const std::vector<ip::Pref64>& found) {
  std::vector<ip::Pref64> ordered;
  for (const ip::Pref64& prefix : known) {
    if (contains(found, prefix)) ordered.push_back(prefix);
  }
  for (const ip::Pref64& prefix : found) {
    if (!contains(ordered, prefix)) ordered.push_back(prefix);
  }
  return ordered;
}

// Empty for an answer that tells whether there are prefixes.
std::string trouble_with(const upstream::Outcome& outcome) {
  switch (outcome.failure) {
    case upstream::Failure::none:
      break;
    case upstream::Failure::timeout:
      return "no answer in time";
    case upstream::Failure::network:
      return "cannot be reached";
    case upstream::Failure::tls:
      return "cannot be authenticated";
    case upstream::Failure::overloaded:
      return "too many questions in flight";
    case upstream::Failure::malformed:
      return "an answer that cannot be read";
  }
  const dns::Rcode rcode = outcome.answer->head.rcode;
  return rcode == dns::Rcode::noerror || rcode == dns::Rcode::nxdomain ? std::string() : dns::to_text(rcode);
}

}  // namespace

seconds time_to_renew(seconds ttl, const DiscoveryOptions& options) {
  const seconds longest = std::max(options.min_interval, options.max_interval);
  return std::clamp(ttl - ttl / 8, options.min_interval, longest);
}

Discovery::Discovery(net::EventLoop& loop, Metrics& metrics, std::function<void()> on_change)
    : loop_(loop),
      metrics_(metrics),
      on_change_(std::move(on_change)),
      timer_([](void* self) { static_cast<Discovery*>(self)->begin(); }, this) {}

void Discovery::ask(Servers servers, const DiscoveryOptions& options, std::string why_none) {
  asking_ = {};
  servers_ = std::move(servers);
  options_ = options;
  why_none_ = std::move(why_none);
  retry_ = options.first_retry;
  metrics_.discovers.set(true);
  loop_.set_after(timer_, Duration(0));
}

void Discovery::stop() {
  asking_ = {};
  timer_.cancel();
  servers_.clear();
  for (const ip::Pref64& prefix : prefixes_) metrics_.row(prefix.to_text()).discovered.set(false);
  prefixes_.clear();
  has_answer_ = is_failing_ = false;
  metrics_.discovers.set(false);
}

void Discovery::begin() {
  if (servers_.empty()) return failed(why_none_);
  asking_ = ask_all();
  asking_.start();
}

// The first server that names prefixes decides: a network may have resolvers with DNS64 and others, and which of them
// answers faster must not change what is known. That there are none is believed when all say so.
Task<void> Discovery::ask_all() {
  std::string trouble;
  seconds shortest_ttl = options_.max_interval;
  for (const auto& server : servers_) {
    upstream::Lookup lookup;
    lookup.name = dns::Name(dns::NameView(ipv4only_arpa));
    lookup.type = dns::Type::aaaa;
    lookup.checking_disabled = false;  // RFC 7050 3: with CD nothing is synthesized
    const upstream::Outcome outcome = co_await server->ask(std::move(lookup));
    if (const std::string reason = trouble_with(outcome); !reason.empty()) {
      trouble += (trouble.empty() ? "" : "; ") + outcome.server + ": " + reason;
      continue;
    }
    Pref64Answer answer = read_answer(*outcome.answer);
    if (!answer.prefixes.empty()) {
      found(std::move(answer.prefixes), answer.ttl, outcome.server);
      co_return;
    }
    shortest_ttl = std::min(shortest_ttl, answer.ttl);
  }
  if (trouble.empty()) {
    found({}, shortest_ttl, {});
  } else {
    failed(trouble);
  }
}

void Discovery::found(std::vector<ip::Pref64> prefixes, seconds ttl, const std::string& server) {
  metrics_.discoveries(prefixes.empty() ? DiscoveryResult::none : DiscoveryResult::found).add();
  metrics_.last_discovery.set(std::time(nullptr));
  retry_ = options_.first_retry;
  loop_.set_after(timer_, time_to_renew(ttl, options_));
  if (std::exchange(is_failing_, false))
    log::info("discovery_recovered", "the question for NAT64 prefixes is answered");

  std::vector<ip::Pref64> ordered = in_known_order(prefixes_, prefixes);
  const bool is_first = !std::exchange(has_answer_, true);
  if (ordered == prefixes_ && !is_first) return;
  const std::vector<ip::Pref64> before = std::exchange(prefixes_, std::move(ordered));
  for (const ip::Pref64& prefix : before) metrics_.row(prefix.to_text()).discovered.set(false);
  for (const ip::Pref64& prefix : prefixes_) {
    PrefixMetrics& row = metrics_.row(prefix.to_text());
    row.was_discovered.set(true);
    row.discovered.set(true);
  }
  if (prefixes_.empty()) {
    log::warn("prefixes_discovered", "the network's resolvers do no DNS64: there is no prefix to synthesize with",
              {{"before", to_text(before)}});
  } else {
    log::info("prefixes_discovered", "the network's resolver names its NAT64 prefixes",
              {{"prefixes", to_text(prefixes_)}, {"before", to_text(before)}, {"server", server}});
  }
  on_change_();
}

void Discovery::failed(const std::string& reason) {
  metrics_.discoveries(DiscoveryResult::failed).add();
  if (!std::exchange(is_failing_, true)) {
    log::warn("discovery_failed",
              "the network's NAT64 prefixes cannot be asked for; those known stay. See dns64.discovery.from",
              {{"reason", reason}, {"known", to_text(prefixes_)}});
  }
  loop_.set_after(timer_, retry_);
  retry_ = std::min({retry_ * 2, options_.slowest_retry, milliseconds(options_.max_interval)});
}

}  // namespace dragoman::gateway
