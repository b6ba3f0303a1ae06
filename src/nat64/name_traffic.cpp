// A heap finds the lightest domain. Counting does not touch it: weights in the heap are those of the last look, which
// can only be too small, so what stands first is put right until it is right; a bounded number of times, for a worker
// must not pause.
#include "dragoman/nat64/name_traffic.h"

#include <algorithm>
#include <map>

namespace dragoman::nat64 {
namespace {

constexpr std::uint64_t generations = 1u << (16 - NameTraffic::place_bits);

void merge(NameTrafficRow& row, const NameTrafficRow& other) {
  row.sessions += other.sessions;
  row.octets += other.octets;
  row.missed += other.missed;
}

}  // namespace

void NameTrafficReport::add(const NameTrafficReport& other) {
  std::map<std::string, std::size_t> known;
  for (std::size_t i = 0; i < rows.size(); ++i) known[rows[i].domain] = i;
  for (const NameTrafficRow& row : other.rows) {
    const auto [place, is_new] = known.try_emplace(row.domain, rows.size());
    if (is_new) {
      rows.push_back(row);
    } else {
      merge(rows[place->second], row);
    }
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const NameTrafficRow& a, const NameTrafficRow& b) { return a.octets > b.octets; });
  merge(others, other.others);
}

NameTraffic::NameTraffic(const ResolvedAddresses* resolved)
    : resolved_(resolved), domains_(std::make_unique<Domain[]>(capacity + 1)) {}

NameTraffic::Index NameTraffic::begin(const std::uint8_t* source, const ip::Ipv4Octets& remote) {
  const DomainId id = resolved_ == nullptr ? no_domain : resolved_->domain_of(source, remote);
  const auto text = id == no_domain ? std::nullopt : resolved_->names().text(id);
  if (!text) {
    ++other_sessions_;
    return 0;
  }
  Place place = find(text->hash);
  if (place == 0) place = enter(*text);
  ++domains_[place].sessions;
  return index_of(place);
}

NameTraffic::Place NameTraffic::find(std::uint64_t hash) const {
  Place place = first_[hash % slots];
  while (place != 0 && domains_[place].text.hash != hash) place = domains_[place].next;
  return place;
}

// A domain that is new takes over the weight of the one whose place it gets: it may have had as much before.
NameTraffic::Place NameTraffic::enter(const DomainNames::Text& text) {
  Place place;
  if (size_ < capacity) {
    place = static_cast<Place>(++size_);
    heap_[size_ - 1] = {0, place};
    rise(size_ - 1);
  } else {
    place = take_lightest();
  }
  Place& first = first_[text.hash % slots];
  domains_[place] = {text, 0, tallies_[place].octets, first};
  first = place;
  return place;
}

NameTraffic::Place NameTraffic::take_lightest() {
  for (;;) {  // at most once for each place: what is put right does not come again
    Weighed& lightest = heap_[0];
    const std::uint64_t octets = tallies_[lightest.place].octets;
    if (lightest.octets == octets) break;
    lightest.octets = octets;
    sink(0);
  }
  const Place place = heap_[0].place;
  Tally& tally = tallies_[place];
  tallies_[0].octets += tally.octets - domains_[place].inherited;  // counted for somebody who is not shown any more
  other_sessions_ += domains_[place].sessions;
  tally.generation = (tally.generation + 1) % generations;
  leave(place);
  return place;
}

void NameTraffic::leave(Place place) {
  Place* at = &first_[domains_[place].text.hash % slots];
  while (*at != place) at = &domains_[*at].next;
  *at = domains_[place].next;
}

void NameTraffic::sink(std::size_t at) {
  for (;;) {
    std::size_t child = 2 * at + 1;
    if (child >= size_) return;
    if (child + 1 < size_ && heap_[child + 1].octets < heap_[child].octets) ++child;
    if (heap_[at].octets <= heap_[child].octets) return;
    std::swap(heap_[at], heap_[child]);
    at = child;
  }
}

void NameTraffic::rise(std::size_t at) {
  while (at > 0 && heap_[at].octets < heap_[(at - 1) / 2].octets) {
    std::swap(heap_[at], heap_[(at - 1) / 2]);
    at = (at - 1) / 2;
  }
}

NameTrafficReport NameTraffic::report() const {
  NameTrafficReport report;
  for (std::size_t place = 1; place <= size_; ++place) {
    const Domain& domain = domains_[place];
    report.rows.push_back({std::string(domain.text.view()), domain.sessions, tallies_[place].octets - domain.inherited,
                           domain.inherited});
  }
  std::stable_sort(report.rows.begin(), report.rows.end(),
                   [](const NameTrafficRow& a, const NameTrafficRow& b) { return a.octets > b.octets; });
  report.others = {"", other_sessions_, tallies_[0].octets, 0};
  return report;
}

}  // namespace dragoman::nat64
