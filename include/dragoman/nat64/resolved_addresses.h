// Who was answered with which IPv4 address by this DNS64, and for which domain: written by the DNS workers as answers
// leave, read by the NAT64 workers when a session begins. Memory is fixed. No lock and no owner: a pair is two words
// whose exclusive or is its key, so that a pair that two threads wrote at once is nobody's instead of somebody else's.
// Any thread. Pure.
//
// Subscribers are known by the prefix of the IPv6 source of their question. Whoever asks over IPv4, or by a resolver
// behind another address, is not known here.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "dragoman/base/time.h"
#include "dragoman/ip/address.h"
#include "dragoman/nat64/domain_names.h"

namespace dragoman::nat64 {

class ResolvedAddresses {
 public:
  // How long an address may be used beyond its TTL: connections begin a while after a name was looked up.
  static constexpr seconds grace{60};

  // Uses at most `memory` octets, a quarter of them for names. `subscriber_prefix`: Options::subscriber_prefix.
  ResolvedAddresses(std::size_t memory, std::uint8_t subscriber_prefix, std::uint64_t secret);

  // -- DNS workers --
  // An answer with this address goes to `client`. Without a domain it keeps the one that it had. False: it took the
  // place of one that was still good.
  bool add(const ip::Ipv6Octets& client, const ip::Ipv4Octets& address, seconds ttl, DomainId domain, TimePoint now);
  DomainNames& names() { return names_; }

  // -- NAT64 workers. `source`: 16 octets, not aligned --
  bool was_resolved(const std::uint8_t* source, const ip::Ipv4Octets& remote, TimePoint now) const;
  // The domain that was asked for last, expired or not.
  DomainId domain_of(const std::uint8_t* source, const ip::Ipv4Octets& remote) const;
  const DomainNames& names() const { return names_; }

 private:
  static constexpr std::size_t ways = 4;
  struct Pair {
    std::atomic<std::uint64_t> check{0};  // key ^ value
    std::atomic<std::uint64_t> value{0};  // second of expiry << 32 | DomainId
  };
  struct alignas(64) Group {
    std::array<Pair, ways> pairs;
  };

  std::uint64_t key_of(const std::uint8_t* source, const ip::Ipv4Octets& address) const;
  Group& group_of(std::uint64_t key) const;
  std::uint64_t find(std::uint64_t key) const;

  std::array<std::uint64_t, 2> mask_;  // of a subscriber, in network order
  std::uint64_t secret_;
  DomainNames names_;
  std::size_t groups_count_;
  std::unique_ptr<Group[]> groups_;
};

}  // namespace dragoman::nat64
