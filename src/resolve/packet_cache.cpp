// A ring of packets, and buckets of slots that say where they lie. Where a bucket is full, one that comes takes another
// one's slot: the packet is still there and counted when it leaves the ring, but found no more.
#include "packet_cache.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

#include "dragoman/cache/answer_cache.h"

namespace dragoman::resolve {
namespace {

constexpr std::size_t id_length = 2, header_length = 12;
constexpr std::size_t usual_size = 256;  // of a packet: two slots for each, so that few buckets are full

// Places in the ring are told in units of eight octets.
std::uint32_t location_of(std::size_t offset) { return static_cast<std::uint32_t>(offset / alignof(Packet) + 1); }
std::size_t offset_of(std::uint32_t location) { return (std::size_t{location} - 1) * alignof(Packet); }

// The lower bits choose the bucket.
std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }

}  // namespace

dns::NameView Packet::name() const { return dns::NameView(query().subspan(header_length - id_length, name_length)); }

std::size_t Packet::size_for(std::size_t query_length, std::size_t reply_length) {
  return (sizeof(Packet) + query_length + reply_length + alignof(Packet) - 1) & ~(alignof(Packet) - 1);
}

PacketCache::Key::Key(Bytes query, const Inquiry& inquiry)
    : query_(query.subspan(id_length)),
      policy_(inquiry.policy),
      protocol_(inquiry.client.protocol),
      name_length_(static_cast<std::uint8_t>(inquiry.question.name.length())),
      hash_(cache::KeyHash::hash_of(query_)) {}

PacketCache::PacketCache(std::size_t memory, std::function<void(const Packet&)> was_repeated)
    : was_repeated_(std::move(was_repeated)),
      ring_(0, memory & ~(alignof(Packet) - 1)),
      memory_(std::make_unique_for_overwrite<std::byte[]>(ring_.capacity())),
      buckets_(std::bit_ceil(ring_.capacity() / usual_size * 2 / std::tuple_size_v<decltype(Bucket::slots)> + 1)) {}

PacketCache::Slot* PacketCache::slot_of(const Key& key) {
  const std::uint32_t tag = tag_of(key.hash_);
  for (Slot& slot : bucket_of(key.hash_).slots) {
    if (slot.tag != tag || slot.location == 0) continue;
    const Packet& packet = *at(offset_of(slot.location));
    const bool is_it = packet.hash == key.hash_ && packet.policy == key.policy_ && packet.protocol == key.protocol_ &&
                       packet.query_length == key.query_.size() &&
                       std::memcmp(packet.octets(), key.query_.data(), key.query_.size()) == 0;
    if (is_it) return &slot;
  }
  return nullptr;
}

Packet* PacketCache::find(const Key& key) {
  const Slot* slot = slot_of(key);
  return slot == nullptr ? nullptr : at(offset_of(slot->location));
}

void PacketCache::keep(const Key& key, std::uint32_t second, Bytes reply, const PacketFacts& facts) {
  Packet* packet = find(key);
  if (packet == nullptr || packet->reply_length != reply.size()) packet = make(key, reply.size());
  if (packet == nullptr) return;
  packet->facts = facts;
  packet->second = second;
  std::copy(reply.begin(), reply.end(), packet->octets() + packet->query_length);
}

// A new one, which has no reply yet. Null when it would be too large.
Packet* PacketCache::make(const Key& key, std::size_t reply_length) {
  const Bytes query = key.query_;
  const std::size_t size = Packet::size_for(query.size(), reply_length);
  if (query.size() > max_query || reply_length > max_reply || size > ring_.capacity() / 4) return nullptr;
  while (!ring_.fits(size)) drop_oldest();
  const std::size_t offset = ring_.push(size);
  auto* packet = new (memory_.get() + offset) Packet{.hash = key.hash_,
                                                     .policy = key.policy_,
                                                     .query_length = static_cast<std::uint16_t>(query.size()),
                                                     .reply_length = static_cast<std::uint16_t>(reply_length),
                                                     .name_length = key.name_length_,
                                                     .protocol = key.protocol_};
  std::copy(query.begin(), query.end(), packet->octets());
  Slot* slot = slot_of(key);
  if (slot == nullptr) slot = &free_slot(key.hash_);
  *slot = {tag_of(key.hash_), location_of(offset)};
  return packet;
}

// A free one, or any.
PacketCache::Slot& PacketCache::free_slot(std::uint64_t hash) {
  auto& slots = bucket_of(hash).slots;
  for (Slot& slot : slots) {
    if (slot.location == 0) return slot;
  }
  return slots[tag_of(hash) % slots.size()];
}

void PacketCache::drop_oldest() {
  const std::size_t offset = ring_.front();
  Packet& packet = *at(offset);
  tell(packet);
  for (Slot& slot : bucket_of(packet.hash).slots) {
    if (slot.location == location_of(offset)) slot = {};
  }
  ring_.pop(packet.size());
}

void PacketCache::tell(Packet& packet) {
  if (packet.repeated > 0) was_repeated_(packet);
  packet.repeated = 0;
}

void PacketCache::forget_all() { std::fill(buckets_.begin(), buckets_.end(), Bucket()); }

void PacketCache::tell_all() {
  for (ByteRing rest = ring_; !rest.is_empty();) {
    Packet& packet = *at(rest.front());
    tell(packet);
    rest.pop(packet.size());
  }
}

}  // namespace dragoman::resolve
