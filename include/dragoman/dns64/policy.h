// Who gets synthesis and how: the settings of DNS64 as the pure code wants them. Immutable once built; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dragoman/base/time.h"
#include "dragoman/dns/name.h"
#include "dragoman/dns/suffix_map.h"
#include "dragoman/ip/address.h"
#include "dragoman/ip/pref64.h"

namespace dragoman::dns64 {

using ip::WellKnownPrefixRule;

// Who asks, and through which door. The texts are valid during the call; those that do not apply are empty.
struct Asker {
  ip::Address address;
  std::string_view listener{};  // its URL, as configured
  std::string_view path{};      // DoH: of the request, without its query
  std::string_view tls_name{};  // DoT, DoH: the name that the client sent (SNI, RFC 6066 3), lower case
};

// Questions in the ip6.arpa zones of prefixes (RFC 6147 5.3.1). `cname` is the RFC's second way: a CNAME to the
// in-addr.arpa name where that has a PTR record. `local` is its first: an empty zone of our own, in which local data
// may put names. `off`: as any other question.
enum class PtrMode : unsigned char { cname, local, off };

// What an AAAA question may come to so that A is used; each includes those before it. The RFC's is `timeout`.
enum class SynthesizeOn : unsigned char {
  nodata,   // no AAAA, or excluded ones alone (5.1.4, 5.1.6)
  rcode,    // also an error (5.1.2)
  timeout,  // also no answer in time (5.1.3)
};

// AAAA records that lie in a prefix of the site or the Well-Known Prefix: a DNS64 in front of us made them, or somebody
// who knows the prefix. `exclude` makes our own of the A records.
enum class OwnPrefixAaaa : unsigned char { pass, exclude };

// Address hints in HTTPS and SVCB records. RFC 9460 4.2.1: a DNS64 keeps them as they are. `strip_ipv4` takes the IPv4
// ones out for clients that cannot use them; only without DO, for signatures would break.
enum class SvcbHints : unsigned char { keep, strip_ipv4 };

// Where IPv4 addresses go (RFC 6147 5.1.7). The first of a policy's mappings that holds an address decides.
struct Mapping {
  std::vector<ip::Prefix> ipv4{};      // which addresses; empty: all
  std::vector<ip::Pref64> prefixes{};  // one AAAA under each, in order; empty: these addresses are not mapped
  bool discovered = false;             // in_force() adds what discovery found (RFC 7050)
};

// One way to synthesize. A client's policy is the first that matches: every condition that is not empty must hold.
struct Policy {
  std::string name{};                    // for people: metrics, logs, explanations; "default" for everybody's
  std::vector<ip::Prefix> clients{};     // conditions: the source is in one of them,
  std::vector<std::string> listeners{};  // the listener is one of these URLs,
  std::vector<std::string> paths{};      // so is the path of the DoH request,
  std::vector<std::string> tls_names{};  // and the server name in the TLS handshake; lower case

  std::vector<Mapping> mappings{};             // none with a prefix: no synthesis for these clients
  std::vector<ip::Pref64> reverse_prefixes{};  // whose reverse names are answered beside those of the mappings
  std::vector<ip::Prefix> exclude_aaaa{};      // AAAA in here count as absent (RFC 6147 5.1.4)
  std::vector<ip::Prefix> exclude_a{};         // A in here are never embedded
  dns::NameSuffixes exclude_names{};           // at and below: no synthesis
  dns::NameSuffixes ignore_aaaa_names{};       // at and below: AAAA count as absent
  OwnPrefixAaaa own_prefix_aaaa = OwnPrefixAaaa::pass;
  SynthesizeOn synthesize_on = SynthesizeOn::timeout;
  bool always = false;             // synthetic records beside native ones (RFC 6147 5.1.1: not by default)
  bool a_after_nxdomain = false;   // for broken servers that deny a name that has A records (5.1.2: not by default)
  bool synthesize_for_cd = false;  // for CD without DO, of which RFC 6147 says nothing; never for both (5.5)
  WellKnownPrefixRule well_known_prefix = WellKnownPrefixRule::examples;
  SvcbHints svcb_hints = SvcbHints::keep;
  PtrMode ptr = PtrMode::cname;
  seconds max_ttl{86400};  // of synthetic records

  bool synthesizes() const;
};

// What is known of a prefix wherever policies use it.
struct PrefixOptions {
  ip::Pref64 prefix;
  bool external = false;  // its translator is somebody else's
  std::string probe{};    // URL of what is asked through it to see whether it works; empty: never asked
  friend bool operator==(const PrefixOptions&, const PrefixOptions&) = default;
};

struct Options {
  std::vector<Policy> policies;         // empty: DNS64 is off
  std::vector<PrefixOptions> prefixes;  // each one that a policy names, once
  milliseconds aaaa_deadline{1500};     // RFC 6147 5.1.3: a time-out is as an error, so the A answer is used
  milliseconds a_delay{0};              // RFC 6147 5.1.8: the A question goes out this long after the AAAA one
  seconds max_ttl_without_soa{600};     // RFC 6147 5.1.7
  seconds local_ttl{600};               // of ipv4only.arpa (RFC 8880) and of the reverse zones
};

// ::ffff:0:0/96, the default of exclude_aaaa.
std::vector<ip::Prefix> default_exclude_aaaa();

// The first policy that matches, whether it synthesizes or not; null when none does. Allocates nothing.
const Policy* policy_for(const std::vector<Policy>& policies, const Asker& asker);

// What was found out about prefixes, and the options as they hold at this moment. `discovered` joins the mappings that ask for it. Prefixes that `failed`, in
// the order in which they did, leave the mappings, but for the last one of each: where all have failed, the one that
// failed last stays, for an address that may not work is better than none. Every policy gets the site's prefixes as
// reverse_prefixes, those that failed included (RFC 6147 5.3.1: any that is used at the site). A policy that uses a
// `strained` prefix answers with a TTL of at most `strained_max_ttl`.
struct PrefixFindings {
  std::vector<ip::Pref64> discovered{};
  std::vector<ip::Pref64> failed{};
  std::vector<ip::Pref64> strained{};
  seconds strained_max_ttl{60};
};
Options in_force(const Options& configured, const PrefixFindings& findings);

}  // namespace dragoman::dns64
