// One vector for the octets, moved together when half of it is gone: each octet moves once on average.
#include "backlog.h"

namespace dragoman::gateway {

std::uint64_t Backlog::events() const {
  std::uint64_t sum = 0;
  for (const Unit& unit : units_) sum += unit.events;
  return sum;
}

void Backlog::add(Bytes octets, std::uint32_t events, std::uint32_t records) {
  octets_.insert(octets_.end(), octets.begin(), octets.end());
  units_.push_back({static_cast<std::uint32_t>(octets.size()), events, records});
}

void Backlog::pop() {
  start_ += units_.front().length;
  units_.pop_front();
  if (start_ <= octets_.size() / 2) return;
  octets_.erase(octets_.begin(), octets_.begin() + static_cast<std::ptrdiff_t>(start_));
  start_ = 0;
}

}  // namespace dragoman::gateway
