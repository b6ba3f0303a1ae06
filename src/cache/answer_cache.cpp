// The cache's face: chooses the stripe, holds its lock for a probe and a copy, and keeps everything else outside of it.
// Any thread.
#include "dragoman/cache/answer_cache.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <mutex>

#include "keeping.h"
#include "stripe.h"

namespace dragoman::cache {
namespace {

constexpr std::size_t stripe_size = 8u << 20;  // about
constexpr std::size_t least_stripes = 4, most_stripes = 256;

// A name is popular that was asked for at least so often since it came or was spared (Entry::frequency).
constexpr std::uint8_t popular = 2;
constexpr std::uint32_t prefetch_share = 10;  // it is due in the last tenth
constexpr std::uint32_t least_prefetched_s = 10, never = std::numeric_limits<std::uint32_t>::max();

std::size_t stripes_for(std::size_t size) {
  return std::clamp(std::bit_floor(size / stripe_size), least_stripes, most_stripes);
}

}  // namespace

std::uint32_t seconds_of(TimePoint now) {
  return static_cast<std::uint32_t>(std::chrono::duration_cast<seconds>(now.time_since_epoch()).count());
}

AnswerCache::AnswerCache(const Options& options)
    : options_(options),
      max_stale_s_(options.serve_stale.enabled ? whole_seconds(options.serve_stale.max_stale) : 0),
      least_prefetched_s_(options.prefetch ? least_prefetched_s : never),
      stripe_count_(stripes_for(options.size)),
      stripes_(std::make_unique<Stripe[]>(stripe_count_)) {
  for (std::size_t i = 0; i < stripe_count_; ++i) stripes_[i].open(options_.size / stripe_count_, max_stale_s_);
}

AnswerCache::~AnswerCache() = default;

Stripe& AnswerCache::stripe_of(const KeyHash& hash) const { return stripes_[hash.value() >> 32 & (stripe_count_ - 1)]; }

bool AnswerCache::may_serve(const Entry* stale, std::uint32_t now) const {
  return stale != nullptr && max_stale_s_ > 0 && !stale->is_useless(now, max_stale_s_);
}

// RFC 9520: nothing is asked until the failure is forgotten. RFC 8767 5: until then the stale answer serves at once.
Entry* AnswerCache::while_failing(Stripe& stripe, const KeyHash& hash, Entry* stale, std::uint32_t now) const {
  Entry* failure = stripe.find(hash, Stripe::Kind::failure);
  if (failure == nullptr || failure->is_expired(now)) return nullptr;
  return may_serve(stale, now) ? stale : failure;
}

// What `choose(stripe, now)` finds under the stripe's lock, with whatever need not be under it done after.
template <class Choose>
std::optional<Hit> AnswerCache::take(const KeyHash& hash, TimePoint now, MutableBytes out, std::size_t* needed,
                                     Choose choose) {
  const std::uint32_t now_s = seconds_of(now);
  // Not a Hit yet: one that is assembled in memory and copied costs 8 ns more.
  dns::AnswerHead head;
  std::size_t length = 0;
  std::uint32_t age = 0, remaining_s = 0;
  bool is_failure = false, is_due = false;
  {
    Stripe& stripe = stripe_of(hash);
    const auto held = stripe.hold();
    Entry* entry = choose(stripe, now_s);
    if (entry == nullptr) return std::nullopt;
    Bytes records = entry->records();
    length = records.size();
    if (length > out.size()) {
      if (needed != nullptr) *needed = length;
      return std::nullopt;
    }
    std::copy(records.begin(), records.end(), out.begin());
    // Written only when it changes, so that the line of a hot entry stays shared among the cores that read it.
    if (entry->frequency < max_frequency) entry->frequency = (entry->frequency + 1) & max_frequency;
    head = entry->head();
    is_failure = entry->is_failure != 0;
    age = entry->age(now_s);
    if (age < entry->lifetime) remaining_s = entry->lifetime - age;
    if (remaining_s <= entry->lifetime / prefetch_share) [[unlikely]]
      is_due = becomes_due(*entry, remaining_s);
  }
  const bool is_stale = remaining_s == 0;
  if (is_stale) [[unlikely]] {
    dns::set_ttls(out.first(length), head, whole_seconds(options_.serve_stale.ttl));
    head.authentic = false;  // its signatures may have ended since
  } else if (age > 0) {
    dns::age_records(out.first(length), head, age);
  }
  return Hit{head, length, remaining_s, is_failure, is_stale, is_due};
}

// In the last tenth of its lifetime: true once.
bool AnswerCache::becomes_due(Entry& entry, std::uint32_t remaining_s) const {
  if (remaining_s == 0 || entry.frequency < popular || entry.lifetime < least_prefetched_s_) return false;
  if (entry.is_failure) return false;
  const bool is_first = !entry.is_refreshed;
  entry.is_refreshed = 1;
  return is_first;
}

std::optional<Hit> AnswerCache::find(const Key&, const KeyHash& hash, TimePoint now, MutableBytes out,
                                     std::size_t* needed) {
  return take(hash, now, out, needed, [&](Stripe& stripe, std::uint32_t now_s) {
    Entry* entry = stripe.find(hash);
    // An entry past its lifetime stays where it is: its successor inherits its place among the names asked again.
    const bool is_fresh = entry != nullptr && !entry->is_expired(now_s);
    return is_fresh ? entry : while_failing(stripe, hash, entry, now_s);
  });
}

std::optional<Hit> AnswerCache::find_stale(const Key&, const KeyHash& hash, TimePoint now, MutableBytes out) {
  return take(hash, now, out, nullptr, [&](Stripe& stripe, std::uint32_t now_s) {
    Entry* entry = stripe.find(hash);
    return may_serve(entry, now_s) ? entry : nullptr;
  });
}

void AnswerCache::store(const Key& key, const KeyHash& hash, const dns::AnswerView& answer, TimePoint now) {
  const Keeping keeping = keeping_of(key.type, answer, options_);
  if (keeping.is_failure) return keep_failure(hash, answer, now, Fault::question);
  const std::uint32_t now_s = seconds_of(now);
  {
    Stripe& stripe = stripe_of(hash);
    const auto held = stripe.hold();
    stripe.replace(hash, now_s, Stripe::Kind::failure);
    if (keeping.lifetime > 0) {
      stripe.put(hash, answer, keeping, now_s);
    } else if (const Entry* former = stripe.find(hash); former != nullptr && former->is_expired(now_s)) {
      stripe.replace(hash, now_s);  // contradicted, if only for this once: not to be served as stale
    }
  }
  if (answer.head.rcode == dns::Rcode::noerror) {
    forget_denial(key, now);
  } else if (answer.head.answers == 0 && keeping.lifetime > 0) {
    note_denial(key, keeping.lifetime, now);
  }
}

void AnswerCache::store_failure(const Key&, const KeyHash& hash, TimePoint now, Fault fault) {
  keep_failure(hash, {.head = {.rcode = dns::Rcode::servfail, .unanswered = true}, .records = {}}, now, fault);
}

void AnswerCache::keep_failure(const KeyHash& hash, const dns::AnswerView& answer, TimePoint now, Fault fault) {
  const std::uint32_t now_s = seconds_of(now);
  Stripe& stripe = stripe_of(hash);
  const auto held = stripe.hold();
  const Entry* former = stripe.find(hash, Stripe::Kind::failure);
  if (former != nullptr && !former->is_expired(now_s)) return;
  std::uint32_t lifetime = whole_seconds(options_.serve_stale.retry_after);
  if (!may_serve(stripe.find(hash), now_s)) {
    const bool is_repeated = fault == Fault::question && former != nullptr;
    lifetime = is_repeated ? next_failure_ttl(former->lifetime, former->age(now_s), options_) : failure_ttl(options_);
  }
  stripe.put(hash, answer, keeping_of_failure(lifetime), now_s);
}

void AnswerCache::clear() {
  for (std::size_t i = 0; i < stripe_count_; ++i) {
    const auto held = stripes_[i].hold();
    stripes_[i].clear();
  }
  clearings_.fetch_add(1, std::memory_order_release);
}

Stats AnswerCache::stats() const {
  Stats stats;
  for (std::size_t i = 0; i < stripe_count_; ++i) {
    const auto held = stripes_[i].hold();
    stripes_[i].add_to(stats);
  }
  return stats;
}

}  // namespace dragoman::cache
