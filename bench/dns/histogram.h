// Latencies in microseconds: exact up to 4 ms, then within 1 %. What is longer than 4 s counts as that.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace dragoman::bench {

class Histogram {
 public:
  void add(std::uint64_t us) {
    ++cells_[cell_of(us)];
    ++count_;
  }
  std::uint64_t count() const { return count_; }
  // The value that this share of all does not exceed; 0 when there are none.
  std::uint64_t quantile(double share) const {
    if (count_ == 0) return 0;
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(count_ - 1)) + 1;
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      seen += cells_[i];
      if (seen >= wanted) return value_of(i);
    }
    return value_of(cells_.size() - 1);
  }
  void clear() { *this = {}; }

 private:
  static constexpr std::size_t exact = 4096, parts = 64, octaves = 10;

  static std::size_t cell_of(std::uint64_t us) {
    if (us < exact) return us;
    const auto octave = static_cast<std::size_t>(std::bit_width(us)) - std::bit_width(exact);
    if (octave >= octaves) return exact + octaves * parts - 1;
    return exact + octave * parts + ((us >> (octave + 6)) - parts);
  }
  static std::uint64_t value_of(std::size_t cell) {
    if (cell < exact) return cell;
    const std::size_t octave = (cell - exact) / parts;
    return ((cell - exact) % parts + parts) << (octave + 6);
  }

  std::array<std::uint32_t, exact + octaves * parts> cells_{};
  std::uint64_t count_ = 0;
};

}  // namespace dragoman::bench
