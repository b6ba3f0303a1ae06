// Code points of the DNS as enums of their registered values; unknown values pass through unharmed.
// "To add a type": one enumerator, one line in types.cpp, one row in rdata_format.cpp; give it structured access in
// rdata.h only if the program reasons about it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dragoman::dns {

enum class Type : std::uint16_t {
  a = 1,
  ns = 2,
  md = 3,
  mf = 4,
  cname = 5,
  soa = 6,
  mb = 7,
  mg = 8,
  mr = 9,
  ptr = 12,
  hinfo = 13,
  minfo = 14,
  mx = 15,
  txt = 16,
  rp = 17,
  afsdb = 18,
  rt = 21,
  sig = 24,
  key = 25,
  px = 26,
  aaaa = 28,
  loc = 29,
  nxt = 30,
  srv = 33,
  naptr = 35,
  kx = 36,
  cert = 37,
  dname = 39,
  opt = 41,
  apl = 42,
  ds = 43,
  sshfp = 44,
  ipseckey = 45,
  rrsig = 46,
  nsec = 47,
  dnskey = 48,
  dhcid = 49,
  nsec3 = 50,
  nsec3param = 51,
  tlsa = 52,
  smimea = 53,
  hip = 55,
  cds = 59,
  cdnskey = 60,
  openpgpkey = 61,
  csync = 62,
  zonemd = 63,
  svcb = 64,
  https = 65,
  spf = 99,
  eui48 = 108,
  eui64 = 109,
  tkey = 249,
  tsig = 250,
  ixfr = 251,
  axfr = 252,
  mailb = 253,
  maila = 254,
  any = 255,
  uri = 256,
  caa = 257,
  resinfo = 261
};

enum class Class : std::uint16_t { in = 1, ch = 3, hs = 4, none = 254, any = 255 };

enum class Opcode : std::uint8_t { query = 0, iquery = 1, status = 2, notify = 4, update = 5, dso = 6 };

// Also the extended RCODEs that need an OPT (RFC 6891 6.1.3).
enum class Rcode : std::uint16_t {
  noerror = 0,
  formerr = 1,
  servfail = 2,
  nxdomain = 3,
  notimp = 4,
  refused = 5,
  yxdomain = 6,
  yxrrset = 7,
  nxrrset = 8,
  notauth = 9,
  notzone = 10,
  badvers = 16,
  badcookie = 23
};

// Extended DNS Errors (RFC 8914); 29 is "Synthesized".
enum class Ede : std::uint16_t {
  other = 0,
  unsupported_dnskey_algorithm = 1,
  unsupported_ds_digest = 2,
  stale_answer = 3,
  forged_answer = 4,
  dnssec_indeterminate = 5,
  dnssec_bogus = 6,
  signature_expired = 7,
  signature_not_yet_valid = 8,
  dnskey_missing = 9,
  rrsigs_missing = 10,
  no_zone_key_bit_set = 11,
  nsec_missing = 12,
  cached_error = 13,
  not_ready = 14,
  blocked = 15,
  censored = 16,
  filtered = 17,
  prohibited = 18,
  stale_nxdomain_answer = 19,
  not_authoritative = 20,
  not_supported = 21,
  no_reachable_authority = 22,
  network_error = 23,
  invalid_data = 24,
  signature_expired_before_valid = 25,
  too_early = 26,
  unsupported_nsec3_iterations = 27,
  unable_to_conform_to_policy = 28,
  synthesized = 29
};

enum class EdnsOptionCode : std::uint16_t {
  nsid = 3,
  client_subnet = 8,
  expire = 9,
  cookie = 10,
  tcp_keepalive = 11,
  padding = 12,
  chain = 13,
  ede = 15,
  report_channel = 18
};

// Mnemonics: "AAAA", "TYPE65280" (RFC 3597); parsing ignores case and takes both forms.
std::string to_text(Type type);
std::optional<Type> type_from_text(std::string_view text);
std::string to_text(Class klass);
std::optional<Class> class_from_text(std::string_view text);
std::string to_text(Rcode rcode);    // "NOERROR", "RCODE24"
std::string_view to_text(Ede code);  // the registered purpose, "Network Error"

}  // namespace dragoman::dns
