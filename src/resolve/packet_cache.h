// Whole replies, by the octets of their queries, for as long as nothing can have changed: this second. The answer cache
// counts seconds, so that a reply made of it is the same, octet for octet, until the next one begins. Most queries of a
// busy worker are for names that somebody has asked for within the second; they are spared everything between the
// policy and the finished message. One per worker, worker thread only; allocates nothing after construction. Pure.
//
// The packets lie in one ring and leave in the order in which they came. A hit moves nothing, nor does the reply of a
// later second: it takes the place of the former one.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "dragoman/base/byte_ring.h"
#include "dragoman/base/bytes.h"
#include "dragoman/dns/name.h"
#include "dragoman/dns64/policy.h"
#include "dragoman/resolve/metrics.h"
#include "dragoman/resolve/query.h"
#include "inquiry.h"
#include "remembering.h"

namespace dragoman::resolve {

// What goes with a reply whenever it is sent.
struct PacketFacts {
  CacheHit hit{};
  std::optional<Dns64Result> dns64;
  ReplyCode code{};
  ReplyFacts reply;
  LedThroughNat64 led{};  // what the NAT64 is to hear
  // Where a synthesized one counts in the list of what still needs IPv4 (Ipv4OnlyNames::place_of); none: nowhere.
  std::optional<std::uint8_t> counts_for{};
};

// A reply with its query, as it lies in the ring: this, the query without its ID, the reply.
struct Packet {
  std::uint64_t hash;
  const dns64::Policy* policy;
  PacketFacts facts{};
  std::uint32_t second = 0;
  std::uint32_t repeated = 0;  // how often such a reply was sent after the first
  std::uint16_t query_length, reply_length;
  std::uint8_t name_length;
  Protocol protocol;

  Bytes query() const { return {octets(), query_length}; }
  Bytes reply() const { return {octets() + query_length, reply_length}; }
  dns::NameView name() const;  // that was asked for
  std::uint8_t* octets() { return reinterpret_cast<std::uint8_t*>(this + 1); }
  const std::uint8_t* octets() const { return reinterpret_cast<const std::uint8_t*>(this + 1); }
  std::size_t size() const { return size_for(query_length, reply_length); }
  static std::size_t size_for(std::size_t query_length, std::size_t reply_length);
};

class PacketCache {
 public:
  // What decides about a reply, the second aside. `query` is the whole message that was read into `inquiry`, with a
  // question, and must outlive the key. The policy belongs to the settings in force: forget_all() when they go.
  class Key {
   public:
    Key(Bytes query, const Inquiry& inquiry);

   private:
    friend class PacketCache;
    Bytes query_;  // without its ID
    const dns64::Policy* policy_;
    Protocol protocol_;
    std::uint8_t name_length_;
    std::uint64_t hash_;
  };

  // Queries and replies beyond this are not kept: they are rare, and one would take the room of many.
  static constexpr std::size_t max_query = 512, max_reply = 4096;

  // Uses `memory` octets, a sixteenth more for the index; 0: nothing is ever kept. `was_repeated` is told of every
  // packet that was repeated, before it is gone.
  PacketCache(std::size_t memory, std::function<void(const Packet&)> was_repeated);

  bool is_off() const { return ring_.capacity() == 0; }
  // What was kept last for the key, in whatever second; null: nothing. It is there until the next keep() or
  // forget_all().
  Packet* find(const Key& key);
  // `reply` with whatever ID; the next one that is sent has its own.
  void keep(const Key& key, std::uint32_t second, Bytes reply, const PacketFacts& facts);
  // At once, however many there are: no packet is found any more. They are told of as their room is needed.
  void forget_all();
  // Tells now of what was repeated since it was told last.
  void tell_all();

 private:
  // Where a packet lies: a tag of its hash, and its place in the ring and one more (0: the slot is free).
  struct Slot {
    std::uint32_t tag = 0, location = 0;
  };
  // One line of the processor's cache.
  struct alignas(64) Bucket {
    std::array<Slot, 8> slots;
  };

  Packet* at(std::size_t offset) const { return reinterpret_cast<Packet*>(memory_.get() + offset); }
  Bucket& bucket_of(std::uint64_t hash) { return buckets_[hash & (buckets_.size() - 1)]; }
  Slot* slot_of(const Key& key);
  Slot& free_slot(std::uint64_t hash);
  Packet* make(const Key& key, std::size_t reply_length);
  void tell(Packet& packet);
  void drop_oldest();

  std::function<void(const Packet&)> was_repeated_;
  ByteRing ring_;
  std::unique_ptr<std::byte[]> memory_;  // touched as it fills
  std::vector<Bucket> buckets_;          // a power of two
};

}  // namespace dragoman::resolve
