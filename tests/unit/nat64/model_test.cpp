// The NAT64 against a slow and obvious one (slow_nat64.h): several workers, joined by queues, get packets of random
// subscribers, protocols and fragments, most of them on the wrong worker, while time goes on and the configuration
// changes. Whatever is sent, dropped or told must be what the slow one says, and in the end nothing may be left.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "fakes/random.h"
#include "slow_nat64.h"

namespace dragoman::nat64 {
namespace {

using namespace scene;

template <class T>
const T& one_of(Random& random, const std::vector<T>& all) {
  return all[random.below(static_cast<std::uint32_t>(all.size()))];
}

Octets build(const Seen& packet) {
  if (packet.kind == "tcp") return tcp(packet.source, packet.destination, packet.flags, packet.payload);
  if (packet.kind == "udp") return udp(packet.source, packet.destination, packet.payload);
  const Echo echo = packet.kind == "ping" ? Echo::request : Echo::reply;
  return ping(packet.source.address, packet.destination.address, packet.source.port, echo, packet.payload);
}

// Few of everything, so that it meets.
class World final : Oracle {
 public:
  World(std::uint32_t seed, unsigned workers)
      : random_(seed),
        is_scarce_(random_.one_in(4)),
        nat64_(any_options(), workers, seed),
        slow_(nat64_.options(), *this) {}

  void run(int steps) {
    for (int step = 0; step < steps && !testing::Test::HasFailure(); ++step) {
      SCOPED_TRACE("step " + std::to_string(step));
      const std::uint32_t choice = random_.below(100);
      if (choice < 45) {
        pass_inside_packet();
      } else if (choice < 80) {
        pass_outside_packet();
      } else if (choice < 88) {
        random_.one_in(2) ? pass_inside_error() : pass_outside_error();
      } else if (choice < 98) {
        let_time_pass();
      } else {
        reload();
      }
      slow_.forget_all_but(known_subscribers());
      if (step % 16 == 0) compare_tables();
    }
  }

  // Nothing may be left: no session, binding, host, subscriber, block, fragment, nor leave for sessions.
  void end() {
    if (testing::Test::HasFailure()) return;
    Options options = nat64_.options();
    options.static_bindings.clear();
    apply(options);
    for (int i = 0; i < 60; ++i) pass_time(seconds(1));
    EXPECT_EQ(nat64_.drops(DropReason::fragment_timeout), held_);
    EXPECT_EQ(nat64_.drops(DropReason::udp_zero_checksum) + nat64_.drops(DropReason::fragment_memory), 0u);
    for (unsigned worker = 0; worker < nat64_.workers(); ++worker) {
      const Metrics& metrics = nat64_.worker(worker).metrics();
      for (const Protocol protocol : protocols) {
        EXPECT_EQ(metrics.sessions(protocol).value(), 0);
        EXPECT_EQ(metrics.bindings(protocol).value(), 0);
      }
      EXPECT_EQ(metrics.subscribers.value(), 0);
    }
    EXPECT_EQ(nat64_.pool.usage().taken + nat64_.pool.usage().draining, 0u);
    std::int64_t left = 0;
    while (const std::int64_t taken = nat64_.budget.take()) left += taken;
    EXPECT_GE(left + kept_leave(), nat64_.budget.limit());
    EXPECT_LE(left, nat64_.budget.limit());
  }

 private:
  static constexpr std::array protocols{Protocol::tcp, Protocol::udp, Protocol::icmp};

  // -- What there is --
  Options any_options() {
    Options options = standard_options();
    options.prefixes.push_back(*ip::Pref64::from_text("2001:db8:6464::/48"));
    options.pool4 = {
        {{198, 51, 100, 1}, {198, 51, 100, 2}, 960, static_cast<std::uint16_t>(is_scarce_ ? 1150 : 1535), false}};
    options.port_block_size = 64;
    options.max_sessions = is_scarce_ ? 30 : 1'000'000;
    options.timeouts = {.udp = seconds(5),
                        .tcp_established = seconds(20),
                        .tcp_transitory = seconds(4),
                        .tcp_incoming_syn = seconds(2),
                        .icmp = seconds(3),
                        .fragment = seconds(2),
                        .port_hold = seconds(4)};
    options.icmp.errors_per_second = 1'000'000;
    change(options);
    return options;
  }

