// Workers whose queues lag behind each other: packets and single fragments cross on their ways, ports change hands, and
// reloads come in between. Nothing exact can be said of one packet; what must hold whatever happens is looked at.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "fakes/random.h"
#include "scene.h"

namespace dragoman::nat64 {
namespace {

using namespace scene;

Options options_of(Random& random) {
  Options options = standard_options();
  options.pool4 = {{{198, 51, 100, 1},
                    {198, 51, 100, static_cast<std::uint8_t>(1 + random.below(2))},
                    1024,
                    static_cast<std::uint16_t>(1535 - 64 * random.below(3)),
                    false}};
  options.port_block_size = 64;
  options.timeouts = {.udp = seconds(3 + random.below(3)),
                      .tcp_established = seconds(10),
                      .tcp_transitory = seconds(4),
                      .tcp_incoming_syn = seconds(2),
                      .icmp = seconds(3),
                      .fragment = seconds(2),
                      .port_hold = seconds(4)};
  options.icmp.errors_per_second = 1'000'000;
  options.max_sessions = 300;
  options.subscriber.sessions = random.one_in(2) ? 40 : 0;
  options.filtering = random.one_in(2) ? Filtering::address_dependent : Filtering::endpoint_independent;
  if (random.one_in(2)) {
    options.static_bindings = {static_binding(Protocol::udp, "[2001:db8:1::1]:5000",
                                              random.one_in(2) ? "198.51.100.1:1100" : "198.51.100.9:1")};
  }
  return options;
}

class Traffic {
 public:
  Traffic(std::uint32_t seed, unsigned workers) : random_(seed), nat64_(options_of(random_), workers, seed) {
    nat64_.delivers_at_once = false;
  }

  void run(int steps) {
    for (int step = 0; step < steps && !testing::Test::HasFailure(); ++step) {
      SCOPED_TRACE("step " + std::to_string(step));
      const std::uint32_t choice = random_.below(100);
      if (choice < 40) {
        offer();
      } else if (choice < 94) {
        look_at(nat64_.deliver_next(random_.below(nat64_.workers())));
      } else if (choice < 99) {
        let_time_pass();
      } else {
        expire();
        nat64_.apply(options_of(random_));
      }
      if (step % 32 == 0) check_owners();
    }
  }

  void end() {
    if (testing::Test::HasFailure()) return;
    for (const Octets& octets : std::exchange(waiting_, {})) give(octets);
    Options options = nat64_.options();
    options.static_bindings.clear();
    ASSERT_TRUE(nat64_.apply(options));
    for (int i = 0; i < 40; ++i) {
      nat64_.now += seconds(1);
      expire();
    }
    EXPECT_EQ(nat64_.sessions(), 0u);
    EXPECT_EQ(nat64_.bindings(), 0);
    EXPECT_EQ(nat64_.pool.usage().taken + nat64_.pool.usage().draining, 0u);
    check_accounts();
    check_datagrams();
  }

 private:
  ip::Endpoint inside_host() {
    static constexpr std::array<std::uint16_t, 3> ports{53, 5000, 5001};
    return endpoint("2001:db8:" + std::to_string(1 + random_.below(6)) + "::" + std::to_string(1 + random_.below(2)),
                    ports[random_.below(3)]);
  }
  ip::Endpoint known_outside() {
    const auto all = nat64_.listed();
    if (all.empty() || random_.one_in(8)) {
      return endpoint("198.51.100.1", static_cast<std::uint16_t>(1024 + random_.below(512)));
    }
    return all[random_.below(static_cast<std::uint32_t>(all.size()))].outside;
  }
  ip::Endpoint remote() { return endpoint(random_.one_in(2) ? "8.8.8.8:80" : "9.9.9.9:80"); }

  // A packet, or the fragments of one, which come when their time has come.
  void offer() {
    if (!waiting_.empty() && random_.one_in(2)) {
      std::swap(waiting_[random_.below(static_cast<std::uint32_t>(waiting_.size()))], waiting_.back());
      const Octets octets = std::move(waiting_.back());
      waiting_.pop_back();
      return give(octets);
    }
    const bool from_inside = random_.one_in(2);
    const ip::Endpoint source = from_inside ? inside_host() : remote();
    const ip::Endpoint there = from_inside ? (random_.one_in(3) ? known_outside() : remote()) : known_outside();
    const ip::Endpoint destination = from_inside ? synthesized(there.to_text()) : there;
    const std::string number = std::to_string(++numbers_);
    const std::string payload = "packet " + number + std::string(52 - number.size(), '.');
    Octets octets;
    switch (random_.below(4)) {
      case 0:
        octets = tcp(source, destination, random_.one_in(2) ? "S" : "A", payload);
        break;
      case 1:
        octets = ping(source.address, destination.address, from_inside ? source.port : destination.port, Echo::request,
                      payload);
        break;
      default:
        octets = udp(source, destination, payload);
        if (!from_inside && random_.one_in(3)) octets = without_udp_checksum(octets);
    }
    if (!random_.one_in(3)) return give(octets);
    std::vector<Octets> pieces = fragments_of(octets, numbers_, octets.size() > 110 ? 40 : 32);
    pieces_of_[numbers_ & 0xffff] = pieces.size();
    for (Octets& piece : pieces) waiting_.push_back(std::move(piece));
  }
  void give(const Octets& octets) {
    ++given_;
    look_at(nat64_.all(octets, random_.below(nat64_.workers())));
  }

