// How many connections a client may hold: per IPv4 address or IPv6 /64, and all clients together. One for all workers;
// the counts are spread over stripes, so that two workers seldom meet at one lock.
#include <xxhash.h>

#include <array>
#include <atomic>
#include <unordered_map>

#include "dragoman/base/guarded.h"
#include "dragoman/resolve/rate_table.h"
#include "dragoman/serve/server.h"

namespace dragoman::serve {

namespace {

constexpr std::size_t stripe_count = 32;

// Whoever has an IPv6 address has at least a /64 (RFC 6177 2): count by that.
ip::Address client_key(const ip::Address& client) {
  if (!client.is_v6()) return client;
  ip::Ipv6Octets octets = client.v6();
  for (std::size_t i = 8; i < octets.size(); ++i) octets[i] = 0;
  return ip::Address(octets);
}

struct HashAddress {
  std::size_t operator()(const ip::Address& address) const { return XXH3_64bits(address.octets(), 16); }
};

using Counts = std::unordered_map<ip::Address, std::uint32_t, HashAddress>;

}  // namespace

struct ConnectionLimits::State {
  std::uint32_t most;
  std::uint32_t most_per_client;
  std::atomic<std::uint32_t> open{0};
  std::array<Guarded<Counts>, stripe_count> stripes;
  resolve::Rate handshakes;
  std::unique_ptr<resolve::RateTable> handshake_table;  // null: no limit

  Guarded<Counts>& stripe_of(const ip::Address& key) { return stripes[(HashAddress()(key) >> 32) % stripe_count]; }
};

ConnectionLimits::ConnectionLimits(const LimitOptions& options) : state_(std::make_unique<State>()) {
  state_->most = options.connections;
  state_->most_per_client = options.connections_per_client;
  if (options.handshakes_per_second == 0) return;
  state_->handshakes = {options.handshakes_per_second, 2 * options.handshakes_per_second};
  state_->handshake_table = std::make_unique<resolve::RateTable>();
}

ConnectionLimits::~ConnectionLimits() = default;

ConnectionLimits::Verdict ConnectionLimits::admit(const ip::Address& client) {
  if (state_->open.fetch_add(1, std::memory_order_relaxed) >= state_->most && state_->most != 0) {
    state_->open.fetch_sub(1, std::memory_order_relaxed);
    return Verdict::too_many;
  }
  if (state_->most_per_client == 0) return Verdict::admitted;

  const ip::Address key = client_key(client);
  const bool has_room = state_->stripe_of(key).with([&](Counts& counts) {
    std::uint32_t& count = counts[key];
    if (count >= state_->most_per_client) return false;
    ++count;
    return true;
  });
  if (has_room) return Verdict::admitted;
  state_->open.fetch_sub(1, std::memory_order_relaxed);
  return Verdict::too_many_of_client;
}

void ConnectionLimits::release(const ip::Address& client) {
  state_->open.fetch_sub(1, std::memory_order_relaxed);
  if (state_->most_per_client == 0) return;
  const ip::Address key = client_key(client);
  state_->stripe_of(key).with([&](Counts& counts) {
    const auto found = counts.find(key);
    if (found != counts.end() && --found->second == 0) counts.erase(found);
  });
}

bool ConnectionLimits::admit_handshake(const ip::Address& client, TimePoint now) {
  if (!state_->handshake_table) return true;
  const ip::Address key = client_key(client);
  return state_->handshake_table->take({key.octets(), key.bit_length() / 8}, state_->handshakes, now);
}

bool ConnectionLimits::crowded() const {
  return state_->most != 0 && state_->open.load(std::memory_order_relaxed) > state_->most / 5 * 4;
}

std::uint32_t ConnectionLimits::open() const { return state_->open.load(std::memory_order_relaxed); }

}  // namespace dragoman::serve
