// NSEC and NSEC3 records from text, as RRsets whose signatures have held.
#pragma once

#include <initializer_list>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/dns/name.h"
#include "dragoman/dns/types.h"
#include "denial.h"
#include "dragoman/dnssec/rrset.h"

namespace dragoman::dnssec {

inline dns::Name name(std::string_view text) { return *dns::Name::from_text(text); }

using Types = std::set<dns::Type>;
using Octets = std::vector<std::uint8_t>;

inline void append(Octets& octets, Bytes more) { octets.insert(octets.end(), more.begin(), more.end()); }

// "A NS TYPE128".
inline Types types(const std::string& text) {
  std::istringstream in(text);
  Types all;
  for (std::string word; in >> word;) all.insert(*dns::type_from_text(word));
  return all;
}

inline Octets bitmap(const Types& types) {
  std::map<unsigned, Octets> windows;
  for (const dns::Type type : types) {
    const auto number = static_cast<unsigned>(type);
    Octets& bits = windows[number >> 8];
    const std::size_t octet = (number & 0xFF) / 8;
    if (bits.size() <= octet) bits.resize(octet + 1);
    bits[octet] |= static_cast<std::uint8_t>(0x80 >> number % 8);
  }
  Octets all;
  for (const auto& [window, bits] : windows) {
    all.push_back(static_cast<std::uint8_t>(window));
    all.push_back(static_cast<std::uint8_t>(bits.size()));
    append(all, bits);
  }
  return all;
}

inline Rrset rrset_of(const dns::Name& owner, dns::Type type, const Octets& rdata) {
  Rrset rrset;
  rrset.section = dns::Section::authority;
  rrset.owner = owner;
  rrset.type = type;
  rrset.ttl = 300;
  rrset.add(rdata);
  return rrset;
}

inline Rrset nsec(const dns::Name& owner, const dns::Name& next, const Types& has) {
  Octets rdata;
  append(rdata, next.view().wire());
  append(rdata, bitmap(has));
  return rrset_of(owner, dns::Type::nsec, rdata);
}

// "a.example. b.example. A RRSIG NSEC".
inline Rrset nsec(const std::string& text) {
  std::istringstream in(text);
  std::string owner, next, rest;
  in >> owner >> next;
  std::getline(in, rest);
  return nsec(name(owner), name(next), types(rest));
}

inline constexpr std::string_view base32hex_digits = "0123456789abcdefghijklmnopqrstuv";

inline std::string base32hex(Bytes octets) {
  std::string text;
  unsigned pending = 0, bits = 0;
  for (const std::uint8_t octet : octets) {
    pending = (pending << 8 | octet) & 0xFFFF;
    for (bits += 8; bits >= 5; bits -= 5) text += base32hex_digits[pending >> (bits - 5) & 31];
  }
  if (bits > 0) text += base32hex_digits[pending << (5 - bits) & 31];
  return text;
}

inline Octets from_base32hex(std::string_view text) {
  Octets octets;
  unsigned pending = 0, bits = 0;
  for (const char digit : text) {
    pending = (pending << 5 | static_cast<unsigned>(base32hex_digits.find(digit))) & 0xFFFF;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    octets.push_back(static_cast<std::uint8_t>(pending >> bits));
  }
  return octets;
}

inline Octets from_hex(const std::string& text) {
  Octets octets;
  for (std::size_t at = 0; at + 1 < text.size(); at += 2) {
    octets.push_back(static_cast<std::uint8_t>(std::stoul(text.substr(at, 2), nullptr, 16)));
  }
  return octets;
}

struct Nsec3Fields {
  std::uint8_t algorithm = 1, flags = 0;
  std::uint16_t iterations = 0;
  Octets salt, next;
  Types has;
};

inline Rrset nsec3(const dns::Name& owner, const Nsec3Fields& fields) {
  Octets rdata{fields.algorithm, fields.flags, static_cast<std::uint8_t>(fields.iterations >> 8),
               static_cast<std::uint8_t>(fields.iterations)};
  rdata.push_back(static_cast<std::uint8_t>(fields.salt.size()));
  append(rdata, fields.salt);
  rdata.push_back(static_cast<std::uint8_t>(fields.next.size()));
  append(rdata, fields.next);
  append(rdata, bitmap(fields.has));
  return rrset_of(owner, dns::Type::nsec3, rdata);
}

// "<hash>.example. 1 0 12 aabbccdd <hash> A RRSIG"; "-" is no salt.
inline Rrset nsec3(const std::string& text) {
  std::istringstream in(text);
  std::string owner, salt, next, rest;
  unsigned algorithm = 0, flags = 0;
  Nsec3Fields fields;
  in >> owner >> algorithm >> flags >> fields.iterations >> salt >> next;
  std::getline(in, rest);
  fields.algorithm = static_cast<std::uint8_t>(algorithm);
  fields.flags = static_cast<std::uint8_t>(flags);
  if (salt != "-") fields.salt = from_hex(salt);
  fields.next = from_base32hex(next);
  fields.has = types(rest);
  return nsec3(name(owner), fields);
}

inline std::vector<Rrset> nsecs(std::initializer_list<const char*> lines) {
  std::vector<Rrset> all;
  for (const char* line : lines) all.push_back(nsec(line));
  return all;
}
inline std::vector<Rrset> nsec3s(std::initializer_list<const char*> lines) {
  std::vector<Rrset> all;
  for (const char* line : lines) all.push_back(nsec3(line));
  return all;
}

// A Denial with all that it borrows.
class Proof {
 public:
  Proof(std::string_view zone, std::vector<Rrset> records, const Limits& limits = {})
      : Proof(name(zone), std::move(records), limits) {}
  Proof(const dns::Name& zone, std::vector<Rrset> records, const Limits& limits = {})
      : zone_(zone), records_(std::move(records)), budget_(limits), denial_(zone_, pointers(), budget_) {}
  Proof(const Proof&) = delete;

  Reason nodata(std::string_view asked, dns::Type type) { return denial_.nodata(name(asked), type); }
  Reason nxdomain(std::string_view asked) { return denial_.nxdomain(name(asked)); }
  Reason wildcard_answer(std::string_view asked, int labels) {
    return denial_.wildcard_answer(name(asked), static_cast<std::uint8_t>(labels));
  }
  Denial::AboutDs no_ds(std::string_view asked) { return denial_.no_ds(name(asked)); }
  Denial& denial() { return denial_; }
  Budget& budget() { return budget_; }

 private:
  const std::vector<const Rrset*>& pointers() {
    for (const Rrset& record : records_) pointers_.push_back(&record);
    return pointers_;
  }

  dns::Name zone_;
  std::vector<Rrset> records_;
  std::vector<const Rrset*> pointers_;
  Budget budget_;
  Denial denial_;
};

}  // namespace dragoman::dnssec
