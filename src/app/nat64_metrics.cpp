// One function per group; see nat64_metrics.h.
#include "nat64_metrics.h"

#include <algorithm>
#include <map>

#include "dragoman/base/bytes.h"
#include "dragoman/ip/range.h"

namespace dragoman::app {
namespace {

using nat64::DropReason;
using nat64::PoolEntry;
using nat64::PortPool;

void describe_state(const Nat64Questions& nat64, const telemetry::Collector& visit) {
  for (std::size_t i = 0; i < telemetry::label_count<gateway::Nat64State>; ++i) {
    const auto state = static_cast<gateway::Nat64State>(i);
    visit.with("state", telemetry::label_text(state))
        .gauge(nat64.state() == state ? 1 : 0, "dragoman_nat64_state",
               "1 for the state that the NAT64 is in: full and draining take its prefixes out of new answers of DNS64 "
               "where there are others.");
  }
  visit.gauge(nat64.state() == gateway::Nat64State::down ? 0 : 1, "dragoman_nat64_up",
              "Whether every worker of the NAT64 has its device.");
  visit.gauge(static_cast<double>(nat64.session_limit()), "dragoman_nat64_sessions_limit",
              "Sessions that there may be at most.");
}

// Drops that are the subscriber's own fault, which an operator sells more of.
void describe_limits(const Nat64Questions& nat64, const telemetry::Collector& visit) {
  const std::pair<const char*, DropReason> limits[] = {{"ports", DropReason::subscriber_ports},
                                                       {"sessions", DropReason::subscriber_sessions},
                                                       {"rate", DropReason::subscriber_rate}};
  for (const auto& [limit, reason] : limits) {
    double hits = 0;
    for (unsigned i = 0; i < nat64.worker_count(); ++i) {
      hits += static_cast<double>(nat64.metrics(i).drops(reason).value());
    }
    visit.with("limit", limit)
        .counter(hits, "dragoman_nat64_subscriber_limit_hits_total",
                 "Sessions that did not begin because their subscriber has all that it may have.");
  }
}

std::size_t ports_of(const PoolEntry& entry) { return entry.last_port - entry.first_port + std::size_t{1}; }

// The addresses of a range that the pool has, with what is used of them.
PortPool::Usage usage_of(const PortPool& pool, const ip::Ipv4Octets& first, const ip::Ipv4Octets& last) {
  PortPool::Usage sum;
  for (nat64::AddressIndex index = 0; index < pool.address_count(); ++index) {
    const ip::Ipv4Octets address = pool.address(index);
    if (address < first || address > last) continue;
    const PortPool::Usage one = pool.usage_of(index);
    sum.blocks += one.blocks;
    sum.taken += one.taken;
    sum.draining += one.draining;
  }
  return sum;
}

// A row for each range of addresses, however many ranges of ports it has.
void describe_pool(const Nat64Questions& nat64, const std::vector<PoolEntry>& entries,
                   const telemetry::Collector& visit) {
  const PortPool& pool = nat64.pool();
  std::map<std::pair<ip::Ipv4Octets, ip::Ipv4Octets>, std::size_t> ports;  // of one address
  for (const PoolEntry& entry : entries) ports[{entry.first, entry.last}] += ports_of(entry);
  double blocks = 0;
  for (const auto& [range, each] : ports) {
    const auto& [first, last] = range;
    const PortPool::Usage usage = usage_of(pool, first, last);
    const std::size_t addresses = load_u32(last.data()) - load_u32(first.data()) + std::size_t{1};
    const std::size_t taken = (usage.taken + usage.draining) * pool.block_size();
    auto row = visit.with("pool", ip::range_to_text(first, last));
    row.gauge(static_cast<double>(addresses * each), "dragoman_nat64_pool_ports",
              "Ports of the pool, of each protocol; a range that drains is among them.");
    row.gauge(static_cast<double>(std::min(taken, addresses * each)), "dragoman_nat64_pool_ports_used",
              "Ports in blocks that subscribers hold, or that rest before others may.");
    blocks += static_cast<double>(usage.taken + usage.draining);
  }
  visit.gauge(blocks, "dragoman_nat64_port_blocks_used", "Port blocks that subscribers hold, or that rest.");
}

}  // namespace

void describe_nat64_process(const Nat64Questions& nat64, const std::vector<PoolEntry>& entries,
                            const telemetry::Collector& visit) {
  describe_state(nat64, visit);
  describe_limits(nat64, visit);
  describe_pool(nat64, entries, visit);
}

}  // namespace dragoman::app
