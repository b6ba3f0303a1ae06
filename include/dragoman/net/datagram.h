// Datagrams over a connected UDP socket (connect_udp): the client side, where every socket has one correspondent.
// Worker thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "dragoman/base/bytes.h"

namespace dragoman::net {

// True when the kernel took it. An ICMP refusal of an earlier datagram is reported here or by receive(), once.
bool send_datagram(int fd, Bytes datagram);

// A few datagrams in one call (recvmmsg), so that the usual single answer costs one system call and not two.
// Buffers of its own; one serves all sockets of a worker.
class DatagramReader {
 public:
  static constexpr std::size_t capacity = 4;
  static constexpr std::size_t max_length = 4096;

  enum class State : std::uint8_t {
    drained,  // `count()` datagrams, and no more wait
    more,     // `count()` datagrams, and others may wait: receive again
    refused,  // the other side has no socket there, or cannot be reached (ICMP)
  };

  DatagramReader();
  ~DatagramReader();
  State receive(int fd);
  std::size_t count() const { return count_; }
  // Valid until the next receive(). Empty when it was longer than max_length.
  Bytes datagram(std::size_t index) const;

 private:
  struct Buffers;
  std::unique_ptr<Buffers> buffers_;
  std::size_t count_ = 0;
};

}  // namespace dragoman::net
