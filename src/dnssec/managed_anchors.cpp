// RFC 5011: the states of keys (4.1, 4.2), and when to look at them again (2.3).
#include "dragoman/dnssec/managed_anchors.h"

#include <algorithm>

#include "dragoman/dns/rdata.h"

namespace dragoman::dnssec {
namespace {

using std::chrono::days;
using Octets = std::vector<std::uint8_t>;
using Changes = std::vector<KeyChange>;
using Kind = KeyChange::Kind;

// RFC 5011 2.4.3 asks for five; whoever publishes more new keys than this at once is not rolling over.
constexpr std::size_t most_pending = 16;
// Revoked ones are remembered so that they never come back.
constexpr std::size_t most_keys = 64;

std::uint16_t flags_of(Bytes rdata) { return load_u16(rdata.data()); }

Octets without_revoke_bit(Bytes rdata) {
  Octets out(rdata.begin(), rdata.end());
  out[1] = static_cast<std::uint8_t>(out[1] & ~ZoneKey::revoke);
  return out;
}

// A key by itself, whatever its flags say: a revoked one still proves that its owner revoked it (RFC 5011 2.1).
ZoneKeys alone(const Rrset& dnskeys, const ZoneKey& key) {
  ZoneKeys out{dnskeys.owner, {}};
  ZoneKey& copy = out.keys.emplace_back();
  copy.tag = key.tag;
  copy.flags = static_cast<std::uint16_t>(key.flags & ~ZoneKey::revoke);
  copy.algorithm = key.algorithm;
  copy.rdata = key.rdata;
  return out;
}

std::vector<Octets> ds_of(const ZoneKey& key, dns::NameView zone, std::span<const Octets> awaited) {
  ZoneKey plain;
  plain.rdata = without_revoke_bit(key.rdata);
  plain.tag = dns::Dnskey::key_tag(plain.rdata);
  plain.algorithm = key.algorithm;
  std::vector<Octets> out;
  for (const Octets& rdata : awaited) {
    const auto ds = dns::Ds::read(rdata);
    if (ds && stands_for(*ds, zone, plain)) out.push_back(rdata);
  }
  return out;
}

const Sighting::Key* seen(const Sighting& sighting, const Octets& rdata, bool is_revoked) {
  const auto found = std::find_if(sighting.keys.begin(), sighting.keys.end(), [&](const Sighting::Key& key) {
    return key.rdata == rdata && key.is_revoked == is_revoked;
  });
  return found == sighting.keys.end() ? nullptr : &*found;
}

// The clock may have been set back: what began later than now begins now, so that no time is ever saved by it.
// The other way needs no care here: by a clock that is far ahead the signatures have expired, and nothing is taken.
bool has_passed(WallTime& since, seconds time, WallTime now) {
  since = std::min(since, now);
  return now - since >= time;
}

void enter(ManagedKey& key, KeyState state, WallTime now) {
  key.state = state;
  key.since = now;
  key.hold_down = seconds(0);
  key.witnesses.clear();
}

}  // namespace

std::string_view to_text(KeyState state) {
  return telemetry::LabelValues<KeyState>::values[static_cast<std::size_t>(state)];
}

std::string_view to_text(KeyChange::Kind kind) {
  static constexpr std::string_view texts[] = {"new, trusted after the hold-down time",
                                               "gone before it was trusted",
                                               "trusted",
                                               "missing, still trusted",
                                               "there again",
                                               "revoked, never trusted again",
                                               "removed"};
  return texts[static_cast<std::size_t>(kind)];
}

bool Sighting::Key::is_entry_point() const { return (flags_of(rdata) & ZoneKey::sep) != 0; }

ManagedAnchor::ManagedAnchor(TrustAnchor configured) : configured_(std::move(configured)) {
  awaited_ = configured_.endorsed_by.ds;
  for (const Octets& rdata : configured_.endorsed_by.dnskeys) keys_.push_back({rdata, KeyState::valid, {}, {}, {}});
}

TrustAnchor ManagedAnchor::trusted() const {
  TrustAnchor out{configured_.zone, {awaited_, {}}};
  for (const ManagedKey& key : keys_) {
    if (key.is_trusted()) out.endorsed_by.dnskeys.push_back(key.rdata);
  }
  return out;
}

ManagedKey* ManagedAnchor::find(const Octets& rdata) {
  const auto found =
      std::find_if(keys_.begin(), keys_.end(), [&](const ManagedKey& key) { return key.rdata == rdata; });
  return found == keys_.end() ? nullptr : &*found;
}

Sighting ManagedAnchor::look_at(const Rrset& dnskeys, WallTime now, Budget& budget) const {
  Sighting out;
  ZoneKeys all;
  out.reason = endorse(dnskeys, trusted().endorsed_by, now, budget, all).reason;
  for (const ZoneKey& key : all.keys) {
    if ((key.flags & ZoneKey::zone_key) == 0) continue;
    Sighting::Key& one = out.keys.emplace_back();
    one.rdata = without_revoke_bit(key.rdata);
    one.is_revoked = (key.flags & ZoneKey::revoke) != 0;
    one.ds = ds_of(key, dnskeys.owner, awaited_);
    const bool is_known = std::any_of(keys_.begin(), keys_.end(), [&](const ManagedKey& known) {
      return known.is_trusted() && known.rdata == one.rdata;
    });
    if (!is_known && one.ds.empty()) continue;  // its signature would tell nothing
    one.has_signed = verify(dnskeys, alone(dnskeys, key), now, budget).reason == Reason::none;
    if (one.has_signed) note_times(dnskeys, key, now, out);
  }
  return out;
}

// Of the signatures by this key.
void ManagedAnchor::note_times(const Rrset& dnskeys, const ZoneKey& key, WallTime now, Sighting& sighting) {
  const auto today = static_cast<std::uint32_t>(std::chrono::floor<seconds>(now).time_since_epoch().count());
  for (const dns::Rrsig& signature : dnskeys.signatures) {
    if (signature.key_tag != key.tag || signature.algorithm != key.algorithm) continue;
    const auto left = static_cast<std::int32_t>(signature.expiration - today);  // RFC 4034 3.1.5
    if (left < 0) continue;
    const bool is_first = sighting.signature_left == seconds(0);
    const seconds ttl(signature.original_ttl);
    sighting.original_ttl = is_first ? ttl : std::min(sighting.original_ttl, ttl);
    sighting.signature_left = is_first ? seconds(left) : std::min(sighting.signature_left, seconds(left));
  }
}

Changes ManagedAnchor::take(const Sighting& sighting, WallTime now, const RolloverTimes& times) {
  Changes changes;
  take_revocations(sighting, now, changes);
  if (sighting.reason != Reason::none) {
    note_failure(now, times);
    return changes;
  }
  take_configured(sighting, now, changes);
  take_known(sighting, now, times, changes);
  take_new(sighting, now, times, changes);
  refreshed_ = now;
  original_ttl_ = sighting.original_ttl;
  signature_left_ = sighting.signature_left;
  const seconds halves = std::min(original_ttl_ / 2, signature_left_ / 2);
  next_query_ = now + std::max(times.min_interval, std::min(times.max_interval, halves));  // RFC 5011 2.3
  return changes;
}

// At once and for ever, by the key's own signature alone (RFC 5011 2.1).
void ManagedAnchor::take_revocations(const Sighting& sighting, WallTime now, Changes& changes) {
  for (const Sighting::Key& key : sighting.keys) {
    if (!key.is_revoked || !key.has_signed) continue;
    ManagedKey* known = find(key.rdata);
    if (known == nullptr && !key.ds.empty()) known = &keys_.emplace_back(ManagedKey{.rdata = key.rdata});
    for (const Octets& ds : key.ds) std::erase(awaited_, ds);
    if (known == nullptr || !known->is_trusted()) continue;
    enter(*known, KeyState::revoked, now);
    changes.push_back({Kind::revoked, key.rdata});
  }
}

// The keys that configured DS records stand for have been trusted all along.
void ManagedAnchor::take_configured(const Sighting& sighting, WallTime now, Changes& changes) {
  for (const Sighting::Key& key : sighting.keys) {
    if (key.is_revoked || key.ds.empty()) continue;
    for (const Octets& ds : key.ds) std::erase(awaited_, ds);
    ManagedKey* known = find(key.rdata);
    if (known == nullptr) known = &keys_.emplace_back(ManagedKey{.rdata = key.rdata, .state = KeyState::add_pend});
    if (known->state != KeyState::add_pend) continue;
    enter(*known, KeyState::valid, now);
    changes.push_back({Kind::trusted, key.rdata});
  }
}

// RFC 5011 4.2: what it means for a key that is known to be there, or not to be.
void ManagedAnchor::take_known(const Sighting& sighting, WallTime now, const RolloverTimes& times, Changes& changes) {
  forget_pending(sighting, changes);
  const auto become = [&](ManagedKey& key, KeyState state, Kind kind) {
    enter(key, state, now);
    changes.push_back({kind, key.rdata});
  };
  for (ManagedKey& key : keys_) {
    const bool is_there = seen(sighting, key.rdata, false) != nullptr;
    const bool is_seen = is_there || seen(sighting, key.rdata, true) != nullptr;
    if (key.state == KeyState::add_pend && has_passed(key.since, key.hold_down, now)) {
      become(key, KeyState::valid, Kind::trusted);
    } else if (key.state == KeyState::valid && !is_there) {
      become(key, KeyState::missing, Kind::missing);
    } else if (key.state == KeyState::missing && is_there) {
      become(key, KeyState::valid, Kind::returned);
    } else if (key.state == KeyState::revoked && is_seen) {
      key.since = now;
    } else if (key.state == KeyState::revoked && has_passed(key.since, times.remove_hold_down, now)) {
      become(key, KeyState::removed, Kind::removed);
    }
  }
}

// Those that are gone, and those for which nobody who is trusted spoke.
void ManagedAnchor::forget_pending(const Sighting& sighting, Changes& changes) {
  std::vector<Octets> forgotten;
  for (const ManagedKey& key : keys_) {
    if (key.state != KeyState::add_pend) continue;
    if (seen(sighting, key.rdata, false) == nullptr || !has_witness(key)) forgotten.push_back(key.rdata);
  }
  for (const Octets& rdata : forgotten) {
    std::erase_if(keys_, [&](const ManagedKey& key) { return key.rdata == rdata; });
    changes.push_back({Kind::forgotten, rdata});
  }
}

// Whether one of the keys that had signed when it appeared is still trusted (RFC 5011 2.2).
bool ManagedAnchor::has_witness(const ManagedKey& pending) const {
  return std::any_of(pending.witnesses.begin(), pending.witnesses.end(), [&](const Octets& witness) {
    return std::any_of(keys_.begin(), keys_.end(),
                       [&](const ManagedKey& key) { return key.rdata == witness && key.is_trusted(); });
  });
}

void ManagedAnchor::take_new(const Sighting& sighting, WallTime now, const RolloverTimes& times, Changes& changes) {
  std::vector<Octets> witnesses;
  for (const Sighting::Key& key : sighting.keys) {
    const ManagedKey* known = find(key.rdata);
    if (key.has_signed && known != nullptr && known->is_trusted()) witnesses.push_back(key.rdata);
  }
  auto pending = static_cast<std::size_t>(
      std::count_if(keys_.begin(), keys_.end(), [](const ManagedKey& key) { return key.state == KeyState::add_pend; }));
  for (const Sighting::Key& key : sighting.keys) {
    if (key.is_revoked || !key.is_entry_point() || find(key.rdata) != nullptr) continue;
    if (pending == most_pending || keys_.size() == most_keys) break;
    ++pending;
    // RFC 5011 2.4.1: not before whoever had cached the old keys has seen the new one.
    const seconds hold_down = std::max(times.add_hold_down, sighting.original_ttl);
    keys_.push_back({key.rdata, KeyState::add_pend, now, hold_down, witnesses});
    changes.push_back({Kind::added_pending, key.rdata});
  }
}

void ManagedAnchor::note_failure(WallTime now, const RolloverTimes& times) {
  const seconds tenths = std::min(original_ttl_ / 10, signature_left_ / 10);
  next_query_ = now + std::max(times.min_interval, std::min<seconds>(days(1), tenths));  // RFC 5011 2.3
}

bool ManagedAnchor::is_due(WallTime now, const RolloverTimes& times) const {
  return now >= next_query_ || next_query_ - now > std::max(times.max_interval, times.min_interval);
}

}  // namespace dragoman::dnssec
