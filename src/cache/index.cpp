// Linear probing with deletion by shifting back (Knuth 6.4, algorithm R): no tombstones, so probes stay short for good.
#include "index.h"

#include <utility>

namespace dragoman::cache {

void Index::insert(std::uint32_t tag, std::uint32_t location) {
  if ((size_ + 1) * 8 > slots_.size() * 7) grow();
  place({tag, location});
  ++size_;
}

void Index::erase(std::uint32_t tag, std::uint32_t location) {
  std::size_t hole = position(tag, location);
  for (std::size_t at = (hole + 1) & mask(); slots_[at].location != nowhere; at = (at + 1) & mask()) {
    // A slot may move back to the hole unless its home lies between the two.
    std::size_t from_home = (at - slots_[at].tag) & mask();
    std::size_t from_hole = (at - hole) & mask();
    if (from_home < from_hole) continue;
    slots_[hole] = slots_[at];
    hole = at;
  }
  slots_[hole] = {};
  --size_;
}

std::size_t Index::position(std::uint32_t tag, std::uint32_t location) const {
  std::size_t at = tag & mask();
  while (slots_[at].location != location) at = (at + 1) & mask();
  return at;
}

void Index::place(const Slot& slot) {
  std::size_t at = slot.tag & mask();
  while (slots_[at].location != nowhere) at = (at + 1) & mask();
  slots_[at] = slot;
}

void Index::grow() {
  std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots_.size() * 2));
  for (const Slot& slot : old) {
    if (slot.location != nowhere) place(slot);
  }
}

}  // namespace dragoman::cache
