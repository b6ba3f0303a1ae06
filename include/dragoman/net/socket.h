// Sockets as this program uses them: non-blocking, close-on-exec, owned. The only place for socket system calls and
// options. Worker thread unless said otherwise; errors carry the address and what to do.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "dragoman/base/bytes.h"
#include "dragoman/base/result.h"
#include "dragoman/ip/address.h"

namespace dragoman::net {

// Owns a descriptor.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~UniqueFd();
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// Listening sockets, one set per worker (SO_REUSEPORT; several workers share the address).
// IPV6_V6ONLY is off only for the wildcard [::] (dual stack).
Result<UniqueFd> listen_tcp(const ip::Endpoint& endpoint, bool defer_accept);
// With IP_PKTINFO, so that the answer leaves from the address that was asked; SO_RXQ_OVFL; path MTU discovery off
// (RFC 9715: never fragment with DF set smaller answers).
Result<UniqueFd> bind_udp(const ip::Endpoint& endpoint);
// Whether this address could be bound now, exclusively: for `dragoman check`.
Result<void> can_bind(const ip::Endpoint& endpoint, bool udp);
// The address that a socket is bound to (tests bind to port 0).
ip::Endpoint local_endpoint(int fd);

// One accepted connection: TCP_NODELAY, keepalive and TCP_USER_TIMEOUT are set (inherited from the listener). Nullopt:
// nothing more to accept; an error: descriptors or memory are used up. After an error connections still wait in the
// kernel and no further readiness is told: try again by a timer.
struct Accepted {
  UniqueFd fd;
  ip::Endpoint client;
};
Result<std::optional<Accepted>> accept_tcp(int listener);

// Client side. connect_tcp returns while the connection is still being made: writable tells.
Result<UniqueFd> connect_tcp(const ip::Endpoint& server);
// From a random port of ip_local_port_range (RFC 5452 9.2: the kernel draws it), so one socket per few questions.
Result<UniqueFd> connect_udp(const ip::Endpoint& server);
int connect_error(int fd);  // SO_ERROR
// For probes: as connect_tcp, with ICMP errors noted beside. ECONNREFUSED is a RST of the other end, or the ICMP
// message of a firewall on the way, and only the note tells which.
struct Connecting {
  UniqueFd fd;
  int error = 0;  // told at once; later ones by connect_error()
};
Connecting connect_tcp_noting_icmp(const ip::Endpoint& server);
bool had_icmp_error(int fd);  // since the last call

// Batches of datagrams (recvmmsg, sendmmsg) with buffers of their own, made once per socket and worker.
class UdpBatch {
 public:
  static constexpr std::size_t capacity = 32;
  static constexpr std::size_t max_query = 4096;  // longer datagrams are delivered with length 0: drop and count
  static constexpr std::size_t max_reply = 4096;

  UdpBatch();
  ~UdpBatch();
  // Receives up to `capacity`; 0 when there is nothing.
  std::size_t receive(int fd);
  Bytes query(std::size_t index) const;
  ip::Address client(std::size_t index) const;  // mapped addresses normalised
  std::uint64_t dropped() const;                // by the kernel since the socket was made (SO_RXQ_OVFL)
  // Where the reply to `index` may be written; set_reply() queues it.
  MutableBytes reply_buffer(std::size_t index);
  void set_reply(std::size_t index, std::size_t length);
  // Sends what was queued; returns how many the kernel refused (no route, filtered, send buffer full).
  std::size_t send(int fd);

  // The addresses of a datagram, kept for an answer that comes later.
  struct Path {
    alignas(8) unsigned char storage[64];
  };
  Path path(std::size_t index) const;
  // The same of a datagram that came past the socket.
  struct Ends {
    ip::Endpoint client;
    ip::Address local;        // that was asked
    unsigned link_index = 0;  // of the interface that it came by
  };
  static Path path_between(const Ends& ends, bool is_v6_socket);
  // False: the kernel refused it.
  static bool send_later(int fd, const Path& path, Bytes reply);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dragoman::net
