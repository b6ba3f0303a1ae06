// A NAT64 in memory for tests of its steps: workers with the queues between them, a clock, and everything that comes
// out. Inside hosts are in 2001:db8::/32, the prefix is the Well-Known one, the pool 198.51.100.1; 203.0.113.0/24 is
// the Internet.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "dragoman/nat64/steering.h"
#include "dragoman/nat64/translator.h"
#include "fakes/packets.h"
#include "fakes/seen_packet.h"

namespace dragoman::nat64::scene {

using namespace fakes;

inline Options standard_options() {
  Options options;
  options.prefixes = {ip::Pref64()};
  options.pool4 = {{{198, 51, 100, 1}, {198, 51, 100, 1}, 1024, 65535, false}};
  return options;
}

// "203.0.113.5:80" as the inside knows it.
inline ip::Endpoint synthesized(std::string_view remote, const ip::Pref64& prefix = {}) {
  const ip::Endpoint outside = endpoint(remote);
  return {ip::Address(prefix.embed(outside.address.v4())), outside.port};
}

inline StaticBinding static_binding(Protocol protocol, std::string_view inside, std::string_view outside) {
  return {protocol, endpoint(inside), endpoint(outside)};
}

// A packet in memory of exactly the size that it may use, so that the address sanitizer sees every octet beyond.
class PacketMemory {
 public:
  explicit PacketMemory(Bytes octets) : memory_(Packet::headroom + octets.size() + Packet::tailroom) {
    std::copy(octets.begin(), octets.end(), memory_.begin() + Packet::headroom);
    packet = {memory_.data() + Packet::headroom, octets.size(), {}};
  }
  Packet packet;

 private:
  Octets memory_;
};

class Nat64 final : public Output {
 public:
  explicit Nat64(Options options = standard_options(), unsigned workers = 1, std::uint32_t seed = 1)
      : options_(std::make_shared<const Options>(std::move(options))),
        owners_(PortPool::capacity(*options_)),
        pool(*options_, owners_),
        budget(options_->max_sessions),
        queues_(workers) {
    for (unsigned worker = 0; worker < workers; ++worker) {
      translators_.push_back(std::make_unique<Translator>(
          Translator::Place{worker, workers}, options_, Translator::Shared{pool, budget, nullptr, true}, seed * 977 + worker, start));
    }
  }

  // -- Packets --
  // What came out for this one, given to a worker by the device.
  std::vector<Seen> all(const Octets& octets, unsigned worker = 0) {
    sent.clear();
    PacketMemory memory(octets);
    translators_[worker]->translate(memory.packet, Translator::Arrival::device, now, *this);
    if (delivers_at_once) deliver_handed_off();
    return sent;
  }
  // What comes out when a worker takes the next packet from its queue; nothing if that is empty.
  std::vector<Seen> deliver_next(unsigned worker) {
    sent.clear();
    if (queues_[worker].empty()) return sent;
    const Octets octets = std::move(queues_[worker].front());
    queues_[worker].pop_front();
    PacketMemory memory(octets);
    translators_[worker]->translate(memory.packet, Translator::Arrival::handed_off, now, *this);
    return sent;
  }
  // ... where it is one packet, or nothing.
  Seen pass(const Octets& octets, unsigned worker = 0) {
    const std::vector<Seen> out = all(octets, worker);
    EXPECT_LE(out.size(), 1u) << text(out);
    return out.empty() ? Seen{} : out.front();
  }
  std::size_t queued(unsigned worker) const { return queues_[worker].size(); }
  // As text: "-" for nothing, " | " between packets.
  std::string say(const Octets& octets, unsigned worker = 0) { return text(all(octets, worker)); }
  static std::string text(const std::vector<Seen>& packets) {
    std::string text;
    for (const Seen& one : packets) text += (text.empty() ? "" : " | ") + one.text();
    return text.empty() ? "-" : text;
  }

