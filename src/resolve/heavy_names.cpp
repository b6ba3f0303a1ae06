// Entries hang in buckets of equal counts, buckets in order of their counts: counting moves an entry to the next
// bucket.
#define XXH_INLINE_ALL
#include "heavy_names.h"

#include <xxhash.h>

#include <algorithm>
#include <bit>

namespace dragoman::resolve {

HeavyNames::Key::Key(dns::NameView name) : length(name.length()) {
  dns::copy_lower_case(name, lower.data());
  hash = XXH3_64bits(lower.data(), length);
}

HeavyNames::HeavyNames(std::size_t capacity)
    : capacity_(capacity),
      entries_(std::make_unique_for_overwrite<Entry[]>(capacity)),
      slots_(std::bit_ceil(capacity), none) {
  buckets_.reserve(capacity + 1);  // one more than entries: an entry enters its new bucket before it leaves the old one
}

void HeavyNames::clear() {
  size_ = 0;
  buckets_.clear();
  std::fill(slots_.begin(), slots_.end(), none);
  lowest_ = highest_ = free_bucket_ = none;
}

std::uint32_t HeavyNames::find(const Key& key) const {
  std::uint32_t at = slots_[key.hash & (slots_.size() - 1)];
  while (at != none) {
    const Entry& entry = entries_[at];
    if (entry.hash_ == key.hash && std::ranges::equal(entry.name().wire(), key.octets())) break;
    at = entry.next_in_slot_;
  }
  return at;
}

HeavyNames::Entry* HeavyNames::find(dns::NameView name) {
  const std::uint32_t at = find(Key(name));
  return at == none ? nullptr : &entries_[at];
}

std::pair<HeavyNames::Entry*, bool> HeavyNames::add(dns::NameView name, std::size_t kind) {
  const Key key(name);
  std::uint32_t at = find(key);
  const bool is_new = at == none;
  if (is_new) {
    at = take_place();
    Entry& entry = entries_[at];
    entry.hash_ = key.hash;
    entry.length_ = static_cast<std::uint8_t>(key.length);
    std::copy_n(key.lower.begin(), key.length, entry.octets_.begin());
    std::uint32_t& slot = slots_[key.hash & (slots_.size() - 1)];
    entry.next_in_slot_ = std::exchange(slot, at);
  }
  count_up(at);
  ++entries_[at].by_kind[std::min(kind, kinds - 1)];
  return {&entries_[at], is_new};
}

// A free entry in a bucket; when there is none, one of those counted least, whose count goes on as the new one's error.
std::uint32_t HeavyNames::take_place() {
  if (size_ < capacity_) {
    const auto at = static_cast<std::uint32_t>(size_++);
    entries_[at] = Entry{};
    const bool has_zero = lowest_ != none && buckets_[lowest_].count == 0;
    enter(has_zero ? lowest_ : make_bucket(0, none, lowest_), at);
    return at;
  }
  const std::uint32_t at = buckets_[lowest_].first;
  forget(at);
  Entry& entry = entries_[at];
  entry.error = entry.count;
  entry.by_kind = {};
  entry.marked_at = 0;
  entry.note = 0;
  entry.suffix_offset = 0;
  return at;
}

void HeavyNames::count_up(std::uint32_t at) {
  const std::uint64_t count = ++entries_[at].count;
  const std::uint32_t from = entries_[at].bucket_, above = buckets_[from].higher;
  const bool fits = above != none && buckets_[above].count == count;
  const bool is_alone = entries_[at].previous_ == none && entries_[at].next_ == none;
  if (is_alone && !fits) {  // usual for names at the top: the bucket goes up with it
    buckets_[from].count = count;
    return;
  }
  const std::uint32_t to = fits ? above : make_bucket(count, from, above);
  leave(at);
  enter(to, at);
}

void HeavyNames::enter(std::uint32_t bucket, std::uint32_t at) {
  Entry& entry = entries_[at];
  entry.bucket_ = bucket;
  entry.previous_ = none;
  entry.next_ = std::exchange(buckets_[bucket].first, at);
  if (entry.next_ != none) entries_[entry.next_].previous_ = at;
}

// An empty bucket goes back to the free ones.
void HeavyNames::leave(std::uint32_t at) {
  const Entry& entry = entries_[at];
  const std::uint32_t left = entry.bucket_;
  Bucket& bucket = buckets_[left];
  (entry.previous_ == none ? bucket.first : entries_[entry.previous_].next_) = entry.next_;
  if (entry.next_ != none) entries_[entry.next_].previous_ = entry.previous_;
  if (bucket.first != none) return;
  (bucket.lower == none ? lowest_ : buckets_[bucket.lower].higher) = bucket.higher;
  (bucket.higher == none ? highest_ : buckets_[bucket.higher].lower) = bucket.lower;
  bucket.higher = std::exchange(free_bucket_, left);
}

// Takes the name out of its slot.
void HeavyNames::forget(std::uint32_t at) {
  std::uint32_t* link = &slots_[entries_[at].hash_ & (slots_.size() - 1)];
  while (*link != at) link = &entries_[*link].next_in_slot_;
  *link = entries_[at].next_in_slot_;
}

std::uint32_t HeavyNames::make_bucket(std::uint64_t count, std::uint32_t lower, std::uint32_t higher) {
  std::uint32_t made = free_bucket_;
  if (made == none) {
    made = static_cast<std::uint32_t>(buckets_.size());
    buckets_.emplace_back();
  } else {
    free_bucket_ = buckets_[made].higher;
  }
  buckets_[made] = {count, none, higher, lower};
  (lower == none ? lowest_ : buckets_[lower].higher) = made;
  (higher == none ? highest_ : buckets_[higher].lower) = made;
  return made;
}

}  // namespace dragoman::resolve
