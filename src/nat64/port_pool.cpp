// The pool of all workers: tables of the configuration, swapped whole, and one atomic word a block. Any thread; see
// dragoman/nat64/port_pool.h (RFC 6146 3.5.1.1, RFC 6888 REQ-3).
#include "dragoman/nat64/port_pool.h"

#include <algorithm>
#include <bit>
#include <vector>

#include "ipv4_number.h"
#include "slab.h"

namespace dragoman::nat64 {
namespace {

constexpr std::uint32_t ports_per_address = 65536;
constexpr std::uint32_t low_port_count = 1024;  // 0 to 1023, RFC 6146 3.5.1.1

struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
};

// Successive addresses with successive indices, and what may be taken of them.
struct Run {
  std::uint32_t first = 0;  // address
  std::uint32_t last = 0;
  AddressIndex index = 0;         // of the first one
  std::vector<PortRange> ranges;  // empty: drains
};

struct ReservedPort {
  AddressIndex index = 0;
  std::uint16_t port = 0;
  Protocol protocol = Protocol::tcp;
  friend auto operator<=>(const ReservedPort&, const ReservedPort&) = default;
};

// What apply() makes of the options; never changed afterwards.
struct Table {
  std::vector<Run> runs;                 // by address, not overlapping
  std::vector<std::uint32_t> addresses;  // by index
  std::vector<std::uint32_t> run_of;     // by index: the number of its run
  std::vector<ReservedPort> reserved;    // sorted
};

// Spares searches for a free block: the last one found none, and nothing has changed since. Any thread.
class Fullness {
 public:
  // To be read before the search, and before whatever it depends on.
  std::uint32_t changes() const { return changes_.load(std::memory_order_acquire); }
  bool is_full(bool low_ports) const { return found_none_[low_ports].load(std::memory_order_relaxed) == changes() + 1; }
  void found_none(bool low_ports, std::uint32_t changes_before) {
    found_none_[low_ports].store(changes_before + 1, std::memory_order_relaxed);
  }
  void changed() { changes_.fetch_add(1, std::memory_order_acq_rel); }

