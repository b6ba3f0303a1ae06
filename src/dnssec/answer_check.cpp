// First what must be known, then what it comes to.
#include "dragoman/dnssec/answer_check.h"

#include <algorithm>

#include "denial.h"
#include "dragoman/dns/answer.h"

namespace dragoman::dnssec {
namespace {

// RDATA of a CNAME or DNAME is one name, expanded.
dns::Name target_of(const Rrset& rrset) { return dns::Name(dns::NameView(rrset.rdata(0))); }

// RFC 6672 2.2: `owner` with `suffix` replaced by `target`.
std::optional<dns::Name> substituted(const dns::Name& owner, const dns::Name& suffix, const dns::Name& target) {
  const Bytes wire = owner.view().wire();
  std::vector<std::uint8_t> front(wire.begin(), wire.end() - static_cast<std::ptrdiff_t>(suffix.view().length()));
  front.push_back(0);
  dns::Name name{dns::NameView(Bytes(front))};
  if (!name.append(target)) return {};
  return name;
}

// The worse of two, in the order bogus, insecure, indeterminate, secure.
Verdict worse(const Verdict& a, const Verdict& b) {
  const auto rank = [](const Verdict& verdict) {
    switch (verdict.security) {
      case Security::secure:
        return 0;
      case Security::indeterminate:
        return 1;
      case Security::insecure:
        return 2;
      case Security::bogus:
        break;
    }
    return 3;
  };
  return rank(b) > rank(a) ? b : a;
}

// Where DS records of a name belong to: the zone above (RFC 4035 3.1.4.1).
dns::Name home_of(const dns::Name& owner, dns::Type type) {
  return type == dns::Type::ds ? dns::Name(owner.view().parent()) : owner;
}

// Signers that can be right, the deepest first.
std::vector<dns::Name> plausible_signers(const Rrset& rrset, std::size_t most) {
  std::vector<dns::Name> signers;
  for (const dns::Rrsig& signature : rrset.signatures) {
    if (!home_of(rrset.owner, rrset.type).view().is_subdomain_of(signature.signer)) continue;
    const auto is_it = [&](const dns::Name& name) { return dns::equal(name, signature.signer); };
    if (std::none_of(signers.begin(), signers.end(), is_it)) signers.push_back(signature.signer);
  }
  std::sort(signers.begin(), signers.end(),
            [](const dns::Name& a, const dns::Name& b) { return a.view().label_count() > b.view().label_count(); });
  if (signers.size() > most) signers.resize(most);
  return signers;
}

// Or by nobody.
bool is_signed_by(const Rrset& rrset, const dns::Name& zone) {
  return rrset.signatures.empty() || std::ranges::any_of(rrset.signatures, [&](const dns::Rrsig& signature) {
           return dns::equal(signature.signer, zone);
         });
}

}  // namespace

AnswerCheck::AnswerCheck(const dns::MessageView& message, const Limits& limits, bool ends_here,
                         std::function<bool(dns::NameView)> is_excepted)
    : message_(message), is_excepted_(std::move(is_excepted)), ends_here_(ends_here) {
  auto rrsets = rrsets_of(message, limits.rrsets_per_answer);
  is_too_large_ = !rrsets;
  if (rrsets) rrsets_ = std::move(*rrsets);
  parts_.resize(rrsets_.size());
  if (!is_too_large_) plan();
}

std::size_t AnswerCheck::subject(const dns::Name& name) {
  const auto place =
      std::find_if(subjects_.begin(), subjects_.end(), [&](const dns::Name& one) { return dns::equal(one, name); });
  if (place != subjects_.end()) return static_cast<std::size_t>(place - subjects_.begin());
  subjects_.push_back(name);
  return subjects_.size() - 1;
}

// The answer section, link by link; what lies behind the chain's end is no part of the answer, and its verdict follows
// from its standing like any other's.
void AnswerCheck::plan() {
  const dns::Question& question = message_.question();
  end_ = question.name;
  for (std::size_t i = 0; i < rrsets_.size(); ++i) {
    if (rrsets_[i].section != dns::Section::answer) continue;
    parts_[i].is_wanted = true;
    plan_rrset(i);
  }
  // What lies elsewhere than at the end of the chain is no answer, whoever has signed it.
  bool has_data = answer_at(end_, question.type) != nullptr;
  for (std::size_t link = 0; !has_data && link <= dns::max_chain_links; ++link) {
    const Rrset* cname = answer_at(end_, dns::Type::cname);
    if (cname == nullptr) break;
    end_ = target_of(*cname);
    has_data = answer_at(end_, question.type) != nullptr;
  }
  if (ends_here_) return;
  is_denial_ = !has_data || message_.rcode() == dns::Rcode::nxdomain;
  if (is_denial_) plan_denial();
}

const Rrset* AnswerCheck::answer_at(const dns::Name& owner, dns::Type type) const {
  return find_rrset(rrsets_, dns::Section::answer, owner, type);
}

void AnswerCheck::plan_rrset(std::size_t index) {
  const Rrset& rrset = rrsets_[index];
  Part& part = parts_[index];
  if (rrset.type == dns::Type::cname && rrset.signatures.empty()) part.dname = dname_of(rrset);
  if (part.dname != none) return;
  const dns::Name home = home_of(rrset.owner, rrset.type);
  if (is_excepted_ && is_excepted_(home)) return part.subjects.push_back(subject(home));  // whoever has signed it
  for (const dns::Name& signer : plausible_signers(rrset, most_signers)) part.subjects.push_back(subject(signer));
  if (part.subjects.empty()) part.subjects.push_back(subject(home));
}

// The zone of a denial signs it; where nothing is signed, the name that is denied tells whether that may be.
void AnswerCheck::plan_denial() {
  const dns::Type type = message_.question().type;
  std::optional<dns::Name> signer;
  const bool is_excepted = is_excepted_ && is_excepted_(home_of(end_, type));
  for (const Rrset& rrset : rrsets_) {
    if (is_excepted) break;
    const bool may_tell =
        rrset.section == dns::Section::authority && (is_denial(rrset.type) || rrset.type == dns::Type::soa);
    if (!may_tell) continue;
    for (const dns::Rrsig& signature : rrset.signatures) {
      if (!home_of(end_, type).view().is_subdomain_of(signature.signer)) continue;
      if (!signer || is_denial(rrset.type)) signer = signature.signer;
    }
  }
  denial_subject_ = subject(signer.value_or(home_of(end_, type)));
}

// The DNAME that an unsigned CNAME follows from (RFC 6672 5.3.1).
std::size_t AnswerCheck::dname_of(const Rrset& cname) const {
  for (std::size_t i = 0; i < rrsets_.size(); ++i) {
    const Rrset& dname = rrsets_[i];
    if (dname.section != dns::Section::answer || dname.type != dns::Type::dname) continue;
    if (dns::equal(cname.owner, dname.owner) || !cname.owner.view().is_subdomain_of(dname.owner)) continue;
    const auto target = substituted(cname.owner, dname.owner, target_of(dname));
    if (target && dns::equal(*target, target_of(cname))) return i;
  }
  return none;
}

Verdict AnswerCheck::judge(std::span<const Standing> standings, WallTime now, Budget& budget) {
  if (is_too_large_) {
    budget.note(Limit::rrsets_per_answer);
    return verdict_of(Reason::too_much_work);
  }
  Verdict verdict = ends_here_ ? Verdict{} : secure;
  for (std::size_t i = 0; i < rrsets_.size(); ++i) {
    if (rrsets_[i].section != dns::Section::answer) continue;
    verdict = worse(verdict, judge_rrset(i, standings, now, budget));
    if (verdict.security == Security::bogus) return verdict;
  }
  if (is_denial_) verdict = worse(verdict, judge_denial(standings, now, budget));
  return verdict;
}

Verdict AnswerCheck::judge_rrset(std::size_t index, std::span<const Standing> standings, WallTime now, Budget& budget) {
  Part& part = parts_[index];
  if (part.dname != none) {
    part.is_authentic = true;  // when the DNAME is, which has a verdict of its own
    part.verified.ttl = rrsets_[index].ttl;
    return secure;
  }
  return judge_signed(index, standings, now, budget);
}

// The best that one of its signers, or its standing, makes of it.
Verdict AnswerCheck::judge_signed(std::size_t index, std::span<const Standing> standings, WallTime now,
                                  Budget& budget) {
  const Rrset& rrset = rrsets_[index];
  Verdict best = verdict_of(Reason::signature_missing);
  for (const std::size_t subject : parts_[index].subjects) {
    const Standing& standing = standings[subject];
    Verdict verdict = standing.verdict;
    if (standing.is_secure()) {
      // What says that it signed is no zone of its own: then it lies.
      const bool is_signer = !rrset.signatures.empty() && dns::equal(standing.keys->zone, subjects_[subject]);
      if (is_signer) {
        verdict = verify_part(index, *standing.keys, now, budget) ? judge_wildcard(index, *standing.keys, now, budget)
                                                                  : verdict_of(parts_[index].verified.reason);
      } else {
        verdict = verdict_of(rrset.signatures.empty() ? Reason::signature_missing : Reason::signature_wrong);
      }
    }
    if (verdict.security != Security::bogus) return verdict;
    best = verdict;
    if (verdict.reason == Reason::too_much_work) break;
  }
  return best;
}

bool AnswerCheck::verify_part(std::size_t index, const ZoneKeys& keys, WallTime now, Budget& budget) {
  Part& part = parts_[index];
  if (part.is_authentic) return true;
  part.verified = verify(rrsets_[index], keys, now, budget);
  part.is_authentic = part.verified.reason == Reason::none;
  return part.is_authentic;
}

// RFC 4035 5.3.4.
Verdict AnswerCheck::judge_wildcard(std::size_t index, const ZoneKeys& keys, WallTime now, Budget& budget) {
  const Rrset& rrset = rrsets_[index];
  const Verified& verified = parts_[index].verified;
  if (!verified.is_expanded(rrset.owner)) return secure;
  // No NSEC record, DNAME or delegation is made of a wildcard.
  if (is_denial(rrset.type) || rrset.type == dns::Type::ds || rrset.type == dns::Type::dnskey) {
    return verdict_of(Reason::wildcard_unproven);
  }
  Reason reason = Reason::denial_missing;
  const std::vector<const Rrset*> denials = authentic_denials(keys, now, budget, reason);
  reason = Denial(keys.zone, denials, budget).wildcard_answer(rrset.owner, verified.labels);
  return verdict_of(reason == Reason::denial_missing ? Reason::wildcard_unproven : reason);
}

std::vector<const Rrset*> AnswerCheck::authentic_denials(const ZoneKeys& keys, WallTime now, Budget& budget,
                                                         Reason& reason) {
  std::vector<const Rrset*> authentic;
  for (std::size_t i = 0; i < rrsets_.size(); ++i) {
    const Rrset& rrset = rrsets_[i];
    if (rrset.section != dns::Section::authority || !is_denial(rrset.type)) continue;
    if (!is_signed_by(rrset, keys.zone)) continue;  // of another zone on the way
    if (!verify_part(i, keys, now, budget)) {
      reason = parts_[i].verified.reason;
    } else if (!parts_[i].verified.is_expanded(rrset.owner)) {
      parts_[i].is_wanted = true;
      authentic.push_back(&rrset);
    }
  }
  return authentic;
}

Verdict AnswerCheck::judge_denial(std::span<const Standing> standings, WallTime now, Budget& budget) {
  const Standing& standing = standings[denial_subject_];
  if (!standing.is_secure()) return standing.verdict;
  const ZoneKeys& keys = *standing.keys;
  Reason why_not = Reason::denial_missing;
  denial_ = authentic_denials(keys, now, budget, why_not);
  Denial denial(keys.zone, denial_, budget);
  const bool is_nxdomain = message_.rcode() == dns::Rcode::nxdomain;
  const Reason reason = is_nxdomain ? denial.nxdomain(end_) : denial.nodata(end_, message_.question().type);
  if (reason == Reason::denial_missing) return verdict_of(why_not);
  if (reason != Reason::none) return verdict_of(reason);
  // The SOA says how long the denial holds (RFC 2308 5), so it must be the zone's own.
  for (std::size_t i = 0; i < rrsets_.size(); ++i) {
    const Rrset& rrset = rrsets_[i];
    if (rrset.section != dns::Section::authority || rrset.type != dns::Type::soa) continue;
    if (!dns::equal(rrset.owner, keys.zone)) continue;
    if (!verify_part(i, keys, now, budget)) return verdict_of(parts_[i].verified.reason);
    parts_[i].is_wanted = true;
    denial_.push_back(&rrset);
  }
  denying_zone_ = keys.zone;
  return secure;
}

std::optional<std::uint32_t> AnswerCheck::ttl_of(dns::Section section, const dns::Name& owner, dns::Type type) const {
  const Rrset* rrset = find_rrset(rrsets_, section, owner, type);
  if (rrset == nullptr) return {};
  const Part& part = parts_[static_cast<std::size_t>(rrset - rrsets_.data())];
  if (!part.is_wanted || !part.is_authentic) return {};
  return part.verified.ttl;
}

}  // namespace dragoman::dnssec
