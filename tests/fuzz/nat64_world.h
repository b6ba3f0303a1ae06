// A NAT64 of two workers between hosts that a fuzz input plays: it builds packets, answers those that left, tells of
// errors about them, lets time pass and changes the configuration. Looks at everything that leaves. One thread.
#pragma once

#include <array>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "choices.h"
#include "dragoman/nat64/segmentation.h"
#include "dragoman/nat64/translator.h"
#include "nat64_judge.h"

namespace dragoman::nat64::fuzzed {

using fuzz::Choices;
using Octets = std::vector<std::uint8_t>;

inline constexpr std::array<ip::Ipv6Octets, 4> hosts{{{0x20, 1, 0x0d, 0xb8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1},
                                                      {0x20, 1, 0x0d, 0xb8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2},
                                                      {0x20, 1, 0x0d, 0xb8, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1},
                                                      {0x20, 1, 0x0d, 0xb8, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1}}};
inline constexpr std::array<ip::Ipv4Octets, 2> pool_addresses{{{198, 51, 100, 1}, {198, 51, 100, 2}}};
inline constexpr std::array<ip::Ipv4Octets, 2> servers{{{192, 0, 2, 33}, {203, 0, 113, 5}}};
inline constexpr std::uint16_t static_port = 2100;

// A packet on its way, with its room around it.
class Carried {
 public:
  Carried(Bytes octets, const Offload& offload)
      : room_(Packet::headroom + octets.size() + Packet::tailroom), size_(octets.size()), offload_(offload) {
    std::copy(octets.begin(), octets.end(), room_.begin() + Packet::headroom);
  }
  Packet packet() { return {room_.data() + Packet::headroom, size_, offload_}; }

 private:
  Octets room_;
  std::size_t size_;
  Offload offload_;
};

class World final : public Output {
 public:
  explicit World(Choices& choices)
      : choices_(choices), options_(make_options()), pool_(*options_, {}), budget_(options_->max_sessions) {
    for (unsigned worker = 0; worker < workers; ++worker) {
      translators_[worker] = std::make_unique<Translator>(Translator::Place{worker, workers}, options_,
                                                          Translator::Shared{pool_, budget_}, 77 + worker, now_);
    }
  }

  // -- What happens --

  // Whether all packets so far had right checksums and lengths.
  void be_hostile() { is_honest_ = false; }

  void deliver(Bytes octets, const Offload& offload) {
    Carried carried(octets, offload);
    Packet packet = carried.packet();
    const unsigned worker = static_cast<unsigned>(choices_.below(workers));
    const bool leaves_a_trace = must_leave_a_trace(octets, offload);
    const std::uint64_t before = traces();
    translators_[worker]->translate(packet, Translator::Arrival::device, now_, *this);
    check(!leaves_a_trace || traces() > before, "no packet vanishes without a counter");
    hand_over();
    if (++delivered_ % 16 == 0) check_tables();
  }

  void pass(seconds time) {
    now_ += time;
    for (auto& translator : translators_) {
      int calls = 0;
      while (translator->expire(now_, *this)) check(++calls < 10000, "expiry comes to an end");
    }
    hand_over();
    check_tables();
  }

  void reload() {
    options_ = make_options();
    check(pool_.apply(*options_), "the pool takes its own addresses");
    budget_.set_limit(options_->max_sessions);
    for (auto& translator : translators_) translator->apply(options_, now_, *this);
    check_tables();
  }

  // Nothing is left when everything has timed out.
  void end() {
    check_tables();
    options_ = std::make_shared<Options>(*options_);
    const_cast<Options&>(*options_).static_bindings.clear();
    check(pool_.apply(*options_), "the pool takes its own addresses");
    for (auto& translator : translators_) translator->apply(options_, now_, *this);
    for (int i = 0; i < 4; ++i) pass(seconds(8000));
    for (const auto& translator : translators_) {
      for (std::size_t i = 0; i < protocol_count; ++i) {
        check(translator->metrics().sessions.cell(i).value() == 0, "no session is left");
        check(translator->metrics().bindings.cell(i).value() == 0, "no binding is left");
      }
      check(translator->metrics().subscribers.value() == 0, "no subscriber is left");
    }
    const PortPool::Usage usage = pool_.usage();
    check(usage.taken == 0 && usage.draining == 0, "no port block is left");
  }

  const std::deque<Octets>& recent() const { return recent_; }
  const ip::Pref64& prefix(std::size_t index) const { return options_->prefixes[index % options_->prefixes.size()]; }

  // -- Output --

  void send(Packet& packet) override {
    check_lengths(packet);
    const Checksum checksum = judge(packet);
    check(!is_honest_ || checksum != Checksum::wrong, "what came right leaves right");
    if (is_honest_) check_addresses(packet);
    segment(packet, [&](const Packet& piece) {
      check_lengths(piece);
      std::fill_n(piece.data - sizeof(Offload), sizeof(Offload), std::uint8_t{0xee});  // as the device does
      recent_.emplace_front(piece.data, piece.data + piece.size);
      if (recent_.size() > 8) recent_.pop_back();
    });
  }

  bool hand_off(unsigned worker, const Packet& packet, HandOff) override {
    check(worker < workers, "a worker that there is");
    if (handed_.size() >= 32) return false;
    handed_.push_back({worker, Carried({packet.data, packet.size}, packet.offload)});
    return true;
  }

  void note(const BindingEvent& event) override {
    check(event.first_port <= event.last_port, "ports of events are in order");
  }

 private:
  static constexpr unsigned workers = 2;

  struct Handed {
    unsigned worker;
    Carried carried;
  };

