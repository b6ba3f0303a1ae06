// RFC 4035 5.3: one RRset, its signatures, the keys of its zone.
#include <algorithm>

#include "dragoman/dnssec/zone_keys.h"
#include "openssl_handles.h"
#include "wire_octets.h"

namespace dragoman::dnssec {
namespace {

// RFC 1982 3.2, of 32 bits: whether `a` comes before `b`.
bool is_before(std::uint32_t a, std::uint32_t b) { return static_cast<std::int32_t>(a - b) < 0; }

std::uint32_t serial_of(WallTime now) {
  return static_cast<std::uint32_t>(std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count());
}

bool has_asterisk(dns::NameView name) {
  const Bytes label = name.first_label();
  return label.size() == 1 && label[0] == '*';
}

// RFC 4034 3.1.3: without the root, and without an asterisk in front.
int labels_of(dns::NameView owner) { return owner.label_count() - (has_asterisk(owner) ? 1 : 0); }

Reason judge_times(const dns::Rrsig& signature, std::uint32_t now) {
  if (is_before(signature.expiration, signature.inception)) return Reason::signature_never_valid;
  if (is_before(now, signature.inception)) return Reason::signature_not_yet_valid;
  if (is_before(signature.expiration, now)) return Reason::signature_expired;
  return Reason::none;
}

// How far a signature came, of those that did not hold.
bool came_further(Reason a, Reason b) {
  constexpr Reason order[] = {Reason::signature_missing,     Reason::key_missing,     Reason::key_not_of_zone,
                              Reason::signature_never_valid, Reason::signature_wrong, Reason::signature_not_yet_valid,
                              Reason::signature_expired,     Reason::too_much_work};
  const auto rank = [&](Reason reason) { return std::find(std::begin(order), std::end(order), reason); };
  return rank(a) > rank(b);
}

void append_small(std::vector<std::uint8_t>& out, dns::NameView name) {
  const std::size_t start = out.size();
  out.resize(start + name.length());
  dns::copy_lower_case(name, out.data() + start);
}

// The owner as it was signed: RFC 4035 5.3.2.
void append_signed_owner(std::vector<std::uint8_t>& out, dns::NameView owner, int labels) {
  int surplus = owner.label_count() - labels;
  if (surplus > 0) {
    for (; surplus > 0; --surplus) owner = owner.parent();
    out.insert(out.end(), {1, '*'});
  }
  append_small(out, owner);
}

std::size_t signed_size(const Rrset& rrset) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < rrset.size(); ++i) size += rrset.owner.view().length() + 10 + rrset.rdata(i).size();
  return size;
}

// RFC 4034 3.1.8.1: the RRSIG's RDATA without the signature, then the records.
std::vector<std::uint8_t> signed_data(const Rrset& rrset, const dns::Rrsig& signature) {
  std::vector<std::uint8_t> out;
  out.reserve(signed_size(rrset) + 18 + dns::max_name_length);
  append_fields(out, signature);
  append_small(out, signature.signer);
  const std::size_t start = out.size();
  append_signed_owner(out, rrset.owner, signature.labels);
  const std::vector<std::uint8_t> owner(out.begin() + static_cast<std::ptrdiff_t>(start), out.end());
  out.resize(start);
  for (std::size_t i = 0; i < rrset.size(); ++i) {
    const Bytes rdata = rrset.rdata(i);
    append(out, owner);
    append_u16(out, static_cast<std::uint16_t>(rrset.type));
    append_u16(out, static_cast<std::uint16_t>(dns::Class::in));
    append_u32(out, signature.original_ttl);
    append_u16(out, rdata.size());
    append(out, rdata);
  }
  return out;
}

using Sha256 = std::array<std::uint8_t, 32>;

