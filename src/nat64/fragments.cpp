// A hash table of datagrams and their order in time: since all wait equally long, the order in which they began is that
// in which they time out, and a list keeps it.
#define XXH_INLINE_ALL
#include "fragments.h"

#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <list>
#include <unordered_map>
#include <utility>

#include "piece_set.h"

namespace dragoman::nat64 {
namespace {

struct KeyHash {
  std::uint64_t seed;

  std::size_t operator()(const FragmentKey& key) const {
    std::array<std::uint8_t, 38> octets;
    std::memcpy(octets.data(), key.source.data(), 16);
    std::memcpy(&octets[16], key.destination.data(), 16);
    std::memcpy(&octets[32], &key.id, 4);
    octets[36] = key.protocol;
    octets[37] = key.is_v6;
    return XXH3_64bits_withSeed(octets.data(), octets.size(), seed);
  }
};

enum class Phase : std::uint8_t {
  waiting,       // for the first fragment
  decided,       // the first fragment came; `verdict` holds
  reassembling,  // until all are there
  ended          // what comes until the timeout is dropped (RFC 5722)
};

struct Datagram;
using Entry = std::pair<const FragmentKey, Datagram>;
using ByAge = std::list<Entry*>;  // oldest first

struct Datagram {
  Phase phase = Phase::waiting;
  DropReason reason = DropReason::fragment_timeout;  // of pieces that time out
  std::uint16_t translated = 0;                      // octets from the front that went on, in order
  Fragments::Verdict verdict{};
  std::vector<Piece> held;  // waiting, in order of arrival
  PieceSet pieces;          // reassembling
  TimePoint begun;
  ByAge::iterator age;

  bool is_reassembling() const { return phase == Phase::reassembling || phase == Phase::ended; }
};
using Datagrams = std::unordered_map<FragmentKey, Datagram, KeyHash>;

// What the allocator adds to each allocation, and what a table takes for each entry beside it.
constexpr std::size_t allocation_cost = 16;
constexpr std::size_t record_cost = sizeof(Entry) + 3 * sizeof(void*) + allocation_cost +  // in the table
                                    3 * sizeof(void*) + allocation_cost;                   // in the list
// A vector may be twice as large as what is in it.
std::size_t piece_cost(std::size_t packet_size) {
  return 2 * sizeof(Piece) + allocation_cost + Piece::room_for(packet_size);
}

constexpr auto silently = [](DropReason, const Packet&) {};

}  // namespace

struct Fragments::State {
  State(std::size_t memory_limit, seconds time_limit, std::uint64_t seed)
      : memory(memory_limit), timeout(time_limit), datagrams(0, KeyHash{seed}) {}

  bool is_late(const Datagram& datagram, TimePoint now) const { return now - datagram.begun >= timeout; }
  std::size_t memory_of_packets() const { return memory - memory / 8; }

  bool has_room(std::size_t octets, std::size_t limit) const { return used + octets <= limit; }

  // What has timed out makes room before a newcomer is refused.
  void make_room(std::size_t octets, std::size_t limit, TimePoint now, OnDrop on_drop) {
    if (!has_room(octets + record_cost, limit)) expire(now, on_drop);
  }

  Datagram* find(const FragmentKey& key) {
    const auto found = datagrams.find(key);
    return found == datagrams.end() ? nullptr : &found->second;
  }

  // The datagram of this key, begun now if there is none. Null: no room below `limit`.
  Datagram* begin_or_find(const FragmentKey& key, std::size_t limit, TimePoint now, OnDrop on_drop) {
    auto found = datagrams.find(key);
    if (found != datagrams.end() && !is_late(found->second, now)) return &found->second;
    if (found != datagrams.end()) erase(*found, on_drop);
    if (!has_room(record_cost, limit)) return nullptr;
    found = datagrams.try_emplace(key).first;
    used += record_cost;
    found->second.age = by_age.insert(by_age.end(), &*found);
    begin_anew(found->second, now);
    return &found->second;
  }

  // The timeout begins again.
  void begin_anew(Datagram& datagram, TimePoint now) {
    latest = std::max(latest, now);
    datagram.begun = latest;
    by_age.splice(by_age.end(), by_age, datagram.age);
  }

