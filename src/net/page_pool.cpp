// One mapping, cut into slots; madvise() is what gives memory back without giving up the address.
#include "dragoman/net/page_pool.h"

#include <sys/mman.h>
#include <unistd.h>

namespace dragoman::net {
namespace {

std::size_t whole_pages(std::size_t size) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return (size + page - 1) / page * page;
}

}  // namespace

PagePool::PagePool(std::size_t slot_size, std::size_t slots) : slot_size_(whole_pages(slot_size)), slots_(slots) {
  void* range =
      ::mmap(nullptr, slot_size_ * slots_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (range == MAP_FAILED) {
    slots_ = 0;  // acquire() then says that there is none
  } else {
    range_ = static_cast<std::uint8_t*>(range);
  }
}

PagePool::~PagePool() {
  if (range_ != nullptr) ::munmap(range_, slot_size_ * slots_);
}

MutableBytes PagePool::acquire() {
  if (free_.empty() && next_ == slots_) return {};
  std::size_t index = next_;
  if (free_.empty()) {
    ++next_;
  } else {
    index = free_.back();
    free_.pop_back();
  }
  return {range_ + index * slot_size_, slot_size_};
}

void PagePool::release(MutableBytes slot) {
  vacate(slot);
  free_.push_back(static_cast<std::uint32_t>(static_cast<std::size_t>(slot.data() - range_) / slot_size_));
}

void PagePool::vacate(MutableBytes slot) { ::madvise(slot.data(), slot.size(), MADV_DONTNEED); }

}  // namespace dragoman::net
