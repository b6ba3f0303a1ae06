// Domain names as numbers, in memory that is fixed: what DNS workers put beside an address, so that a NAT64 worker can
// say whose it is. Names that were not used for longest make room; a number is good as long as its name is there, and
// never stands for another one by mistake but once in 16384 replacements of its place. No lock: whoever comes second to
// a place that is being written goes without. Any thread. Pure.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "dragoman/base/time.h"

namespace dragoman::nat64 {

using DomainId = std::uint32_t;
inline constexpr DomainId no_domain = 0;

class DomainNames {
 public:
  static constexpr std::size_t longest = 100;  // octets of a text

  struct Text {
    std::uint64_t hash = 0;  // the same in every worker of this process
    std::array<char, longest> octets{};
    std::uint8_t length = 0;
    std::string_view view() const { return {octets.data(), length}; }
  };

  // Uses at most `memory` octets, and 512 at least.
  DomainNames(std::size_t memory, std::uint64_t secret);

  // The number of a name ("example.net", lower case): the one that it has, or a new one. no_domain: it is longer than
  // `longest`, or somebody else is at its place.
  DomainId add(std::string_view name, TimePoint now);
  // Whether a number is still good; then its name counts as used now.
  bool use(DomainId id, TimePoint now);
  std::optional<Text> text(DomainId id) const;

 private:
  static constexpr std::size_t ways = 4;
  static constexpr unsigned generation_bits = 14;
  static constexpr std::size_t words = (longest + 7) / 8;

  struct alignas(128) Slot {
    std::atomic<std::uint32_t> version{0};  // even: at rest; its half modulo 2^14 is the generation, 0 is nobody's
    std::atomic<std::uint32_t> used_s{0};
    std::atomic<std::uint64_t> hash{0};
    std::atomic<std::uint64_t> length{0};
    std::array<std::atomic<std::uint64_t>, words> octets{};
  };
  static_assert(sizeof(Slot) == 128);

  static std::uint32_t generation(std::uint32_t version) { return version >> 1 & ((1u << generation_bits) - 1); }
  DomainId id_of(std::size_t slot, std::uint32_t version) const {
    return static_cast<DomainId>(slot) << generation_bits | generation(version);
  }
  bool write(Slot& slot, std::uint32_t version, std::uint64_t hash, std::string_view name);

  std::uint64_t secret_;
  std::size_t groups_;
  std::unique_ptr<Slot[]> slots_;
};

}  // namespace dragoman::nat64
