// Protection against DNS rebinding: what an upstream says of a public name must not lead a browser to a host of the
// inside. Addresses of private ranges are taken out of answers where they arrive, before anything is made of them or
// kept. Immutable once built; any thread.
#pragma once

#include <string>
#include <vector>

#include "dragoman/dns/answer.h"
#include "dragoman/dns/suffix_map.h"
#include "dragoman/ip/address.h"
#include "dragoman/ip/pref64.h"

namespace dragoman::resolve {

// RFC 1918, loopback, link-local, "this network" (RFC 1122 3.2.1.3), unique local (RFC 4193).
std::vector<ip::Prefix> private_ranges();

struct RebindingOptions {
  bool enabled = false;
  std::vector<ip::Prefix> ranges = private_ranges();
  std::vector<dns::Name> allow_names{};  // questions at and below these keep what was said
};

class RebindingFilter {
 public:
  RebindingFilter() = default;  // lets everything pass
  // An AAAA under one of `translated` stands for the IPv4 address in it: that decides, whatever range the prefix is in.
  RebindingFilter(const RebindingOptions& options, std::vector<ip::Pref64> translated);

  bool is_on() const { return is_on_; }
  // Takes out the A and AAAA records whose address is in a range, mapped or embedded ones included, and the HTTPS and
  // SVCB records with such a hint. When nothing is left of what was asked it is NODATA, with an SOA to keep it by and
  // head.blocked. Signatures over what is not whole any more go, and AD. True when something was taken out.
  bool apply(const dns::Question& question, dns::Answer& answer) const;

  // Whether two filters take out the same.
  friend bool operator==(const RebindingFilter& a, const RebindingFilter& b) { return a.text_ == b.text_; }

 private:
  bool is_private(const ip::Address& address) const;
  bool is_private(const dns::AnswerRecord& record) const;
  bool has_private_hint(const dns::AnswerRecord& record) const;
  void rewrite(const dns::Question& question, dns::Answer& answer) const;

  bool is_on_ = false;
  std::vector<ip::Prefix> ranges_;
  std::vector<ip::Pref64> translated_;
  dns::NameSuffixes allow_names_;
  std::string text_;  // all of the above
};

}  // namespace dragoman::resolve
