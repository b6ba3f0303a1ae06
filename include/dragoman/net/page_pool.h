// Slots of whole pages in one reserved range of addresses. A slot's memory can be given back to the kernel while the
// slot keeps its address; it then reads as zeros and costs nothing until it is written again. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dragoman/base/bytes.h"

namespace dragoman::net {

class PagePool {
 public:
  // `slot_size` is rounded up to whole pages. The range is reserved, not occupied.
  PagePool(std::size_t slot_size, std::size_t slots);
  ~PagePool();
  PagePool(const PagePool&) = delete;
  PagePool& operator=(const PagePool&) = delete;

  // All zeros. Empty when every slot is taken, or the range could not be reserved.
  MutableBytes acquire();
  void release(MutableBytes slot);
  // Gives the memory back; the slot stays the caller's.
  void vacate(MutableBytes slot);

  bool holds(const void* address) const {
    const auto* at = static_cast<const std::uint8_t*>(address);
    return at >= range_ && at < range_ + slot_size_ * slots_;
  }
  std::size_t in_use() const { return next_ - free_.size(); }

 private:
  std::size_t slot_size_;
  std::size_t slots_;
  std::uint8_t* range_ = nullptr;
  std::size_t next_ = 0;  // slots from here on were never used
  std::vector<std::uint32_t> free_;
};

}  // namespace dragoman::net
