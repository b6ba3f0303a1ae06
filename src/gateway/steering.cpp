// Maps and program of the steering hook, put together from nat64 (what) and net (how). Control thread; see steering.h.
// The port pool writes into the owners' words from any worker.
#include "steering.h"

#include "dragoman/nat64/steering.h"

namespace dragoman::gateway {
namespace {

// Datagrams in fragments whose first one was seen a moment ago.
constexpr std::uint32_t most_fragmented = 16384;

template <class T>
Bytes octets(const T& value) {
  return {reinterpret_cast<const std::uint8_t*>(&value), sizeof value};
}

}  // namespace

Result<Steering> Steering::make(const nat64::Options& options) {
  const std::size_t blocks = nat64::PortPool::capacity(options);
  const auto most_addresses = static_cast<std::uint32_t>(blocks * options.port_block_size / 65536);
  auto addresses =
      net::BpfMap::make("nat64_addresses", {net::BpfMap::Kind::hash, sizeof(ip::Ipv4Octets), 4, most_addresses});
  if (!addresses) return addresses.error();
  auto owners = net::BpfWords::make("nat64_owners", static_cast<std::uint32_t>(blocks));
  if (!owners) return owners.error();
  auto fragments = net::BpfMap::make(
      "nat64_fragments", {net::BpfMap::Kind::lru_hash, sizeof(nat64::FragmentSteeringKey), 4, most_fragmented});
  if (!fragments) return fragments.error();
  return Steering(std::move(*addresses), std::move(*owners), std::move(*fragments));
}

Result<void> Steering::attach(const nat64::Options& options, net::TunDevice& device) {
  const auto program = nat64::steering_program(
      {static_cast<unsigned>(device.queue_count()), options.subscriber_prefix, options.port_block_size},
      {addresses_.fd(), owners_.fd(), fragments_.fd()});
  auto loaded = net::load_socket_filter("nat64_steering", program);
  if (!loaded) return loaded.error();
  return device.set_steering(loaded->get());
}

Result<void> Steering::learn(const nat64::Options& options, const nat64::PortPool& pool, unsigned workers) {
  for (nat64::AddressIndex index = 0; index < pool.address_count(); ++index) {
    const ip::Ipv4Octets address = pool.address(index);
    if (auto known = addresses_.update(octets(address), octets(index)); !known) return known;
  }
  for (const nat64::StaticBinding& binding : options.static_bindings) {
    const auto index = pool.index_of(binding.outside.address.v4());
    if (!index || pool.may_be_taken(pool.block_of(*index, binding.outside.port))) continue;
    const ip::Ipv6Octets inside = binding.inside.address.v6();
    const unsigned owner = nat64::subscriber_worker(inside.data(), options.subscriber_prefix, workers);
    owners()[pool.block_of(*index, binding.outside.port)].store(owner + 1, std::memory_order_relaxed);
  }
  return {};
}

}  // namespace dragoman::gateway
