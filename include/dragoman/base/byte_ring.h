// A queue of variable-sized blocks in one piece of memory: first in, first out, nothing fragments. It knows offsets
// only; the octets belong to the caller. Blocks are never split: what does not fit before the end goes to the start,
// and the gap is left.
//
//   as it fills  |.....tail#######head.........|      wrapped  |####head......tail######gap_at..|
#pragma once

#include <cstddef>

namespace dragoman {

class ByteRing {
 public:
  ByteRing() = default;
  // Offsets that the ring gives lie in [base, base + capacity).
  ByteRing(std::size_t base, std::size_t capacity) : base_(base), capacity_(capacity) {}

  std::size_t capacity() const { return capacity_; }
  bool is_empty() const { return head_ == tail_ && !is_wrapped_; }
  bool holds(std::size_t offset) const { return offset - base_ < capacity_; }
  std::size_t used() const { return is_wrapped_ ? gap_at_ - tail_ + head_ : head_ - tail_; }

  bool fits(std::size_t size) const {
    if (is_wrapped_) return tail_ - head_ >= size;
    return capacity_ - head_ >= size || tail_ >= size;
  }
  // Where a new block lies. Only if it fits.
  std::size_t push(std::size_t size) {
    if (!is_wrapped_ && capacity_ - head_ < size) {
      gap_at_ = head_;
      head_ = 0;
      is_wrapped_ = true;
    }
    std::size_t offset = head_;
    head_ += size;
    return base_ + offset;
  }
  // The oldest block. Only if there is one.
  std::size_t front() const { return base_ + tail_; }
  // Removes the oldest block, which has this size.
  void pop(std::size_t size) {
    tail_ += size;
    if (is_wrapped_ && tail_ == gap_at_) {
      tail_ = 0;
      is_wrapped_ = false;
    }
    if (is_empty()) head_ = tail_ = 0;
  }

 private:
  std::size_t base_ = 0;
  std::size_t capacity_ = 0;
  std::size_t head_ = 0;    // where the next block goes
  std::size_t tail_ = 0;    // the oldest block
  std::size_t gap_at_ = 0;  // when wrapped: end of the blocks behind tail_
  bool is_wrapped_ = false;
};

}  // namespace dragoman
