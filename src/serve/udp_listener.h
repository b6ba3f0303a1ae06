// DNS over UDP on one socket: batches in, batches out, late replies one by one. What fits into a datagram, and when TC
// is set, is the resolver's to decide. Queries that come past the socket (xdp_listener.h) are handled here, too. Worker
// thread only.
#pragma once

#include <vector>

#include "context.h"
#include "dragoman/base/function_ref.h"
#include "dragoman/net/socket.h"

namespace dragoman::serve {

class UdpListener final : public net::Watcher, public resolve::ReplyTarget {
 public:
  // `listen` must outlive this.
  UdpListener(Context& context, const ListenOptions& listen, net::UniqueFd fd);
  ~UdpListener();
  void on_ready(net::Ready ready) override;
  void deliver(std::uint64_t ticket, Bytes message, const resolve::ReplyFacts& facts) override;

  // Answers into `reply`, or later through the socket along `path`, which is asked for in that case alone.
  using Path = net::UdpBatch::Path;
  resolve::HandleResult handle(Bytes message, const ip::Address& client, MutableBytes reply, FunctionRef<Path()> path);
  Path path_of(const net::UdpBatch::Ends& ends) const;
  void send(const net::UdpBatch::Ends& ends, Bytes reply) { send(path_of(ends), reply); }

 private:
  // Where a late reply goes. A ticket is the index of a slot and its generation, so a ticket of long ago hits nothing.
  struct Slot {
    Path path;
    std::uint32_t generation = 0;
    std::uint32_t next_free = 0;
    bool is_taken = false;
  };

  void answer(std::size_t index);
  void count_drops();
  std::uint64_t free_ticket();
  void take_slot(std::uint64_t ticket, const Path& path);
  void send(const Path& path, Bytes reply);

  Context& context_;
  const ListenOptions& listen_;
  net::UniqueFd fd_;
  net::UdpBatch batch_;
  std::vector<Slot> slots_;
  std::uint32_t first_free_ = 0;  // slots_.size(): none
  std::uint64_t dropped_ = 0;     // as the kernel counted so far
};

}  // namespace dragoman::serve
