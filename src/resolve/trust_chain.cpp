// Downwards, label by label: a zone may begin at any of them.
#include "trust_chain.h"

#include <algorithm>

#include "dragoman/dns/whole_message.h"

namespace dragoman::resolve {
namespace {

using dnssec::Reason;

constexpr std::size_t most_names = 8192;  // remembered; a zone with its keys takes some 3 KB
constexpr std::uint32_t least_ttl_s = 1, most_ttl_s = 86400;
constexpr std::uint32_t failure_ttl_s = 5;  // RFC 9520 3.2: as for answers that nobody gives

// The labels of `name` that lie below `above`, the topmost first: names, one label longer each.
std::vector<dns::Name> names_below(dns::NameView above, dns::NameView name) {
  std::vector<dns::Name> names;
  for (; name.length() > above.length(); name = name.parent()) names.emplace_back(name);
  std::reverse(names.begin(), names.end());
  return names;
}

Place broken(Reason reason) { return {Place::Kind::zone, {dnssec::verdict_of(reason), {}}}; }

// Of a name that is no signed zone.
Place place_of(const dnssec::Delegation& found) {
  switch (found.kind) {
    case dnssec::DelegationKind::not_there:
      return {Place::Kind::inside, {}};
    case dnssec::DelegationKind::nonexistent:
      return {Place::Kind::absent, {}};
    default:
      return {Place::Kind::zone, {dnssec::verdict_of(found.reason), {}}};
  }
}

dns::Question question_of(const dns::Name& name, dns::Type type) { return {name, type, dns::Class::in}; }

}  // namespace

TrustChain::TrustChain(net::EventLoop& loop, ChainSource& source) : loop_(loop), source_(source), table_(most_names) {}

Task<dnssec::Standing> TrustChain::stand(dns::Name name, Validation& validation) {
  if (anchors_ != validation.anchors) {
    table_.clear();
    anchors_ = validation.anchors;
  }
  const dnssec::TrustAnchors& anchors = *validation.anchors;
  if (anchors.negative(name, validation.now) != nullptr) {
    co_return dnssec::Standing{dnssec::verdict_of(Reason::negative_trust_anchor), nullptr};
  }
  const dnssec::TrustAnchor* anchor = anchors.closest(name, validation.now);
  if (anchor == nullptr) co_return dnssec::Standing{};  // indeterminate

  Place place;
  if (const Place* known = table_.find(anchor->zone, loop_.now())) {
    place = *known;
  } else {
    place = co_await enter(anchor->zone, anchor->endorsed_by, most_ttl_s, validation);
  }
  dnssec::Standing zone = place.standing;
  for (const dns::Name& below : names_below(anchor->zone, name)) {
    if (!zone.is_secure()) break;
    if (const Place* known = table_.find(below, loop_.now())) {
      place = *known;
    } else {
      place = co_await look_below(zone.keys, below, validation);
    }
    if (place.kind == Place::Kind::absent) break;
    if (place.kind == Place::Kind::zone) zone = place.standing;
  }
  co_return zone;
}

// Twice, if what comes at first does not validate.
Task<Place> TrustChain::enter(dns::Name zone, dnssec::Endorsement by, std::uint32_t ttl, Validation& validation) {
  if (const auto insecure = dnssec::judge(by)) {
    co_return remember(zone, {Place::Kind::zone, {*insecure, {}}}, ttl, validation);
  }
  const unsigned before = validation.budget.verifications();
  Reason reason = Reason::chain_unreachable;
  for (const bool again : {false, true}) {
    if (!validation.budget.take_chain_lookup()) co_return broken(Reason::too_much_work);
    const auto answer = co_await source_.fetch(zone, dns::Type::dnskey, again);
    // Somebody else may have come this way in the meantime.
    if (const Place* known = table_.find(zone, loop_.now())) co_return *known;
    if (!answer) break;
    const dns::WholeMessage whole(question_of(zone, dns::Type::dnskey), answer->view());
    dnssec::Entrance found = dnssec::read_keys(whole.view(), zone, by, validation.now, validation.budget);
    if (found.standing.is_secure()) {
      co_return remember(zone, {Place::Kind::zone, std::move(found.standing)}, std::min(ttl, found.ttl), validation);
    }
    reason = found.standing.verdict.reason;
    if (reason == Reason::too_much_work) break;
  }
  co_return fail(zone, reason, validation.budget.verifications() - before, validation);
}

Task<Place> TrustChain::look_below(std::shared_ptr<const dnssec::ZoneKeys> zone, dns::Name name,
                                   Validation& validation) {
  const unsigned before = validation.budget.verifications();
  Reason reason = Reason::chain_unreachable;
  for (const bool again : {false, true}) {
    if (!validation.budget.take_chain_lookup()) co_return broken(Reason::too_much_work);
    const auto answer = co_await source_.fetch(name, dns::Type::ds, again);
    if (const Place* known = table_.find(name, loop_.now())) co_return *known;
    if (!answer) break;
    const dns::WholeMessage whole(question_of(name, dns::Type::ds), answer->view());
    const dnssec::Delegation found =
        dnssec::read_delegation(whole.view(), name, *zone, validation.now, validation.budget);
    if (found.kind == dnssec::DelegationKind::signed_there) {
      co_return co_await enter(name, found.endorsement, found.ttl, validation);
    }
    if (found.kind != dnssec::DelegationKind::broken) co_return remember(name, place_of(found), found.ttl, validation);
    reason = found.reason;
    if (reason == Reason::too_much_work) break;
  }
  co_return fail(name, reason, validation.budget.verifications() - before, validation);
}

Place TrustChain::remember(const dns::Name& name, Place place, std::uint32_t ttl, Validation& validation) {
  if (validation.checks != nullptr) {
    Check check{Clock::now(), name, Check::Kind::zone, place.standing.verdict, {}};
    if (place.kind == Place::Kind::inside) check.kind = Check::Kind::inside;
    if (place.kind == Place::Kind::absent) check.kind = Check::Kind::absent;
    if (place.standing.keys) {
      for (const dnssec::ZoneKey& key : place.standing.keys->keys) check.key_tags.push_back(key.tag);
    }
    validation.checks->push_back(std::move(check));
  }
  return table_.store(name, std::move(place), loop_.now() + seconds(std::clamp(ttl, least_ttl_s, most_ttl_s)));
}

// What ended for want of budget is remembered only of a name that spent it: a question that leads through somebody's
// expensive zone must not make others bogus that it comes to later.
Place TrustChain::fail(const dns::Name& name, Reason reason, unsigned spent, Validation& validation) {
  const Place place = broken(reason);
  if (validation.checks != nullptr) {
    validation.checks->push_back({Clock::now(), name, Check::Kind::zone, place.standing.verdict, {}});
  }
  if (reason == Reason::too_much_work && spent < validation.budget.limits().failures) return place;
  return table_.store(name, place, loop_.now() + seconds(failure_ttl_s));
}

}  // namespace dragoman::resolve
