// Signed zones behind a fake upstream: what the resolvers of the world say when they are asked with DO and CD. Tests
// break what they like by serving something else.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dragoman/dnssec/trust_anchors.h"
#include "fakes/fake_upstream.h"
#include "fakes/signed_zone.h"

namespace dragoman::fakes {

// One record as it goes into a message.
struct WireRecord {
  dns::Section section = dns::Section::answer;
  dns::Name owner;
  dns::Type type{};
  Octets rdata;
  std::uint32_t ttl = 300;
};
using WireRecords = std::vector<WireRecord>;

inline dns::Name wire_name(const std::string& text) { return *dns::Name::from_text(text); }

inline upstream::Outcome outcome_of(const dns::Question& question, dns::Rcode rcode, const WireRecords& records) {
  std::vector<std::uint8_t> room(dns::max_message_length);
  dns::MessageWriter writer(room);
  writer.question(question.name, question.type, question.klass);
  for (const dns::Section section : {dns::Section::answer, dns::Section::authority}) {
    for (const WireRecord& record : records) {
      if (record.section == section) writer.record(section, record.owner, record.type, record.ttl, record.rdata);
    }
  }
  upstream::Outcome outcome;
  outcome.answer = dns::to_answer(dns::written_answer(writer, {rcode}));
  return outcome;
}

class SignedWorld {
 public:
  explicit SignedWorld(FakeUpstream& server) : server_(server) {}

  // A zone with one key. Its parent, if there is one, gets a DS record; without, it is where trust begins.
  void add_zone(const std::string& zone, const std::string& parent = "", std::uint8_t algorithm = 13) {
    keys_.insert_or_assign(zone, SigningKey(algorithm));
    const SigningKey& key = keys_.at(zone);
    serve(zone, {zone, dns::Type::dnskey}, {key.dnskey()});
    if (parent.empty()) {
      anchors_.push_back({wire_name(zone), {{key.ds(wire_name(zone))}, {}}});
    } else {
      serve(parent, {zone, dns::Type::ds}, {key.ds(wire_name(zone))});
    }
  }
  // A delegation without DS, which the parent proves.
  void add_unsigned_zone(const std::string& zone, const std::string& parent) {
    say({zone, dns::Type::ds}, dns::Rcode::noerror, denial(parent, zone, zone_after(zone), {dns::Type::ns}));
  }
  const SigningKey& key_of(const std::string& zone) const { return keys_.at(zone); }

  struct Subject {
    std::string name;
    dns::Type type{};
  };

  // A signed answer.
  void serve(const std::string& zone, const Subject& subject, const std::vector<Octets>& rdata,
             SignatureFields fields = {}) {
    say(subject, dns::Rcode::noerror, signed_rrset(zone, subject, rdata, dns::Section::answer, fields));
  }
  void serve_text(const std::string& zone, const Subject& subject, const std::string& rdata,
                  SignatureFields fields = {}) {
    serve(zone, subject, {*dns::rdata_from_text(subject.type, rdata)}, fields);
  }
  // NODATA, by the NSEC record of the name, which has these types.
  void deny(const std::string& zone, const Subject& subject, const std::vector<dns::Type>& types) {
    say(subject, dns::Rcode::noerror, denial(zone, subject.name, zone_after(subject.name), types));
  }
  // NXDOMAIN, by the NSEC record of the apex, which leads to the apex again: nothing else is in the zone.
  void deny_name(const std::string& zone, const Subject& subject) {
    say(subject, dns::Rcode::nxdomain, denial(zone, zone, zone, {dns::Type::soa, dns::Type::ns}));
  }
  void say(const Subject& subject, dns::Rcode rcode, const WireRecords& records) {
    server_.script(subject.name, subject.type,
                   [=](const dns::Question& question) { return outcome_of(question, rcode, records); });
  }

  WireRecords signed_rrset(const std::string& zone, const Subject& subject, const std::vector<Octets>& rdata,
                           dns::Section section, SignatureFields fields = {}) const {
    const dns::Name owner = wire_name(subject.name);
    WireRecords records;
    for (const Octets& one : rdata) records.push_back({section, owner, subject.type, one});
    records.push_back(
        {section, owner, dns::Type::rrsig, rrsig(keys_.at(zone), wire_name(zone), owner, subject.type, rdata, fields)});
    return records;
  }
  // SOA and one NSEC record, signed.
  WireRecords denial(const std::string& zone, const std::string& owner, const std::string& next,
                     std::vector<dns::Type> types) const {
    WireRecords records =
        signed_rrset(zone, {zone, dns::Type::soa}, {*dns::rdata_from_text(dns::Type::soa, "ns. host. 1 2 3 4 300")},
                     dns::Section::authority);
    types.insert(types.end(), {dns::Type::rrsig, dns::Type::nsec});
    for (WireRecord& record :
         signed_rrset(zone, {owner, dns::Type::nsec}, {nsec(next, types)}, dns::Section::authority)) {
      records.push_back(std::move(record));
    }
    return records;
  }
  static Octets nsec(const std::string& next, const std::vector<dns::Type>& types) {
    const dns::Name name = wire_name(next);
    Octets out(name.view().wire().begin(), name.view().wire().end());
    Octets bits(32);
    for (const dns::Type type : types) {
      const auto number = static_cast<unsigned>(type);
      bits[number / 8] = static_cast<std::uint8_t>(bits[number / 8] | 0x80u >> number % 8);
    }
    while (!bits.empty() && bits.back() == 0) bits.pop_back();
    out.insert(out.end(), {0, static_cast<std::uint8_t>(bits.size())});
    append(out, bits);
    return out;
  }
  // The first name behind everything below `name`.
  static std::string zone_after(const std::string& name) {
    std::string next = name;
    const auto end_of_label = next.find('.');
    return next.insert(end_of_label, "0");
  }

  std::shared_ptr<const dnssec::TrustAnchors> anchors(std::vector<dnssec::NegativeTrustAnchor> negative = {}) const {
    return std::make_shared<const dnssec::TrustAnchors>(anchors_, std::move(negative));
  }

 private:
  FakeUpstream& server_;
  std::map<std::string, SigningKey> keys_;
  std::vector<dnssec::TrustAnchor> anchors_;
};

}  // namespace dragoman::fakes
