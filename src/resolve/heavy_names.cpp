// A binary heap of the entries by count: one of those counted least is at its front, and counting lets an entry sink.
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
  heap_.reserve(capacity);
}

void HeavyNames::clear() {
  heap_.clear();
  std::fill(slots_.begin(), slots_.end(), none);
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

std::pair<HeavyNames::Entry*, bool> HeavyNames::add(dns::NameView name, std::size_t kind, std::uint64_t times) {
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
  Entry& entry = entries_[at];
  entry.count += times;
  entry.by_kind[std::min(kind, kinds - 1)] += times;
  sink(at);
  return {&entry, is_new};
}

// A free entry at the front; when there is none, the one that is there, whose count goes on as the new one's error.
std::uint32_t HeavyNames::take_place() {
  if (heap_.size() < capacity_) {
    const auto at = static_cast<std::uint32_t>(heap_.size());
    entries_[at] = Entry{};
    heap_.push_back(at);
    std::size_t place = at;
    for (; place > 0; place = (place - 1) / 2) put(place, heap_[(place - 1) / 2]);
    put(0, at);
    return at;
  }
  const std::uint32_t at = heap_.front();
  forget(at);
  Entry& entry = entries_[at];
  entry.error = entry.count;
  entry.by_kind = {};
  entry.marked_at = 0;
  entry.note = 0;
  entry.suffix_offset = 0;
  return at;
}

void HeavyNames::put(std::size_t place, std::uint32_t at) {
  heap_[place] = at;
  entries_[at].heap_place_ = static_cast<std::uint32_t>(place);
}

// Behind all that are counted less.
void HeavyNames::sink(std::uint32_t at) {
  std::size_t place = entries_[at].heap_place_;
  for (;;) {
    std::size_t below = 2 * place + 1;
    if (below >= heap_.size()) break;
    if (below + 1 < heap_.size() && counts_less(heap_[below + 1], heap_[below])) ++below;
    if (!counts_less(heap_[below], at)) break;
    put(place, heap_[below]);
    place = below;
  }
  put(place, at);
}

// Takes the name out of its slot.
void HeavyNames::forget(std::uint32_t at) {
  std::uint32_t* link = &slots_[entries_[at].hash_ & (slots_.size() - 1)];
  while (*link != at) link = &entries_[*link].next_in_slot_;
  *link = entries_[at].next_in_slot_;
}

}  // namespace dragoman::resolve
