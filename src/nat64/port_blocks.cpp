// Ports for new bindings, out of the blocks that a worker holds (RFC 6146 3.5.1.1, RFC 6888, RFC 6056). One thread; see
// port_blocks.h.
#include "port_blocks.h"

#include <bit>

#include "ipv4_number.h"

namespace dragoman::nat64 {
namespace {

constexpr int most_of_other_half_looked_at = 4;
constexpr int most_pairings_looked_at = 64;

// The first clear bit from `start` on, around the end, among those of `mask` in every word.
std::optional<std::uint16_t> clear_bit(const std::uint64_t* words, std::size_t count, std::uint32_t start,
                                       std::uint64_t mask) {
  const std::size_t first = start / 64;
  for (std::size_t i = 0; i <= count; ++i) {
    const std::size_t at = (first + i) % count;
    std::uint64_t clear = ~words[at] & mask;
    if (i == 0) clear &= ~std::uint64_t{0} << (start % 64);
    if (i == count) clear &= (std::uint64_t{1} << (start % 64)) - 1;
    if (clear != 0) return static_cast<std::uint16_t>(at * 64 + static_cast<std::size_t>(std::countr_zero(clear)));
  }
  return std::nullopt;
}

std::size_t place(Protocol protocol) { return static_cast<std::size_t>(protocol); }

}  // namespace

PortBlocks::PortBlocks(PortPool& pool, unsigned worker, std::uint64_t secret)
    : pool_(pool), worker_(worker), chance_(secret ^ 0x706f727473ULL), rows_(1) {}

std::optional<OutsidePort> PortBlocks::take(Subscriber& subscriber, Index subscriber_index, const Host& host,
                                            const PortRequest& request) {
  // RFC 6146 3.5.1.1, RFC 6888 REQ-2: as long as a host has bindings, its others have the same address.
  const auto own = host.bindings != 0 ? pool_.index_of(octets_of(host.address4)) : std::nullopt;
  if (own) {
    Index pairing = pairing_at(subscriber, *own);
    if (pairing == none && pool_.gives(*own)) pairing = new_pairing(subscriber, subscriber_index, own, request);
    if (auto port = take_of(pairing, request)) return port;
  }
  if (auto port = take_of(subscriber.pairings, request)) return port;
  if (auto port = take_of(new_pairing(subscriber, subscriber_index, std::nullopt, request), request)) return port;
  int looked_at = 0;
  for (Index at = subscriber.pairings; at != none && looked_at++ < most_pairings_looked_at; at = pairings_[at].next) {
    if (auto port = take_of(at, request)) return port;
  }
  return std::nullopt;
}

// Of open blocks; else of a new block of the same address. Low ports for low ports if the pool has any, then whatever
// there is.
std::optional<OutsidePort> PortBlocks::take_of(Index pairing, const PortRequest& request) {
  if (pairing == none || !pool_.gives(pairings_[pairing].address)) return std::nullopt;
  for (const bool low : {request.wants_low(), !request.wants_low()}) {
    if (auto port = take_open(pairing, low, request)) return port;
    if (!add_block(pairing, low, request.now)) continue;
    if (auto port = take_open(pairing, low, request)) return port;
  }
  return std::nullopt;
}

// Blocks without a port, because those left may not be used any more, are closed on the way.
std::optional<OutsidePort> PortBlocks::take_open(Index pairing, bool low, const PortRequest& request) {
  const std::size_t protocol = place(request.protocol);
  Index at = pairings_[pairing].open[protocol];
  int looked_at = 0;
  while (at != none && looked_at < most_of_other_half_looked_at) {
    PortBlock& block = blocks_[at];
    const Index next = block.open_next[protocol];
    if (is_low(block) == low) {
      const auto port = take_in(block, request);
      if (!port || block.used[protocol] == block.usable[protocol]) close(at, protocol);
      const AddressIndex address = pairings_[pairing].address;
      if (port) return OutsidePort{address, number_of(pool_.address(address)), *port};
    } else {
      ++looked_at;
    }
    at = next;
  }
  return std::nullopt;
}

std::optional<std::uint16_t> PortBlocks::take_in(PortBlock& block, const PortRequest& request) {
  const std::size_t protocol = place(request.protocol);
  if (block.rows[protocol] == none) {
    block.rows[protocol] = make_row();
    mark_unusable(block, request.protocol);
  } else if (rows_[block.rows[protocol]].generation != pool_.generation()) {
    mark_unusable(block, request.protocol);
  }
  std::uint64_t* words = rows_[block.rows[protocol]].taken.get();
  const std::size_t count = pool_.block_size() / 64;
  const std::uint32_t start = chance_.next() % pool_.block_size();
  std::optional<std::uint16_t> bit;
  if (request.keep_parity) {
    const std::uint64_t same = request.inside_port % 2 == 0 ? 0x5555555555555555ULL : 0xaaaaaaaaaaaaaaaaULL;
    bit = clear_bit(words, count, start, same);
  }
  if (!bit) bit = clear_bit(words, count, start, ~std::uint64_t{0});
  if (!bit) return std::nullopt;
  words[*bit / 64] |= std::uint64_t{1} << (*bit % 64);
  if (block.is_empty()) end_rest(block);
  ++block.used[protocol];
  return static_cast<std::uint16_t>(pool_.first_port(block.number) + *bit);
}

Index PortBlocks::pairing_at(const Subscriber& subscriber, AddressIndex address) const {
  int looked_at = 0;
  for (Index at = subscriber.pairings; at != none && looked_at++ < most_pairings_looked_at; at = pairings_[at].next) {
    if (pairings_[at].address == address) return at;
  }
  return none;
}

// With a block of this address, or of any. none: there is no block.
Index PortBlocks::new_pairing(Subscriber& subscriber, Index subscriber_index, std::optional<AddressIndex> wanted,
                              const PortRequest& request) {
  for (const bool low : {request.wants_low(), !request.wants_low()}) {
    const BlockNumber number = pool_.take(wanted, chance_.next(), low, worker_);
    if (number == no_block) continue;
    const Index pairing = pairing_for(subscriber, subscriber_index, number / pool_.blocks_per_address());
    hold(number, pairing, request.now);
    return pairing;
  }
  return none;
}

bool PortBlocks::add_block(Index pairing, bool low_ports, Second now) {
  const BlockNumber number = pool_.take(pairings_[pairing].address, chance_.next(), low_ports, worker_);
  if (number == no_block) return false;
  hold(number, pairing, now);
  return true;
}

// Moved to the front, or made.
Index PortBlocks::pairing_for(Subscriber& subscriber, Index subscriber_index, AddressIndex address) {
  for (Index* at = &subscriber.pairings; *at != none; at = &pairings_[*at].next) {
    const Index found = *at;
    if (pairings_[found].address != address) continue;
    *at = pairings_[found].next;
    pairings_[found].next = subscriber.pairings;
    return subscriber.pairings = found;
  }
  const Index made = pairings_.take();
  pairings_[made].subscriber = subscriber_index;
  pairings_[made].address = address;
  pairings_[made].next = subscriber.pairings;
  return subscriber.pairings = made;
}

void PortBlocks::hold(BlockNumber number, Index pairing, Second now) {
  const Index index = blocks_.take();
  PortBlock& block = blocks_[index];
  block.number = number;
  block.pairing = pairing;
  ++pairings_[pairing].blocks;
  for (std::size_t protocol = 0; protocol < protocol_count; ++protocol) {
    block.usable[protocol] = pool_.block_size();  // mark_unusable() counts
    open(index, protocol);
  }
  begin_to_rest(index, now);
  const AddressIndex address = number / pool_.blocks_per_address();
  if (address >= by_address_.size()) by_address_.resize(address + 1);
  if (!by_address_[address]) by_address_[address] = std::make_unique<Index[]>(pool_.blocks_per_address());
  by_address_[address][number % pool_.blocks_per_address()] = index;
  taken_.push_back(number);
}

Index PortBlocks::make_row() {
  if (free_rows_.empty()) {
    rows_.push_back(
        {std::make_unique<std::uint64_t[]>(pool_.block_size() / 64), std::make_unique<Index[]>(pool_.block_size())});
    return static_cast<Index>(rows_.size() - 1);
  }
  const Index row = free_rows_.back();
  free_rows_.pop_back();
  return row;
}

// Of a new row, and again after each reload.
void PortBlocks::mark_unusable(PortBlock& block, Protocol protocol) {
  Row& row = rows_[block.rows[place(protocol)]];
  row.generation = pool_.generation();
  std::fill_n(row.taken.get(), pool_.block_size() / 64, 0);
  block.usable[place(protocol)] = 0;
  const AddressIndex address = block.number / pool_.blocks_per_address();
  for (std::uint16_t i = 0; i < pool_.block_size(); ++i) {
    const auto port = static_cast<std::uint16_t>(pool_.first_port(block.number) + i);
    const bool is_used = row.bindings[i] != none;
    // Port 0 cannot be sent to (RFC 6335 6); an identifier of 0 may.
    const bool is_usable = pool_.may_use(address, port, protocol) && (port != 0 || protocol == Protocol::icmp);
    if (is_used || !is_usable) row.taken[i / 64] |= std::uint64_t{1} << (i % 64);
    if (is_used || is_usable) ++block.usable[place(protocol)];
  }
}

Index PortBlocks::held(AddressIndex address, std::uint16_t port) const {
  if (address >= by_address_.size() || !by_address_[address]) return none;
  return by_address_[address][port / pool_.block_size()];
}

Index PortBlocks::find(AddressIndex address, std::uint16_t port, Protocol protocol) const {
  const Index index = held(address, port);
  if (index == none) return none;
  const Index row = blocks_[index].rows[place(protocol)];
  return row == none ? none : rows_[row].bindings[port % pool_.block_size()];
}

void PortBlocks::set(const OutsidePort& port, Protocol protocol, Index binding) {
  const PortBlock& block = blocks_[held(port.index, port.port)];
  rows_[block.rows[place(protocol)]].bindings[port.port % pool_.block_size()] = binding;
}

void PortBlocks::give_back(AddressIndex address, std::uint16_t port, Protocol protocol, Second now) {
  const Index index = held(address, port);
  PortBlock& block = blocks_[index];
  Row& row = rows_[block.rows[place(protocol)]];
  const std::size_t bit = port % pool_.block_size();
  row.bindings[bit] = none;
  if (row.generation == pool_.generation() && !pool_.may_use(address, port, protocol)) {
    --block.usable[place(protocol)];  // a reload took it away while it was used
  } else {
    row.taken[bit / 64] &= ~(std::uint64_t{1} << (bit % 64));
    if (!block.is_open[place(protocol)]) open(index, place(protocol));
  }
  --block.used[place(protocol)];
  if (block.is_empty()) begin_to_rest(index, now);
}

std::optional<PortBlocks::Released> PortBlocks::release_one(Second since, Slab<Subscriber>& subscribers) {
  const Index index = first_empty_;
  if (index == none || blocks_[index].empty_since > since) return std::nullopt;
  PortBlock& block = blocks_[index];
  end_rest(block);
  const Released released{block.number, pairings_[block.pairing].subscriber};
  for (std::size_t protocol = 0; protocol < protocol_count; ++protocol) {
    if (block.is_open[protocol]) close(index, protocol);
    if (block.rows[protocol] != none) free_rows_.push_back(block.rows[protocol]);
  }
  by_address_[block.number / pool_.blocks_per_address()][block.number % pool_.blocks_per_address()] = none;
  if (--pairings_[block.pairing].blocks == 0) forget_pairing(block.pairing, subscribers);
  blocks_.give_back(index);
  pool_.give_back(released.block);
  return released;
}

void PortBlocks::reopen() {
  for (Index index = 1; index <= blocks_.last(); ++index) {
    for (std::size_t protocol = 0; protocol < protocol_count; ++protocol) {
      if (blocks_[index].pairing != none && !blocks_[index].is_open[protocol]) open(index, protocol);
    }
  }
}

void PortBlocks::begin_to_rest(Index index, Second now) {
  PortBlock& block = blocks_[index];
  block.empty_since = now;
  block.empty_next = none;
  block.empty_previous = last_empty_;
  (last_empty_ != none ? blocks_[last_empty_].empty_next : first_empty_) = index;
  last_empty_ = index;
}

void PortBlocks::end_rest(PortBlock& block) {
  (block.empty_previous != none ? blocks_[block.empty_previous].empty_next : first_empty_) = block.empty_next;
  (block.empty_next != none ? blocks_[block.empty_next].empty_previous : last_empty_) = block.empty_previous;
}

void PortBlocks::forget_pairing(Index pairing, Slab<Subscriber>& subscribers) {
  Index* at = &subscribers[pairings_[pairing].subscriber].pairings;
  while (*at != pairing) at = &pairings_[*at].next;
  *at = pairings_[pairing].next;
  pairings_.give_back(pairing);
}

void PortBlocks::open(Index index, std::size_t protocol) {
  PortBlock& block = blocks_[index];
  Index& first = pairings_[block.pairing].open[protocol];
  block.open_next[protocol] = first;
  block.open_previous[protocol] = none;
  if (first != none) blocks_[first].open_previous[protocol] = index;
  first = index;
  block.is_open[protocol] = true;
}

void PortBlocks::close(Index index, std::size_t protocol) {
  PortBlock& block = blocks_[index];
  const Index next = block.open_next[protocol], previous = block.open_previous[protocol];
  (previous != none ? blocks_[previous].open_next[protocol] : pairings_[block.pairing].open[protocol]) = next;
  if (next != none) blocks_[next].open_previous[protocol] = previous;
  block.is_open[protocol] = false;
}

std::vector<BlockNumber> PortBlocks::blocks_of(const Subscriber& subscriber, std::size_t most) const {
  std::vector<BlockNumber> found;
  for (Index at = subscriber.pairings; at != none; at = pairings_[at].next) {
    const Index* held_blocks = by_address_[pairings_[at].address].get();
    for (std::uint32_t i = 0; i < pool_.blocks_per_address() && found.size() < most; ++i) {
      if (held_blocks[i] == none || blocks_[held_blocks[i]].pairing != at) continue;
      found.push_back(blocks_[held_blocks[i]].number);
    }
  }
  return found;
}

std::size_t PortBlocks::memory() const {
  const std::size_t row = pool_.block_size() / 8 + pool_.block_size() * sizeof(Index);
  std::size_t addresses = 0;
  for (const auto& address : by_address_) addresses += address ? pool_.blocks_per_address() * sizeof(Index) : 0;
  return blocks_.memory() + pairings_.memory() + (rows_.size() - 1) * row + addresses;
}

}  // namespace dragoman::nat64
