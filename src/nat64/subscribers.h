// Subscribers and their hosts, by IPv6 address. A host is there as long as it has bindings, a subscriber as long as it
// has hosts or port blocks. One thread.
#pragma once

#include <cstdint>
#include <cstring>

#include "keyed_hash.h"
#include "linear_hash.h"
#include "records.h"

namespace dragoman::nat64 {

class Subscribers {
 public:
  // prefix_length: Options::subscriber_prefix.
  Subscribers(std::uint8_t prefix_length, std::uint64_t secret)
      : prefix_length_(prefix_length),
        hash_{secret},
        subscribers_by_prefix_(subscribers_, PrefixHash{secret}),
        hosts_by_address_(hosts_, AddressHash{secret}) {}

  Index find_host(const std::uint8_t* address) const {
    return hosts_by_address_.find(hash_(address),
                                  [=](const Host& host) { return std::memcmp(host.address.data(), address, 16) == 0; });
  }
  Index find_subscriber(const std::uint8_t* address) const {
    const ip::Ipv6Octets prefix = prefix_of(address);
    return subscribers_by_prefix_.find(hash_(prefix.data()),
                                       [&](const Subscriber& known) { return known.prefix == prefix; });
  }
  Index find_or_add_subscriber(const std::uint8_t* address);
  Index add_host(const std::uint8_t* address, Index subscriber);

  void remove_host(Index index);
  void remove_subscriber_if_idle(Index index);

  Host& host(Index index) { return hosts_[index]; }
  const Host& host(Index index) const { return hosts_[index]; }
  Slab<Subscriber>& records() { return subscribers_; }
  Subscriber& of(Index host) { return subscribers_[hosts_[host].subscriber]; }
  const Slab<Subscriber>& records() const { return subscribers_; }
  ip::Ipv6Octets prefix_of(const std::uint8_t* address) const;
  std::uint8_t prefix_length() const { return prefix_length_; }
  std::size_t memory() const {
    return subscribers_.memory() + hosts_.memory() + subscribers_by_prefix_.memory() + hosts_by_address_.memory();
  }

 private:
  struct OctetsHash {
    std::uint64_t secret;
    std::uint32_t operator()(const std::uint8_t* octets) const { return keyed_hash(octets, 16, secret); }
  };
  struct PrefixHash {
    std::uint64_t secret;
    std::uint32_t operator()(const Subscriber& known) const { return keyed_hash(known.prefix.data(), 16, secret); }
  };
  struct AddressHash {
    std::uint64_t secret;
    std::uint32_t operator()(const Host& known) const { return keyed_hash(known.address.data(), 16, secret); }
  };

  std::uint8_t prefix_length_;
  OctetsHash hash_;
  Slab<Subscriber> subscribers_;
  Slab<Host> hosts_;
  LinearHash<Subscriber, PrefixHash> subscribers_by_prefix_;
  LinearHash<Host, AddressHash> hosts_by_address_;
};

}  // namespace dragoman::nat64
