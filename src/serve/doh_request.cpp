// RFC 8484 4.1: GET carries the message as `?dns=` in base64url, POST as the body.
#include "doh_request.h"

#include <charconv>
#include <string>

namespace dragoman::serve {

namespace {

constexpr std::uint8_t not_a_digit = 0xff;

// RFC 4648 5. The plain base64 digits + and / are no digits here.
constexpr std::array<std::uint8_t, 256> make_digits() {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::array<std::uint8_t, 256> digits{};
  for (auto& digit : digits) digit = not_a_digit;
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    digits[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return digits;
}
constexpr auto digits = make_digits();

// RFC 8484 6 wants no padding; clients that send it anyway are understood.
std::string_view without_padding(std::string_view text) {
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  return text;
}

// `out` has room for three octets per four digits.
std::optional<std::size_t> decode_base64url(std::string_view text, std::uint8_t* out) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::uint32_t bits = 0;
  unsigned bit_count = 0;
  std::size_t length = 0;
  for (const char c : text) {
    const std::uint8_t digit = digits[static_cast<unsigned char>(c)];
    if (digit == not_a_digit) return std::nullopt;
    bits = bits << 6 | digit;
    bit_count += 6;
    if (bit_count >= 8) {
      bit_count -= 8;
      out[length++] = static_cast<std::uint8_t>(bits >> bit_count);
    }
  }
  return length;
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

// RFC 9112 3.2.2: a server understands "https://host/path" too, though only proxies send it.
std::string_view origin_form(std::string_view target) {
  for (const std::string_view scheme : {std::string_view("https://"), std::string_view("http://")}) {
    if (!target.starts_with(scheme)) continue;
    const std::size_t slash = target.find('/', scheme.size());
    return slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
  }
  return target;
}

// The value of the one `dns` parameter, wherever it stands. Nullopt: none, or several that could differ.
std::optional<std::string_view> dns_parameter(std::string_view target) {
  const std::size_t mark = target.find('?');
  if (mark == std::string_view::npos) return std::nullopt;
  std::string_view rest = target.substr(mark + 1);
  rest = rest.substr(0, rest.find('#'));
  std::optional<std::string_view> found;
  while (!rest.empty()) {
    const std::size_t end = rest.find('&');
    const std::string_view parameter = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    if (!parameter.starts_with("dns=")) continue;
    if (found) return std::nullopt;
    found = parameter.substr(4);
  }
  return found;
}

}  // namespace

HttpMethod http_method(std::string_view name) {
  if (name == "GET") return HttpMethod::get;
  if (name == "POST") return HttpMethod::post;
  if (name == "HEAD") return HttpMethod::head;
  return HttpMethod::other;
}

bool is_dns_message(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
  return equals_ignoring_case(type, "application/dns-message");
}

std::optional<std::uint64_t> parse_content_length(std::string_view value) {
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
  if (error != std::errc() || end != value.data() + value.size()) return std::nullopt;
  return length;
}

HttpStatus check_head(const RequestHead& head, const Listeners& listeners, std::size_t& listener) {
  if (head.target.size() > max_target) return HttpStatus::uri_too_long;
  const std::string_view target = origin_form(head.target);
  const std::string_view path = target.substr(0, target.find_first_of("?#"));
  listener = 0;
  while (listener < listeners.size() && listeners[listener].path != path) ++listener;
  if (listener == listeners.size()) return listener = 0, HttpStatus::not_found;
  if (head.method == HttpMethod::other) return HttpStatus::method_not_allowed;
  if (head.method != HttpMethod::post) return HttpStatus::ok;
  if (!head.has_dns_message) return HttpStatus::unsupported_media_type;
  if (head.content_length && *head.content_length > max_body) return HttpStatus::content_too_large;
  return HttpStatus::ok;
}

HttpStatus read_query(const RequestHead& head, Bytes body, DecodedQuery& decoded, Bytes& message) {
  if (head.method == HttpMethod::post) {
    message = body;
  } else {
    const auto parameter = dns_parameter(head.target);
    if (!parameter) return HttpStatus::bad_request;
    const std::string_view text = without_padding(*parameter);
    if (text.size() > decoded.size() / 3 * 4) return HttpStatus::uri_too_long;
    const auto length = decode_base64url(text, decoded.data());
    if (!length) return HttpStatus::bad_request;
    message = Bytes(decoded.data(), *length);
  }
  return message.size() < dns_header_size ? HttpStatus::bad_request : HttpStatus::ok;
}

}  // namespace dragoman::serve
