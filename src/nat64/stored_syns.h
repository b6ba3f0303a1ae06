// IPv4 SYNs that came for a port that lets nobody in, kept for the IPv6 SYN that crosses them (simultaneous open,
// RFC 6146 3.5.2.2; RFC 5382 REQ-4). If none comes within TCP_INCOMING_SYN, the sender is told. Bounded: a flood pushes
// nothing out, newcomers are told at once. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <deque>
#include <optional>
#include <unordered_map>

#include "dragoman/nat64/packet.h"
#include "expiry_wheel.h"
#include "keyed_hash.h"

namespace dragoman::nat64 {

// (Z, z) -> (T, t).
struct SynTuple {
  std::uint32_t remote = 0;
  std::uint32_t address = 0;
  std::uint16_t remote_port = 0;
  std::uint16_t port = 0;
  friend bool operator==(const SynTuple&, const SynTuple&) = default;
};

class StoredSyns {
 public:
  static constexpr std::size_t most = 4096;
  // What an ICMP error quotes: the largest IPv4 header and eight octets more would do.
  static constexpr std::size_t kept_octets = 84;
  struct Syn {
    std::array<std::uint8_t, kept_octets> octets;
    std::size_t size = 0;
    Second deadline = 0;
  };
  enum class Result : std::uint8_t {
    stored,
    repeated,  // it is stored already; nothing changed
    full       // too many are stored
  };

  explicit StoredSyns(std::uint64_t secret) : by_tuple_(0, Hash{secret}) {}

  Result store(const SynTuple& tuple, const Packet& packet, Second deadline) {
    if (by_tuple_.contains(tuple)) return Result::repeated;
    if (by_tuple_.size() >= most) return Result::full;
    Syn& syn = by_tuple_[tuple];
    syn.size = packet.size < kept_octets ? packet.size : kept_octets;
    std::memcpy(syn.octets.data(), packet.data, syn.size);
    syn.deadline = deadline;
    in_order_.push_back({tuple, deadline});
    return Result::stored;
  }
  // The IPv6 SYN came. Whether one was stored.
  bool forget(const SynTuple& tuple) { return !by_tuple_.empty() && by_tuple_.erase(tuple) != 0; }
  // One that waited in vain.
  std::optional<Syn> take_expired(Second now) {
    while (!in_order_.empty() && in_order_.front().deadline <= now) {
      const Waiting first = in_order_.front();
      const auto found = by_tuple_.find(first.tuple);
      in_order_.pop_front();
      if (found == by_tuple_.end() || found->second.deadline != first.deadline) continue;  // forgotten meanwhile
      const Syn syn = found->second;
      by_tuple_.erase(found);
      return syn;
    }
    return std::nullopt;
  }

 private:
  struct Hash {
    std::uint64_t secret;
    std::size_t operator()(const SynTuple& tuple) const {
      const std::uint32_t key[3] = {tuple.remote, tuple.address, std::uint32_t{tuple.remote_port} << 16 | tuple.port};
      return keyed_hash(key, sizeof key, secret);
    }
  };
  struct Waiting {
    SynTuple tuple;
    Second deadline;
  };
  std::unordered_map<SynTuple, Syn, Hash> by_tuple_;
  std::deque<Waiting> in_order_;
};

}  // namespace dragoman::nat64
