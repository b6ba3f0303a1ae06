// Datagrams to one receiver, in batches, without ever waiting: to a UDP port or to a Unix socket. One thread.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "dragoman/base/bytes.h"
#include "dragoman/base/result.h"
#include "dragoman/ip/address.h"
#include "dragoman/net/socket.h"

namespace dragoman::net {

class DatagramSender {
 public:
  static Result<DatagramSender> to_udp(const ip::Endpoint& receiver);
  // /dev/log and the like.
  static Result<DatagramSender> to_unix(const std::string& path);

  static constexpr std::size_t batch = 64;  // more are sent in several calls

  struct Sent {
    std::size_t count = 0;  // taken by the kernel, from the front
    // errno: why the next one was not sent; EAGAIN: later. ECONNREFUSED: nobody listens. Over UDP the receiver's host
    // says that after the fact (ICMP), and what was sent in this call and the one before may be lost.
    int error = 0;
  };
  Sent send(std::span<const Bytes> datagrams);
  // Whether such a refusal has come since, without sending anything.
  bool take_refusal();

 private:
  explicit DatagramSender(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace dragoman::net
