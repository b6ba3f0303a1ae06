// The port blocks that a worker holds, and the ports in them: which binding has a port, and which port a new binding
// gets (RFC 6146 3.5.1.1, 3.5.2.3; RFC 6888 REQ-2, REQ-8; RFC 6056). One thread.
//
// A subscriber takes ports from blocks of one address as long as that has any; for each address it uses there is a
// Pairing, with lists of those blocks that have ports left.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "dragoman/nat64/port_pool.h"
#include "keyed_hash.h"
#include "records.h"

namespace dragoman::nat64 {

struct Pairing {
  Index next = none;  // of the subscriber's
  Index subscriber = none;
  AddressIndex address = 0;
  std::uint32_t blocks = 0;
  Index open[protocol_count] = {};  // a list of blocks with a port left
};

// A block that this worker holds. Ports of the three protocols are apart.
struct PortBlock {
  Index next = none;  // of free records
  BlockNumber number = no_block;
  Index pairing = none;
  Index open_next[protocol_count] = {};
  Index open_previous[protocol_count] = {};
  std::uint16_t used[protocol_count] = {};
  std::uint16_t usable[protocol_count] = {};
  bool is_open[protocol_count] = {};
  Index rows[protocol_count] = {};  // none until the first port
  Index empty_next = none;          // while nothing is used, of a list in order of time
  Index empty_previous = none;
  Second empty_since = 0;

  bool is_empty() const { return used[0] + used[1] + used[2] == 0; }
};

struct PortRequest {
  Protocol protocol = Protocol::tcp;
  std::uint16_t inside_port = 0;
  bool keep_parity = false;
  Second now = 0;

  // RFC 6146 3.5.1.1 keeps 0-1023 and 1024-65535 apart; identifiers know no such halves.
  bool wants_low() const { return inside_port < 1024 && protocol != Protocol::icmp; }
};

struct OutsidePort {
  AddressIndex index = 0;
  std::uint32_t address = 0;
  std::uint16_t port = 0;
};

class PortBlocks {
 public:
  PortBlocks(PortPool& pool, unsigned worker, std::uint64_t secret);

  // A port for a new binding of this host: of its address T if it has bindings, else of the address that the subscriber
  // used last, else of any. Nullopt: the pool has none.
  std::optional<OutsidePort> take(Subscriber& subscriber, Index subscriber_index, const Host& host,
                                  const PortRequest& request);
  // The binding of a port taken or to be taken; none: nobody's. The address need not be ours.
  Index find(AddressIndex address, std::uint16_t port, Protocol protocol) const;
  void set(const OutsidePort& port, Protocol protocol, Index binding);
  void give_back(AddressIndex address, std::uint16_t port, Protocol protocol, Second now);

  // After a reload of the pool: blocks that had no port left may have some now.
  void reopen();

  // Blocks that were taken since the last call: for the log. Cleared by the caller.
  std::vector<BlockNumber>& taken() { return taken_; }
  // Gives back one block that has been empty since `since` or before; the pairing's owner is in `subscriber`. Nullopt:
  // there is none.
  struct Released {
    BlockNumber block = no_block;
    Index subscriber = none;
  };
  std::optional<Released> release_one(Second since, Slab<Subscriber>& subscribers);

  // The blocks of a subscriber, at most `most`.
  std::vector<BlockNumber> blocks_of(const Subscriber& subscriber, std::size_t most) const;
  std::size_t count() const { return blocks_.count(); }
  std::size_t memory() const;

 private:
  // Ports of one block and protocol: a bit for each that is taken or may not be, and the bindings.
  struct Row {
    std::unique_ptr<std::uint64_t[]> taken;
    std::unique_ptr<Index[]> bindings;
    std::uint32_t generation = 0;  // of the pool, when `taken` was made
  };

  std::optional<OutsidePort> take_of(Index pairing, const PortRequest& request);
  std::optional<OutsidePort> take_open(Index pairing, bool low, const PortRequest& request);
  std::optional<std::uint16_t> take_in(PortBlock& block, const PortRequest& request);
  Index pairing_at(const Subscriber& subscriber, AddressIndex address) const;
  Index new_pairing(Subscriber& subscriber, Index subscriber_index, std::optional<AddressIndex> wanted,
                    const PortRequest& request);
  Index pairing_for(Subscriber& subscriber, Index subscriber_index, AddressIndex address);
  bool add_block(Index pairing, bool low_ports, Second now);
  void hold(BlockNumber number, Index pairing, Second now);
  Index make_row();
  void mark_unusable(PortBlock& block, Protocol protocol);
  Index held(AddressIndex address, std::uint16_t port) const;
  bool is_low(const PortBlock& block) const { return pool_.first_port(block.number) < 1024; }
  void open(Index block, std::size_t protocol);
  void close(Index block, std::size_t protocol);
  void begin_to_rest(Index block, Second now);
  void end_rest(PortBlock& block);
  void forget_pairing(Index pairing, Slab<Subscriber>& subscribers);

  PortPool& pool_;
  unsigned worker_;
  Chance chance_;
  Slab<PortBlock> blocks_;
  Slab<Pairing> pairings_;
  std::vector<std::unique_ptr<Index[]>> by_address_;  // held blocks by address and place; null: none held yet
  std::vector<Row> rows_;                             // from 1
  std::vector<Index> free_rows_;
  Index first_empty_ = none;  // the one that rests longest
  Index last_empty_ = none;
  std::vector<BlockNumber> taken_;
};

}  // namespace dragoman::nat64
