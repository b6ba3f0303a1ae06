// Parameters of requests: percent-encoding, and nothing taken that is not whole.
#include "dragoman/admin/page.h"

#include <algorithm>

namespace dragoman::admin {
namespace {

constexpr char digits[] = "0123456789ABCDEF";

int value_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

Result<std::string> decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? value_of(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? value_of(text[i + 2]) : -1;
    if (high < 0 || low < 0) return Error{ErrorCode::malformed, "% needs two hexadecimal digits", std::string(text)};
    plain += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return plain;
}

bool is_unreserved(char c) {  // RFC 3986 2.3
  const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return is_letter || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

}  // namespace

Result<Parameters> Parameters::from_target(std::string_view target) {
  Parameters parameters;
  const std::size_t mark = target.find('?');
  std::string_view rest = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    auto name = decoded(pair.substr(0, equals));
    auto value = decoded(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1));
    if (!name) return name.error();
    if (!value) return value.error();
    if (parameters.get(*name)) return Error{ErrorCode::malformed, "this parameter comes twice", *name};
    parameters.values_.emplace_back(std::move(*name), std::move(*value));
  }
  return parameters;
}

std::optional<std::string> Parameters::get(std::string_view name) const {
  for (const auto& [known, value] : values_) {
    if (known == name) return value;
  }
  return {};
}

std::optional<std::string> Parameters::unknown(const std::vector<std::string_view>& known) const {
  for (const auto& [name, value] : values_) {
    if (std::find(known.begin(), known.end(), name) == known.end()) return name;
  }
  return {};
}

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (is_unreserved(c)) {
      encoded += c;
    } else {
      encoded.append({'%', digits[octet >> 4], digits[octet & 15]});
    }
  }
  return encoded;
}

}  // namespace dragoman::admin