 private:
  std::atomic<std::uint32_t> changes_{0};
  std::atomic<std::uint32_t> found_none_[2] = {0, 0};  // of each half: changes_ at that time, plus one
};

const Run* run_with(const Table& table, std::uint32_t address) {
  auto after = std::upper_bound(table.runs.begin(), table.runs.end(), address,
                                [](std::uint32_t value, const Run& run) { return value < run.first; });
  if (after == table.runs.begin()) return nullptr;
  const Run& run = *--after;
  return address <= run.last ? &run : nullptr;
}

// Addresses where an entry begins or ends: between two of them all have the same ports.
std::vector<std::uint64_t> borders(const std::vector<PoolEntry>& entries) {
  std::vector<std::uint64_t> found;
  for (const PoolEntry& entry : entries) {
    found.push_back(number_of(entry.first));
    found.push_back(std::uint64_t{number_of(entry.last)} + 1);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

std::vector<PortRange> ranges_at(const std::vector<PoolEntry>& entries, std::uint32_t address) {
  std::vector<PortRange> ranges;
  for (const PoolEntry& entry : entries) {
    if (entry.drain || address < number_of(entry.first) || address > number_of(entry.last)) continue;
    ranges.push_back({entry.first_port, entry.last_port});
  }
  return ranges;
}

bool is_configured(const std::vector<PoolEntry>& entries, std::uint32_t address) {
  return std::any_of(entries.begin(), entries.end(), [&](const PoolEntry& entry) {
    return address >= number_of(entry.first) && address <= number_of(entry.last);
  });
}

std::size_t address_count_of(const std::vector<PoolEntry>& entries) {
  const std::vector<std::uint64_t> at = borders(entries);
  std::size_t count = 0;
  for (std::size_t i = 0; i + 1 < at.size(); ++i) {
    if (is_configured(entries, static_cast<std::uint32_t>(at[i]))) count += at[i + 1] - at[i];
  }
  return count;
}

}  // namespace

struct PortPool::State {
  State(const Options& options, OwnerWords owner_words) : capacity(PortPool::capacity(options)), owners(owner_words) {
    holders = make_zeroed<std::uint32_t>(capacity);
    fullness_of = std::make_unique<Fullness[]>(address_capacity(options));
    tables.push_back(std::make_unique<const Table>());
    table.store(tables.back().get(), std::memory_order_release);
  }
  static std::size_t address_capacity(const Options& options) {
    return PortPool::capacity(options) / (ports_per_address / options.port_block_size);
  }

  std::atomic_ref<std::uint32_t> holder(BlockNumber block) const { return std::atomic_ref(holders[block]); }

  std::size_t capacity;
  OwnerWords owners;
  ZeroedArray<std::uint32_t> holders;  // by block: worker + 1; 0: free
  Fullness fullness;
  std::unique_ptr<Fullness[]> fullness_of;  // by address
  std::atomic<std::uint32_t> generation{0};
  std::atomic<const Table*> table{nullptr};
  std::vector<std::unique_ptr<const Table>> tables;  // former ones may be read still; reloads are few
};

namespace {

// The new table: addresses that were there keep their index, new ones follow.
class TableBuilder {
 public:
  TableBuilder(const Options& options, const Table* before) : options_(options), before_(before) {}

  Table build() {
    if (before_ != nullptr) table_.addresses = before_->addresses;
    const std::vector<std::uint64_t> at = borders(options_.pool4);
    for (std::size_t i = 0; i + 1 < at.size(); ++i) {
      const auto first = static_cast<std::uint32_t>(at[i]);
      if (!is_configured(options_.pool4, first)) continue;
      add(first, static_cast<std::uint32_t>(at[i + 1] - 1), ranges_at(options_.pool4, first));
    }
    add_gone();
    std::sort(table_.runs.begin(), table_.runs.end(), [](const Run& a, const Run& b) { return a.first < b.first; });
    table_.run_of.resize(table_.addresses.size());
    for (std::uint32_t run = 0; run < table_.runs.size(); ++run) {
      const Run& known = table_.runs[run];
      for (std::uint32_t i = 0; i <= known.last - known.first; ++i) table_.run_of[known.index + i] = run;
    }
    reserve();
    return std::move(table_);
  }

 private:
  // A run is cut where successive addresses do not have successive indices.
  void add(std::uint32_t first, std::uint32_t last, const std::vector<PortRange>& ranges) {
    for (std::uint64_t address = first; address <= last; ++address) {
      const auto value = static_cast<std::uint32_t>(address);
      const AddressIndex index = index_for(value);
      const bool goes_on = address != first && table_.runs.back().last + 1 == value &&
                           table_.runs.back().index + (value - table_.runs.back().first) == index;
      if (goes_on) {
        table_.runs.back().last = value;
      } else {
        table_.runs.push_back({value, value, index, ranges});
      }
    }
  }
  AddressIndex index_for(std::uint32_t address) {
    if (before_ != nullptr) {
      if (const Run* run = run_with(*before_, address)) return run->index + (address - run->first);
    }
    table_.addresses.push_back(address);
    return static_cast<AddressIndex>(table_.addresses.size() - 1);
  }
  // What was there before and is not configured any more.
  void add_gone() {
    if (before_ == nullptr) return;
    for (const std::uint32_t address : before_->addresses) {
      if (!is_configured(options_.pool4, address)) add(address, address, {});
    }
  }
  void reserve() {
    for (const StaticBinding& binding : options_.static_bindings) {
      for (const Run& run : table_.runs) {
        const std::uint32_t address = number_of(binding.outside.address.v4());
        if (address < run.first || address > run.last) continue;
        table_.reserved.push_back({run.index + (address - run.first), binding.outside.port, binding.protocol});
      }
    }
    std::sort(table_.reserved.begin(), table_.reserved.end());
  }

  const Options& options_;
  const Table* before_;
  Table table_;
};

std::uint32_t mix(std::uint32_t value) {
  value ^= value >> 16;
  value *= 0x7feb352dU;
  value ^= value >> 15;
  value *= 0x846ca68bU;
  return value ^ value >> 16;
}

// Blocks [first, last] of an address that hold ports of a range, of the wanted half (RFC 6146 3.5.1.1).
struct BlockRange {
  std::uint32_t first = 1;
  std::uint32_t last = 0;
  bool is_empty() const { return first > last; }
};
BlockRange blocks_of(const PortRange& range, bool low_ports, std::uint16_t block_size) {
  std::uint32_t first = range.first, last = range.last;
  if (low_ports) {
    last = std::min(last, low_port_count - 1);
  } else {
    first = std::max(first, low_port_count);
  }
  if (first > last) return {};
  return {first / block_size, last / block_size};
}

bool is_in_ranges(const Run& run, std::uint32_t first_port, std::uint32_t last_port) {
  return std::any_of(run.ranges.begin(), run.ranges.end(),
                     [&](const PortRange& range) { return range.first <= last_port && range.last >= first_port; });
}

}  // namespace

std::size_t PortPool::capacity(const Options& options) {
  const std::size_t wanted = std::bit_ceil(2 * address_count_of(options.pool4) + 16);
  return std::min(wanted, max_addresses) * (ports_per_address / options.port_block_size);
}

PortPool::PortPool(const Options& options, OwnerWords owners)
    : state_(std::make_unique<State>(options, owners)),
      block_size_(options.port_block_size),
      blocks_per_address_(ports_per_address / options.port_block_size) {
  apply(options);
}
PortPool::~PortPool() = default;

bool PortPool::apply(const Options& options) {
  if (address_count_of(options.pool4) > max_addresses) return false;  // before a table of millions is made
  auto table =
      std::make_unique<const Table>(TableBuilder(options, state_->table.load(std::memory_order_relaxed)).build());
  if (table->addresses.size() * blocks_per_address_ > state_->capacity) return false;
  state_->table.store(table.get(), std::memory_order_release);
  for (std::size_t index = 0; index < table->addresses.size(); ++index) state_->fullness_of[index].changed();
  state_->fullness.changed();
  state_->generation.fetch_add(1, std::memory_order_release);
  state_->tables.push_back(std::move(table));
  return true;
}

std::uint32_t PortPool::generation() const { return state_->generation.load(std::memory_order_acquire); }

std::optional<AddressIndex> PortPool::index_of(const ip::Ipv4Octets& address) const {
  const std::uint32_t value = number_of(address);
  const Run* run = run_with(*state_->table.load(std::memory_order_acquire), value);
  if (run == nullptr) return std::nullopt;
  return run->index + (value - run->first);
}

ip::Ipv4Octets PortPool::address(AddressIndex index) const {
  return octets_of(state_->table.load(std::memory_order_acquire)->addresses[index]);
}

std::size_t PortPool::address_count() const { return state_->table.load(std::memory_order_acquire)->addresses.size(); }

std::optional<unsigned> PortPool::owner(BlockNumber block) const {
  const std::uint32_t holder = state_->holder(block).load(std::memory_order_acquire);
  if (holder == 0) return std::nullopt;
  return holder - 1;
}

BlockNumber PortPool::take(std::optional<AddressIndex> wanted, std::uint32_t seed, bool low_ports, unsigned worker) {
  const Taker taker{seed, low_ports, worker};
  if (wanted) return take_of(*wanted, taker);
  if (state_->fullness.is_full(low_ports)) return no_block;
  const std::uint32_t changes = state_->fullness.changes();
  const auto count = static_cast<std::uint32_t>(address_count());
  const std::uint32_t start = mix(seed) % std::max(count, 1U);
  for (std::uint32_t i = 0; i < count; ++i) {
    const BlockNumber block = take_of((start + i) % count, taker);
    if (block != no_block) return block;
  }
  state_->fullness.found_none(low_ports, changes);
  return no_block;
}

BlockNumber PortPool::take_of(AddressIndex index, Taker taker) {
  Fullness& fullness = state_->fullness_of[index];
  if (fullness.is_full(taker.low_ports)) return no_block;
  const std::uint32_t changes = fullness.changes();
  const Table& table = *state_->table.load(std::memory_order_acquire);
  for (const PortRange& range : table.runs[table.run_of[index]].ranges) {
    const BlockRange blocks = blocks_of(range, taker.low_ports, block_size_);
    if (blocks.is_empty()) continue;
    const BlockNumber block = take_between(index, blocks.first, blocks.last, taker);
    if (block != no_block) return block;
  }
  fullness.found_none(taker.low_ports, changes);
  return no_block;
}

// From a place that cannot be guessed on (RFC 6056 3.3).
BlockNumber PortPool::take_between(AddressIndex index, std::uint32_t first, std::uint32_t last, Taker taker) {
  const std::uint32_t count = last - first + 1, start = mix(taker.seed ^ 0x9e3779b9U) % count;
  for (std::uint32_t i = 0; i < count; ++i) {
    const BlockNumber block = index * blocks_per_address_ + first + (start + i) % count;
    const std::atomic_ref holder = state_->holder(block);
    std::uint32_t nobody = holder.load(std::memory_order_relaxed);
    if (nobody != 0 || !holder.compare_exchange_strong(nobody, taker.worker + 1, std::memory_order_acq_rel)) continue;
    if (!state_->owners.empty()) state_->owners[block].store(taker.worker + 1, std::memory_order_release);
    return block;
  }
  return no_block;
}

void PortPool::give_back(BlockNumber block) {
  if (!state_->owners.empty()) state_->owners[block].store(0, std::memory_order_release);
  state_->holder(block).store(0, std::memory_order_release);
  state_->fullness_of[block / blocks_per_address_].changed();
  state_->fullness.changed();
}

bool PortPool::gives(AddressIndex index) const {
  const Table& table = *state_->table.load(std::memory_order_acquire);
  return !table.runs[table.run_of[index]].ranges.empty();
}

bool PortPool::may_be_taken(BlockNumber block) const {
  const Table& table = *state_->table.load(std::memory_order_acquire);
  return is_in_ranges(table.runs[table.run_of[block / blocks_per_address_]], first_port(block),
                      first_port(block) + std::uint32_t{block_size_} - 1);
}

bool PortPool::may_use(AddressIndex index, std::uint16_t port, Protocol protocol) const {
  const Table& table = *state_->table.load(std::memory_order_acquire);
  return is_in_ranges(table.runs[table.run_of[index]], port, port) &&
         !std::binary_search(table.reserved.begin(), table.reserved.end(), ReservedPort{index, port, protocol});
}

PortPool::Usage PortPool::usage_of(AddressIndex index) const {
  Usage usage;
  for (std::uint32_t i = 0; i < blocks_per_address_; ++i) {
    const BlockNumber block = index * blocks_per_address_ + i;
    const bool is_taken = owner(block).has_value(), is_given = may_be_taken(block);
    usage.blocks += is_given ? 1 : 0;
    usage.taken += is_given && is_taken ? 1 : 0;
    usage.draining += !is_given && is_taken ? 1 : 0;
  }
  return usage;
}

PortPool::Usage PortPool::usage() const {
  Usage sum;
  for (AddressIndex index = 0; index < address_count(); ++index) {
    const Usage one = usage_of(index);
    sum.blocks += one.blocks;
    sum.taken += one.taken;
    sum.draining += one.draining;
  }
  return sum;
}

}  // namespace dragoman::nat64