  void change(Options& options) {
    options.filtering = random_.one_in(2) ? Filtering::address_dependent : Filtering::endpoint_independent;
    options.inbound_refresh = random_.one_in(2);
    options.inbound_tcp = !random_.one_in(4);
    options.parity = random_.one_in(3);
    options.timeouts.udp = seconds(3 + random_.below(5));
    options.subscriber.sessions = random_.one_in(3) ? 12 : 0;
    options.subscriber.ports = random_.one_in(3) ? 4 : 0;
    options.subscriber.new_sessions_per_second = random_.one_in(3) ? 5 : 0;
    options.well_known_prefix = random_.one_in(2) ? ip::WellKnownPrefixRule::rfc6052 : ip::WellKnownPrefixRule::off;
    if (random_.one_in(3)) std::swap(options.prefixes.front(), options.prefixes.back());
    options.clients.clear();
    if (random_.one_in(4))
      options.clients = {*ip::Prefix::from_text("2001:db8:1::/48"), *ip::Prefix::from_text("2001:db8:2::/48")};
    options.denied_destinations.clear();
    if (random_.one_in(3)) options.denied_destinations = {*ip::Prefix::from_text("9.9.9.9/32")};
    const auto last = static_cast<std::uint8_t>(1 + random_.below(3));
    options.pool4.front().last = {198, 51, 100, last};
    options.pool4.front().last_port = static_cast<std::uint16_t>(is_scarce_ ? 1100 + random_.below(100) : 1535);
    options.static_bindings.clear();
    for (const Protocol protocol : protocols) {
      if (random_.one_in(2)) continue;
      const ip::Endpoint outside = endpoint(random_.one_in(3) ? "198.51.100.9" : "198.51.100.1",
                                            static_cast<std::uint16_t>(960 + random_.below(200)));
      options.static_bindings.push_back({protocol, inside_host(), outside});
    }
  }

  ip::Endpoint inside_host() {
    const std::string host =
        "2001:db8:" + std::to_string(1 + random_.below(4)) + "::" + std::to_string(1 + random_.below(2));
    static const std::vector<std::uint16_t> ports{53, 1000, 5000, 5001, 60000};
    return endpoint(host, one_of(random_, ports));
  }
  ip::Endpoint remote() {
    static const std::vector<std::string> hosts{"8.8.8.8", "9.9.9.9", "1.1.1.1", "10.1.2.3"};
    return endpoint(one_of(random_, hosts), static_cast<std::uint16_t>(80 + random_.below(2)));
  }
  // An outside endpoint that somebody has, mostly.
  ip::Endpoint outside(Protocol protocol) {
    std::vector<ip::Endpoint> owned;
    for (const auto& [key, binding] : slow_.bindings()) {
      if (std::get<0>(key) == protocol) owned.push_back(binding.outside);
    }
    if (!owned.empty() && !random_.one_in(6)) return one_of(random_, owned);
    return endpoint(random_.one_in(8) ? "198.51.100.77" : "198.51.100.1",
                    static_cast<std::uint16_t>(960 + random_.below(300)));
  }
  Seen any_packet(Protocol protocol) {
    static const std::vector<std::string> flags{"S", "SA", "A", "A", "FA", "R"};
    Seen packet;
    packet.kind = protocol == Protocol::tcp   ? "tcp"
                  : protocol == Protocol::udp ? "udp"
                  : random_.one_in(2)         ? "ping"
                                              : "pong";
    if (protocol == Protocol::tcp) packet.flags = sorted(one_of(random_, flags));
    packet.payload = "packet " + std::to_string(++packets_);
    return packet;
  }
  static std::string sorted(std::string flags) {
    std::sort(flags.begin(), flags.end(),
              [](char a, char b) { return detail::tcp_letters.find(a) < detail::tcp_letters.find(b); });
    return flags;
  }
  Protocol any_protocol() { return protocols[random_.below(3)]; }

  // -- Packets --
  Seen inside_packet() {
    const Protocol protocol = any_protocol();
    Seen packet = any_packet(protocol);
    packet.source = inside_host();
    const bool is_hairpin = !is_scarce_ && random_.one_in(4);
    const ip::Endpoint there = is_hairpin ? outside(protocol) : remote();
    const ip::Pref64& prefix = one_of(random_, nat64_.options().prefixes);
    packet.destination = {ip::Address(prefix.embed(there.address.v4())), there.port};
    if (protocol == Protocol::icmp) packet.destination.port = packet.source.port;
    return packet;
  }
  Seen outside_packet() {
    const Protocol protocol = any_protocol();
    Seen packet = any_packet(protocol);
    packet.source = remote();
    packet.destination = outside(protocol);
    if (protocol == Protocol::icmp) packet.source.port = packet.destination.port;
    return packet;
  }

