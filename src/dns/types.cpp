// Mnemonics of the DNS code points: tables, and the generic forms TYPE65280 and CLASS32 of RFC 3597 5.
// Pure; any thread.
#include "dragoman/dns/types.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "dragoman/base/letter_case.h"

namespace dragoman::dns {
namespace {

template <class Code>
struct Row {
  Code code;
  std::string_view text;
};

constexpr Row<Type> types[] = {
    {Type::a, "A"},         {Type::ns, "NS"},           {Type::md, "MD"},
    {Type::mf, "MF"},       {Type::cname, "CNAME"},     {Type::soa, "SOA"},
    {Type::mb, "MB"},       {Type::mg, "MG"},           {Type::mr, "MR"},
    {Type::ptr, "PTR"},     {Type::hinfo, "HINFO"},     {Type::minfo, "MINFO"},
    {Type::mx, "MX"},       {Type::txt, "TXT"},         {Type::rp, "RP"},
    {Type::afsdb, "AFSDB"}, {Type::rt, "RT"},           {Type::sig, "SIG"},
    {Type::key, "KEY"},     {Type::px, "PX"},           {Type::aaaa, "AAAA"},
    {Type::loc, "LOC"},     {Type::nxt, "NXT"},         {Type::srv, "SRV"},
    {Type::naptr, "NAPTR"}, {Type::kx, "KX"},           {Type::cert, "CERT"},
    {Type::dname, "DNAME"}, {Type::opt, "OPT"},         {Type::apl, "APL"},
    {Type::ds, "DS"},       {Type::sshfp, "SSHFP"},     {Type::ipseckey, "IPSECKEY"},
    {Type::rrsig, "RRSIG"}, {Type::nsec, "NSEC"},       {Type::dnskey, "DNSKEY"},
    {Type::dhcid, "DHCID"}, {Type::nsec3, "NSEC3"},     {Type::nsec3param, "NSEC3PARAM"},
    {Type::tlsa, "TLSA"},   {Type::smimea, "SMIMEA"},   {Type::hip, "HIP"},
    {Type::cds, "CDS"},     {Type::cdnskey, "CDNSKEY"}, {Type::openpgpkey, "OPENPGPKEY"},
    {Type::csync, "CSYNC"}, {Type::zonemd, "ZONEMD"},   {Type::svcb, "SVCB"},
    {Type::https, "HTTPS"}, {Type::spf, "SPF"},         {Type::eui48, "EUI48"},
    {Type::eui64, "EUI64"}, {Type::tkey, "TKEY"},       {Type::tsig, "TSIG"},
    {Type::ixfr, "IXFR"},   {Type::axfr, "AXFR"},       {Type::mailb, "MAILB"},
    {Type::maila, "MAILA"}, {Type::any, "ANY"},         {Type::uri, "URI"},
    {Type::caa, "CAA"},     {Type::resinfo, "RESINFO"},
};

constexpr Row<Class> classes[] = {
    {Class::in, "IN"}, {Class::ch, "CH"}, {Class::hs, "HS"}, {Class::none, "NONE"}, {Class::any, "ANY"},
};

constexpr Row<Rcode> rcodes[] = {
    {Rcode::noerror, "NOERROR"},     {Rcode::formerr, "FORMERR"}, {Rcode::servfail, "SERVFAIL"},
    {Rcode::nxdomain, "NXDOMAIN"},   {Rcode::notimp, "NOTIMP"},   {Rcode::refused, "REFUSED"},
    {Rcode::yxdomain, "YXDOMAIN"},   {Rcode::yxrrset, "YXRRSET"}, {Rcode::nxrrset, "NXRRSET"},
    {Rcode::notauth, "NOTAUTH"},     {Rcode::notzone, "NOTZONE"}, {Rcode::badvers, "BADVERS"},
    {Rcode::badcookie, "BADCOOKIE"},
};

constexpr Row<Ede> edes[] = {
    {Ede::other, "Other"},
    {Ede::unsupported_dnskey_algorithm, "Unsupported DNSKEY Algorithm"},
    {Ede::unsupported_ds_digest, "Unsupported DS Digest Type"},
    {Ede::stale_answer, "Stale Answer"},
    {Ede::forged_answer, "Forged Answer"},
    {Ede::dnssec_indeterminate, "DNSSEC Indeterminate"},
    {Ede::dnssec_bogus, "DNSSEC Bogus"},
    {Ede::signature_expired, "Signature Expired"},
    {Ede::signature_not_yet_valid, "Signature Not Yet Valid"},
    {Ede::dnskey_missing, "DNSKEY Missing"},
    {Ede::rrsigs_missing, "RRSIGs Missing"},
    {Ede::no_zone_key_bit_set, "No Zone Key Bit Set"},
    {Ede::nsec_missing, "NSEC Missing"},
    {Ede::cached_error, "Cached Error"},
    {Ede::not_ready, "Not Ready"},
    {Ede::blocked, "Blocked"},
    {Ede::censored, "Censored"},
    {Ede::filtered, "Filtered"},
    {Ede::prohibited, "Prohibited"},
    {Ede::stale_nxdomain_answer, "Stale NXDOMAIN Answer"},
    {Ede::not_authoritative, "Not Authoritative"},
    {Ede::not_supported, "Not Supported"},
    {Ede::no_reachable_authority, "No Reachable Authority"},
    {Ede::network_error, "Network Error"},
    {Ede::invalid_data, "Invalid Data"},
    {Ede::signature_expired_before_valid, "Signature Expired before Valid"},
    {Ede::too_early, "Too Early"},
    {Ede::unsupported_nsec3_iterations, "Unsupported NSEC3 Iterations Value"},
    {Ede::unable_to_conform_to_policy, "Unable to conform to policy"},
    {Ede::synthesized, "Synthesized"},
};

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char left, char right) {
    return to_lower(static_cast<std::uint8_t>(left)) == to_lower(static_cast<std::uint8_t>(right));
  });
}

template <class Code, std::size_t size>
std::string_view find_text(const Row<Code> (&rows)[size], Code code) {
  auto row = std::find_if(std::begin(rows), std::end(rows), [&](const auto& each) { return each.code == code; });
  return row == std::end(rows) ? std::string_view{} : row->text;
}

// The mnemonic, or `prefix` and the number.
template <class Code, std::size_t size>
std::string text_of(const Row<Code> (&rows)[size], Code code, const char* prefix) {
  std::string_view known = find_text(rows, code);
  return known.empty() ? prefix + std::to_string(static_cast<unsigned>(code)) : std::string(known);
}

template <class Code, std::size_t size>
std::optional<Code> code_of(const Row<Code> (&rows)[size], std::string_view text, std::string_view prefix) {
  for (const Row<Code>& row : rows) {
    if (same_word(row.text, text)) return row.code;
  }
  if (!same_word(text.substr(0, prefix.size()), prefix)) return std::nullopt;
  text.remove_prefix(prefix.size());
  std::uint16_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return static_cast<Code>(number);
}

}  // namespace

std::string to_text(Type type) { return text_of(types, type, "TYPE"); }
std::optional<Type> type_from_text(std::string_view text) { return code_of(types, text, "TYPE"); }
std::string to_text(Class klass) { return text_of(classes, klass, "CLASS"); }
std::optional<Class> class_from_text(std::string_view text) { return code_of(classes, text, "CLASS"); }
std::string to_text(Rcode rcode) { return text_of(rcodes, rcode, "RCODE"); }

std::string_view to_text(Ede code) {
  std::string_view known = find_text(edes, code);
  return known.empty() ? "Unassigned" : known;
}

}  // namespace dragoman::dns
