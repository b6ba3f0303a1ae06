#include "port_blocks.h"

#include <bit>

#include "ipv4_number.h"

namespace dragoman::nat64 {
namespace {

constexpr std::uint16_t first_high_port = 1024;  // RFC 6146 3.5.1.1 keeps 0-1023 and 1024-65535 apart
constexpr int most_open_looked_at = 4;
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

std::optional<OutsidePort> PortBlocks::take(Subscriber& subscriber, Index subscriber_index, Host& host,
                                            const PortRequest& request) {
  // A host's pairing may be gone while older bindings of the host have ports of another.
  if (host.bindings > 0 && pairings_[host.pairing].subscriber == subscriber_index) {
    if (auto port = take_of(host.pairing, request)) return port;
  }
  const Index pairing = pairing_with_room(subscriber, subscriber_index, request);
  if (pairing == none) return std::nullopt;
  host.pairing = pairing;
  return take_of(pairing, request);
}

// Of open blocks; else of a new block of the same address. Low ports for low ports if the pool has any, then whatever
// there is.
std::optional<OutsidePort> PortBlocks::take_of(Index pairing, const PortRequest& request) {
  if (!pool_.gives(pairings_[pairing].address)) return std::nullopt;
  const bool wants_low = request.inside_port < first_high_port && request.protocol != Protocol::icmp;
  for (const bool low : {wants_low, !wants_low}) {
    if (auto port = take_open(pairing, low, request)) return port;
    if (!add_block(pairing, low)) continue;
    if (auto port = take_open(pairing, low, request)) return port;
  }
  return std::nullopt;
}

std::optional<OutsidePort> PortBlocks::take_open(Index pairing, bool low, const PortRequest& request) {
  const std::size_t protocol = place(request.protocol);
  Index at = pairings_[pairing].open[protocol];
  for (int i = 0; at != none && i < most_open_looked_at; ++i) {
    PortBlock& block = blocks_[at];
    const Index next = block.open_next[protocol];
    if (is_low(block) == low) {
      const auto port = take_in(block, request);
      if (!port || block.used[protocol] == block.usable[protocol]) close(at, protocol);
      const AddressIndex address = pairings_[pairing].address;
      if (port) return OutsidePort{address, number_of(pool_.address(address)), *port};
    }
    at = next;
  }
  return std::nullopt;
}

std::optional<std::uint16_t> PortBlocks::take_in(PortBlock& block, const PortRequest& request) {
  const std::size_t protocol = place(request.protocol);
  const Index row = block.rows[protocol] != none ? block.rows[protocol] : make_row(block, request.protocol);
  std::uint64_t* words = rows_[row].taken.get();
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
  ++block.used[protocol];
  return static_cast<std::uint16_t>(pool_.first_port(block.number) + *bit);
}

// The pairing that the subscriber used last, else one with another address; when the pool has no block left, any that
// has a port.
Index PortBlocks::pairing_with_room(Subscriber& subscriber, Index subscriber_index, const PortRequest& request) {
  const bool wants_low = request.inside_port < first_high_port && request.protocol != Protocol::icmp;
  const auto has_room = [&](Index at) {
    return pool_.gives(pairings_[at].address) && (pairings_[at].open[place(request.protocol)] != none ||
                                                  add_block(at, wants_low) || add_block(at, !wants_low));
  };
  if (subscriber.pairings != none && has_room(subscriber.pairings)) return subscriber.pairings;
  for (const bool low : {wants_low, !wants_low}) {
    const BlockNumber number = pool_.take(std::nullopt, chance_.next(), low, worker_);
    if (number == no_block) continue;
    const Index pairing = pairing_for(subscriber, subscriber_index, number / pool_.blocks_per_address());
    hold(number, pairing);
    return pairing;
  }
  int looked_at = 0;
  for (Index at = subscriber.pairings; at != none && looked_at < most_pairings_looked_at; at = pairings_[at].next) {
    if (pool_.gives(pairings_[at].address) && pairings_[at].open[place(request.protocol)] != none) return at;
    ++looked_at;
  }
  return none;
}

bool PortBlocks::add_block(Index pairing, bool low_ports) {
  const BlockNumber number = pool_.take(pairings_[pairing].address, chance_.next(), low_ports, worker_);
  if (number == no_block) return false;
  hold(number, pairing);
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

void PortBlocks::hold(BlockNumber number, Index pairing) {
  const Index index = blocks_.take();
  PortBlock& block = blocks_[index];
  block.number = number;
  block.pairing = pairing;
  ++pairings_[pairing].blocks;
  for (std::size_t protocol = 0; protocol < protocol_count; ++protocol) {
    block.usable[protocol] = pool_.block_size();  // make_row() counts
    open(index, protocol);
  }
  const AddressIndex address = number / pool_.blocks_per_address();
  if (address >= by_address_.size()) by_address_.resize(address + 1);
  if (!by_address_[address]) by_address_[address] = std::make_unique<Index[]>(pool_.blocks_per_address());
  by_address_[address][number % pool_.blocks_per_address()] = index;
  taken_.push_back(number);
}

Index PortBlocks::make_row(PortBlock& block, Protocol protocol) {
  const std::size_t words = pool_.block_size() / 64;
  Index row;
  if (free_rows_.empty()) {
    row = static_cast<Index>(rows_.size());
    rows_.push_back({std::make_unique<std::uint64_t[]>(words), std::make_unique<Index[]>(pool_.block_size())});
  } else {
    row = free_rows_.back();
    free_rows_.pop_back();
    std::fill_n(rows_[row].taken.get(), words, 0);
  }
  block.rows[place(protocol)] = row;
  const std::uint16_t first = pool_.first_port(block.number);
  const AddressIndex address = block.number / pool_.blocks_per_address();
  for (std::uint16_t i = 0; i < pool_.block_size(); ++i) {
    const auto port = static_cast<std::uint16_t>(first + i);
    // Port 0 cannot be sent to (RFC 6335 6); an identifier of 0 may.
    if (pool_.may_use(address, port, protocol) && (port != 0 || protocol == Protocol::icmp)) continue;
    rows_[row].taken[i / 64] |= std::uint64_t{1} << (i % 64);
    --block.usable[place(protocol)];
  }
  return row;
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
  row.taken[bit / 64] &= ~(std::uint64_t{1} << (bit % 64));
  --block.used[place(protocol)];
  if (!block.is_open[place(protocol)]) open(index, place(protocol));
  if (block.used[0] + block.used[1] + block.used[2] != 0) return;
  block.empty_since = now;
  empty_.push_back({index, block.number, now});
}

std::optional<PortBlocks::Released> PortBlocks::release_one(Second since, Slab<Subscriber>& subscribers) {
  while (!empty_.empty() && empty_.front().since <= since) {
    const Empty candidate = empty_.front();
    empty_.pop_front();
    PortBlock& block = blocks_[candidate.block];
    const bool is_same = block.number == candidate.number && block.empty_since == candidate.since;
    if (!is_same || block.used[0] + block.used[1] + block.used[2] != 0) continue;
    const Released released{block.number, pairings_[block.pairing].subscriber};
    for (std::size_t protocol = 0; protocol < protocol_count; ++protocol) {
      if (block.is_open[protocol]) close(candidate.block, protocol);
      if (block.rows[protocol] != none) free_rows_.push_back(block.rows[protocol]);
    }
    by_address_[block.number / pool_.blocks_per_address()][block.number % pool_.blocks_per_address()] = none;
    if (--pairings_[block.pairing].blocks == 0) forget_pairing(block.pairing, subscribers);
    blocks_.give_back(candidate.block);
    pool_.give_back(released.block);
    return released;
  }
  return std::nullopt;
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
  for (Index index = 1; index <= blocks_.last() && found.size() < most; ++index) {
    const PortBlock& block = blocks_[index];
    if (block.pairing == none) continue;
    for (Index at = subscriber.pairings; at != none; at = pairings_[at].next) {
      if (at == block.pairing) found.push_back(block.number);
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