  void pass_inside_packet() {
    const Seen packet = inside_packet();
    observe(packet, any_worker(nat64_.owner_of(packet.source.address)));
    check(packet, slow_.from_inside(packet, second()));
  }
  void pass_outside_packet() {
    const Seen packet = outside_packet();
    has_no_checksum_ = packet.kind == "udp" && random_.one_in(4);
    is_nobodys_ = !is_somebodys(packet.destination, protocol_of(packet));
    observe(packet, any_worker(0));
    check(packet, slow_.from_outside(packet, second()));
  }
  // Whether a worker has the block of a port, or a static binding the port.
  bool is_somebodys(const ip::Endpoint& outside, Protocol protocol) const {
    for (const StaticBinding& binding : nat64_.options().static_bindings) {
      if (binding.protocol == protocol && binding.outside == outside) return true;
    }
    const auto index = nat64_.pool.index_of(outside.address.v4());
    return index && nat64_.pool.owner(nat64_.pool.block_of(*index, outside.port));
  }
  void pass_inside_error() {
    Seen error, about = inside_packet();
    std::swap(about.source, about.destination);
    error.source.address = random_.one_in(2) ? about.destination.address : address("2001:db8:77::1");
    error.destination.address = random_.one_in(8) ? inside_packet().destination.address : about.source.address;
    error.icmp = {1, static_cast<std::uint8_t>(random_.one_in(2) ? 4 : 0)};
    error.about = std::make_shared<Seen>(about);
    observe({icmp_error(error.source.address, error.destination.address, error.icmp, build(about))}, any_worker(0));
    check(error, slow_.error_from_inside(error));
  }
  void pass_outside_error() {
    Seen error, about = outside_packet();
    std::swap(about.source, about.destination);
    error.source.address = random_.one_in(2) ? about.destination.address : address("203.0.113.1");
    error.destination.address = random_.one_in(8) ? address("198.51.100.2") : about.source.address;
    error.icmp = {3, static_cast<std::uint8_t>(random_.one_in(2) ? 3 : 1)};
    error.about = std::make_shared<Seen>(about);
    observe({icmp_error(error.source.address, error.destination.address, error.icmp, build(about))}, any_worker(0));
    check(error, slow_.error_from_outside(error));
  }

  unsigned any_worker(unsigned right) { return random_.one_in(3) ? right : random_.below(nat64_.workers()); }

  // Whole, or in pieces in any order, each on any worker.
  void observe(const Seen& packet, unsigned worker) {
    const bool is_syn = packet.flags.find('S') != std::string::npos;  // may be quoted much later
    pieces_ = !is_syn && random_.one_in(8) ? 3 : 1;
    Seen sent = packet;
    if (pieces_ > 1) sent.payload.resize(60 - (packet.kind == "tcp" ? 12 : 0), '.');
    const Octets octets = has_no_checksum_ ? without_udp_checksum(build(sent)) : build(sent);
    if (pieces_ == 1) return observe({octets}, worker);
    std::vector<Octets> pieces = fragments_of(octets, packets_, 24);
    std::shuffle(pieces.begin(), pieces.end(), shuffler_);
    observe(pieces, worker);
  }
  void observe(const std::vector<Octets>& packets, unsigned worker) {
    drops_before_ = all_drops();
    seen_.clear();
    for (const Octets& octets : packets) {
      for (Seen& one : nat64_.all(octets, worker)) seen_.push_back(std::move(one));
      worker = any_worker(worker);
    }
  }

  void check(const Seen& packet, Outcome expected) {
    std::vector<std::string> sent;
    if (packet.about == nullptr && pieces_ > 1) {
      sent = joined_pieces(packet, expected);
    } else {
      for (const Seen& one : seen_) sent.push_back(one.text());
    }
    compare(sent, expected.sent, expected.drops, packet.text());
    pieces_ = 1;
    has_no_checksum_ = is_nobodys_ = false;
  }