// All zeros when it cannot be made.
Sha256 digest_of(Bytes data, Bytes signature) {
  Sha256 digest{};
  const DigestContext context(EVP_MD_CTX_new());
  const bool is_made = context && EVP_DigestInit_ex2(context.get(), sha256(), nullptr) == 1 &&
                       EVP_DigestUpdate(context.get(), data.data(), data.size()) == 1 &&
                       EVP_DigestUpdate(context.get(), signature.data(), signature.size()) == 1 &&
                       EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1;
  return is_made ? digest : Sha256{};
}

// One signature: the checks of 5.3.1, the cheap ones first, then the keys that may have made it.
class Verification {
 public:
  Verification(const Rrset& rrset, const ZoneKeys& keys, std::uint32_t now, Budget& budget)
      : rrset_(rrset), keys_(keys), now_(now), budget_(budget) {}

  Reason check(const dns::Rrsig& signature) {
    if (!dns::equal(signature.signer, keys_.zone) || !rrset_.owner.view().is_subdomain_of(keys_.zone) ||
        signature.labels > labels_of(rrset_.owner)) {
      return Reason::signature_wrong;
    }
    if (const Reason reason = judge_times(signature, now_); reason != Reason::none) return reason;
    Reason reason = Reason::key_missing;
    unsigned tried = 0;
    for (const ZoneKey& key : keys_.keys) {
      if (key.tag != signature.key_tag || key.algorithm != signature.algorithm) continue;
      const Reason found = key.may_sign() ? check(signature, key, tried) : why_not(key);
      if (found == Reason::none || found == Reason::too_much_work) return found;
      if (came_further(found, reason)) reason = found;
    }
    return reason;
  }

 private:
  static Reason why_not(const ZoneKey& key) {
    return (key.flags & ZoneKey::zone_key) == 0 ? Reason::key_not_of_zone : Reason::key_missing;  // revoked
  }
  Reason check(const dns::Rrsig& signature, const ZoneKey& key, unsigned& tried) {
    if (tried++ == budget_.limits().keys_per_tag) {
      budget_.note(Limit::keys_per_tag);
      return Reason::too_much_work;
    }
    if (!budget_.take_signed_octets(signed_size(rrset_))) return Reason::too_much_work;
    const std::vector<std::uint8_t> data = signed_data(rrset_, signature);
    const bool is_soa = rrset_.type == dns::Type::soa;
    const Sha256 digest = is_soa ? digest_of(data, signature.signature) : Sha256{};
    if (is_soa && digest != Sha256{} && digest == keys_.verified_soa) return Reason::none;
    if (!budget_.take_verification(key.key().cost())) return Reason::too_much_work;
    if (key.key().verifies(data, signature.signature)) {
      if (is_soa) keys_.verified_soa = digest;
      return Reason::none;
    }
    return budget_.note_failure() ? Reason::signature_wrong : Reason::too_much_work;
  }

  const Rrset& rrset_;
  const ZoneKeys& keys_;
  std::uint32_t now_;
  Budget& budget_;
};

}  // namespace

bool Verified::is_expanded(dns::NameView owner) const { return labels < labels_of(owner); }

Verified verify(const Rrset& rrset, const ZoneKeys& keys, WallTime now, Budget& budget) {
  const std::uint32_t serial = serial_of(now);
  Verification verification(rrset, keys, serial, budget);
  Verified best{Reason::signature_missing};
  std::size_t looked_at = 0;
  for (const dns::Rrsig& signature : rrset.signatures) {
    if (looked_at++ == budget.limits().signatures_per_rrset) {
      budget.note(Limit::signatures_per_rrset);
      return {Reason::too_much_work};
    }
    const Reason reason = verification.check(signature);
    if (reason == Reason::none) {
      const std::uint32_t left = signature.expiration - serial;
      return {Reason::none, std::min({rrset.ttl, signature.original_ttl, left}), signature.labels};
    }
    if (reason == Reason::too_much_work) return {reason};
    if (came_further(reason, best.reason)) best.reason = reason;
  }
  return best;
}

}  // namespace dragoman::dnssec
