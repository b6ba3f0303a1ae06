// Whether a name may end in one of some suffixes, for a few instructions: the first look before a table of names, which
// nearly every query passes without ending in any. Says yes too often now and then, never no wrongly. Built once, then
// read by any thread. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include "dragoman/dns/name.h"

namespace dragoman::dns {

class SuffixFilter {
 public:
  void add(NameView suffix) {
    const std::size_t length = suffix.length() - 1;  // without the root's octet
    if (length >= long_tail) {
      longs_.set(tail<std::uint64_t>(suffix));
    } else if (length >= short_tail) {
      shorts_.set(tail<std::uint32_t>(suffix));
    } else {
      holds_all_ = true;  // the root, or a top-level domain of two letters
    }
  }
  bool may_hold(NameView name) const {
    const std::size_t length = name.length() - 1;
    return holds_all_ || (length >= short_tail && shorts_.has(tail<std::uint32_t>(name))) ||
           (length >= long_tail && longs_.has(tail<std::uint64_t>(name)));
  }

 private:
  static constexpr std::size_t short_tail = sizeof(std::uint32_t), long_tail = sizeof(std::uint64_t);

  // The last octets before the root's, letters without case; length octets change too, but always in the same way.
  template <class Octets>
  static std::uint64_t tail(NameView name) {
    Octets octets;
    std::memcpy(&octets, name.wire().data() + name.length() - 1 - sizeof octets, sizeof octets);
    return octets | static_cast<Octets>(0x2020202020202020u);
  }

  // 256 bits, of which a tail has one.
  class Bits {
   public:
    void set(std::uint64_t tail) { words_[index(tail) / 64] |= std::uint64_t{1} << index(tail) % 64; }
    bool has(std::uint64_t tail) const { return (words_[index(tail) / 64] >> index(tail) % 64 & 1) != 0; }

   private:
    static unsigned index(std::uint64_t tail) { return static_cast<unsigned>(tail * 0x9E3779B97F4A7C15u >> 56); }
    std::array<std::uint64_t, 4> words_{};
  };

  Bits shorts_, longs_;
  bool holds_all_ = false;
};

}  // namespace dragoman::dns
