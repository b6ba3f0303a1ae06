// Prove it, then write down what it was proven by.
#include "dragoman/dnssec/denial_cache.h"

#include <algorithm>

#include "denial_chain.h"
#include "denial_store.h"
#include "known_chains.h"

namespace dragoman::dnssec {
namespace {

// Not those that stand for other types or for none (RFC 6895 3.1), and not signatures, which have none themselves.
bool may_be_denied(const dns::Question& question) {
  const auto number = static_cast<unsigned>(question.type);
  const bool is_data = number != 0 && (number < 128 || number > 255);
  return question.klass == dns::Class::in && is_data && question.type != dns::Type::rrsig &&
         question.type != dns::Type::opt;
}

// NODATA first: a compact denial says that of all types (RFC 9824 2).
std::optional<dns::Rcode> prove(DenialChain& chain, const dns::Question& question) {
  const Sight sight = look(chain, question.name);
  if (prove_nodata(chain, question.name, question.type, sight) == Reason::none) return dns::Rcode::noerror;
  // What has been looked at in vain was a wildcard that is there: then there is no such proof either.
  if (prove_nxdomain(chain, sight) == Reason::none) return dns::Rcode::nxdomain;
  return {};
}

void write(dns::MessageWriter& writer, const KeptRrset& kept, std::uint32_t ttl, bool with_signatures) {
  writer.record(dns::Section::authority, kept.owner(), kept.type(), ttl, kept.rdata());
  if (!with_signatures) return;
  kept.each_signature(
      [&](Bytes rdata) { writer.record(dns::Section::authority, kept.owner(), dns::Type::rrsig, ttl, rdata); });
}

}  // namespace

struct DenialCache::State {
  explicit State(const Options& of) : options(of), store(of.bytes) {}

  std::optional<dns::Rcode> prove_by(KnownZone& zone, const dns::Question& question, TimePoint now,
                                     Witnesses& witnesses) {
    if (zone.nsec3_parameters() == nullptr) {
      KnownNsecChain chain(zone, now, witnesses);
      return prove(chain, question);
    }
    KnownNsec3Chain chain(zone, now, witnesses, options.digests_per_find);
    const auto rcode = prove(chain, question);
    nsec3_hashes += chain.hashes();
    return rcode;
  }

  bool is_too_slow(const Rrset& rrset) const {
    constexpr std::size_t iterations_at = 2;  // RFC 5155 3.2
    return rrset.type == dns::Type::nsec3 && rrset.size() == 1 && rrset.rdata(0).size() >= iterations_at + 2 &&
           load_u16(rrset.rdata(0).data() + iterations_at) > options.nsec3_iterations;
  }

  Options options;
  DenialStore store;
  std::uint64_t learned = 0, nodata = 0, nxdomain = 0, nsec3_hashes = 0;
};

DenialCache::DenialCache(const Options& options) : state_(std::make_unique<State>(options)) {}
DenialCache::~DenialCache() = default;

void DenialCache::learn(dns::NameView zone_name, std::span<const Authentic> rrsets, TimePoint now) {
  KnownZone& zone = state_->store.zone(zone_name);
  const auto until = [&](std::uint32_t ttl) { return now + seconds(std::min(ttl, state_->options.max_ttl)); };
  for (const auto& [rrset, ttl] : rrsets) {
    if (rrset->type == dns::Type::soa) state_->store.set_soa(zone, *rrset, until(ttl));
  }
  // RFC 9077 4: no denial lives longer than the SOA lets one be cached.
  const std::uint32_t most = zone.soa ? std::min(zone.soa->remaining(now), zone.soa_minimum()) : 0;
  for (const auto& [rrset, ttl] : rrsets) {
    const bool is_denial = rrset->type == dns::Type::nsec || rrset->type == dns::Type::nsec3;
    if (!is_denial || most == 0 || ttl == 0 || state_->is_too_slow(*rrset)) continue;
    if (state_->store.add(zone, *rrset, until(std::min(ttl, most)))) ++state_->learned;
  }
  state_->store.finish(zone);
}

std::optional<dns::Rcode> DenialCache::find(const dns::Question& question, bool dnssec_ok, TimePoint now,
                                            dns::MessageWriter& writer, dns::NameView highest) {
  if (!may_be_denied(question)) return {};
  // DS records belong to the zone above (RFC 4035 3.1.4.1).
  const dns::NameView home = question.type == dns::Type::ds ? question.name.parent() : question.name;
  KnownZone* zone = state_->store.zone_of(home, highest);
  if (zone == nullptr || !zone->soa || zone->spans.empty()) return {};
  std::uint32_t negative_ttl = std::min(zone->soa->remaining(now), zone->soa_minimum());
  if (negative_ttl == 0) return {};

  Witnesses witnesses;
  const auto rcode = state_->prove_by(*zone, question, now, witnesses);
  if (!rcode) return {};
  for (const KnownSpan* witness : witnesses) negative_ttl = std::min(negative_ttl, witness->kept.remaining(now));
  const dns::MessageWriter::Mark mark = writer.mark();
  write(writer, *zone->soa, negative_ttl, dnssec_ok);
  for (KnownSpan* witness : witnesses) {
    witness->is_used = true;
    if (dnssec_ok) write(writer, witness->kept, witness->kept.remaining(now), true);
  }
  if (!writer.ok()) {
    writer.rewind(mark);
    return {};
  }
  ++(*rcode == dns::Rcode::nxdomain ? state_->nxdomain : state_->nodata);
  return rcode;
}

void DenialCache::clear() { state_->store.clear(); }

DenialCache::Stats DenialCache::stats() const {
  const DenialStore& store = state_->store;
  return {.bytes = store.bytes(),
          .zones = store.zones(),
          .records = store.records(),
          .learned = state_->learned,
          .evicted = store.evicted(),
          .nodata = state_->nodata,
          .nxdomain = state_->nxdomain,
          .nsec3_hashes = state_->nsec3_hashes};
}

}  // namespace dragoman::dnssec
