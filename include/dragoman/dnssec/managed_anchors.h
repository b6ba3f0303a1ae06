// Trust anchors that follow the roll-over of their zone's keys by themselves (RFC 5011): what a zone's DNSKEY records
// do to the keys that are trusted. A state machine: records and the time go in. Pure; one thread.
//
// What the zone was configured with is trusted from the beginning. A key that joins it is trusted after it has been
// there for the hold-down time, in records that trusted keys signed; a key that revokes itself never again. A trusted
// key that is only gone stays trusted.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/base/result.h"
#include "dragoman/base/time.h"
#include "dragoman/base/wall_time.h"
#include "dragoman/dnssec/trust_anchors.h"
#include "dragoman/telemetry/metric.h"

namespace dragoman::dnssec {

// Start is not among them: a key in that state is not known.
enum class KeyState : std::uint8_t {
  add_pend,  // new, and not trusted yet
  valid,
  missing,  // trusted, and not among the zone's keys when they were last seen
  revoked,  // by itself; never trusted again
  removed,  // revoked, and gone for the remove hold-down time
};
constexpr std::size_t key_state_count = static_cast<std::size_t>(KeyState::removed) + 1;
std::string_view to_text(KeyState state);

// The defaults are RFC 5011's; others are for zones of one's own, and for trying things out.
struct RolloverTimes {
  seconds add_hold_down = std::chrono::days(30);     // 2.4.1
  seconds remove_hold_down = std::chrono::days(30);  // 2.4.2
  seconds min_interval = std::chrono::hours(1);      // between two queries, 2.3
  seconds max_interval = std::chrono::days(15);
  friend bool operator==(const RolloverTimes&, const RolloverTimes&) = default;
};

struct ManagedKey {
  std::vector<std::uint8_t> rdata;  // of the DNSKEY record, without the revoke bit
  KeyState state = KeyState::valid;
  WallTime since{};                                    // when it came into that state; revoked: when it was last seen
  seconds hold_down{0};                                // add_pend: how long
  std::vector<std::vector<std::uint8_t>> witnesses{};  // add_pend: the trusted keys that had signed it when it appeared
  bool is_trusted() const { return state == KeyState::valid || state == KeyState::missing; }
  friend bool operator==(const ManagedKey&, const ManagedKey&) = default;
};

// One DNSKEY RRset, looked at with the keys that are trusted: what the state machine goes by.
struct Sighting {
  struct Key {
    std::vector<std::uint8_t> rdata;            // without the revoke bit
    bool is_revoked = false;                    // that bit
    bool has_signed = false;                    // the RRset, and the signature holds
    std::vector<std::vector<std::uint8_t>> ds;  // the awaited DS records that stand for it

    bool is_entry_point() const;  // has the SEP flag (RFC 4034 2.1.1): others never become anchors by themselves
  };
  Reason reason = Reason::none;  // why no trusted key vouches for the RRset; none: one does
  std::vector<Key> keys;
  seconds original_ttl{0};    // of the signatures that hold, the smallest (RFC 4034 3.1.4) ...
  seconds signature_left{0};  // ... and the time until the first of them expires
};

// A change that people should hear of.
struct KeyChange {
  enum class Kind : std::uint8_t { added_pending, forgotten, trusted, missing, returned, revoked, removed };
  Kind kind;
  std::vector<std::uint8_t> rdata;
};
std::string_view to_text(KeyChange::Kind kind);

class ManagedAnchor {
 public:
  // Trusts what the anchor says.
  explicit ManagedAnchor(TrustAnchor configured);

  // Looks at the DNSKEY records of the zone.
  Sighting look_at(const Rrset& dnskeys, WallTime now, Budget& budget) const;
  // What the records mean. Without trusted keys that vouch for them, revocations alone.
  std::vector<KeyChange> take(const Sighting& sighting, WallTime now, const RolloverTimes& times);
  // That nobody gave the records.
  void note_failure(WallTime now, const RolloverTimes& times);
  // Whether it is time to ask for them. A clock that was set back makes it so, too.
  bool is_due(WallTime now, const RolloverTimes& times) const;

  const dns::Name& zone() const { return configured_.zone; }
  // What it began with: another configuration begins anew.
  const TrustAnchor& configured() const { return configured_; }
  std::span<const ManagedKey> keys() const { return keys_; }
  // Configured DS records whose keys have not been seen yet; trusted like them.
  std::span<const std::vector<std::uint8_t>> awaited() const { return awaited_; }
  // What is trusted now. Without DS and DNSKEY records the zone is no anchor any more (RFC 5011 5).
  TrustAnchor trusted() const;
  std::optional<WallTime> refreshed() const { return refreshed_; }  // when trusted keys last vouched for the records
  WallTime next_query() const { return next_query_; }

  friend bool operator==(const ManagedAnchor&, const ManagedAnchor&) = default;

 private:
  friend class AnchorStateReader;
  friend std::string to_text(std::span<const ManagedAnchor> anchors);
  static void note_times(const Rrset& dnskeys, const ZoneKey& key, WallTime now, Sighting& sighting);
  ManagedKey* find(const std::vector<std::uint8_t>& rdata);
  bool has_witness(const ManagedKey& pending) const;
  void take_revocations(const Sighting& sighting, WallTime now, std::vector<KeyChange>& changes);
  void take_configured(const Sighting& sighting, WallTime now, std::vector<KeyChange>& changes);
  void take_known(const Sighting& sighting, WallTime now, const RolloverTimes& times, std::vector<KeyChange>& changes);
  void forget_pending(const Sighting& sighting, std::vector<KeyChange>& changes);
  void take_new(const Sighting& sighting, WallTime now, const RolloverTimes& times, std::vector<KeyChange>& changes);

  TrustAnchor configured_;
  std::vector<std::vector<std::uint8_t>> awaited_;
  std::vector<ManagedKey> keys_;
  std::optional<WallTime> refreshed_;
  WallTime next_query_{};
  seconds original_ttl_{0}, signature_left_{0};  // of the last sighting, for the time of the next try
};

// The state as text, to be kept in a file: one line for each fact. Reading refuses what is not whole; the Error's
// detail begins with the line's number.
std::string to_text(std::span<const ManagedAnchor> anchors);
Result<std::vector<ManagedAnchor>> parse_managed_anchors(std::string_view text);

}  // namespace dragoman::dnssec

namespace dragoman::telemetry {
template <>
struct LabelValues<dnssec::KeyState> {
  static constexpr std::array<const char*, dnssec::key_state_count> values{"add_pend", "valid", "missing", "revoked",
                                                                           "removed"};
};
}  // namespace dragoman::telemetry
