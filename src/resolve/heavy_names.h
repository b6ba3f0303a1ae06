// The names that occur most, of a stream of any length in memory that does not grow: Space-Saving (Metwally, Agrawal,
// El Abbadi, "Efficient computation of frequent and top-k elements in data streams", ICDT 2005), over a heap, so that a
// name can be counted many times at once. A name that is counted more often than total / capacity is surely in the
// list; what it is told too much is at most its `error`. Allocates nothing but in each(). Pure; one thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "dragoman/dns/name.h"

namespace dragoman::resolve {

class HeavyNames {
 public:
  static constexpr std::size_t kinds = 8;  // a name is also counted by kind, which is up to the caller

  struct Entry {
    std::uint64_t count = 0;
    std::uint64_t error = 0;  // what it took over from the name whose place it has; the kinds are without that
    std::array<std::uint64_t, kinds> by_kind{};
    std::int64_t marked_at = 0;      // the caller's: when something became of the name; 0 for nothing
    std::uint32_t note = 0;          // the caller's
    std::uint8_t suffix_offset = 0;  // the caller's: where the part that matters begins

    dns::NameView name() const { return dns::NameView(Bytes(octets_).first(length_)); }

   private:
    friend class HeavyNames;
    std::uint64_t hash_ = 0;
    std::uint32_t heap_place_ = 0;
    std::uint32_t next_in_slot_ = 0;
    std::uint8_t length_ = 0;
    std::array<std::uint8_t, dns::max_name_length> octets_;  // lower case
  };

  explicit HeavyNames(std::size_t capacity);

  // Counts the name so many times, of this kind. Second: whether it was not in the list; then all of its entry is new.
  std::pair<Entry*, bool> add(dns::NameView name, std::size_t kind, std::uint64_t times = 1);
  Entry* find(dns::NameView name);
  void clear();

  std::size_t size() const { return heap_.size(); }
  // Visits the entries, those counted most first.
  template <class Visit>
  void each(Visit&& visit) const {
    std::vector<std::uint32_t> order = heap_;
    std::sort(order.begin(), order.end(), [this](std::uint32_t a, std::uint32_t b) { return counts_less(b, a); });
    for (const std::uint32_t at : order) visit(entries_[at]);
  }

 private:
  static constexpr std::uint32_t none = ~0u;
  // A name as it is hashed and compared.
  struct Key {
    explicit Key(dns::NameView name);
    Bytes octets() const { return Bytes(lower).first(length); }
    std::array<std::uint8_t, dns::max_name_length> lower;
    std::size_t length;
    std::uint64_t hash;
  };

  std::uint32_t find(const Key& key) const;
  std::uint32_t take_place();
  bool counts_less(std::uint32_t a, std::uint32_t b) const { return entries_[a].count < entries_[b].count; }
  void put(std::size_t place, std::uint32_t at);
  void sink(std::uint32_t at);
  void forget(std::uint32_t at);

  std::size_t capacity_;
  std::unique_ptr<Entry[]> entries_;  // memory is touched as they fill
  std::vector<std::uint32_t> heap_;   // entries, one counted least at the front
  std::vector<std::uint32_t> slots_;  // a power of two; entries by the lower bits of their hash
};

}  // namespace dragoman::resolve
