// DNS over UDP on one socket: batches in, batches out, late replies one by one. What fits into a datagram, and when TC
// is set, is the resolver's to decide. Worker thread only.
#pragma once

#include <vector>

#include "context.h"
#include "dragoman/net/socket.h"

namespace dragoman::serve {

class UdpListener final : public net::Watcher, public resolve::ReplyTarget {
 public:
  // `listen` must outlive this.
  UdpListener(Context& context, const ListenOptions& listen, net::UniqueFd fd);
  ~UdpListener();
  void on_ready(net::Ready ready) override;
  void deliver(std::uint64_t ticket, Bytes message, const resolve::ReplyFacts& facts) override;

 private:
  // Where a late reply goes. A ticket is the index of a slot and its generation, so a ticket of long ago hits nothing.
  struct Slot {
    net::UdpBatch::Path path;
    std::uint32_t generation = 0;
    std::uint32_t next_free = 0;
    bool is_taken = false;
  };

  void answer(std::size_t index);
  void count_drops();
  std::uint64_t free_ticket();
  void take_slot(std::uint64_t ticket, const net::UdpBatch::Path& path);

  Context& context_;
  const ListenOptions& listen_;
  net::UniqueFd fd_;
  net::UdpBatch batch_;
  std::vector<Slot> slots_;
  std::uint32_t first_free_ = 0;  // slots_.size(): none
  std::uint64_t dropped_ = 0;     // as the kernel counted so far
};

}  // namespace dragoman::serve
