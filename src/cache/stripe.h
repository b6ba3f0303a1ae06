// A stripe of the answer cache: a lock, an index, and the entries in two rings, evicted by S3-FIFO (Yang and others,
// "FIFO queues are all you need for cache eviction", SOSP 2023).
//
//   new ──> small (a tenth) ──asked again──> main (the rest) ──asked since──> main, once more
//                  └─not asked──> ghost: only the hash is remembered; a name that comes back goes to main at once
//
// What is past its lifetime lives on idle room only: it goes on to main when that has some, and leaves first.
// So a scan of names that are asked once passes through small and never moves what main holds.
// Every other member function wants what hold() returns to be held. Seconds are those of TimePoint.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "dragoman/base/byte_ring.h"
#include "dragoman/cache/answer_cache.h"
#include "entry.h"
#include "index.h"
#include "keeping.h"

namespace dragoman::cache {

class alignas(64) Stripe {
 public:
  // The stripe's lock. Counts those who had to wait for it.
  std::unique_lock<std::mutex> hold() const;
  std::uint64_t waits() const { return waits_.load(std::memory_order_relaxed); }  // any thread, without the lock

  // `size` octets for both rings; memory is touched only as they fill. Entries past their lifetime stay for another
  // `max_stale` seconds while nothing fresh wants their room.
  void open(std::size_t size, std::uint32_t max_stale = 0);
  void clear();

  // A key may have two entries: its answer, and the failure of the last attempt to get one.
  enum class Kind : bool { answer, failure };
  // Null when there is none; the entry may be past its lifetime. It moves with the next insert().
  Entry* find(const KeyHash& hash, Kind kind = Kind::answer);

  // Where a new entry belongs, by what is known of its name. Forgets the entry that was there under this key.
  struct Place {
    bool in_main = false;
    std::uint8_t frequency = 0;
  };
  Place replace(const KeyHash& hash, std::uint32_t now, Kind kind = Kind::answer);
  // Makes room for an entry with this key and so many octets of records and puts the key in; the caller fills in the
  // rest. Null when it is too large to be kept.
  Entry* insert(const KeyHash& hash, std::size_t records_length, Place place, std::uint32_t now);
  // Both, and fills the entry in: an answer in the place of its predecessor.
  void put(const KeyHash& hash, const dns::AnswerView& answer, const Keeping& keeping, std::uint32_t now);

  void add_to(Stats& stats) const;

 private:
  Entry* at(std::size_t offset) const { return reinterpret_cast<Entry*>(memory_.get() + offset); }
  static std::uint32_t tag_of(const Entry& entry);
  void move_to_main(Entry& entry, std::uint32_t now);
  void make_room_in_small(std::size_t size, std::uint32_t now);
  bool goes_on_to_main(const Entry& entry, std::uint32_t now);
  void make_room_in_main(std::size_t size, std::uint32_t now);
  bool main_has_idle_room(std::size_t size, std::uint32_t now, std::uint32_t max_stale);
  void spare_front();
  void drop_front(ByteRing& ring, std::uint32_t now);
  void haunt(std::uint32_t tag);
  bool is_haunted(std::uint32_t tag) const;

  mutable std::mutex lock_;
  mutable std::atomic<std::uint64_t> waits_{0};
  std::unique_ptr<std::byte[]> memory_;
  ByteRing small_, main_;
  Index index_;
  std::uint32_t max_stale_ = 0;
  std::vector<std::uint32_t> ghosts_;  // tags, each at the place that its lower bits say; empty until the first
  std::uint64_t insertions_ = 0, evictions_ = 0, expired_ = 0;
};

}  // namespace dragoman::cache