  // What the slow one says of a whole packet is checked of its pieces together. If it was refused, its first piece was,
  // and the others wait in vain; but what must be whole was refused whole.
  std::vector<std::string> joined_pieces(const Seen& packet, Outcome& expected) {
    std::vector<std::string> sent;
    const bool is_whole = (is_ping(packet) || has_no_checksum_) && !is_nobodys_;
    const bool is_on_its_way = expected.sent.size() == 1 && expected.sent[0].substr(0, 5) != "error";
    if (expected.drops == std::vector{DropReason::not_our_pool}) {
      expected.drops.assign(static_cast<std::size_t>(pieces_), DropReason::not_our_pool);  // each by itself
    } else if (!is_on_its_way && !is_whole) {
      held_ += static_cast<std::uint64_t>(pieces_ - 1);
    }
    for (Seen one : seen_) {
      if (one.kind == "fragment" && one.fragment_offset != 0) continue;
      if (one.kind == "fragment") {
        one.kind = packet.kind;
        if (packet.kind == "tcp") one.flags = packet.flags;
      }
      if (one.kind != "error") one.payload = packet.payload;
      if (one.about) one.about = std::make_shared<Seen>();
      sent.push_back(one.text());
    }
    for (std::string& text : expected.sent) {
      if (text.substr(0, 5) == "error") text = text.substr(0, text.find(" about (")) + " about (" + Seen().text() + ")";
    }
    const std::size_t fragments = is_on_its_way && !is_whole ? 3 : expected.sent.size();
    EXPECT_EQ(seen_.size(), fragments) << packet.text();
    return sent;
  }

  void compare(std::vector<std::string> sent, std::vector<std::string> expected, const std::vector<DropReason>& drops,
               const std::string& what) {
    std::sort(sent.begin(), sent.end());
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(sent, expected) << what;
    auto counted = drops_before_;
    for (const DropReason reason : drops) ++counted[static_cast<std::size_t>(reason)];
    const auto now = all_drops();
    for (std::size_t i = 0; i < now.size(); ++i) {
      if (static_cast<DropReason>(i) == DropReason::fragment_timeout) continue;  // end()
      EXPECT_EQ(now[i], counted[i]) << what << ": " << telemetry::LabelValues<DropReason>::values[i];
    }
  }

  // -- Time and reloads --
  void let_time_pass() { pass_time(milliseconds(random_.below(random_.one_in(4) ? 6000 : 1200))); }
  void pass_time(Duration time) {
    nat64_.now += time;
    if (random_.one_in(5)) return;  // nobody calls expire(): nothing ends
    expire();
  }
  void expire() {
    drops_before_ = all_drops();
    nat64_.sent.clear();
    nat64_.expire();
    std::vector<std::string> sent;
    for (const Seen& one : nat64_.sent) sent.push_back(one.text());
    const Outcome expected = slow_.expire(second());
    compare(sent, expected.sent, expected.drops, "expire()");
  }
  void reload() {
    Options options = nat64_.options();
    change(options);
    apply(options);
  }
  void apply(const Options& options) {
    expire();
    ASSERT_TRUE(nat64_.apply(options));
    slow_.apply(options);
    expire();  // sessions of static bindings that are gone
    compare_tables();
  }

  void compare_tables() {
    std::set<std::string> real, slow;
    for (const SessionInfo& info : nat64_.listed()) {
      real.insert(text_of(info.protocol, info.inside, info.outside, info.remote, info.state, info.expires_in.count()));
    }
    for (const auto& [key, binding] : slow_.bindings()) {
      for (const auto& [remote, session] : binding.sessions) {
        const ip::Endpoint end = endpoint(std::get<1>(remote), std::get<2>(remote));
        slow.insert(text_of(std::get<0>(key), binding.inside, binding.outside, end, session.state,
                            std::max<std::int64_t>(0, session.deadline - second())));
      }
    }
    EXPECT_EQ(real, slow);
    EXPECT_EQ(nat64_.bindings(), static_cast<std::int64_t>(slow_.bindings().size()));
  }
  std::set<std::string> known_subscribers() const {
    std::set<std::string> known;
    for (unsigned worker = 0; worker < nat64_.workers(); ++worker) {
      for (const SubscriberInfo& info : nat64_.worker(worker).subscribers(std::nullopt, 1000)) {
        known.insert(subscriber_of(info.prefix.network));
      }
    }
    return known;
  }
  static std::string text_of(Protocol protocol, const ip::Endpoint& inside, const ip::Endpoint& outside,
                             const ip::Endpoint& remote, SessionState state, std::int64_t left) {
    return std::string(telemetry::LabelValues<Protocol>::values[static_cast<std::size_t>(protocol)]) + " " +
           inside.to_text() + " " + outside.to_text() + " " + remote.to_text() + " state " +
           std::to_string(static_cast<int>(state)) + " for " + std::to_string(left);
  }

