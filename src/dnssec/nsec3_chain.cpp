// Names by the order of their hashes.
#include "nsec3_chain.h"

#include <algorithm>
#include <array>

#include "dragoman/base/letter_case.h"
#include "dragoman/dns/rdata.h"

namespace dragoman::dnssec {
namespace {

constexpr std::uint8_t hash_algorithm_sha1 = 1;
constexpr std::uint8_t flag_opt_out = 1;
constexpr std::size_t base32_length = sizeof(Nsec3Hash) * 8 / 5;  // no bit is left over

// RFC 4648 7.
std::optional<unsigned> base32hex_value(std::uint8_t digit) {
  const std::uint8_t small = to_lower(digit);
  if (small >= '0' && small <= '9') return small - '0';
  if (small >= 'a' && small <= 'v') return small - 'a' + 10;
  return {};
}

std::optional<Nsec3Hash> hash_from(Bytes octets) {
  Nsec3Hash hash;
  if (octets.size() != hash.size()) return {};
  std::ranges::copy(octets, hash.begin());
  return hash;
}

// A name and all that are above it, by their numbers of labels.
class Ancestors {
 public:
  explicit Ancestors(dns::NameView name) : labels_(static_cast<std::size_t>(name.label_count())) {
    for (std::size_t depth = labels_; depth > 0; name = name.parent()) names_[depth--] = name;
  }
  std::size_t labels() const { return labels_; }
  dns::NameView operator[](std::size_t depth) const { return names_[depth]; }

 private:
  std::size_t labels_;
  std::array<dns::NameView, dns::max_name_length / 2 + 1> names_;
};

}  // namespace

bool operator==(const Nsec3Parameters& a, const Nsec3Parameters& b) {
  return a.iterations == b.iterations && std::ranges::equal(a.salt, b.salt);
}

std::optional<Nsec3Hash> nsec3_hash_of_owner(dns::NameView owner) {
  const Bytes label = owner.first_label();
  if (label.size() != base32_length) return {};
  Nsec3Hash hash;
  std::uint32_t pending = 0;
  unsigned bits = 0;
  auto out = hash.begin();
  for (const std::uint8_t digit : label) {
    const auto value = base32hex_value(digit);
    if (!value) return {};
    pending = pending << 5 | *value;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    *out++ = static_cast<std::uint8_t>(pending >> bits);
  }
  return hash;
}

std::optional<Nsec3Span> Nsec3Span::read(dns::NameView zone, dns::NameView owner, Bytes rdata) {
  const auto record = dns::Nsec3::read(rdata);
  if (!record || record->hash_algorithm != hash_algorithm_sha1 || (record->flags & ~flag_opt_out) != 0) return {};
  const auto types = TypeBitmap::read(record->types);
  const auto from = nsec3_hash_of_owner(owner), to = hash_from(record->next_hashed_owner);
  if (!types || !from || !to || !equal(owner.parent(), zone)) return {};
  return Nsec3Span{{record->iterations, record->salt}, *from, *to, (record->flags & flag_opt_out) != 0, *types};
}

bool Nsec3Span::covers(const Nsec3Hash& hash) const {
  // The last one leads back to the first; a single one covers all but itself.
  return owner < next ? owner < hash && hash < next : owner < hash || hash < next;
}

std::optional<Nsec3Hash> Nsec3Hashes::of(dns::NameView name, const Nsec3Parameters& parameters) {
  const auto known = std::ranges::find_if(
      known_, [&](const Known& one) { return equal(one.name, name) && one.parameters == parameters; });
  if (known != known_.end()) return known->hash;
  std::optional<Nsec3Hash> hash;
  if (budget_.take_nsec3_hash()) hash = nsec3_hash(name, parameters.salt, parameters.iterations);
  if (!hash) {
    is_spent_ = true;
    return {};
  }
  known_.push_back({parameters, name, *hash});
  return hash;
}

std::optional<TypeBitmap> Nsec3Chain::node(dns::NameView name) {
  const auto hash = hash_of(name);
  const Nsec3Span* span = hash ? matching(*hash, name) : nullptr;
  if (span == nullptr) return {};
  rests_on(*span);
  return span->types;
}

std::optional<DenialChain::Absence> Nsec3Chain::absence(dns::NameView name) {
  const Ancestors ancestors(name);
  const std::size_t labels = ancestors.labels();
  const Nsec3Span* encloser = nullptr;
  for (auto depth = static_cast<std::size_t>(zone().label_count()); depth <= labels; ++depth) {
    const auto hash = hash_of(ancestors[depth]);
    if (!hash) return {};
    if (encloser != nullptr) {
      if (const Nsec3Span* missing = covering(*hash)) {
        rests_on(*encloser);
        rests_on(*missing);
        return Absence{ancestors[depth - 1], missing->opt_out};
      }
    }
    encloser = matching(*hash, ancestors[depth]);
    if (encloser != nullptr && ends_zone(ancestors[depth], encloser->types)) return {};  // RFC 5155 8.3
  }
  return {};
}

std::optional<DenialChain::Absence> Nsec3Chain::child_absence(dns::NameView name) {
  const auto hash = hash_of(name);
  const Nsec3Span* missing = hash ? covering(*hash) : nullptr;
  if (missing == nullptr) return {};
  rests_on(*missing);
  return Absence{name.parent(), missing->opt_out};
}

const Nsec3Span* Nsec3Chain::matching(const Nsec3Hash& hash, dns::NameView name) {
  const Nsec3Span* span = matching(hash);
  if (span == nullptr) return nullptr;
  // The apex record of a zone below, as if it were this one's.
  return span->types.has(dns::Type::soa) && !equal(name, zone()) ? nullptr : span;
}

const Nsec3Span* ResponseNsec3Chain::matching(const Nsec3Hash& hash) {
  const auto span = std::ranges::find(spans_, hash, &Nsec3Span::owner);
  return span == spans_.end() ? nullptr : &*span;
}

const Nsec3Span* ResponseNsec3Chain::covering(const Nsec3Hash& hash) {
  const auto span = std::ranges::find_if(spans_, [&](const Nsec3Span& one) { return one.covers(hash); });
  return span == spans_.end() ? nullptr : &*span;
}

}  // namespace dragoman::dnssec
