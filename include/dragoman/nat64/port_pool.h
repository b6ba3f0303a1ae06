// The pool of IPv4 addresses, in blocks of ports that workers take and give back (RFC 6146 3.5.1.1, RFC 6888 REQ-3,
// RFC 7422 words). One pool for all workers: what they share are one atomic word a block. Any thread, but where said.
//
// Addresses have an index that stays for the life of the process, reloads included. A block is named by its number:
// index * blocks_per_address + (first port / block size).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "dragoman/base/time.h"
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

  // Takes a free block of this address (of any, if `wanted` is nullopt; addresses in use before come first, so that an
  // address is filled evenly: by a hash of `seed`). no_block: there is none. `low_ports`: one of 0-1023 (RFC 6146
  // 3.5.1.1 keeps the range), else one of 1024 and up.
  BlockNumber take(std::optional<AddressIndex> wanted, std::uint32_t seed, bool low_ports, unsigned worker, TimePoint now);
  // Gives it back; nobody may have it before `not_before`.
  void give_back(BlockNumber block, TimePoint not_before);
  // Whether a port of this block may be given out: it is in the pool's ranges, and no static binding has it.
  bool may_use(BlockNumber block, std::uint16_t port, Protocol protocol) const;

  // For the state of the pool (gateway): blocks that may be taken at all, and those that are taken or resting.
  struct Usage {
    std::size_t blocks = 0;     // not draining
    std::size_t taken = 0;      // of them
    std::size_t resting = 0;    // of them
    std::size_t draining = 0;   // taken blocks of addresses or ranges that drain
  };
  Usage usage(TimePoint now) const;
  std::vector<Usage> usage_by_address(TimePoint now) const;  // in order of the index

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::uint16_t block_size_;
  std::uint32_t blocks_per_address_;
};

}  // namespace dragoman::nat64