  void let_time_pass() {
    nat64_.now += milliseconds(random_.below(random_.one_in(4) ? 5000 : 800));
    expire();
  }
  // Ports rest much longer than a queue lags behind, and reloads are few: before ports change hands, the queues are
  // empty.
  void expire() {
    for (bool any = true; any;) {
      any = false;
      for (unsigned worker = 0; worker < nat64_.workers(); ++worker) {
        const std::size_t before = nat64_.queued(worker);
        look_at(nat64_.deliver_next(worker));
        any = any || before != 0;
      }
    }
    nat64_.sent.clear();
    nat64_.expire();
    look_at(nat64_.sent);
  }

  // Nobody gets what is another's, and nothing twice.
  void look_at(const std::vector<Seen>& packets) {
    for (const Seen& one : packets) {
      EXPECT_TRUE(one.is_sound) << one;
      if (one.kind == "error") {
        ++errors_;
      } else if (one.kind == "tcp" && one.payload.empty()) {
        ++probes_;
      } else {
        ++sent_;
        if (one.kind == "fragment") {
          EXPECT_TRUE(datagrams_[one.fragment_id & 0xffff].insert(one.fragment_offset).second) << one;
          EXPECT_EQ(destinations_.try_emplace(one.fragment_id & 0xffff, one.destination.address).first->second,
                    one.destination.address);
        } else {
          EXPECT_TRUE(whole_.insert(one.payload).second) << "sent twice: " << one;
        }
      }
      if (one.kind != "udp" && one.kind != "tcp") continue;
      const bool goes_in = one.destination.address.is_v6();
      if (!goes_in) continue;
      EXPECT_EQ(one.destination.to_text().substr(0, 10), "[2001:db8:") << one;
    }
  }

  // R1 (RFC 6146 3.1), R7 (RFC 4787 REQ-3): one owner for each (T, t), one (T, t) for each owner.
  void check_owners() {
    std::map<std::pair<Protocol, std::string>, std::string> outside_of, inside_of;
    for (const SessionInfo& info : nat64_.listed()) {
      const std::string inside = info.inside.to_text(), outside = info.outside.to_text();
      EXPECT_EQ(outside_of.try_emplace({info.protocol, inside}, outside).first->second, outside);
      EXPECT_EQ(inside_of.try_emplace({info.protocol, outside}, inside).first->second, inside);
    }
  }

  // Every packet was sent, dropped for a reason, or became part of one that was.
  void check_accounts() const {
    std::uint64_t told = 0, joined = 0;
    for (unsigned worker = 0; worker < nat64_.workers(); ++worker) {
      const Metrics& metrics = nat64_.worker(worker).metrics();
      told += metrics.icmp_errors.value();
      joined += metrics.fragments(FragmentResult::reassembled).value();
    }
    EXPECT_EQ(given_ + told, sent_ + errors_ + nat64_.all_drops() + 2 * joined);
  }
  // Fragments of a datagram that all left are all of it.
  void check_datagrams() const {
    for (const auto& [id, offsets] : datagrams_) {
      EXPECT_LE(offsets.size(), pieces_of_.at(id));
      EXPECT_EQ(*offsets.begin(), 0u) << "none leaves without the first one";
    }
  }

  Random random_;
  mutable Nat64 nat64_;
  std::uint32_t numbers_ = 0;
  std::vector<Octets> waiting_;  // fragments
  std::map<std::uint32_t, std::size_t> pieces_of_;
  std::map<std::uint32_t, std::set<std::size_t>> datagrams_;  // the offsets of what left
  std::map<std::uint32_t, ip::Address> destinations_;
  std::set<std::string> whole_;  // payloads
  std::uint64_t given_ = 0, sent_ = 0, errors_ = 0, probes_ = 0;
};

class Interleaving : public testing::TestWithParam<unsigned> {};

TEST_P(Interleaving, loses_and_doubles_nothing) {
  for (std::uint32_t seed = 1; seed <= 8 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Traffic traffic(seed, GetParam());
    traffic.run(3000);
    traffic.end();
  }
}

INSTANTIATE_TEST_SUITE_P(Workers, Interleaving, testing::Values(1, 2, 3, 8));

}  // namespace
}  // namespace dragoman::nat64
