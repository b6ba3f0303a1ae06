// The static bindings (RFC 6146 3.1) seen from IPv4: which worker and which binding a configured (T, t) has. Every
// worker knows all of them, the bindings of its own alone. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "records.h"

namespace dragoman::nat64 {

class StaticBindings {
 public:
  struct Entry {
    unsigned worker = 0;
    Index binding = none;  // of that worker's; none when it is another's
  };

  bool empty() const { return entries_.empty(); }
  const Entry* find(std::uint32_t address, std::uint16_t port, Protocol protocol) const {
    if (entries_.empty()) return nullptr;
    const auto found = entries_.find(key(address, port, protocol));
    return found == entries_.end() ? nullptr : &found->second;
  }
  // Whether an address has any: it is ours, though it may not be of the pool.
  bool has(std::uint32_t address) const { return !entries_.empty() && addresses_.contains(address); }

  void set(std::uint32_t address, std::uint16_t port, Protocol protocol, const Entry& entry) {
    if (entries_.insert_or_assign(key(address, port, protocol), entry).second) ++addresses_[address];
  }
  void remove(std::uint32_t address, std::uint16_t port, Protocol protocol) {
    if (entries_.erase(key(address, port, protocol)) != 0 && --addresses_[address] == 0) addresses_.erase(address);
  }

 private:
  static std::uint64_t key(std::uint32_t address, std::uint16_t port, Protocol protocol) {
    return std::uint64_t{address} << 24 | std::uint64_t{port} << 8 | static_cast<std::uint64_t>(protocol);
  }
  // The keys are the configuration's: nobody can choose ones that collide.
  std::unordered_map<std::uint64_t, Entry> entries_;
  std::unordered_map<std::uint32_t, std::size_t> addresses_;
};

}  // namespace dragoman::nat64