  Piece keep(const Fragment& fragment) {
    used += piece_cost(fragment.packet.size);
    return copy_of(fragment);
  }

  void uncount(const Piece& piece) { used -= piece_cost(piece.size); }
  void drop(const Piece& piece, DropReason reason, OnDrop on_drop) {
    uncount(piece);
    on_drop(reason, piece.packet());
  }

  void drop_pieces(Datagram& datagram, DropReason reason, OnDrop on_drop) {
    for (const Piece& piece : std::exchange(datagram.held, {})) drop(piece, reason, on_drop);
    for (const Piece& piece : datagram.pieces.take()) drop(piece, reason, on_drop);
  }

  // RFC 5722: all of it, and what is still to come.
  void end(Datagram& datagram, DropReason reason, OnDrop on_drop) {
    drop_pieces(datagram, reason, on_drop);
    datagram.phase = Phase::ended;
  }

  void erase(Entry& entry, OnDrop on_drop) {
    drop_pieces(entry.second, entry.second.reason, on_drop);
    by_age.erase(entry.second.age);
    datagrams.erase(datagrams.find(entry.first));
    used -= record_cost;
  }

  void expire(TimePoint now, OnDrop on_drop) {
    for (std::size_t i = 0; i < max_expired && !by_age.empty(); ++i) {
      if (!is_late(by_age.front()->second, now)) return;
      erase(*by_age.front(), on_drop);
    }
  }

  // What waited for a first fragment, or came after one that was translated, turns out to be part of a datagram that
  // must be whole.
  void begin_reassembly(Datagram& datagram, DropReason reason, TimePoint now, OnDrop on_drop) {
    if (datagram.phase == Phase::decided) begin_anew(datagram, now);
    datagram.phase = Phase::reassembling;
    datagram.reason = reason;
    for (Piece& piece : std::exchange(datagram.held, {})) {
      if (datagram.phase == Phase::ended) {
        drop(piece, DropReason::fragment_overlap, on_drop);
      } else if (admit(datagram, piece.packet(), piece.place, on_drop)) {
        datagram.pieces.add(std::move(piece));
      } else {
        uncount(piece);
      }
    }
  }

  // Whether this fragment may be added. If not it is dropped, and with it all others if they contradict each other.
  bool admit(Datagram& datagram, const Packet& packet, const FragmentPlace& place, OnDrop on_drop) {
    const PieceSet::Fit fit =
        datagram.phase == Phase::ended ? PieceSet::Fit::contradiction : datagram.pieces.fit(packet, place);
    if (fit == PieceSet::Fit::fits) return true;
    on_drop(DropReason::fragment_overlap, packet);
    if (fit == PieceSet::Fit::contradiction) end(datagram, DropReason::fragment_overlap, on_drop);
    return false;
  }

  std::optional<Packet> complete(Datagram& datagram, const Fragment& last, OnDrop on_drop) {
    const std::optional<Packet> whole = datagram.pieces.join(last, room.get());
    if (!whole) {
      on_drop(DropReason::malformed, last.packet);
      drop_pieces(datagram, DropReason::malformed, on_drop);
    }
    erase(**datagram.age, silently);
    return whole;
  }

