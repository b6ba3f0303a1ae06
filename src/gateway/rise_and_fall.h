// Whether something is up, by what its probes say: one result alone changes nothing. Up until proved otherwise. Pure.
#pragma once

#include <cstdint>

namespace dragoman::gateway {

class RiseAndFall {
 public:
  RiseAndFall(std::uint32_t rise, std::uint32_t fall) : rise_(rise), fall_(fall) {}

  bool is_up() const { return is_up_; }
  // True when that has changed the state.
  bool add(bool passed) {
    if (passed == is_up_) {
      against_ = 0;
      return false;
    }
    if (++against_ < (is_up_ ? fall_ : rise_)) return false;
    is_up_ = passed;
    against_ = 0;
    return true;
  }

 private:
  std::uint32_t rise_, fall_;
  bool is_up_ = true;
  std::uint32_t against_ = 0;  // results in a row that speak against the state
};

}  // namespace dragoman::gateway
