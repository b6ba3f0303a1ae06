// Where the entries of a stripe lie, by hash: open addressing with linear probing, eight octets a slot, at most seven
// eighths full. It starts tiny and doubles, because the memory of a cache that is not full yet is counted too.
// Only under the lock of its stripe. Growing needs no entry: a slot's tag is all that its place depends on.
#pragma once

#include <cstdint>
#include <vector>

namespace dragoman::cache {

class Index {
 public:
  // A tag is 32 bits of the hash, a location whatever the caller likes but `nowhere`.
  static constexpr std::uint32_t nowhere = 0;

  // The location with this tag that `matches` says yes to; tags of different entries may be equal.
  template <class Matches>
  std::uint32_t find(std::uint32_t tag, Matches&& matches) const {
    for (std::size_t at = tag & mask();; at = (at + 1) & mask()) {
      const Slot& slot = slots_[at];
      if (slot.location == nowhere) return nowhere;
      if (slot.tag == tag && matches(slot.location)) return slot.location;
    }
  }
  void insert(std::uint32_t tag, std::uint32_t location);
  // The entry is known to be at `from`.
  void move(std::uint32_t tag, std::uint32_t from, std::uint32_t to) { slots_[position(tag, from)].location = to; }
  void erase(std::uint32_t tag, std::uint32_t location);

  std::size_t size() const { return size_; }
  std::size_t bytes() const { return slots_.capacity() * sizeof(Slot); }

 private:
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t location = nowhere;
  };
  static constexpr std::size_t first_slots = 16;

  std::size_t mask() const { return slots_.size() - 1; }
  std::size_t position(std::uint32_t tag, std::uint32_t location) const;
  void place(const Slot& slot);
  void grow();

  std::vector<Slot> slots_ = std::vector<Slot>(first_slots);  // a power of two
  std::size_t size_ = 0;
};

}  // namespace dragoman::cache
