// Random numbers for tests: the same ones for the same seed.
#pragma once

#include <cstdint>
#include <random>

namespace dragoman::fakes {

class Random {
 public:
  explicit Random(std::uint32_t seed) : engine_(seed) {}
  std::uint32_t next() { return static_cast<std::uint32_t>(engine_()); }
  std::uint32_t below(std::uint32_t limit) { return next() % limit; }
  bool one_in(std::uint32_t count) { return below(count) == 0; }

 private:
  std::mt19937 engine_;
};

}  // namespace dragoman::fakes
