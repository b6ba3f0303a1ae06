// Records of one kind under numbers that stay: an array that grows in pieces, so that growth moves nothing and never
// takes long, with a list of free places. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>
#include <vector>

namespace dragoman::nat64 {

using Index = std::uint32_t;
inline constexpr Index none = 0;  // no record has this number

// Octets that are zero and, as long as nobody wrote to them, cost no memory.
template <class T>
struct FreeZeroed {
  void operator()(T* octets) const { std::free(octets); }
};
template <class T>
using ZeroedArray = std::unique_ptr<T[], FreeZeroed<T>>;

template <class T>
ZeroedArray<T> make_zeroed(std::size_t count) {
  static_assert(std::is_trivially_copyable_v<T>);
  void* octets = std::calloc(count, sizeof(T));
  if (octets == nullptr) throw std::bad_alloc();
  return ZeroedArray<T>(static_cast<T*>(octets));
}

// T is trivially copyable, valid when it is all zeros, and has a member `next`, which links free records.
template <class T>
class Slab {
 public:
  Index take() {
    Index index = free_;
    if (index != none) {
      free_ = (*this)[index].next;
    } else {
      index = ++last_;
      if (index / piece_size >= pieces_.size()) pieces_.push_back(make_zeroed<T>(piece_size));
    }
    (*this)[index] = T{};
    ++count_;
    return index;
  }
  void give_back(Index index) {
    (*this)[index] = T{};
    (*this)[index].next = free_;
    free_ = index;
    --count_;
  }

  T& operator[](Index index) { return pieces_[index / piece_size][index % piece_size]; }
  const T& operator[](Index index) const { return pieces_[index / piece_size][index % piece_size]; }
  std::size_t count() const { return count_; }  // in use
  Index last() const { return last_; }          // numbers 1 to this one have been in use
  std::size_t memory() const { return pieces_.size() * piece_size * sizeof(T); }

 private:
  static constexpr std::size_t piece_size = 8192;
  std::vector<ZeroedArray<T>> pieces_;
  Index free_ = none;
  Index last_ = 0;
  std::size_t count_ = 0;
};

}  // namespace dragoman::nat64
