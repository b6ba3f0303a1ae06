// How much work one question may cause. Whoever writes a zone can make validation expensive: many keys with one tag and
// many signatures (KeyTrap, CVE-2023-50387), NSEC3 with many iterations and names with many labels (CVE-2023-50868),
// delegations without end. Each kind of work has a limit with a name and a counter; a question that reaches one is
// bogus with Reason::too_much_work, and costs at most some twenty times what an ordinary one costs. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "dragoman/telemetry/metric.h"

namespace dragoman::dnssec {

struct Limits {
  std::uint16_t rrsets_per_answer = 64;          // beyond: bogus
  std::uint16_t signatures_per_rrset = 8;        // that are looked at
  std::uint16_t keys_per_tag = 4;                // of one zone, algorithm and tag: honest zones have one
  std::uint16_t ds_per_zone = 8;                 // that are compared with keys
  std::uint16_t keys_per_zone = 64;              // that are read
  std::uint16_t verifications = 64;              // of signatures, the whole chain included, in units of P-256
  std::uint16_t failures = 8;                    // of those: honest zones have none
  std::uint32_t signed_octets = 1u << 20;        // that are hashed for those
  std::uint16_t nsec3_hashes = 128;              // of names, each with its iterations
  std::uint16_t nsec3_iterations = 50;           // beyond: insecure (RFC 9276 3.2)
  std::uint16_t nsec3_refused_iterations = 500;  // beyond: bogus
  std::uint16_t chain_lookups = 48;              // for DS and DNSKEY records
  friend bool operator==(const Limits&, const Limits&) = default;
};

// A limit that was reached; also a metric label.
enum class Limit : std::uint8_t {
  rrsets_per_answer,
  signatures_per_rrset,
  keys_per_tag,
  ds_per_zone,
  keys_per_zone,
  verifications,
  failures,
  signed_octets,
  nsec3_hashes,
  chain_lookups,
};

// What one question has left. One thread; made anew for each question of a client.
class Budget {
 public:
  explicit Budget(const Limits& limits) : limits_(limits) {}

  // False: it is spent, and nothing may be done. `cost` is that of the key, PublicKey::cost().
  bool take_verification(std::uint16_t cost = 1) {
    if (cost > limits_.verifications - verifications_) {
      note(Limit::verifications);
      return false;
    }
    verifications_ = static_cast<std::uint16_t>(verifications_ + cost);
    return true;
  }
  bool take_nsec3_hash() { return take(nsec3_hashes_, limits_.nsec3_hashes, Limit::nsec3_hashes); }
  bool take_chain_lookup() { return take(chain_lookups_, limits_.chain_lookups, Limit::chain_lookups); }
  // After a signature did not verify: false when there have been too many.
  bool note_failure() { return take(failures_, limits_.failures, Limit::failures); }
  bool take_signed_octets(std::size_t octets) {
    if (octets > limits_.signed_octets - signed_octets_) {
      note(Limit::signed_octets);
      return false;
    }
    signed_octets_ += static_cast<std::uint32_t>(octets);
    return true;
  }
  void note(Limit limit) {
    if (!exceeded_) exceeded_ = limit;
  }

  const Limits& limits() const { return limits_; }
  // The first limit that was reached.
  std::optional<Limit> exceeded() const { return exceeded_; }
  unsigned verifications() const { return verifications_; }
  unsigned nsec3_hashes() const { return nsec3_hashes_; }

 private:
  bool take(std::uint16_t& spent, std::uint16_t most, Limit limit) {
    if (spent >= most) {
      note(limit);
      return false;
    }
    ++spent;
    return true;
  }

  Limits limits_;
  std::uint16_t verifications_ = 0, failures_ = 0, nsec3_hashes_ = 0, chain_lookups_ = 0;
  std::uint32_t signed_octets_ = 0;
  std::optional<Limit> exceeded_;
};

}  // namespace dragoman::dnssec

namespace dragoman::telemetry {
template <>
struct LabelValues<dnssec::Limit> {
  static constexpr std::array<const char*, 10> values{
      "rrsets_per_answer", "signatures_per_rrset", "keys_per_tag", "ds_per_zone",  "keys_per_zone", "verifications",
      "failures",          "signed_octets",        "nsec3_hashes", "chain_lookups"};
};
}  // namespace dragoman::telemetry