  // -- Time --
  // Goes on second by second; what comes out is in `sent`.
  void wait(seconds time) {
    sent.clear();
    for (; time > seconds(0); time -= seconds(1)) {
      now += seconds(1);
      expire();
    }
  }
  void expire() {
    for (const auto& translator : translators_) {
      int calls = 0;
      while (translator->expire(now, *this)) ASSERT_LT(++calls, 100000) << "expire() has no end";
    }
    if (delivers_at_once) deliver_handed_off();
  }
  // -- Reload --
  bool apply(Options options) {
    if (!pool.apply(options)) return false;
    budget.set_limit(options.max_sessions);
    options_ = std::make_shared<const Options>(std::move(options));
    for (const auto& translator : translators_) translator->apply(options_, now, *this);
    return true;
  }
  const Options& options() const { return *options_; }

  // -- What there is --
  std::uint64_t drops(DropReason reason) const {
    std::uint64_t sum = 0;
    for (const auto& translator : translators_) sum += translator->metrics().drops(reason).value();
    return sum;
  }
  std::uint64_t all_drops() const {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < telemetry::label_count<DropReason>; ++i) sum += drops(static_cast<DropReason>(i));
    return sum;
  }
  std::size_t sessions() const { return listed().size(); }
  std::int64_t bindings() const {
    std::int64_t sum = 0;
    for (const auto& translator : translators_) {
      for (const Protocol protocol : {Protocol::tcp, Protocol::udp, Protocol::icmp}) {
        sum += translator->metrics().bindings(protocol).value();
      }
    }
    return sum;
  }
  std::vector<SessionInfo> listed() const {
    std::vector<SessionInfo> all;
    for (const auto& translator : translators_) {
      for (SessionInfo& info : translator->sessions(std::nullopt, 1'000'000, now)) all.push_back(std::move(info));
    }
    return all;
  }
  Translator& worker(unsigned index = 0) { return *translators_[index]; }
  unsigned workers() const { return static_cast<unsigned>(translators_.size()); }
  // Of an inside host.
  unsigned owner_of(const ip::Address& host) const {
    return subscriber_worker(host.octets(), options_->subscriber_prefix, workers());
  }

  // -- Output --
  void send(Packet& packet) override {
    sent.push_back(look({packet.data, packet.size}));
    std::fill_n(packet.data, packet.size, std::uint8_t{0xa5});  // as whoever sends it may
  }
  bool hand_off(unsigned worker, const Packet& packet, HandOff reason) override {
    EXPECT_LT(worker, workers());
    if (!has_queues) return false;
    queues_[worker].emplace_back(packet.data, packet.data + packet.size);
    handed_off.push_back(reason);
    return true;
  }
  void note(const BindingEvent& event) override { events.push_back(event); }

  static constexpr TimePoint start = TimePoint(seconds(1000));
  TimePoint now = start;
  std::vector<Seen> sent;
  std::vector<HandOff> handed_off;
  std::vector<BindingEvent> events;
  bool has_queues = true;
  bool delivers_at_once = true;  // what was handed off; else deliver_next() does

 private:
  void deliver_handed_off() {
    std::vector<Seen> all = std::move(sent);
    for (int steps = 0; steps < 1000; ++steps) {
      const auto waiting =
          std::find_if(queues_.begin(), queues_.end(), [](const auto& queue) { return !queue.empty(); });
      if (waiting == queues_.end()) {
        sent = std::move(all);
        return;
      }
      for (Seen& one : deliver_next(static_cast<unsigned>(waiting - queues_.begin()))) all.push_back(std::move(one));
    }
    FAIL() << "a packet goes round and round";
  }

  std::shared_ptr<const Options> options_;
  std::vector<std::atomic<std::uint64_t>> owners_;

 public:
  PortPool pool;
  SessionBudget budget;

 private:
  std::vector<std::unique_ptr<Translator>> translators_;
  std::vector<std::deque<Octets>> queues_;  // of packets handed off, by worker
};

}  // namespace dragoman::nat64::scene
