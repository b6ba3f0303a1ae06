// Slots that a hand goes around: a name that was of use since it last came by is spared once.
#include "zone_table.h"

namespace dragoman::resolve {
namespace {

std::string key_of(dns::NameView name) {
  std::string key(name.length(), '\0');
  dns::copy_lower_case(name, reinterpret_cast<std::uint8_t*>(key.data()));
  return key;
}

}  // namespace

const Place* ZoneTable::find(dns::NameView name, TimePoint now) {
  const auto known = by_name_.find(key_of(name));
  if (known == by_name_.end()) return nullptr;
  Slot& slot = slots_[known->second];
  if (slot.expires <= now) return nullptr;
  slot.is_used = true;
  return &slot.place;
}

std::size_t ZoneTable::slot_for_new() {
  if (slots_.size() < most_) {
    slots_.emplace_back();
    return slots_.size() - 1;
  }
  for (;; hand_ = (hand_ + 1) % most_) {
    Slot& slot = slots_[hand_];
    if (!slot.is_used) break;
    slot.is_used = false;
  }
  const std::size_t leaving = hand_;
  hand_ = (hand_ + 1) % most_;
  by_name_.erase(slots_[leaving].name);
  return leaving;
}

const Place& ZoneTable::store(dns::NameView name, Place place, TimePoint expires) {
  std::string key = key_of(name);
  const auto known = by_name_.find(key);
  const std::size_t number = known == by_name_.end() ? slot_for_new() : known->second;
  by_name_[key] = number;
  slots_[number] = {std::move(key), std::move(place), expires, false};
  return slots_[number].place;
}

void ZoneTable::clear() {
  slots_.clear();
  by_name_.clear();
  hand_ = 0;
}

}  // namespace dragoman::resolve
