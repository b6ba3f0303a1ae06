// What all HTTP/2 sessions of one worker share: nghttp2's callbacks and options, its allocator with the one frame
// buffer, and the pool of streams. Worker thread only; outlives its sessions.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "doh_request.h"
#include "dragoman/serve/metrics.h"
#include "session_pages.h"

namespace dragoman::serve {

// nghttp2 gives each session a buffer for the frame that it is sending: 64 % of an idle session's memory. The octets in
// it are live only from the moment that nghttp2_session_mem_send() makes them until its caller has copied them, because
// mem_send() counts them as sent when it returns. H2Session copies at once and calls mem_send() nowhere else, so the
// sessions of a worker can share one buffer. Debug builds scribble over it after every copy. An allocation of any other
// size is left alone; a unit test tells when nghttp2 begins to ask for another.
class FrameBufferAllocator {
 public:
  // 9 octets of frame header, 1 of padding length, 16384 of payload (RFC 9113 4.1, 4.2).
  static constexpr std::size_t frame_buffer_size = 9 + 1 + 16384;

  nghttp2_mem* memory() { return &memory_; }
  std::size_t users() const { return users_; }  // sessions that have the shared buffer

  explicit FrameBufferAllocator(const net::PagePool& pages);
  FrameBufferAllocator(const FrameBufferAllocator&) = delete;
  FrameBufferAllocator& operator=(const FrameBufferAllocator&) = delete;

  // Until gather_into(nullptr), blocks of nghttp2 that are large go to these pages: what a session allocates when it is
  // made, it keeps to its end.
  void gather_into(SessionPages* pages) { gathering_ = pages; }

  // Destroys what the buffer holds; true, for assert(): were an octet of it live, every test would see it.
  bool scribble();

 private:
  static constexpr std::size_t large_block = 512;

  void* gather(std::size_t size);
  static void* allocate(std::size_t size, void* self);
  static void release(void* block, void* self);
  static void* allocate_zeroed(std::size_t count, std::size_t size, void* self);
  static void* reallocate(void* block, std::size_t size, void* self);

  nghttp2_mem memory_;
  const net::PagePool& pages_;
  SessionPages* gathering_ = nullptr;
  std::size_t users_ = 0;
  alignas(16) std::uint8_t frame_[frame_buffer_size];
};

// One request and its reply.
struct H2Stream {
  enum class State : std::uint8_t { receiving, ready, in_flight, replying };

  std::int32_t id = 0;
  State state = State::receiving;
  HttpMethod method = HttpMethod::other;
  HttpStatus status = HttpStatus::ok;  // anything else: an error that was found before the request was complete
  bool has_dns_message = false;
  bool has_length = false;
  std::uint32_t content_length = 0;  // up to max_body + 1, which stands for more
  std::uint32_t reply_taken = 0;
  std::uint32_t slot = 0;       // in its session's list
  std::size_t listener = 0;     // which one the request is for
  std::size_t body_charge = 0;  // octets that its session counts for the body
  std::string target;
  std::vector<std::uint8_t> body;
  std::vector<std::uint8_t> reply;

  RequestHead head() const;
};

class H2StreamPool {
 public:
  H2Stream* acquire(std::int32_t id);
  void release(H2Stream* stream);

 private:
  static constexpr std::size_t most_kept = 256;
  std::vector<std::unique_ptr<H2Stream>> free_;
};

struct H2Shared {
  // `connections`: how many sessions may be expected at most.
  H2Shared(Metrics& counts, std::size_t connections);
  ~H2Shared();
  H2Shared(const H2Shared&) = delete;
  H2Shared& operator=(const H2Shared&) = delete;

  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_option* options = nullptr;
  net::PagePool pages;
  FrameBufferAllocator allocator;
  H2StreamPool pool;
  DecodedQuery decoded;  // of the request handed out last
  Metrics& metrics;
};

}  // namespace dragoman::serve
