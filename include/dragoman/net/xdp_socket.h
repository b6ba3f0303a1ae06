// An AF_XDP socket: the frames of one receive queue of an interface, in memory that the kernel and this process share
// (Documentation/networking/af_xdp.rst of Linux; libxdp's rings). What comes is decided by the XDP program in front of
// the interface (xdp_port.h); what is sent leaves by the same queue, as it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "dragoman/base/bytes.h"
#include "dragoman/base/result.h"
#include "dragoman/net/bpf.h"

namespace dragoman::net {

// In batches, like UdpBatch: receive(), look at each frame, reply() to those that are answered, send(). One thread at a
// time. A frame is answered in place, so that nothing is copied and nothing has to be found for the reply; each is the
// kernel's again after send().
class XdpSocket {
 public:
  static constexpr std::size_t batch = 64;
  static constexpr std::size_t max_frame = 1792;  // octets; longer ones must not be sent here

  // Takes CAP_NET_RAW, and locked memory of 8 MiB (RLIMIT_MEMLOCK, or CAP_IPC_LOCK). Errors: permission, in_use
  // (another socket has the queue), too_large (locked memory), not_found (no such queue, no AF_XDP).
  static Result<XdpSocket> open(const std::string& interface, unsigned queue, XdpHook hook);
  XdpSocket(XdpSocket&& other) noexcept;
  XdpSocket& operator=(XdpSocket&& other) noexcept;
  ~XdpSocket();

  // Readable when there are frames; to be watched edge-triggered.
  int fd() const;
  bool is_zero_copy() const;  // the driver writes into our memory, and reads from it

  // Frames that came, at most `batch`. Those of the last batch are gone.
  std::size_t receive();
  Bytes frame(std::size_t index) const;
  // The same memory with room for `max_frame` octets.
  std::uint8_t* room(std::size_t index) const;
  // The frame leaves with send(), with the octets that room() has by then.
  void reply(std::size_t index, std::size_t size);
  // Ends the batch. Returns how many replies found no place on the way out and were given up.
  std::size_t send();
  // The way out was full: the rest leaves when send() is called again, after a batch or without.
  bool has_unsent() const;

  // What the kernel counted since the socket was opened (XDP_STATISTICS). Any thread, as long as the socket is there.
  struct Statistics {
    std::uint64_t rx_ring_full = 0;  // frames that came faster than they were taken
    std::uint64_t rx_dropped = 0;    // no free frame, or one that was too long
    std::uint64_t rx_invalid_descs = 0;
    std::uint64_t tx_invalid_descs = 0;
    Statistics& operator+=(const Statistics& other);
  };
  static Statistics statistics(int fd);

 private:
  struct State;
  explicit XdpSocket(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace dragoman::net