  // -- Oracle --
  std::optional<DropReason> lacks() const override {
    const auto now = all_drops();
    for (const DropReason reason : {DropReason::no_port, DropReason::session_table_full}) {
      const auto at = static_cast<std::size_t>(reason);
      if (now[at] != drops_before_[at]) return reason;
    }
    return std::nullopt;
  }
  // No block is free, and those of the subscriber have no port that may be given out.
  bool may_lack_port(const Seen& packet) const override {
    const PortPool& pool = nat64_.pool;
    for (AddressIndex index = 0; index < pool.address_count(); ++index) {
      for (std::uint32_t i = 0; pool.gives(index) && i < pool.blocks_per_address(); ++i) {
        const BlockNumber block = index * pool.blocks_per_address() + i;
        if (pool.may_be_taken(block) && !pool.owner(block)) return false;
      }
    }
    ip::Prefix subscriber{packet.source.address, 64};
    ip::Ipv6Octets octets = subscriber.network.v6();
    std::fill(octets.begin() + 8, octets.end(), std::uint8_t{0});
    subscriber.network = ip::Address(octets);
    for (unsigned worker = 0; worker < nat64_.workers(); ++worker) {
      for (const SubscriberInfo& info : nat64_.worker(worker).subscribers(subscriber, 1000)) {
        for (const BlockNumber block : info.blocks) {
          if (has_free_port(block, protocol_of(packet))) return false;
        }
      }
    }
    return true;
  }
  bool has_free_port(BlockNumber block, Protocol protocol) const {
    const PortPool& pool = nat64_.pool;
    const AddressIndex index = block / pool.blocks_per_address();
    for (std::uint16_t i = 0; pool.gives(index) && i < pool.block_size(); ++i) {
      const auto port = static_cast<std::uint16_t>(pool.first_port(block) + i);
      const bool is_owned = slow_.has_owner(protocol, {ip::Address(pool.address_of(block)), port});
      if (pool.may_use(index, port, protocol) && !is_owned) return true;
    }
    return false;
  }
  bool may_lack_leave(Side from) const override {
    const std::int64_t limit = nat64_.budget.limit(), kept_back = from == Side::v4 ? limit / 8 : 0;
    return static_cast<std::int64_t>(slow_.session_count()) + kept_leave() + kept_back >= limit;
  }
  // Workers keep two portions each.
  std::int64_t kept_leave() const { return 2 * nat64_.workers() * nat64_.budget.portion(); }
  ip::Endpoint chosen_port(const Seen& packet) const override {
    for (const SessionInfo& info : nat64_.listed()) {
      if (info.protocol != protocol_of(packet) || info.inside != packet.source) continue;
      const auto index = nat64_.pool.index_of(info.outside.address.v4());
      EXPECT_TRUE(index && nat64_.pool.may_use(*index, info.outside.port, info.protocol)) << info.outside.to_text();
      return info.outside;
    }
    ADD_FAILURE() << "no session for " << packet.text();
    return {};
  }

  std::int64_t second() const { return std::chrono::duration_cast<seconds>(nat64_.now - Nat64::start).count(); }
  using Drops = std::array<std::uint64_t, telemetry::label_count<DropReason>>;
  Drops all_drops() const {
    Drops drops;
    for (std::size_t i = 0; i < drops.size(); ++i) drops[i] = nat64_.drops(static_cast<DropReason>(i));
    return drops;
  }

  Random random_;
  std::mt19937 shuffler_{random_.next()};
  bool is_scarce_;  // few ports and sessions; then nothing hairpins, so that it is clear which end lacked something
  mutable Nat64 nat64_;
  SlowNat64 slow_;
  std::uint32_t packets_ = 0;
  int pieces_ = 1;  // of this packet
  bool has_no_checksum_ = false;
  bool is_nobodys_ = false;  // its first piece is refused by itself
  Drops drops_before_{};
  std::vector<Seen> seen_;
  std::uint64_t held_ = 0;  // fragments that wait in vain
};

class Model : public testing::TestWithParam<unsigned> {};

TEST_P(Model, says_the_same_of_every_packet) {
  for (std::uint32_t seed = 1; seed <= 6 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed, GetParam());
    world.run(1200);
    world.end();
  }
}

INSTANTIATE_TEST_SUITE_P(Workers, Model, testing::Values(1, 2, 3, 8));

}  // namespace
}  // namespace dragoman::nat64
