// The Binding Information Bases (RFC 6146 3.1) seen from IPv6: which binding a host's port or identifier has. Seen from
// IPv4, PortBlocks and StaticBindings know. One thread.
#pragma once

#include <cstdint>

#include "keyed_hash.h"
#include "linear_hash.h"
#include "records.h"

namespace dragoman::nat64 {

class Bindings {
 public:
  explicit Bindings(std::uint64_t secret) : hash_{secret}, by_inside_(bindings_, hash_) {}

  Index find(Index host, std::uint16_t inside_port, Protocol protocol) const {
    return by_inside_.find(hash_(host, inside_port, protocol), [=](const Binding& known) {
      return known.host == host && known.inside_port == inside_port && known.protocol == protocol;
    });
  }
  Index add(Index host, std::uint16_t inside_port, Protocol protocol) {
    const Index made = bindings_.take();
    bindings_[made].host = host;
    bindings_[made].inside_port = inside_port;
    bindings_[made].protocol = protocol;
    by_inside_.insert(hash_(bindings_[made]), made);
    return made;
  }
  // It is not found any more; forget() then ends its record.
  void hide(Index index) { by_inside_.remove(hash_(bindings_[index]), index); }
  void forget(Index index) { bindings_.give_back(index); }

  Binding& operator[](Index index) { return bindings_[index]; }
  const Binding& operator[](Index index) const { return bindings_[index]; }
  std::size_t memory() const { return bindings_.memory() + by_inside_.memory(); }

 private:
  struct Hash {
    std::uint64_t secret;
    std::uint32_t operator()(Index host, std::uint16_t port, Protocol protocol) const {
      const std::uint64_t key =
          std::uint64_t{host} << 32 | std::uint64_t{port} << 8 | static_cast<std::uint64_t>(protocol);
      return keyed_hash(&key, sizeof key, secret);
    }
    std::uint32_t operator()(const Binding& known) const {
      return (*this)(known.host, known.inside_port, known.protocol);
    }
  };

  Hash hash_;
  Slab<Binding> bindings_;
  LinearHash<Binding, Hash> by_inside_;
};

}  // namespace dragoman::nat64
