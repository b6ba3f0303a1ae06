// Whether an answer is authentic (RFC 4035 5): every RRset of its answer section, what its authority section denies,
// and the wildcards that it was expanded from. Asks for nothing itself: it says of which names the standing must be
// known, and judges when it is. Pure; one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "dragoman/dns/message_view.h"
#include "dragoman/dns/name.h"
#include "dragoman/dnssec/delegation.h"
#include "dragoman/dnssec/limits.h"
#include "dragoman/dnssec/rrset.h"
#include "dragoman/dnssec/verdict.h"

namespace dragoman::dnssec {

class AnswerCheck {
 public:
  // `message` is the answer behind its question, with an RCODE of NOERROR or NXDOMAIN; it must outlive this.
  // `ends_here`: the end of its chain is our own, which nobody signs, so that the rest is indeterminate at best.
  // `is_excepted`: names that are not validated (RFC 7646), though they may lie within a zone that is.
  AnswerCheck(const dns::MessageView& message, const Limits& limits, bool ends_here = false,
              std::function<bool(dns::NameView)> is_excepted = {});

  // Names whose standing judge() wants to know, without doubles: signers, owners of what is unsigned, the name that is
  // denied. Empty when the answer has too many RRsets.
  const std::vector<dns::Name>& subjects() const { return subjects_; }

  // The verdict over all of it, with the standing of each subject in order. Once.
  Verdict judge(std::span<const Standing> standings, WallTime now, Budget& budget);

  // -- After judge() said secure --

  // The TTL that a record of this owner, type (RRSIG: the type it covers) and section may have at most; nullopt for one
  // that nothing vouches for, and which is no part of the proof.
  std::optional<std::uint32_t> ttl_of(dns::Section section, const dns::Name& owner, dns::Type type) const;
  // Of a denial: the zone that it comes from, and its authentic NSEC or NSEC3 RRsets and SOA; empty of anything else.
  const dns::Name& denying_zone() const { return denying_zone_; }
  std::span<const Rrset* const> denial() const { return denial_; }

 private:
  static constexpr std::size_t none = ~std::size_t{0};
  static constexpr std::size_t most_signers = 2;  // of one RRset, as at the apex of a zone

  // What is to be found out of an RRset.
  struct Part {
    std::vector<std::size_t> subjects;  // its signers', or its owner's; empty: it follows from a DNAME
    std::size_t dname = none;           // that one
    bool is_wanted = false;             // of the answer section, or of a proof
    bool is_authentic = false;
    Verified verified{};
  };

  std::size_t subject(const dns::Name& name);
  void plan();
  void plan_rrset(std::size_t index);
  const Rrset* answer_at(const dns::Name& owner, dns::Type type) const;
  void plan_denial();
  std::size_t dname_of(const Rrset& cname) const;
  Verdict judge_rrset(std::size_t index, std::span<const Standing> standings, WallTime now, Budget& budget);
  Verdict judge_signed(std::size_t index, std::span<const Standing> standings, WallTime now, Budget& budget);
  Verdict judge_wildcard(std::size_t index, const ZoneKeys& keys, WallTime now, Budget& budget);
  Verdict judge_denial(std::span<const Standing> standings, WallTime now, Budget& budget);
  // The NSEC and NSEC3 RRsets of the authority section that are authentic under these keys. `reason` becomes why
  // another is not.
  std::vector<const Rrset*> authentic_denials(const ZoneKeys& keys, WallTime now, Budget& budget, Reason& reason);
  bool verify_part(std::size_t index, const ZoneKeys& keys, WallTime now, Budget& budget);

  const dns::MessageView& message_;
  std::vector<Rrset> rrsets_;
  std::vector<Part> parts_;  // of each RRset
  std::vector<dns::Name> subjects_;
  std::function<bool(dns::NameView)> is_excepted_;  // empty: none is
  bool is_too_large_ = false;
  bool ends_here_ = false;
  bool is_denial_ = false;
  dns::Name end_;  // of the chain of aliases
  std::size_t denial_subject_ = none;
  dns::Name denying_zone_;
  std::vector<const Rrset*> denial_;
};

}  // namespace dragoman::dnssec
