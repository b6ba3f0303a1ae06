// Finds records of a Slab by key: linear hashing (Litwin, 1980), whose buckets are lists through the records' member
// `next`. It grows by one bucket with each record, so there is never a pause for rehashing, and takes four octets a
// record. One thread.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "slab.h"

namespace dragoman::nat64 {

// HashOf: a callable that gives the 32-bit hash of a record; it must mix well and be keyed with a secret, since others
// choose the keys.
template <class Record, class HashOf>
class LinearHash {
 public:
  LinearHash(Slab<Record>& records, HashOf hash_of) : records_(records), hash_of_(hash_of) {
    pieces_.push_back(make_zeroed<Index>(piece_size));
  }

  // The record with this hash that `matches(record)`; none.
  template <class Matches>
  Index find(std::uint32_t hash, Matches matches) const {
    for (Index at = bucket(place_of(hash)); at != none; at = records_[at].next) {
      if (matches(records_[at])) return at;
    }
    return none;
  }
  // The record must not be in the table yet.
  void insert(std::uint32_t hash, Index index) {
    if (count_++ >= buckets_) split();
    Index& first = bucket(place_of(hash));
    records_[index].next = first;
    first = index;
  }
  void remove(std::uint32_t hash, Index index) {
    Index* at = &bucket(place_of(hash));
    while (*at != index) at = &records_[*at].next;
    *at = records_[index].next;
    --count_;
  }
  std::size_t memory() const { return pieces_.size() * piece_size * sizeof(Index); }

 private:
  static constexpr std::size_t piece_size = 65536;
  static constexpr std::uint32_t first_buckets = 1024;

  // Buckets below `split_` have been split in this round: one more bit of the hash tells which half.
  std::uint32_t place_of(std::uint32_t hash) const {
    const std::uint32_t place = hash & (round_ - 1);
    return place < buckets_ - round_ ? hash & (2 * round_ - 1) : place;
  }
  Index& bucket(std::uint32_t place) { return pieces_[place / piece_size][place % piece_size]; }
  const Index& bucket(std::uint32_t place) const { return pieces_[place / piece_size][place % piece_size]; }

  // Adds one bucket, and moves to it those records of its sibling that belong there now.
  void split() {
    if (buckets_ == 2 * round_) round_ *= 2;
    const std::uint32_t old_place = buckets_ - round_, new_place = buckets_;
    if (new_place / piece_size >= pieces_.size()) pieces_.push_back(make_zeroed<Index>(piece_size));
    ++buckets_;
    Index at = bucket(old_place);
    bucket(old_place) = none;
    while (at != none) {
      const Index next = records_[at].next;
      Index& first = bucket(hash_of_(records_[at]) & (2 * round_ - 1));
      records_[at].next = first;
      first = at;
      at = next;
    }
  }

  Slab<Record>& records_;
  HashOf hash_of_;
  std::vector<ZeroedArray<Index>> pieces_;
  std::uint32_t round_ = first_buckets;    // a power of two
  std::uint32_t buckets_ = first_buckets;  // round_ to 2 * round_
  std::size_t count_ = 0;
};

}  // namespace dragoman::nat64
