// The pool of IPv4 addresses, in blocks of ports that workers take and give back (RFC 6146 3.5.1.1, RFC 6888 REQ-3,
// RFC 7422's words). One pool for all workers: what they share are one atomic word a block. Any thread, but where said.
//
// Addresses have an index that stays for the life of the process, reloads included. A block is named by its number:
// index * blocks_per_address + (first port / block size).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "dragoman/ip/address.h"
#include "dragoman/nat64/options.h"

namespace dragoman::nat64 {

using AddressIndex = std::uint32_t;
using BlockNumber = std::uint32_t;
inline constexpr BlockNumber no_block = ~BlockNumber{0};

// Who translates what comes to a block: the array that a steering program reads, a word a block. owner: worker + 1;
// 0: nobody. Outlives the pool.
using OwnerWords = std::span<std::atomic<std::uint64_t>>;

class PortPool {
 public:
  static constexpr std::size_t max_addresses = 65536;

  // `owners`: empty, or at least capacity() words.
  PortPool(const Options& options, OwnerWords owners);
  ~PortPool();
  // How many blocks a pool of these options may ever have: what `owners` must hold. Room is left for reloads.
  static std::size_t capacity(const Options& options);

  // At a reload, on the thread that owns the pool. Addresses that are gone drain; ports that are gone are given to
  // nobody again. False: more addresses than there is room for; nothing was changed, a restart is needed.
  bool apply(const Options& options);

  // -- Any thread --
  std::uint16_t block_size() const { return block_size_; }
  std::uint32_t blocks_per_address() const { return blocks_per_address_; }
  // Nullopt: not of the pool. Reads an immutable table that apply() swaps.
  std::optional<AddressIndex> index_of(const ip::Ipv4Octets& address) const;
  ip::Ipv4Octets address(AddressIndex index) const;
  std::size_t address_count() const;
  BlockNumber block_of(AddressIndex index, std::uint16_t port) const {
    return index * blocks_per_address_ + port / block_size_;
  }
  ip::Ipv4Octets address_of(BlockNumber block) const { return address(block / blocks_per_address_); }
  std::uint16_t first_port(BlockNumber block) const {
    return static_cast<std::uint16_t>(block % blocks_per_address_ * block_size_);
  }
  // The worker that holds a block; nullopt: nobody.
  std::optional<unsigned> owner(BlockNumber block) const;

  // Takes a free block of this address, or of any: `seed` says where the search begins, so that subscribers spread over
  // the addresses, and which block it is. no_block: there is none. `low_ports`: one of 0-1023 (RFC 6146
  // 3.5.1.1 keeps the range), else one of 1024 and up.
  BlockNumber take(std::optional<AddressIndex> wanted, std::uint32_t seed, bool low_ports, unsigned worker);
  // Anybody may have it from now on: its holder has let it rest (Timeouts::port_hold).
  void give_back(BlockNumber block);
  // Whether new bindings may have ports of this address: it is in the configuration and does not drain.
  bool gives(AddressIndex index) const;
  // Whether anybody may get ports of this block.
  bool may_be_taken(BlockNumber block) const;
  // Goes up with each apply(): until then may_use() says the same.
  std::uint32_t generation() const;
  // Whether a port may be given out: it is in a range that does not drain, and no static binding has it.
  bool may_use(AddressIndex index, std::uint16_t port, Protocol protocol) const;

  // For the state of the pool (gateway).
  struct Usage {
    std::size_t blocks = 0;    // that may be taken at all: not draining
    std::size_t taken = 0;     // of them
    std::size_t draining = 0;  // taken blocks that no longer may be
  };
  Usage usage() const;
  Usage usage_of(AddressIndex index) const;

 private:
  struct State;
  struct Taker {
    std::uint32_t seed;
    bool low_ports;
    unsigned worker;
  };
  BlockNumber take_of(AddressIndex index, Taker taker);
  BlockNumber take_between(AddressIndex index, std::uint32_t first, std::uint32_t last, Taker taker);
  std::unique_ptr<State> state_;
  std::uint16_t block_size_;
  std::uint32_t blocks_per_address_;
};

}  // namespace dragoman::nat64
