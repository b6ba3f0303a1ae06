// An upstream that answers as a fuzz input says: in any order, late, never, with failures, and with messages that no
// honest server sends. Remembers what it said, so that replies can be held against it. One thread.
#pragma once

#include <algorithm>
#include <coroutine>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "choices.h"
#include "dragoman/dns/message_view.h"
#include "dragoman/dns/message_writer.h"
#include "dragoman/dns/rdata.h"
#include "dragoman/upstream/forwarder.h"

namespace dragoman::fuzz {

inline constexpr std::size_t name_count = 6;

// n0.test to n5.test, and names below them.
inline dns::Name name_of(std::size_t index) {
  const std::string below = index >= name_count ? "www." : "";
  return *dns::Name::from_text(below + "n" + std::to_string(index % name_count) + ".test");
}

class ChanceUpstream final : public upstream::Upstream {
 public:
  explicit ChanceUpstream(Choices& choices) : choices_(choices) {}

  Task<upstream::Outcome> ask(upstream::Lookup lookup) override {
    ++asked_;
    if (!choices_.once_in(4)) co_await Gate(*this);
    co_return outcome(lookup);
  }

  // Lets one of the questions that wait go on.
  void release_one() {
    if (waiting_.empty()) return;
    const auto chosen = waiting_.begin() + static_cast<std::ptrdiff_t>(choices_.below(waiting_.size()));
    Gate* const gate = *chosen;
    gate->leave();
    gate->waiter.resume();
  }
  std::size_t waiting() const { return waiting_.size(); }
  std::size_t asked() const { return asked_; }

  // What was said: the largest TTL with which an A address was given, the largest of an SOA, and every AAAA address.
  const std::uint32_t* ttl_of(const ip::Ipv4Octets& address) const {
    const auto known = a_ttls_.find(address);
    return known == a_ttls_.end() ? nullptr : &known->second;
  }
  bool said(const ip::Ipv6Octets& address) const { return aaaa_.contains(address); }

 private:
  struct Gate {
    explicit Gate(ChanceUpstream& upstream) : owner(upstream) {}
    ~Gate() { leave(); }
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> handle) {
      waiter = handle;
      owner.waiting_.push_back(this);
    }
    void await_resume() const {}
    void leave() { std::erase(owner.waiting_, this); }
    ChanceUpstream& owner;
    std::coroutine_handle<> waiter;
  };

  upstream::Outcome outcome(const upstream::Lookup& lookup) {
    upstream::Outcome outcome;
    outcome.server = "chance";
    if (choices_.once_in(8)) {
      outcome.failure = static_cast<upstream::Failure>(1 + choices_.below(5));
      return outcome;
    }
    std::vector<std::uint8_t> octets = message(lookup);
    for (std::size_t flips = choices_.once_in(8) ? choices_.below(8) : 0; flips > 0; --flips) {
      octets[choices_.octet() * std::size_t{7} % octets.size()] ^= choices_.octet();
    }
    dns::MessageView view;
    if (dns::MessageView::parse(octets, view) != dns::MessageView::Fault::none ||
        !dns::equal(view.question().name, lookup.name) || view.question().type != lookup.type) {
      outcome.failure = upstream::Failure::malformed;
      return outcome;
    }
    remember(view);
    outcome.answer = dns::from_message(view);
    return outcome;
  }

  std::vector<std::uint8_t> message(const upstream::Lookup& lookup) {
    static constexpr dns::Rcode rcodes[] = {dns::Rcode::nxdomain, dns::Rcode::servfail, dns::Rcode::refused,
                                            dns::Rcode::notimp, dns::Rcode::yxdomain};
    std::vector<std::uint8_t> room(4096);
    dns::MessageWriter writer(room);
    writer.question(lookup.name, lookup.type, dns::Class::in);
    dns::Header header;
    header.flags = dns::Header::qr | dns::Header::ra;
    if (choices_.once_in(4)) header.flags |= dns::Header::ad;
    if (choices_.once_in(4)) header.flags |= static_cast<std::uint16_t>(rcodes[choices_.below(std::size(rcodes))]);
    dns::Name owner = lookup.name;
    for (std::size_t links = choices_.once_in(3) ? choices_.below(4) : 0; links > 0; --links) {
      const dns::Name target = name_of(choices_.below(name_count * 2));
      writer.begin_record(dns::Section::answer, owner, dns::Type::cname, dns::Class::in, ttl());
      writer.rdata_name(target, true);
      writer.end_record();
      owner = target;
    }
    for (std::size_t count = choices_.below(4); count > 0; --count) address(dns::Section::answer, owner, writer);
    if (choices_.once_in(2)) soa(writer);
    if (choices_.once_in(6)) address(dns::Section::additional, owner, writer);
    const MutableBytes whole = writer.finish(header);
    return {whole.begin(), whole.end()};
  }

  // Of either family, whatever was asked.
  void address(dns::Section section, const dns::Name& owner, dns::MessageWriter& writer) {
    if (choices_.once_in(3)) {
      static constexpr std::uint8_t firsts[] = {0x20, 0x00, 0xfd};  // native, mapped or well-known, unique local
      ip::Ipv6Octets v6{firsts[choices_.below(3)]};
      if (v6[0] == 0) v6[10] = v6[11] = 0xff;
      v6[15] = static_cast<std::uint8_t>(choices_.below(4));
      writer.record(section, owner, dns::Type::aaaa, ttl(), v6);
      return;
    }
    static constexpr std::uint8_t firsts[] = {198, 10, 127, 9};
    const ip::Ipv4Octets v4{firsts[choices_.below(4)], 51, 100, static_cast<std::uint8_t>(choices_.below(4))};
    writer.record(section, owner, dns::Type::a, ttl(), v4);
  }

  void soa(dns::MessageWriter& writer) {
    writer.begin_record(dns::Section::authority, *dns::Name::from_text("test"), dns::Type::soa, dns::Class::in, ttl());
    writer.rdata_name(*dns::Name::from_text("ns.test"), true);
    writer.rdata_name(*dns::Name::from_text("host.test"), true);
    for (int i = 0; i < 4; ++i) writer.rdata_u32(1);
    writer.rdata_u32(ttl());
    writer.end_record();
  }

  std::uint32_t ttl() {
    static constexpr std::uint32_t ttls[] = {0, 1, 30, 300, 3600, 86400, 0x7fffffff, 0x80000000};
    return ttls[choices_.below(std::size(ttls))];
  }

  void remember(const dns::MessageView& view) {
    for (auto [section, record] : view.records()) {
      if (const auto a = record.type == dns::Type::a ? dns::A::read(record.rdata) : std::nullopt) {
        std::uint32_t& most = a_ttls_[a->address];
        most = std::max(most, record.ttl);
      }
      if (const auto aaaa = record.type == dns::Type::aaaa ? dns::Aaaa::read(record.rdata) : std::nullopt) {
        aaaa_.insert(aaaa->address);
      }
    }
  }

  Choices& choices_;
  std::vector<Gate*> waiting_;
  std::size_t asked_ = 0;
  std::map<ip::Ipv4Octets, std::uint32_t> a_ttls_;
  std::set<ip::Ipv6Octets> aaaa_;
};

}  // namespace dragoman::fuzz
