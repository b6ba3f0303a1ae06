// The HTTP statuses that this server gives, one row each; also metric labels. RFC 9110 15 and RFC 8484 4.2.1: whatever
// the DNS RCODE, a DNS answer is 200; the others tell of the HTTP request alone.
#pragma once

#include <array>
#include <string_view>

#include "dragoman/serve/metrics.h"

namespace dragoman::serve {

struct HttpStatusRow {
  std::string_view code;
  std::string_view reason;
  std::string_view body;  // one line for people who look with a browser or curl
};

// In the order of HttpStatus.
inline constexpr std::array<HttpStatusRow, telemetry::label_count<HttpStatus>> http_statuses{{
    {"200", "OK", ""},
    {"400", "Bad Request", "This is no DNS query: give ?dns= in base64url, or POST the message.\n"},
    {"404", "Not Found", "There is no DNS over HTTPS at this path.\n"},
    {"405", "Method Not Allowed", "DNS over HTTPS takes GET and POST.\n"},
    {"413", "Content Too Large", "A DNS message has at most 65535 octets.\n"},
    {"414", "URI Too Long", "The target is too long: POST the message instead.\n"},
    {"415", "Unsupported Media Type", "The content-type must be application/dns-message.\n"},
    {"431", "Request Header Fields Too Large", "The header has more than 8 KiB or 64 fields.\n"},
    {"503", "Service Unavailable", "Too many unfinished requests on this connection.\n"},
    {"505", "HTTP Version Not Supported", "This server speaks HTTP/2 (by ALPN), HTTP/1.1 and HTTP/1.0.\n"},
}};

inline const HttpStatusRow& row_of(HttpStatus status) { return http_statuses[static_cast<std::size_t>(status)]; }

inline constexpr std::string_view dns_message_type = "application/dns-message";
inline constexpr std::string_view error_type = "text/plain; charset=utf-8";
inline constexpr std::string_view allowed_methods = "GET, HEAD, POST";

}  // namespace dragoman::serve
