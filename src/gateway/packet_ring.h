// Packets on their way from one NAT64 worker to another: a ring of octets with one writer and one reader, without
// locks. Full means that the packet is dropped: the owner does not keep up, and waiting would stop the other, too.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>

#include "dragoman/nat64/packet.h"

namespace dragoman::gateway {

class PacketRing {
 public:
  static constexpr std::size_t capacity = 1 << 20;  // sixteen super-packets, or some 10,000 small ones

  PacketRing() : octets_(std::make_unique_for_overwrite<std::uint8_t[]>(capacity)) {}

  // -- The writer --
  bool push(const nat64::Packet& packet) {
    const std::size_t taken = written_.load(std::memory_order_relaxed) - read_.load(std::memory_order_acquire);
    const std::size_t size = record_size(packet.size);
    if (capacity - taken < size) return false;
    std::size_t at = written_.load(std::memory_order_relaxed);
    const Head head{static_cast<std::uint32_t>(packet.size), packet.offload};
    put(at, &head, sizeof head);
    put(at + sizeof head, packet.data, packet.size);
    written_.store(at + size, std::memory_order_release);
    return true;
  }

  // -- The reader --
  bool empty() const { return read_.load(std::memory_order_relaxed) == written_.load(std::memory_order_acquire); }
  // Copies the next packet to `room`, which has space for the largest one. False: there is none.
  bool pop(nat64::Packet& packet, std::uint8_t* room) {
    if (empty()) return false;
    const std::size_t at = read_.load(std::memory_order_relaxed);
    Head head;
    get(at, &head, sizeof head);
    get(at + sizeof head, room, head.size);
    packet = {room, head.size, head.offload};
    read_.store(at + record_size(head.size), std::memory_order_release);
    return true;
  }

 private:
  struct Head {
    std::uint32_t size;
    nat64::Offload offload;
  };
  static std::size_t record_size(std::size_t packet) { return (sizeof(Head) + packet + 7) / 8 * 8; }

  // Around the end.
  void put(std::size_t at, const void* from, std::size_t size) {
    const std::size_t place = at % capacity, first = std::min(size, capacity - place);
    std::memcpy(octets_.get() + place, from, first);
    std::memcpy(octets_.get(), static_cast<const std::uint8_t*>(from) + first, size - first);
  }
  void get(std::size_t at, void* to, std::size_t size) const {
    const std::size_t place = at % capacity, first = std::min(size, capacity - place);
    std::memcpy(to, octets_.get() + place, first);
    std::memcpy(static_cast<std::uint8_t*>(to) + first, octets_.get(), size - first);
  }

  std::unique_ptr<std::uint8_t[]> octets_;
  alignas(64) std::atomic<std::size_t> written_{0};  // never wraps: counts octets
  alignas(64) std::atomic<std::size_t> read_{0};
};

}  // namespace dragoman::gateway
