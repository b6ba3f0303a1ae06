// Names that do not exist: NXDOMAIN is said of a name, not of the question that found it out, so it holds for every
// type (RFC 2308 5) and for everything below (RFC 8020 2). The answer lies under its question like any other. Beside
// it, a note under the name alone says which question that was; a note that outlives the answer says nothing.
#include <array>
#include <mutex>

#include "dragoman/cache/answer_cache.h"
#include "dragoman/dns/message_writer.h"
#include "keeping.h"
#include "stripe.h"

namespace dragoman::cache {
namespace {

constexpr std::size_t note_length = 2;            // a type
constexpr std::size_t largest_denial = 4u << 10;  // octets of records; with NSEC3 and signatures some 2 KiB

// The records of the answer to `from`, put behind the question of `key`: their pointers are relative to it.
std::optional<dns::AnswerView> behind_question(const Key& key, dns::NameView from, const dns::AnswerView& answer,
                                               MutableBytes out) {
  dns::MessageWriter writer(out);
  writer.question(key.name, key.type, dns::Class::in);
  dns::AnswerRecords records(answer);
  for (dns::AnswerRecord record; records.next(record);) dns::copy_record(answer, from, record, record.ttl, writer);
  if (!writer.ok()) return {};
  dns::AnswerView copy{answer.head, writer.records(), static_cast<std::uint16_t>(key.name.length() + 4)};
  return copy;
}

}  // namespace

// A name whose addresses are known exists, whatever is said of its other types: there are servers that deny whole names
// when they mean a type (RFC 4074 4.2).
void AnswerCache::note_denial(const Key& key, std::uint32_t lifetime, TimePoint now) {
  if (has_data(key, dns::Type::a, now) || has_data(key, dns::Type::aaaa, now)) return;
  std::array<std::uint8_t, note_length> type;
  store_u16(type.data(), static_cast<std::uint16_t>(key.type));
  const KeyHash hash = KeyHash::of_denial(key);
  Stripe& stripe = stripe_of(hash);
  const auto held = stripe.hold();
  stripe.put(hash, {.head = {.rcode = dns::Rcode::nxdomain}, .records = type}, {.lifetime = lifetime}, seconds_of(now));
}

void AnswerCache::forget_denial(const Key& key, TimePoint now) {
  const KeyHash hash = KeyHash::of_denial(key);
  Stripe& stripe = stripe_of(hash);
  const auto held = stripe.hold();
  stripe.replace(hash, seconds_of(now));
}

bool AnswerCache::has_data(const Key& key, dns::Type type, TimePoint now) const {
  Key other = key;
  other.type = type;
  const KeyHash hash(other);
  Stripe& stripe = stripe_of(hash);
  const auto held = stripe.hold();
  const Entry* entry = stripe.find(hash);
  return entry != nullptr && !entry->is_expired(seconds_of(now)) && entry->answers > 0 &&
         entry->head().rcode == dns::Rcode::noerror;
}

// The type whose answer denies the name of `key`.
std::optional<dns::Type> AnswerCache::denied_by(const Key& key, TimePoint now) const {
  const KeyHash hash = KeyHash::of_denial(key);
  Stripe& stripe = stripe_of(hash);
  const auto held = stripe.hold();
  const Entry* entry = stripe.find(hash);
  if (entry == nullptr || entry->is_expired(seconds_of(now))) return {};
  return static_cast<dns::Type>(load_u16(entry->records().data()));
}

std::optional<dns::AnswerView> AnswerCache::find_denial(const Key& key, TimePoint now, MutableBytes out,
                                                        dns::NameView highest) {
  std::array<std::uint8_t, largest_denial> room;
  Key denied = key;
  for (; !denied.name.is_root(); denied.name = denied.name.parent()) {
    if (const auto type = denied_by(denied, now)) {
      denied.type = *type;
      const auto hit = find(denied, KeyHash(denied), now, room);
      const bool holds = hit && hit->head.rcode == dns::Rcode::nxdomain && hit->head.answers == 0 && !hit->is_stale;
      const auto length = static_cast<std::uint16_t>(denied.name.length() + 4);
      if (holds) return behind_question(key, denied.name, {hit->head, Bytes(room).first(hit->length), length}, out);
    }
    if (!options_.nxdomain_cut || denied.name.length() <= highest.length()) break;
  }
  return {};
}

}  // namespace dragoman::cache
