// Random numbers that nobody off the path can guess (RFC 5452 4, 9.2): ids, ports and letter case. OpenSSL's generator,
// drawn in blocks, because a call for each question would cost a microsecond. One per worker.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace dragoman::upstream {

class Random {
 public:
  std::uint8_t octet() {
    if (used_ == block_.size()) refill();
    return block_[used_++];
  }
  std::uint16_t u16() { return static_cast<std::uint16_t>(octet() << 8 | octet()); }
  // From 0 to bound - 1; the bias of at most bound / 65536 does not matter where this is used.
  std::uint32_t below(std::uint32_t bound) { return u16() * bound >> 16; }

 private:
  void refill();
  std::array<std::uint8_t, 1024> block_;
  std::size_t used_ = sizeof block_;
};

}  // namespace dragoman::upstream
