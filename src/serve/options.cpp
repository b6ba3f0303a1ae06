// Listener URLs of the configuration: dns://ADDRESS[:PORT], tls://ADDRESS[:PORT], https://ADDRESS[:PORT][/PATH].
// An address, not a name: a listener that waits for a resolver could be waiting for itself.
#include "dragoman/serve/options.h"

#include <array>

namespace dragoman::serve {

namespace {

struct SchemeRow {
  std::string_view name;
  Scheme scheme;
  std::uint16_t port;
};
constexpr std::array<SchemeRow, 3> schemes{{
    {"dns", Scheme::dns, 53},
    {"tls", Scheme::tls, 853},
    {"https", Scheme::https, 443},
}};

Error invalid(const char* what, std::string_view url) { return {ErrorCode::invalid_argument, what, std::string(url)}; }

const char* scheme_hint(std::string_view name) {
  if (name == "udp" || name == "tcp" || name == "do53") return "a listener's scheme for UDP and TCP is dns://";
  if (name == "dot" || name == "tls+dns") return "a listener's scheme for DNS over TLS is tls://";
  if (name == "doh" || name == "h2") return "a listener's scheme for DNS over HTTPS is https://";
  if (name == "http") return "DNS over HTTP without TLS is not served: write https://";
  return "a listener's scheme is dns://, tls:// or https://";
}

bool has_port(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  if (colon == std::string_view::npos) return false;
  if (!host.empty() && host.front() == '[') return colon > 0 && host[colon - 1] == ']';
  return host.find(':') == colon;  // more than one colon: an IPv6 address without its brackets
}

Result<ip::Endpoint> parse_endpoint(std::string_view host, std::uint16_t default_port, std::string_view url) {
  if (host.empty()) return invalid("a listener needs an IP address, for example 127.0.0.1 or [::1]", url);
  if (has_port(host)) {
    auto endpoint = ip::Endpoint::from_text(host);
    if (!endpoint) return invalid("a listener needs ADDRESS:PORT with an IP address, IPv6 in brackets", url);
    return *endpoint;
  }
  const bool in_brackets = host.front() == '[' && host.back() == ']';
  if (!in_brackets && host.find(':') != std::string_view::npos) {
    return invalid("an IPv6 address in a URL needs brackets, as in [2001:db8::1]", url);
  }
  auto address = ip::Address::from_text(in_brackets ? host.substr(1, host.size() - 2) : host);
  if (!address || address->is_v6() != in_brackets) {
    return invalid("a listener needs an IP address (names are not looked up)", url);
  }
  return ip::Endpoint{*address, default_port};
}

// RFC 8484 4.1.1 writes templates; the part in braces is for clients.
const char* path_problem(std::string_view path) {
  if (path.find('{') != std::string_view::npos) return "leave out {?dns}: it belongs into the clients' templates";
  if (path.find_first_of("?#") != std::string_view::npos) return "a listener's path has no ? and no #";
  for (const char c : path) {
    if (c <= ' ' || c == 0x7f) return "a listener's path has no spaces and only ASCII letters";
  }
  return nullptr;
}

}  // namespace

Result<ListenOptions> ListenOptions::from_url(std::string_view url) {
  const std::size_t mark = url.find("://");
  if (mark == std::string_view::npos) return invalid("a listener is a URL: dns://, tls:// or https://", url);
  const std::string_view scheme = url.substr(0, mark);
  const SchemeRow* row = nullptr;
  for (const SchemeRow& candidate : schemes) {
    if (candidate.name == scheme) row = &candidate;
  }
  if (row == nullptr) return invalid(scheme_hint(scheme), url);

  const std::string_view rest = url.substr(mark + 3);
  const std::size_t slash = rest.find('/');
  const std::string_view path = slash == std::string_view::npos ? std::string_view() : rest.substr(slash);
  auto endpoint = parse_endpoint(rest.substr(0, slash), row->port, url);
  if (!endpoint) return endpoint.error();

  ListenOptions options;
  options.scheme = row->scheme;
  options.endpoint = *endpoint;
  options.url = url;
  if (row->scheme != Scheme::https) {
    if (!path.empty()) return invalid("only https:// listeners have a path", url);
    return options;
  }
  if (const char* problem = path_problem(path)) return invalid(problem, url);
  options.path = path.empty() || path == "/" ? "/dns-query" : path;
  return options;
}

bool may_share_socket(const ListenOptions& a, const ListenOptions& b) {
  const bool are_https = a.scheme == Scheme::https && b.scheme == Scheme::https;
  return are_https && a.endpoint == b.endpoint && a.path != b.path;
}

}  // namespace dragoman::serve
