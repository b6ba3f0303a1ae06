// S3-FIFO over two byte rings. See stripe.h.
#include "stripe.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

namespace dragoman::cache {
namespace {

constexpr std::size_t small_share = 10;  // small is a tenth, as in the paper
// One insert moves at most so many entries to the head of main before it evicts one that was asked for: the lock is
// held for a few microseconds at worst, also when everything in main is hot.
constexpr int max_spared = 32;

// A location is an offset in units of eight octets, and one more: zero is nowhere.
std::uint32_t location_of(std::size_t offset) { return static_cast<std::uint32_t>(offset / entry_alignment + 1); }
std::size_t offset_of(std::uint32_t location) { return (std::size_t{location} - 1) * entry_alignment; }

// The upper bits of the hash choose the stripe.
std::uint32_t tag_of_hash(std::uint64_t hash) { return static_cast<std::uint32_t>(hash); }

std::size_t round_down(std::size_t size) { return size & ~(entry_alignment - 1); }

}  // namespace

std::unique_lock<std::mutex> Stripe::hold() const {
  std::unique_lock held(lock_, std::try_to_lock);
  if (!held.owns_lock()) [[unlikely]] {
    waits_.fetch_add(1, std::memory_order_relaxed);
    held.lock();
  }
  return held;
}

void Stripe::open(std::size_t size, std::uint32_t max_stale) {
  max_stale_ = max_stale;
  std::size_t small = round_down(size / small_share);
  std::size_t main = round_down(size - small);
  small_ = ByteRing(0, small);
  main_ = ByteRing(small, main);
  // A fresh block of this size comes from the system untouched: a page is there when an entry lies in it.
  memory_ = std::make_unique_for_overwrite<std::byte[]>(small + main);
}

void Stripe::clear() {
  std::size_t size = small_.capacity() + main_.capacity();
  memory_.reset();
  index_ = Index();
  ghosts_ = {};
  open(size, max_stale_);
}

Entry* Stripe::find(const KeyHash& hash, Kind kind) {
  Bytes key = hash.octets();
  const bool is_failure = kind == Kind::failure;
  std::uint32_t location = index_.find(tag_of_hash(hash.value()), [&](std::uint32_t candidate) {
    const Entry& entry = *at(offset_of(candidate));
    Bytes found = entry.key();
    return found.size() == key.size() && std::memcmp(found.data(), key.data(), key.size()) == 0 &&
           (entry.is_failure != 0) == is_failure;
  });
  return location == Index::nowhere ? nullptr : at(offset_of(location));
}

Stripe::Place Stripe::replace(const KeyHash& hash, std::uint32_t now, Kind kind) {
  std::uint32_t tag = tag_of_hash(hash.value());
  Entry* old = find(hash, kind);
  if (old == nullptr) return {.in_main = is_haunted(tag)};

  auto offset = static_cast<std::size_t>(reinterpret_cast<std::byte*>(old) - memory_.get());
  index_.erase(tag, location_of(offset));
  old->is_dead = 1;
  if (old->is_expired(now)) ++expired_;
  return {.in_main = main_.holds(offset), .frequency = old->frequency};
}

Entry* Stripe::insert(const KeyHash& hash, std::size_t records_length, Place place, std::uint32_t now) {
  Bytes key = hash.octets();
  std::size_t size = Entry::size_for(key.size(), records_length);
  if (size > small_.capacity() / 4 || records_length > dns::max_message_length) return nullptr;

  place.in_main ? make_room_in_main(size, now) : make_room_in_small(size, now);
  std::size_t offset = (place.in_main ? main_ : small_).push(size);
  auto* entry = new (at(offset)) Entry;
  entry->name_length = static_cast<std::uint8_t>(key.size() - key_tail_length);
  entry->records_length = static_cast<std::uint16_t>(records_length);
  entry->frequency = place.frequency & max_frequency;
  std::memcpy(entry->octets(), key.data(), key.size());
  index_.insert(tag_of_hash(hash.value()), location_of(offset));
  ++insertions_;
  return entry;
}

void Stripe::make_room_in_small(std::size_t size, std::uint32_t now) {
  while (!small_.fits(size)) {
    Entry& oldest = *at(small_.front());
    if (goes_on_to_main(oldest, now)) {
      move_to_main(oldest, now);
      small_.pop(oldest.size());
      continue;
    }
    if (!oldest.is_dead && !oldest.is_expired(now)) haunt(tag_of(oldest));
    drop_front(small_, now);
  }
}

// What nobody asked for again goes on to main only into idle room: all of it, until main has filled for the first time.
// What is past its lifetime may not even have the room of its like.
bool Stripe::goes_on_to_main(const Entry& entry, std::uint32_t now) {
  if (entry.is_dead || entry.is_useless(now, max_stale_)) return false;
  if (entry.is_expired(now)) return main_has_idle_room(entry.size(), now, max_stale_);
  return entry.frequency > 0 || main_has_idle_room(entry.size(), now, 0);
}

void Stripe::move_to_main(Entry& entry, std::uint32_t now) {
  std::size_t size = entry.size();
  make_room_in_main(size, now);
  std::size_t offset = main_.push(size);
  std::memcpy(at(offset), &entry, size);
  at(offset)->frequency = 0;
  index_.move(tag_of(entry), location_of(small_.front()), location_of(offset));
}

void Stripe::make_room_in_main(std::size_t size, std::uint32_t now) {
  int spared = 0;
  while (!main_.fits(size)) {
    const Entry& oldest = *at(main_.front());
    const bool is_wanted = !oldest.is_dead && !oldest.is_expired(now) && oldest.frequency > 0;
    if (is_wanted && spared < max_spared) {
      spare_front();
      ++spared;
    } else {
      drop_front(main_, now);
    }
  }
}

// Room that is free, or taken by what is of no use any more: `max_stale` seconds past its lifetime.
bool Stripe::main_has_idle_room(std::size_t size, std::uint32_t now, std::uint32_t max_stale) {
  while (!main_.fits(size)) {
    const Entry& oldest = *at(main_.front());
    if (!oldest.is_dead && !oldest.is_useless(now, max_stale)) return false;
    drop_front(main_, now);
  }
  return true;
}

// Moves the oldest entry of main to its head. It fits, for the place that it leaves is free; the two may overlap.
void Stripe::spare_front() {
  const std::size_t from = main_.front();
  const std::size_t size = at(from)->size();
  const std::uint32_t tag = tag_of(*at(from));
  main_.pop(size);
  const std::size_t to = main_.push(size);
  std::memmove(at(to), at(from), size);
  Entry& entry = *at(to);
  entry.frequency = (entry.frequency - 1) & max_frequency;
  index_.move(tag, location_of(from), location_of(to));
}

void Stripe::drop_front(ByteRing& ring, std::uint32_t now) {
  const Entry& oldest = *at(ring.front());
  if (!oldest.is_dead) {
    ++(oldest.is_expired(now) ? expired_ : evictions_);
    index_.erase(tag_of(oldest), location_of(ring.front()));
  }
  ring.pop(oldest.size());
}

std::uint32_t Stripe::tag_of(const Entry& entry) { return tag_of_hash(KeyHash::hash_of(entry.key())); }

void Stripe::put(const KeyHash& hash, const dns::AnswerView& answer, const Keeping& keeping, std::uint32_t now) {
  const Place place = replace(hash, now, keeping.is_failure ? Kind::failure : Kind::answer);
  Entry* entry = insert(hash, answer.records.size(), place, now);
  if (entry == nullptr) return;
  entry->stored_at = now;
  entry->lifetime = keeping.lifetime;
  entry->set_head(answer.head);
  entry->is_failure = keeping.is_failure;
  MutableBytes records(entry->octets() + hash.octets().size(), answer.records.size());
  std::copy(answer.records.begin(), answer.records.end(), records.begin());
  if (keeping.changes_ttls) bound_ttls(answer, keeping, records);
}

// As many ghosts as there are entries when the first one is made: by then the stripe is full. A later one with the same
// lower bits takes the place of an earlier one.
void Stripe::haunt(std::uint32_t tag) {
  if (ghosts_.empty()) ghosts_.resize(std::bit_ceil(index_.size()));
  ghosts_[tag & (ghosts_.size() - 1)] = tag;
}

bool Stripe::is_haunted(std::uint32_t tag) const {
  return !ghosts_.empty() && ghosts_[tag & (ghosts_.size() - 1)] == tag;
}

void Stripe::add_to(Stats& stats) const {
  stats.entries += index_.size();
  stats.bytes += small_.used() + main_.used();
  stats.capacity += small_.capacity() + main_.capacity();
  stats.index_bytes += index_.bytes() + ghosts_.capacity() * sizeof ghosts_[0];
  stats.insertions += insertions_;
  stats.evictions += evictions_;
  stats.expired += expired_;
  stats.lock_waits += waits();
}

}  // namespace dragoman::cache
