// Sessions and octets by the domain whose answer led to them: the heaviest of a stream of any length, by Space-Saving
// (Metwally, Agrawal, El Abbadi, ICDT 2005) weighted by octets. One per NAT64 worker, of its thread alone; what it
// tells is a value. Pure.
//
//   session.name = traffic.begin(source, remote);    // when a session begins
//   traffic.count(session.name, octets);             // every packet, either direction: one addition
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dragoman/nat64/resolved_addresses.h"

namespace dragoman::nat64 {

struct NameTrafficRow {
  std::string domain;
  std::uint64_t sessions = 0;
  std::uint64_t octets = 0;  // counted for it
  std::uint64_t missed = 0;  // at most so many more while it was not in the list
  friend bool operator==(const NameTrafficRow&, const NameTrafficRow&) = default;
};

struct NameTrafficReport {
  std::vector<NameTrafficRow> rows;  // most octets first
  NameTrafficRow others;             // of no domain that is known, or none of the list any more

  void add(const NameTrafficReport& other);
};

class NameTraffic {
 public:
  // Where a session's octets are counted: a place, and the generation of who has it, so that a session that outlives
  // its domain's place counts among the others.
  using Index = std::uint16_t;
  static constexpr unsigned place_bits = 10;
  static constexpr std::size_t capacity = (1u << place_bits) - 1;  // place 0 is the others'

  // Null: everything is the others'. Outlives this.
  explicit NameTraffic(const ResolvedAddresses* resolved);

  // A session of a host begins. `source`: 16 octets, not aligned. Bounded work, no allocation.
  Index begin(const std::uint8_t* source, const ip::Ipv4Octets& remote);
  void count(Index index, std::size_t octets) {
    Tally& tally = tallies_[index & capacity];
    (tally.generation == index >> place_bits ? tally : tallies_[0]).octets += octets;
  }

  NameTrafficReport report() const;

 private:
  using Place = std::uint16_t;
  static constexpr std::size_t slots = 2048;  // of the hash table

  // What packets touch.
  struct Tally {
    std::uint64_t octets = 0;  // with what was inherited
    std::uint64_t generation = 0;
  };
  struct Domain {
    DomainNames::Text text;
    std::uint64_t sessions = 0;
    std::uint64_t inherited = 0;  // octets of whoever had the place before
    Place next = 0;               // in the same slot
  };
  struct Weighed {
    std::uint64_t octets = 0;  // as they were when last looked at: never more than they are
    Place place = 0;
  };

  Place find(std::uint64_t hash) const;
  Place enter(const DomainNames::Text& text);
  Place take_lightest();
  void leave(Place place);
  void sink(std::size_t at);
  void rise(std::size_t at);
  Index index_of(Place place) const { return static_cast<Index>(tallies_[place].generation << place_bits | place); }

  const ResolvedAddresses* resolved_;
  std::array<Tally, capacity + 1> tallies_{};
  std::uint64_t other_sessions_ = 0;
  std::size_t size_ = 0;                  // places in use, from 1 on
  std::unique_ptr<Domain[]> domains_;     // by place
  std::array<Place, slots> first_{};      // by hash; 0: nobody
  std::array<Weighed, capacity> heap_{};  // the lightest first
};

}  // namespace dragoman::nat64
