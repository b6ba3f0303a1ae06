// Server cookies (RFC 7873 as RFC 9018 makes them interoperable): proof that a client's address is its own, which costs
// the server no memory. Version 1, SipHash-2-4, good for an hour and for clocks that are five minutes apart.
// Immutable after construction, so any thread; shared by all workers and handed on from one configuration to the next.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "dragoman/base/bytes.h"
#include "dragoman/base/time.h"
#include "dragoman/ip/address.h"

namespace dragoman::resolve {

using CookieSecret = std::array<std::uint8_t, 16>;

// When a client that knows of cookies must show a good one.
enum class CookieDemand : std::uint8_t { never, when_limited };

inline constexpr std::size_t max_cookie_secrets = 4;

struct CookieOptions {
  bool enabled = true;
  // The first one signs, all are accepted (RFC 9018 5). Empty: a random one for this process.
  std::vector<CookieSecret> secrets;
  seconds rotate{86400};  // of the random one
  CookieDemand require = CookieDemand::when_limited;
};

// What a COOKIE option was worth.
enum class CookieState : std::uint8_t {
  client,   // a Client Cookie alone: it has no Server Cookie yet
  invalid,  // a Server Cookie that is not ours, not for this address, or too old
  valid,    // the source address is real
};

using WholeCookie = std::array<std::uint8_t, 24>;  // Client Cookie and Server Cookie

class ServerCookies {
 public:
  static constexpr std::int64_t lifetime_s = 3600, renewal_s = 1800, clock_skew_s = 300;  // RFC 9018 4.3

  // `now` is Unix time. Cookies of `former`, if given, stay good for their hour.
  ServerCookies(const CookieOptions& options, std::int64_t now, std::shared_ptr<const ServerCookies> former = nullptr);

  // RFC 7873 5.2.2: 8 octets, or 16 to 40.
  static bool has_legal_length(Bytes option);
  // What the option is worth, and what goes back: the same cookie while it is young, else a fresh one. The option must
  // have a legal length.
  CookieState judge(Bytes option, const ip::Address& client, std::int64_t now, WholeCookie& reply) const;
  // A fresh one for this Client Cookie, the first 8 octets of `cookie`.
  void sign(WholeCookie& cookie, const ip::Address& client, std::int64_t now) const;

  bool demanded_when_limited() const { return demand_ == CookieDemand::when_limited; }

 private:
  // Which secret made a cookie; those of former ones are good, but renewed at once.
  enum class Origin : unsigned char { unknown, former, current };
  Origin origin_of(const WholeCookie& cookie, const ip::Address& client, std::int64_t made_at, std::int64_t now) const;
  CookieSecret secret_of(std::int64_t time) const;

  std::vector<CookieSecret> secrets_;  // configured ones, or the one that those of the periods are made from
  bool is_random_;
  std::int64_t period_s_;
  CookieDemand demand_;
  std::shared_ptr<const ServerCookies> former_;  // with other secrets
  std::int64_t former_ends_ = 0;
};

}  // namespace dragoman::resolve
