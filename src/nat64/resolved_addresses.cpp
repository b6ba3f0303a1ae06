// Groups of four pairs, a cache line each. A full group loses the pair that expires first.
#include "dragoman/nat64/resolved_addresses.h"

#include <xxhash.h>

#include <algorithm>
#include <cstring>

namespace dragoman::nat64 {
namespace {

std::uint64_t second_of(TimePoint time) {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<seconds>(time.time_since_epoch()).count());
}

DomainId domain_in(std::uint64_t value) { return static_cast<DomainId>(value); }
std::uint64_t expiry_in(std::uint64_t value) { return value >> 32; }

std::array<std::uint64_t, 2> mask_of(std::uint8_t length) {
  ip::Ipv6Octets octets{};
  for (unsigned bit = 0; bit < length; ++bit) octets[bit / 8] |= static_cast<std::uint8_t>(0x80 >> bit % 8);
  std::array<std::uint64_t, 2> mask;
  std::memcpy(mask.data(), octets.data(), sizeof mask);
  return mask;
}

}  // namespace

ResolvedAddresses::ResolvedAddresses(std::size_t memory, std::uint8_t subscriber_prefix, std::uint64_t secret)
    : mask_(mask_of(subscriber_prefix)),
      secret_(secret),
      names_(memory / 4, secret),
      groups_count_(std::max<std::size_t>((memory - memory / 4) / sizeof(Group), 1)),
      groups_(std::make_unique<Group[]>(groups_count_)) {}

// Never 0: an empty pair is nobody's.
std::uint64_t ResolvedAddresses::key_of(const std::uint8_t* source, const ip::Ipv4Octets& address) const {
  struct {
    std::array<std::uint64_t, 2> subscriber;
    ip::Ipv4Octets address;
  } key{{}, address};
  static_assert(offsetof(decltype(key), address) == sizeof key.subscriber);
  std::memcpy(key.subscriber.data(), source, sizeof key.subscriber);
  key.subscriber[0] &= mask_[0];
  key.subscriber[1] &= mask_[1];
  return XXH3_64bits_withSeed(&key, sizeof key.subscriber + sizeof key.address, secret_) | 1;
}

ResolvedAddresses::Group& ResolvedAddresses::group_of(std::uint64_t key) const {
  // The upper half of the product spreads as evenly as a remainder does, for a fraction of its cost.
  return groups_[static_cast<std::size_t>((key >> 32) * groups_count_ >> 32)];
}

bool ResolvedAddresses::add(const ip::Ipv6Octets& client, const ip::Ipv4Octets& address, seconds ttl, DomainId domain,
                            TimePoint now) {
  const std::uint64_t key = key_of(client.data(), address);
  const std::uint64_t now_s = second_of(now);
  std::uint64_t expiry = std::min<std::uint64_t>(now_s + static_cast<std::uint64_t>((ttl + grace).count()), ~0u);
  Pair* place = nullptr;
  std::uint64_t place_expiry = ~std::uint64_t{0};
  for (Pair& pair : group_of(key).pairs) {
    const std::uint64_t value = pair.value.load(std::memory_order_relaxed);
    if ((pair.check.load(std::memory_order_relaxed) ^ value) == key) {
      expiry = std::max(expiry, expiry_in(value));
      if (domain == no_domain) domain = domain_in(value);
      place = &pair;
      place_expiry = 0;
      break;
    }
    if (expiry_in(value) >= place_expiry) continue;
    place = &pair;
    place_expiry = expiry_in(value);
  }
  const std::uint64_t value = expiry << 32 | domain;
  place->value.store(value, std::memory_order_relaxed);
  place->check.store(key ^ value, std::memory_order_relaxed);
  return place_expiry <= now_s;
}

// 0 when the key is not there.
std::uint64_t ResolvedAddresses::find(std::uint64_t key) const {
  for (const Pair& pair : group_of(key).pairs) {
    const std::uint64_t value = pair.value.load(std::memory_order_relaxed);
    if ((pair.check.load(std::memory_order_relaxed) ^ value) == key) return value;
  }
  return 0;
}

bool ResolvedAddresses::was_resolved(const std::uint8_t* source, const ip::Ipv4Octets& remote, TimePoint now) const {
  return expiry_in(find(key_of(source, remote))) > second_of(now);
}

DomainId ResolvedAddresses::domain_of(const std::uint8_t* source, const ip::Ipv4Octets& remote) const {
  return domain_in(find(key_of(source, remote)));
}

}  // namespace dragoman::nat64