  std::size_t memory;
  seconds timeout;
  std::size_t used = 0;
  TimePoint latest{};  // the time of the newest one: the list stays in order even if the caller's time does not
  Datagrams datagrams;
  ByAge by_age;
  // Where a reassembled datagram is while others see it.
  std::unique_ptr<std::uint8_t[]> room =
      std::make_unique_for_overwrite<std::uint8_t[]>(Piece::room_for(Packet::max_size));
};

Fragments::Fragments(std::size_t memory, seconds timeout, std::uint64_t seed)
    : state_(std::make_unique<State>(memory, timeout, seed)) {}
Fragments::~Fragments() = default;

void Fragments::set_limits(std::size_t memory, seconds timeout) {
  state_->memory = memory;
  state_->timeout = timeout;
}

const Fragments::Verdict* Fragments::find(const FragmentKey& key) const {
  const Datagram* datagram = state_->find(key);
  return datagram != nullptr && datagram->phase == Phase::decided ? &datagram->verdict : nullptr;
}

void Fragments::remember(const FragmentKey& key, const Verdict& verdict, TimePoint now, OnDrop on_drop) {
  state_->make_room(0, state_->memory, now, on_drop);
  Datagram* datagram = state_->begin_or_find(key, state_->memory, now, on_drop);
  if (datagram == nullptr) return;
  if (datagram->is_reassembling()) return state_->end(*datagram, DropReason::fragment_overlap, on_drop);
  datagram->phase = Phase::decided;
  datagram->verdict = verdict;
  datagram->translated = 0;
  state_->begin_anew(*datagram, now);
}

void Fragments::note_translated(const FragmentKey& key, const FragmentPlace& place) {
  Datagram* datagram = state_->find(key);
  if (datagram == nullptr || datagram->phase != Phase::decided || datagram->translated != place.offset) return;
  datagram->translated = static_cast<std::uint16_t>(place.end());
  if (!place.more && datagram->held.empty()) state_->erase(**datagram->age, silently);
}

void Fragments::hold(const Fragment& fragment, TimePoint now, OnDrop on_drop) {
  const Packet& packet = fragment.packet;
  if (!is_well_formed(fragment.place, fragment.key.is_v6)) return on_drop(DropReason::malformed, packet);
  const std::size_t limit = state_->memory_of_packets();
  const std::size_t cost = piece_cost(packet.size);
  state_->make_room(cost, limit, now, on_drop);
  Datagram* datagram = state_->begin_or_find(fragment.key, limit, now, on_drop);
  if (datagram != nullptr && datagram->is_reassembling()) return on_drop(DropReason::fragment_overlap, packet);
  if (datagram == nullptr || datagram->held.size() >= max_pieces || !state_->has_room(cost, limit)) {
    return on_drop(DropReason::fragment_memory, packet);
  }
  datagram->held.push_back(state_->keep(fragment));
}

void Fragments::release(const FragmentKey& key, FunctionRef<void(Packet&)> each) {
  Datagram* datagram = state_->find(key);
  if (datagram == nullptr) return;
  for (const Piece& piece : std::exchange(datagram->held, {})) {
    state_->uncount(piece);
    Packet packet = piece.packet();
    each(packet);
  }
}

std::optional<Packet> Fragments::reassemble(const Fragment& fragment, DropReason reason, TimePoint now,
                                            OnDrop on_drop) {
  const Packet& packet = fragment.packet;
  auto refuse = [&](DropReason why) {
    on_drop(why, packet);
    return std::nullopt;
  };
  if (!is_well_formed(fragment.place, fragment.key.is_v6)) return refuse(DropReason::malformed);
  const std::size_t limit = state_->memory_of_packets();
  const std::size_t cost = piece_cost(packet.size);
  state_->make_room(cost, limit, now, on_drop);
  Datagram* datagram = state_->begin_or_find(fragment.key, limit, now, on_drop);
  if (datagram == nullptr) return refuse(DropReason::fragment_memory);
  if (!datagram->is_reassembling()) state_->begin_reassembly(*datagram, reason, now, on_drop);
  if (!state_->admit(*datagram, packet, fragment.place, on_drop)) return std::nullopt;
  if (datagram->pieces.is_completed_by(fragment.place)) return state_->complete(*datagram, fragment, on_drop);
  if (datagram->pieces.pieces().size() >= max_pieces || !state_->has_room(cost, limit)) {
    return refuse(DropReason::fragment_memory);
  }
  datagram->pieces.add(state_->keep(fragment));
  return std::nullopt;
}

bool Fragments::is_reassembling(const FragmentKey& key) const {
  const Datagram* datagram = state_->find(key);
  return datagram != nullptr && datagram->is_reassembling();
}

void Fragments::expire(TimePoint now, OnDrop on_drop) { state_->expire(now, on_drop); }

TimePoint Fragments::next_expiry() const {
  return state_->by_age.empty() ? TimePoint::max() : state_->by_age.front()->second.begun + state_->timeout;
}

std::size_t Fragments::held_octets() const { return state_->used; }

}  // namespace dragoman::nat64
