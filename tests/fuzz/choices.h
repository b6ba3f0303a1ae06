// The octets of a fuzz input as a series of choices. When they are used up every choice is 0, so that each input ends.
#pragma once

#include <cstdint>

#include "dragoman/base/bytes.h"

namespace dragoman::fuzz {

class Choices {
 public:
  explicit Choices(Bytes octets) : octets_(octets) {}
  bool any() const { return at_ < octets_.size(); }
  std::uint8_t octet() { return any() ? octets_[at_++] : 0; }
  // 0 to count - 1.
  std::size_t below(std::size_t count) { return octet() % count; }
  bool once_in(std::size_t count) { return below(count) == count - 1; }

 private:
  Bytes octets_;
  std::size_t at_ = 0;
};

}  // namespace dragoman::fuzz
