// Where names stand, remembered (include/dragoman/dnssec/delegation.h): zones with their keys, names that are no zones.
// Bounded; what has not been used goes first (CLOCK). Worker thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "dragoman/base/time.h"
#include "dragoman/dns/name.h"
#include "dragoman/dnssec/delegation.h"

namespace dragoman::resolve {

// What a name is on the way down from a trust anchor.
struct Place {
  enum class Kind : std::uint8_t {
    zone,    // the apex of one
    inside,  // of the zone above
    absent,  // there is no such name, so nothing below it is a zone either
  };
  Kind kind = Kind::zone;
  dnssec::Standing standing;  // of a zone
};

class ZoneTable {
 public:
  explicit ZoneTable(std::size_t most) : most_(most) {}

  // Null when nothing is known, or no more. Valid until the next store().
  const Place* find(dns::NameView name, TimePoint now);
  const Place& store(dns::NameView name, Place place, TimePoint expires);
  void clear();
  std::size_t size() const { return by_name_.size(); }

 private:
  struct Slot {
    std::string name;
    Place place;
    TimePoint expires{};
    bool is_used = false;
  };
  std::size_t slot_for_new();

  std::size_t most_, hand_ = 0;
  std::vector<Slot> slots_;
  std::unordered_map<std::string, std::size_t> by_name_;  // lower-case wire form
};

}  // namespace dragoman::resolve
