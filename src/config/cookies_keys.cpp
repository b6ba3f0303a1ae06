// cookies: the rows of the proof that clients' addresses are their own.
#include <xxhash.h>

#include "values.h"

namespace dragoman::config {
namespace {

using namespace std::chrono_literals;
using resolve::CookieDemand;
using resolve::CookieOptions;
using resolve::CookieSecret;

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

Result<CookieSecret> secret_from_text(std::string_view text) {
  CookieSecret secret{};
  if (text.size() != 2 * secret.size()) return Error{ErrorCode::malformed, "a secret has 32 hexadecimal digits"};
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int value = digit_value(text[i]);
    if (value < 0) return Error{ErrorCode::malformed, "a secret has hexadecimal digits only"};
    secret[i / 2] = static_cast<std::uint8_t>(secret[i / 2] << 4 | value);
  }
  return secret;
}

// Enough to see in a log that it changed, and too little to be of use to anybody.
std::string fingerprint_of(const CookieSecret& secret) {
  static constexpr char digits[] = "0123456789abcdef";
  std::uint64_t hash = XXH3_64bits(secret.data(), secret.size());
  std::string text = "secret #";
  for (int i = 0; i < 4; ++i, hash >>= 4) text += digits[hash & 15];
  return text;
}

const ElementText<CookieSecret> secret_element{"list of secrets, 32 hexadecimal digits each", &secret_from_text,
                                               &fingerprint_of,
                                               "make one with `openssl rand -hex 16`, and keep it in ${file:/path}"};

Value<CookieOptions> secrets() {
  Value<CookieOptions> out = list(&CookieOptions::secrets, secret_element);
  out.read = [read = out.read](const Node& node, CookieOptions& options, Reading& reading) {
    read(node, options, reading);
    if (options.secrets.size() <= resolve::max_cookie_secrets) return;
    reading.findings.error(node, "more than " + std::to_string(resolve::max_cookie_secrets) + " secrets",
                           "keep the one that signs, and those of before that are still on their way out");
  };
  return out;
}

}  // namespace

Keys<CookieOptions> cookies_keys() {
  return {
      {"enabled", boolean(&CookieOptions::enabled), Reload::live,
       "DNS cookies (RFC 7873, RFC 9018) for clients that ask for them; false ignores the option."},
      {"secret", secrets(), Reload::live,
       "For several servers behind one address: the first secret makes cookies, all are accepted. Empty: a random one "
       "of this process. A secret that is replaced stays good for an hour."},
      {"rotate", duration(&CookieOptions::rotate, 1h, 24h * 30), Reload::live,
       "How long the random secret is used; cookies of the one before stay good for their hour. A configured `secret` "
       "does not rotate."},
      {"require",
       choice<CookieOptions, CookieDemand>(
           &CookieOptions::require, {{"never", CookieDemand::never}, {"when_limited", CookieDemand::when_limited}}),
       Reload::live,
       "when_limited: where rate_limit would answer over UDP with TC, a client that sent a cookie gets BADCOOKIE and a "
       "good one; never: TC for everybody."},
  };
}

}  // namespace dragoman::config
