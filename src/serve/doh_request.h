// DNS over HTTPS without HTTP's framing: method, target and media type in, the query's octets or an HTTP status out
// (RFC 8484 4.1, 6; RFC 9110). Pure; sizes are checked before anything is decoded.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "dragoman/base/bytes.h"
#include "dragoman/serve/metrics.h"
#include "dragoman/serve/options.h"

namespace dragoman::serve {

inline constexpr std::size_t max_target = 4096;  // octets of path and query; beyond: 414
inline constexpr std::size_t max_body = 65535;   // a DNS message; beyond: 413
inline constexpr std::size_t max_header = 8192;  // decoded names and values of one request; beyond: 431
inline constexpr std::size_t max_fields = 64;
inline constexpr std::size_t dns_header_size = 12;

// What matters of a request's head. Views into the session.
struct RequestHead {
  HttpMethod method = HttpMethod::other;
  std::string_view target;       // as sent: "/dns-query?dns=..."; absolute form is understood
  bool has_dns_message = false;  // the content-type says application/dns-message
  std::optional<std::uint64_t> content_length;
};

HttpMethod http_method(std::string_view name);
// Media types are case-insensitive and may have parameters (RFC 9110 8.3.1).
bool is_dns_message(std::string_view content_type);
// Nullopt: not a number.
std::optional<std::uint64_t> parse_content_length(std::string_view value);

// Judges the head alone, before any body: `ok` means go on. `listener` becomes the index of the one that the request is
// for; paths are matched exactly.
HttpStatus check_head(const RequestHead& head, const Listeners& listeners, std::size_t& listener);

// Room for the decoded octets of a GET.
using DecodedQuery = std::array<std::uint8_t, max_target / 4 * 3>;

// The query of a complete request whose head is good: from the target of GET and HEAD, else the body. `message` points
// into `decoded` or `body`.
HttpStatus read_query(const RequestHead& head, Bytes body, DecodedQuery& decoded, Bytes& message);

}  // namespace dragoman::serve
