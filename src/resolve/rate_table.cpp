// The generic cell rate algorithm (ITU-T I.371): instead of tokens and when they were counted, the one moment at which
// the bucket is full again. Time is in units of 64 ns, 44 bits of it: 13 days, then it begins anew.
#include "dragoman/resolve/rate_table.h"

#include "dragoman/net/random.h"
#include "siphash.h"

namespace dragoman::resolve {
namespace {

constexpr unsigned time_bits = 44;
constexpr std::uint64_t time_mask = (std::uint64_t{1} << time_bits) - 1;
constexpr std::uint64_t units_per_second = 1'000'000'000 / 64;
// Clocks of workers differ by a turn of their loops. What is further ahead than a bucket can be and this is left over
// from before the clock began anew.
constexpr std::uint64_t slack = 4 * units_per_second;
constexpr int most_tries = 4;

std::uint64_t units(TimePoint time) {
  const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
  return static_cast<std::uint64_t>(ns) / 64 & time_mask;
}

constexpr std::uint64_t longest = 3600 * units_per_second;  // that any bucket takes to fill

// How long the bucket in this slot needs to be full again; one that says more than `most` is full.
std::uint64_t missing(std::uint64_t slot, std::uint64_t now, std::uint64_t most) {
  const std::uint64_t ahead = ((slot & time_mask) - now) & time_mask;
  return ahead <= most + slack ? ahead : 0;
}

}  // namespace

RateTable::RateTable() : groups_(std::make_unique<std::array<Group, group_count>>()) {
  net::fill_random(key_);  // with a key that others can guess they could take any client's tokens
}

bool RateTable::take(Bytes subject, const Rate& rate, TimePoint time) {
  const std::uint64_t hash = siphash(SipKey::from(key_.data()), subject);
  const std::uint64_t tag = hash & ~time_mask;
  const std::uint64_t now = units(time);
  const std::uint64_t interval = units_per_second / rate.per_second;
  const std::uint64_t depth = interval * rate.burst;
  Group& group = (*groups_)[hash % group_count];
  for (int tries = 0; tries < most_tries; ++tries) {
    Slot* place = &group.slots[0];
    std::uint64_t seen = place->load(std::memory_order_relaxed);
    for (Slot& slot : group.slots) {
      const std::uint64_t value = slot.load(std::memory_order_relaxed);
      const bool is_subject = value != 0 && (value & ~time_mask) == tag;
      if (!is_subject && missing(value, now, longest) >= missing(seen, now, longest)) continue;
      place = &slot;
      seen = value;
      if (is_subject) break;
    }
    const bool is_known = seen != 0 && (seen & ~time_mask) == tag;
    const std::uint64_t taken = is_known ? missing(seen, now, depth) : 0;
    if (taken + interval > depth) return false;
    const std::uint64_t full_at = (now + taken + interval) & time_mask;
    if (place->compare_exchange_weak(seen, tag | full_at, std::memory_order_relaxed)) return true;
  }
  return true;  // others take from this very group at this very moment: let it pass
}

}  // namespace dragoman::resolve