  std::shared_ptr<const Options> make_options() {
    auto options = std::make_shared<Options>();
    options->prefixes = {ip::Pref64(), *ip::Pref64::from_text("2001:db8:64::/48")};
    const bool drains = choices_.once_in(8);
    options->pool4 = {{pool_addresses[0], pool_addresses[0], 1024, 1407, drains},
                      {pool_addresses[1], pool_addresses[1], 512, 2303, false}};
    options->port_block_size = 64;
    if (choices_.once_in(4)) options->subscriber = {.ports = 20, .sessions = 30, .new_sessions_per_second = 50};
    if (choices_.once_in(8)) options->max_sessions = 40;
    if (choices_.once_in(4)) options->filtering = Filtering::address_dependent;
    options->inbound_refresh = choices_.once_in(4);
    options->inbound_tcp = !choices_.once_in(4);
    options->parity = choices_.once_in(4);
    if (choices_.once_in(4)) options->icmp.router_addresses = {{203, 0, 113, 77}};
    options->icmp.router_extension = choices_.once_in(4);
    if (choices_.once_in(4)) options->fragment_memory = 20000;
    if (choices_.once_in(4)) options->tcp_mss = 1220;
    if (choices_.once_in(4)) options->mtu6 = 1280;
    if (choices_.once_in(4)) options->mtu4 = 1260;
    if (choices_.once_in(2)) {
      options->static_bindings = {
          {Protocol::tcp, {ip::Address(hosts[3]), 80}, {ip::Address(pool_addresses[1]), static_port}},
          {Protocol::udp, {ip::Address(hosts[0]), 80}, {ip::Address(pool_addresses[1]), static_port}}};
    }
    return options;
  }

  void hand_over() {
    for (int i = 0; !handed_.empty(); ++i) {
      check(i < 1000, "packets are not handed round and round");
      Handed next = std::move(handed_.front());
      handed_.pop_front();
      Packet packet = next.carried.packet();
      translators_[next.worker]->translate(packet, Translator::Arrival::handed_off, now_, *this);
    }
  }

  // Fragments wait, and SYNs from IPv4 too.
  static bool must_leave_a_trace(Bytes octets, const Offload& offload) {
    Carried copy(octets, offload);
    Packet packet = copy.packet();
    if (packet.size == 0) return true;
    if (is_v6(packet)) {
      Ipv6Headers headers;
      return read(packet, headers).has_value() || headers.fragment.is_whole();
    }
    Ipv4Headers headers;
    return read(packet, headers).has_value() ||
           (headers.fragment.is_whole() && headers.transport.kind != TransportKind::tcp);
  }

  std::uint64_t traces() const {
    std::uint64_t sum = 0;
    for (const auto& translator : translators_) {
      const Metrics& metrics = translator->metrics();
      for (std::size_t i = 0; i < metrics.packets.size; ++i) sum += metrics.packets.cell(i).value();
      for (std::size_t i = 0; i < metrics.drops.size; ++i) sum += metrics.drops.cell(i).value();
      for (std::size_t i = 0; i < metrics.handed_off.size; ++i) sum += metrics.handed_off.cell(i).value();
    }
    return sum;
  }

  bool is_of_pool(const std::uint8_t* address) const {
    ip::Ipv4Octets octets;
    std::memcpy(octets.data(), address, octets.size());
    return pool_.index_of(octets).has_value();
  }

  void check_addresses(const Packet& packet) {
    if (is_v6(packet)) {
      const bool is_client = std::any_of(hosts.begin(), hosts.end(), [&](const ip::Ipv6Octets& host) {
        return std::memcmp(packet.data + 24, host.data(), 15) == 0 ||
               std::memcmp(packet.data + 24, host.data(), 8) == 0;
      });
      check(is_client, "to the inside goes what is for a host there");
      const bool is_embedded = prefix(0).extract_any_suffix(packet.data + 8).has_value() ||
                               prefix(1).extract_any_suffix(packet.data + 8).has_value();
      check(is_embedded, "what goes to the inside comes from a prefix");
      return;
    }
    check(!is_of_pool(packet.data + 16), "what is for the pool turns back in memory");
    const ip::Ipv4Octets router{203, 0, 113, 77};
    check(is_of_pool(packet.data + 12) || std::memcmp(packet.data + 12, router.data(), 4) == 0,
          "what goes to the outside comes from the pool");
  }

  // RFC 6146 3.1, RFC 4787 REQ-1, REQ-3: each inside port has one outside port, and each outside port one inside port.
  void check_tables() {
    using Side = std::pair<Protocol, std::pair<ip::Address, std::uint16_t>>;
    std::map<Side, ip::Endpoint> outside_of, inside_of;
    for (const auto& translator : translators_) {
      for (const SessionInfo& session : translator->sessions(std::nullopt, 100000, now_)) {
        const auto out =
            outside_of.try_emplace({session.protocol, {session.inside.address, session.inside.port}}, session.outside);
        const auto in =
            inside_of.try_emplace({session.protocol, {session.outside.address, session.outside.port}}, session.inside);
        check(out.first->second == session.outside, "mapping does not depend on the endpoint");
        check(in.first->second == session.inside, "no port has two owners");
        check(is_of_pool(session.outside.address.octets()), "ports are of the pool");
      }
    }
  }

  Choices& choices_;
  std::shared_ptr<const Options> options_;
  PortPool pool_;
  SessionBudget budget_;
  std::array<std::unique_ptr<Translator>, workers> translators_;
  TimePoint now_ = TimePoint() + seconds(1000);
  std::deque<Handed> handed_;
  std::deque<Octets> recent_;  // packets that left, the newest first
  bool is_honest_ = true;
  unsigned delivered_ = 0;
};

}  // namespace dragoman::nat64::fuzzed
