// When to ask, and what is done with what is heard; what it means for the keys is in dnssec/managed_anchors.h.
#include "rollover.h"

#include <algorithm>

#include "dnskey_answer.h"
#include "dragoman/base/log.h"
#include "dragoman/dns/rdata.h"
#include "state_file.h"

namespace dragoman::trust {
namespace {

using dnssec::KeyChange;
using dnssec::ManagedAnchor;

// Times are those of the wall clock, which may be set: so the next one is looked at again and again.
constexpr milliseconds longest_wait{60'000}, shortest_wait{200};

std::int64_t unix_time(WallTime time) { return std::chrono::floor<seconds>(time).time_since_epoch().count(); }

std::size_t size_of(const dnssec::TrustAnchor& anchor) {
  return anchor.endorsed_by.ds.size() + anchor.endorsed_by.dnskeys.size();
}

// Empty for an answer that may hold keys.
std::string trouble_with(const upstream::Outcome& outcome) {
  if (outcome.failure == upstream::Failure::none) {
    const dns::Rcode rcode = outcome.answer->head.rcode;
    return rcode == dns::Rcode::noerror ? std::string() : dns::to_text(rcode);
  }
  return outcome.failure == upstream::Failure::timeout ? "no answer in time" : "no upstream can be asked";
}

bool is_bad_news(KeyChange::Kind kind) {
  return kind == KeyChange::Kind::revoked || kind == KeyChange::Kind::missing || kind == KeyChange::Kind::forgotten;
}

}  // namespace

Rollover::Rollover(net::EventLoop& loop, Metrics& metrics, WallClock clock, std::function<void()> on_change)
    : loop_(loop),
      metrics_(metrics),
      clock_(std::move(clock)),
      on_change_(std::move(on_change)),
      timer_([](void* self) { static_cast<Rollover*>(self)->look(); }, this) {}

void Rollover::manage(const std::vector<dnssec::TrustAnchor>& configured, const ManagedOptions& options,
                      std::unique_ptr<upstream::Upstream> upstream) {
  asking_ = {};
  upstream_ = std::move(upstream);
  load(configured, options.state_file);
  options_ = options;
  metrics_.manage_none();
  for (const ManagedAnchor& anchor : anchors_) count(anchor);
  save();
  loop_.set_after(timer_, Duration(0));
}

void Rollover::stop() {
  asking_ = {};
  timer_.cancel();
  upstream_.reset();
  anchors_.clear();
  options_ = {};
  failing_.clear();
  metrics_.manage_none();
}

// What is known here is newer than the file, unless another one is named.
void Rollover::load(const std::vector<dnssec::TrustAnchor>& configured, const std::string& state_file) {
  std::vector<ManagedAnchor> known = std::move(anchors_);
  if (state_file != options_.state_file) {
    auto read = read_state(state_file);
    if (!read) {
      log::error("trust_anchor_state_unreadable",
                 "what became of trust anchors is not known: they begin as they are configured",
                 {{"reason", read.error().text()}});
    } else if (!read->empty()) {
      known = *std::move(read);
    }
  }
  anchors_ = resumed(configured, std::move(known));
}

void Rollover::save() {
  const auto written = write_state(options_.state_file, anchors_);
  metrics_.state_unsaved.set(!written);
  const bool was_unsaved = std::exchange(is_unsaved_, !written);
  if (written) {
    if (was_unsaved) log::info("trust_anchor_state_written", "the state of trust anchors is in its file again");
    return;
  }
  metrics_.state_failures.add();
  if (was_unsaved) return;
  log::error("trust_anchor_state_unwritable",
             "what becomes of trust anchors is known until the program ends, and will be learned again: give the "
             "service the right to write the folder of dnssec.managed_anchors.state_file",
             {{"reason", written.error().text()}});
}

void Rollover::wait() {
  const WallTime now = clock_();
  milliseconds wait = longest_wait;
  for (const ManagedAnchor& anchor : anchors_) wait = std::min(wait, anchor.next_query() - now);
  loop_.set_after(timer_, std::max(wait, shortest_wait));
}

void Rollover::look() {
  if (is_asking() || upstream_ == nullptr) return;
  if (is_unsaved_) save();
  asking_ = ask_all();
  asking_.start();
}

Task<void> Rollover::ask_all() {
  for (ManagedAnchor& anchor : anchors_) {
    if (!anchor.is_due(clock_(), options_.times)) continue;
    upstream::Lookup lookup;
    lookup.name = anchor.zone();
    lookup.type = dns::Type::dnskey;
    lookup.dnssec_ok = lookup.checking_disabled = true;  // whoever is asked may know older keys than we do
    const upstream::Outcome outcome = co_await upstream_->ask(std::move(lookup));
    settle(anchor, outcome);
  }
  wait();
}

void Rollover::settle(ManagedAnchor& anchor, const upstream::Outcome& outcome) {
  const std::string zone = anchor.zone().to_text();
  const dnssec::TrustAnchor before = anchor.trusted();
  std::string trouble;
  const RefreshResult result = take(anchor, outcome, trouble);
  metrics_.row(zone).refreshes(result).add();
  const bool is_failing = result != RefreshResult::refreshed;
  const auto known = std::find(failing_.begin(), failing_.end(), zone);
  if (is_failing && known == failing_.end()) {
    failing_.push_back(zone);
    log::warn("trust_anchor_not_refreshed", "the keys of a zone could not be looked at; those trusted stay",
              {{"zone", zone}, {"reason", trouble}, {"server", outcome.server}});
  } else if (!is_failing && known != failing_.end()) {
    failing_.erase(known);
    log::info("trust_anchor_refreshed", "the keys of a zone can be looked at again", {{"zone", zone}});
  }
  count(anchor);
  save();
  const dnssec::TrustAnchor after = anchor.trusted();
  if (after == before) return;
  if (size_of(after) == 0) {
    log::error("trust_anchor_lost", "every key of a zone was revoked: nothing below is validated by it any more",
               {{"zone", zone}});
  }
  on_change_();
}

RefreshResult Rollover::take(ManagedAnchor& anchor, const upstream::Outcome& outcome, std::string& trouble) {
  const WallTime now = clock_();
  trouble = trouble_with(outcome);
  if (!trouble.empty()) {
    anchor.note_failure(now, options_.times);
    return RefreshResult::unreachable;
  }
  const DnskeyAnswer answer(anchor.zone(), *outcome.answer);
  if (answer.keys() == nullptr) {
    trouble = "there are no keys";
    anchor.note_failure(now, options_.times);
    return RefreshResult::bogus;
  }
  dnssec::Budget budget{dnssec::Limits()};
  const dnssec::Sighting sighting = anchor.look_at(*answer.keys(), now, budget);
  tell(anchor, anchor.take(sighting, now, options_.times));
  trouble = explanation(sighting.reason);
  return sighting.reason == dnssec::Reason::none ? RefreshResult::refreshed : RefreshResult::bogus;
}

void Rollover::tell(const ManagedAnchor& anchor, const std::vector<KeyChange>& changes) const {
  for (const KeyChange& change : changes) {
    const log::Field zone{"zone", anchor.zone().to_text()};
    const log::Field key{"key", std::to_string(dns::Dnskey::key_tag(change.rdata))};
    const std::string text = "a key is " + std::string(to_text(change.kind));
    is_bad_news(change.kind) ? log::warn("trust_anchor_key", text, {zone, key})
                             : log::info("trust_anchor_key", text, {zone, key});
  }
}

void Rollover::count(const ManagedAnchor& anchor) {
  AnchorMetrics& row = metrics_.row(anchor.zone().to_text());
  row.is_managed.set(true);
  row.trusted.set(static_cast<std::int64_t>(size_of(anchor.trusted())));
  row.refreshed.set(anchor.refreshed() ? unix_time(*anchor.refreshed()) : 0);
  for (std::size_t i = 0; i < dnssec::key_state_count; ++i) {
    const auto state = static_cast<dnssec::KeyState>(i);
    row.keys(state).set(std::count_if(anchor.keys().begin(), anchor.keys().end(),
                                      [&](const dnssec::ManagedKey& key) { return key.state == state; }));
  }
}

}  // namespace dragoman::trust
