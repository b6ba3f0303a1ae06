// Groups of four places, each read and written under a version (a sequence lock whose writers never wait).
#include "dragoman/nat64/domain_names.h"

#include <xxhash.h>

#include <algorithm>
#include <cstring>

namespace dragoman::nat64 {
namespace {

std::uint32_t second_of(TimePoint now) {
  return static_cast<std::uint32_t>(std::chrono::duration_cast<seconds>(now.time_since_epoch()).count());
}

// A number has 18 bits for its place.
constexpr std::size_t most_slots = std::size_t{1} << 18;

}  // namespace

DomainNames::DomainNames(std::size_t memory, std::uint64_t secret)
    : secret_(secret),
      groups_(std::clamp<std::size_t>(memory / sizeof(Slot) / ways, 1, most_slots / ways)),
      slots_(std::make_unique<Slot[]>(groups_ * ways)) {}

DomainId DomainNames::add(std::string_view name, TimePoint now) {
  if (name.empty() || name.size() > longest) return no_domain;
  const std::uint64_t hash = XXH3_64bits_withSeed(name.data(), name.size(), secret_);
  const std::size_t first = hash % groups_ * ways;
  const std::uint32_t now_s = second_of(now);
  std::size_t oldest = first;
  for (std::size_t at = first; at < first + ways; ++at) {
    Slot& slot = slots_[at];
    const std::uint32_t version = slot.version.load(std::memory_order_acquire);
    const bool is_it = version % 2 == 0 && version != 0 && slot.hash.load(std::memory_order_relaxed) == hash;
    if (is_it && use(id_of(at, version), now)) return id_of(at, version);
    const std::uint32_t used_s = slot.used_s.load(std::memory_order_relaxed);
    if (used_s < slots_[oldest].used_s.load(std::memory_order_relaxed)) oldest = at;
  }
  Slot& slot = slots_[oldest];
  std::uint32_t version = slot.version.load(std::memory_order_relaxed);
  if (!write(slot, version, hash, name)) return no_domain;
  slot.used_s.store(now_s, std::memory_order_relaxed);
  return generation(version + 2) == 0 ? no_domain : id_of(oldest, version + 2);
}

bool DomainNames::write(Slot& slot, std::uint32_t version, std::uint64_t hash, std::string_view name) {
  if (version % 2 != 0) return false;
  if (!slot.version.compare_exchange_strong(version, version + 1, std::memory_order_acquire)) return false;
  std::atomic_thread_fence(std::memory_order_release);  // who sees a new octet sees the odd version
  std::array<std::uint64_t, words> octets{};
  std::memcpy(octets.data(), name.data(), name.size());
  slot.hash.store(hash, std::memory_order_relaxed);
  slot.length.store(name.size(), std::memory_order_relaxed);
  for (std::size_t i = 0; i < words; ++i) slot.octets[i].store(octets[i], std::memory_order_relaxed);
  slot.version.store(version + 2, std::memory_order_release);
  return true;
}

bool DomainNames::use(DomainId id, TimePoint now) {
  const std::size_t at = id >> generation_bits;
  if (id == no_domain || at >= groups_ * ways) return false;
  Slot& slot = slots_[at];
  const std::uint32_t version = slot.version.load(std::memory_order_acquire);
  if (version % 2 != 0 || generation(version) == 0 || id_of(at, version) != id) return false;
  const std::uint32_t now_s = second_of(now);
  if (slot.used_s.load(std::memory_order_relaxed) != now_s) slot.used_s.store(now_s, std::memory_order_relaxed);
  return true;
}

std::optional<DomainNames::Text> DomainNames::text(DomainId id) const {
  const std::size_t at = id >> generation_bits;
  if (id == no_domain || at >= groups_ * ways) return std::nullopt;
  const Slot& slot = slots_[at];
  const std::uint32_t before = slot.version.load(std::memory_order_acquire);
  if (before % 2 != 0 || generation(before) == 0 || id_of(at, before) != id) return std::nullopt;
  std::array<std::uint64_t, words> octets;
  Text text;
  text.hash = slot.hash.load(std::memory_order_relaxed);
  text.length = static_cast<std::uint8_t>(slot.length.load(std::memory_order_relaxed));
  for (std::size_t i = 0; i < words; ++i) octets[i] = slot.octets[i].load(std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_acquire);
  if (slot.version.load(std::memory_order_relaxed) != before) return std::nullopt;
  std::memcpy(text.octets.data(), octets.data(), longest);
  return text;
}

}  // namespace dragoman::nat64
