// The TUN device: where the kernel's packets come in and go out, one queue for each worker. Linux alone.
//
// Every packet has an offload header in front, struct virtio_net_hdr (VIRTIO 1.2 5.1.6) in the byte order of the host:
// with TSO and USO one read carries a super-packet of up to 64 KiB.
#pragma once

#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "dragoman/base/bytes.h"
#include "dragoman/base/result.h"
#include "dragoman/net/socket.h"

namespace dragoman::net {

enum class TunResult : std::uint8_t {
  ok,
  again,     // read: nothing there; write: no room. Readiness tells
  too_long,  // read: the packet filled the room and may have been cut
  rejected,  // write: the kernel does not believe the offload header (EINVAL), or the packet is neither IPv4 nor IPv6
  down,      // write: the interface is down
  gone,      // the device was deleted; only opening it anew helps
  failed,    // no memory in the kernel, or what should not happen: errno says
};

// One queue, for one thread; several queues of a device work at the same time. A queue is non-blocking at first.
class TunQueue {
 public:
  static constexpr std::size_t header_size = 10;

  struct Read {
    TunResult result;
    std::size_t size;  // octets of the packet
  };

  explicit TunQueue(UniqueFd fd) : fd_(std::move(fd)) {}

  int fd() const { return fd_.get(); }

  // One packet. `header`: a plain value of ten octets, or those octets. `room` is one octet larger than any packet that
  // may come: what fills it counts as too long. The header_size octets in front of it, and in front of a packet that is
  // written, are overwritten: one piece of memory costs the kernel 0.1 us less than two (readv of 0.8, writev of 1.7).
  template <class Header>
  Read read(Header& header, MutableBytes room) const {
    static_assert(sizeof(Header) == header_size && std::is_trivially_copyable_v<Header>);
    return read_packet(&header, room);
  }
  template <class Header>
  TunResult write(const Header& header, MutableBytes packet) const {
    static_assert(sizeof(Header) == header_size && std::is_trivially_copyable_v<Header>);
    return write_packet(&header, packet);
  }

  // For back ends that wait in the kernel (io_uring gives EAGAIN back on non-blocking descriptors instead of waiting).
  void set_blocking(bool blocking) const;
  // Takes the queue out of service: the kernel gives its packets to the others. What it holds already is lost.
  Result<void> detach() const;

 private:
  Read read_packet(void* header, MutableBytes room) const;
  TunResult write_packet(const void* header, MutableBytes packet) const;
  UniqueFd fd_;
};

// automatic: what this kernel gives. on: an error if it does not.
enum class OffloadSwitch : std::uint8_t { automatic, on, off };

struct TunOptions {
  std::string name = "nat64";                    // at most 15 octets
  unsigned queues = 1;                           // 1 to 256
  OffloadSwitch tso = OffloadSwitch::automatic;  // TCP super-packets
  OffloadSwitch uso = OffloadSwitch::automatic;  // UDP super-packets (Linux 6.2 and later)
};

struct TunOffloads {
  bool tso = false;
  bool uso = false;
  friend bool operator==(const TunOffloads&, const TunOffloads&) = default;
};

// Control thread, but for the queues. A device that it made vanishes with it; one that was there before stays.
class TunDevice {
 public:
  static constexpr unsigned max_queues = 256;

  // Attaches to the device of this name, or makes it, which takes CAP_NET_ADMIN. Attaching takes no capability if the
  // device was prepared for this user:
  //   ip tuntap add dev nat64 mode tun user dragoman multi_queue vnet_hdr
  // Errors say what to do: no /dev/net/tun (not_found), not allowed (permission), used by another program (in_use), not
  // a TUN device, too few queues or an offload that is not to be had (invalid_argument).
  static Result<TunDevice> open(const TunOptions& options);

  const std::string& name() const { return name_; }
  unsigned index() const { return index_; }  // of the interface
  bool was_made() const { return was_made_; }
  std::size_t queue_count() const { return queues_.size(); }
  // Stays where it is when the device is moved.
  TunQueue& queue(std::size_t index) { return queues_[index]; }

  TunOffloads offloads() const { return offloads_; }
  // Of all queues, at once. Super-packets that are queued already still come.
  Result<void> set_offloads(TunOffloads offloads);

  // The program (bpf.h) says which queue a packet goes to: its result modulo the number of queues.
  Result<void> set_steering(int program);
  Result<void> reset_steering();  // back to what the kernel does by itself

  // Packets that found a queue full, since the device was made. Any thread; asks the kernel.
  Result<std::uint64_t> dropped() const;

 private:
  TunDevice() = default;
  std::string name_;
  unsigned index_ = 0;
  bool was_made_ = false;
  TunOffloads offloads_;
  std::vector<TunQueue> queues_;
};

}  // namespace dragoman::net
