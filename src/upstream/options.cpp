// URLs of upstream servers: scheme, host, port, path and the name in the certificate. Pure; any thread.
#include "dragoman/upstream/options.h"

#include <array>
#include <charconv>
#include <optional>

#include "dragoman/dns/name.h"

namespace dragoman::upstream {
namespace {

struct Scheme {
  std::string_view name;
  Transport transport;
  std::uint16_t port;
  const char* example;
};

constexpr std::array<Scheme, 5> schemes{{
    {"dns", Transport::udp, 53, "dns://192.0.2.53"},
    {"udp", Transport::udp, 53, "udp://192.0.2.53:53"},
    {"tcp", Transport::tcp, 53, "tcp://[2001:db8::53]:53"},
    {"tls", Transport::tls, 853, "tls://192.0.2.53#dns.example.net"},
    {"https", Transport::https, 443, "https://dns.example.net/dns-query"},
}};

const Scheme* scheme_named(std::string_view name) {
  for (const Scheme& scheme : schemes) {
    if (scheme.name == name) return &scheme;
  }
  return nullptr;
}

Error bad_url(const char* what, std::string_view url, const char* example) {
  return {ErrorCode::invalid_argument, what, std::string(url) + " (for example " + example + ")"};
}

// Cuts `text` at the first of `marks`; what follows it is returned, the mark included.
std::string_view cut_from(std::string_view& text, std::string_view marks) {
  const std::size_t at = text.find_first_of(marks);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = text.substr(at);
  text = text.substr(0, at);
  return rest;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

// Letters, digits, "-", "_" and ".": what can be looked up, and written into a :authority.
bool is_host_name(std::string_view text) {
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '_' && c != '.') return false;
  }
  const Result<dns::Name> name = dns::Name::from_text(text);
  return name && !name->view().is_root();
}

bool is_address(std::string_view text) { return static_cast<bool>(ip::Address::from_text(text)); }

// "1.2.3" and "300.1.1.1" are mistyped addresses, not names: no top-level domain is all digits (RFC 3696 2).
bool looks_like_an_address(std::string_view text) {
  const std::string_view last = text.substr(text.rfind('.') == std::string_view::npos ? 0 : text.rfind('.') + 1);
  return last.find_first_not_of("0123456789") == std::string_view::npos;
}

// "host", "host:port", "[address]", "[address]:port". Nullptr when all is well, else what is wrong.
const char* parse_authority(std::string_view text, ServerOptions& out) {
  if (text.empty()) return "a server URL needs a host";
  std::string_view port;
  if (text.front() == '[') {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return "the bracket of an IPv6 address is not closed";
    out.host = text.substr(1, close - 1);
    port = text.substr(close + 1);
    const Result<ip::Address> address = ip::Address::from_text(out.host);
    if (!address || !address->is_v6()) return "only an IPv6 address stands in brackets";
  } else {
    if (is_address(text) && text.find(':') != std::string_view::npos) return "an IPv6 address needs brackets";
    port = cut_from(text, ":");
    out.host = text;
    if (!is_address(text) && (looks_like_an_address(text) || !is_host_name(text))) {
      return "the host is neither an address nor a name";
    }
  }
  if (port.empty()) return nullptr;
  const std::optional<std::uint16_t> number = port.front() == ':' ? parse_port(port.substr(1)) : std::nullopt;
  if (!number) return "the port must be a number from 1 to 65535";
  out.port = *number;
  return nullptr;
}

bool is_printable(std::string_view text) {
  for (const char c : text) {
    if (c <= ' ' || c >= 0x7f) return false;
  }
  return true;
}

}  // namespace

Result<ServerOptions> ServerOptions::from_url(std::string_view url) {
  const std::size_t colon = url.find("://");
  if (colon == std::string_view::npos) return bad_url("a server is written as a URL", url, "dns://192.0.2.53");
  const Scheme* scheme = scheme_named(url.substr(0, colon));
  if (scheme == nullptr) {
    return bad_url("the scheme of a server is dns, udp, tcp, tls or https", url, "tls://192.0.2.53#dns.example.net");
  }
  if (!is_printable(url)) return bad_url("a URL has no spaces or control characters", url, scheme->example);

  ServerOptions server;
  server.transport = scheme->transport;
  server.port = scheme->port;
  server.url = url;
  std::string_view authority = url.substr(colon + 3);
  const std::string_view fragment = cut_from(authority, "#");
  std::string_view path = cut_from(authority, "/?");

  if (const char* wrong = parse_authority(authority, server)) return bad_url(wrong, url, scheme->example);
  if (!fragment.empty()) {
    const bool has_tls = scheme->transport == Transport::tls || scheme->transport == Transport::https;
    if (!has_tls) return bad_url("only tls and https check the name of a certificate", url, scheme->example);
    server.verify_name = fragment.substr(1);
    if (!is_address(server.verify_name) && !is_host_name(server.verify_name)) {
      return bad_url("behind # stands the name in the certificate", url, scheme->example);
    }
  }
  if (scheme->transport == Transport::https) {
    // The template's variable is for GET; questions go out as POST (RFC 8484 4.1).
    if (path.ends_with("{?dns}")) path.remove_suffix(6);
    server.path = path.empty() ? "/dns-query" : path;
    if (server.path.front() != '/') return bad_url("the path must begin with /", url, scheme->example);
  } else if (!path.empty() && path != "/") {
    return bad_url("only https has a path", url, scheme->example);
  }
  return server;
}

bool ServerOptions::host_is_address() const { return is_address(host); }

}  // namespace dragoman::upstream
