// The cache's face: chooses the stripe, holds its lock for a probe and a copy, and keeps everything else outside of it.
// Any thread.
#include "dragoman/cache/answer_cache.h"

#include <algorithm>
#include <bit>
#include <mutex>

#include "keeping.h"
#include "stripe.h"

namespace dragoman::cache {
namespace {

constexpr std::size_t stripe_size = 8u << 20;  // about
constexpr std::size_t least_stripes = 4, most_stripes = 256;

std::size_t stripes_for(std::size_t size) {
  return std::clamp(std::bit_floor(size / stripe_size), least_stripes, most_stripes);
}

std::uint32_t seconds_of(TimePoint now) {
  return static_cast<std::uint32_t>(std::chrono::duration_cast<seconds>(now.time_since_epoch()).count());
}

void set_facts(Entry& entry, const dns::AnswerHead& head, const Keeping& keeping, std::uint32_t now) {
  entry.stored_at = now;
  entry.lifetime = keeping.lifetime;
  entry.answers = head.answers;
  entry.authorities = head.authorities;
  entry.additionals = head.additionals;
  entry.rcode = static_cast<std::uint16_t>(head.rcode);
  entry.is_failure = keeping.is_failure;
  entry.authentic = head.authentic;
  entry.authoritative = head.authoritative;
  entry.blocked = head.blocked;
}

}  // namespace

AnswerCache::AnswerCache(const Options& options)
    : options_(options), stripe_count_(stripes_for(options.size)), stripes_(std::make_unique<Stripe[]>(stripe_count_)) {
  for (std::size_t i = 0; i < stripe_count_; ++i) stripes_[i].open(options_.size / stripe_count_);
}

AnswerCache::~AnswerCache() = default;

Stripe& AnswerCache::stripe_of(const KeyHash& hash) const { return stripes_[hash.value() >> 32 & (stripe_count_ - 1)]; }

std::optional<Hit> AnswerCache::find(const Key&, const KeyHash& hash, TimePoint now, MutableBytes out,
                                     std::size_t* needed) {
  const std::uint32_t now_s = seconds_of(now);
  Hit hit;
  std::uint32_t age = 0;
  {
    Stripe& stripe = stripe_of(hash);
    std::lock_guard held(stripe.lock);
    Entry* entry = stripe.find(hash);
    // An entry past its lifetime stays where it is: its successor inherits its place among the names asked again.
    if (entry == nullptr || entry->is_expired(now_s)) return std::nullopt;
    Bytes records = entry->records();
    if (records.size() > out.size()) {
      if (needed != nullptr) *needed = records.size();
      return std::nullopt;
    }
    std::copy(records.begin(), records.end(), out.begin());
    // Written only when it changes, so that the line of a hot entry stays shared among the cores that read it.
    if (entry->frequency < max_frequency) entry->frequency = (entry->frequency + 1) & max_frequency;
    age = entry->age(now_s);
    hit = {entry->head(), records.size(), entry->lifetime - age, entry->is_failure != 0};
  }
  if (age > 0) dns::age_records(out.first(hit.length), hit.head, age);
  return hit;
}

void AnswerCache::store(const Key& key, const KeyHash& hash, const dns::AnswerView& answer, TimePoint now) {
  const std::uint32_t now_s = seconds_of(now);
  const Keeping keeping = keeping_of(key.type, answer, options_);
  if (keeping.lifetime == 0) return;

  Stripe& stripe = stripe_of(hash);
  std::lock_guard held(stripe.lock);
  Stripe::Place place = stripe.replace(hash, now_s);
  Entry* entry = stripe.insert(hash, answer.records.size(), place, now_s);
  if (entry == nullptr) return;
  set_facts(*entry, answer.head, keeping, now_s);
  MutableBytes records(entry->octets() + hash.octets().size(), answer.records.size());
  std::copy(answer.records.begin(), answer.records.end(), records.begin());
  if (keeping.changes_ttls) bound_ttls(answer, keeping, records);
}

void AnswerCache::store_failure(const Key& key, const KeyHash& hash, TimePoint now) {
  store(key, hash, {.head = {.rcode = dns::Rcode::servfail}, .records = {}}, now);
}

void AnswerCache::clear() {
  for (std::size_t i = 0; i < stripe_count_; ++i) {
    std::lock_guard held(stripes_[i].lock);
    stripes_[i].clear();
  }
}

Stats AnswerCache::stats() const {
  Stats stats;
  for (std::size_t i = 0; i < stripe_count_; ++i) {
    std::lock_guard held(stripes_[i].lock);
    stripes_[i].add_to(stats);
  }
  return stats;
}

}  // namespace dragoman::cache
