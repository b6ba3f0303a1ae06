// The allocator, options and stream pool behind the HTTP/2 sessions of a worker.
#include "h2_shared.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace dragoman::serve {

namespace {

constexpr std::size_t most_room_kept = 1024;  // per string or vector of a pooled stream

template <class Container>
void empty_out(Container& container) {
  if (container.capacity() > most_room_kept) {
    container = Container();
  } else {
    container.clear();
  }
}

}  // namespace

FrameBufferAllocator::FrameBufferAllocator(const net::PagePool& pages)
    : memory_{this, allocate, release, allocate_zeroed, reallocate}, pages_(pages) {}

void* FrameBufferAllocator::gather(std::size_t size) {
  return gathering_ != nullptr && size >= large_block ? gathering_->place(size) : nullptr;
}

void* FrameBufferAllocator::allocate(std::size_t size, void* self) {
  auto* allocator = static_cast<FrameBufferAllocator*>(self);
  if (size != frame_buffer_size) {
    void* block = allocator->gather(size);
    return block != nullptr ? block : std::malloc(size);
  }
  ++allocator->users_;
  return allocator->frame_;
}

void FrameBufferAllocator::release(void* block, void* self) {
  auto* allocator = static_cast<FrameBufferAllocator*>(self);
  if (allocator->pages_.holds(block)) return;  // goes with its session
  if (block != allocator->frame_) return std::free(block);
  --allocator->users_;
}

void* FrameBufferAllocator::allocate_zeroed(std::size_t count, std::size_t size, void* self) {
  void* block = static_cast<FrameBufferAllocator*>(self)->gather(count * size);
  return block != nullptr ? block : std::calloc(count, size);
}

void* FrameBufferAllocator::reallocate(void* block, std::size_t size, void* self) {
  if (block == nullptr) return allocate(size, self);
  auto* allocator = static_cast<FrameBufferAllocator*>(self);
  const bool is_gathered = allocator->pages_.holds(block);
  if (block != allocator->frame_ && !is_gathered) return std::realloc(block, size);
  void* own = std::malloc(size);
  if (own == nullptr) return nullptr;
  std::memcpy(own, block, std::min(size, is_gathered ? SessionPages::size_of(block) : frame_buffer_size));
  if (!is_gathered) --allocator->users_;
  return own;
}

bool FrameBufferAllocator::scribble() {
  std::memset(frame_, 0xdb, sizeof frame_);
  return true;
}

RequestHead H2Stream::head() const {
  RequestHead head{method, target, has_dns_message, std::nullopt};
  if (has_length) head.content_length = content_length;
  return head;
}

H2Stream* H2StreamPool::acquire(std::int32_t id) {
  if (free_.empty()) free_.push_back(std::make_unique<H2Stream>());
  H2Stream* stream = free_.back().release();
  free_.pop_back();
  stream->id = id;
  return stream;
}

void H2StreamPool::release(H2Stream* stream) {
  std::unique_ptr<H2Stream> owned(stream);
  if (free_.size() >= most_kept) return;
  empty_out(owned->target);
  empty_out(owned->body);
  empty_out(owned->reply);
  H2Stream fresh;
  fresh.target.swap(owned->target);
  fresh.body.swap(owned->body);
  fresh.reply.swap(owned->reply);
  *owned = std::move(fresh);
  free_.push_back(std::move(owned));
}

}  // namespace dragoman::serve
