// The hash of RFC 9018 4.4, and which secret it is made with.
#include "dragoman/resolve/cookies.h"

#include <algorithm>

#include "dragoman/net/random.h"
#include "siphash.h"

namespace dragoman::resolve {
namespace {

constexpr std::size_t client_cookie_length = 8;
constexpr std::size_t timestamp_at = 12;
constexpr std::size_t hash_at = 16;
constexpr std::uint8_t version = 1;

CookieSecret random_secret() {
  CookieSecret secret;
  net::fill_random(secret);
  return secret;
}

// Client Cookie, version, reserved octets and timestamp as they stand in the cookie, then the address.
std::uint64_t hash_of(const WholeCookie& cookie, const ip::Address& client, const CookieSecret& secret) {
  std::array<std::uint8_t, hash_at + 16> input;
  std::copy_n(cookie.data(), hash_at, input.data());
  const std::size_t address_length = client.is_v6() ? 16 : 4;
  std::copy_n(client.octets(), address_length, input.data() + hash_at);
  return siphash(SipKey::from(secret.data()), Bytes(input).first(hash_at + address_length));
}

// The moment that a timestamp of 32 bits means, by serial arithmetic around `now` (RFC 1982, RFC 9018 4.3).
std::int64_t moment_of(std::uint32_t timestamp, std::int64_t now) {
  return now + static_cast<std::int32_t>(timestamp - static_cast<std::uint32_t>(now));
}

}  // namespace

ServerCookies::ServerCookies(const CookieOptions& options, std::int64_t now,
                             std::shared_ptr<const ServerCookies> former)
    : secrets_(options.secrets),
      is_random_(options.secrets.empty()),
      period_s_(std::max<std::int64_t>(options.rotate.count(), 1)),
      demand_(options.require) {
  if (is_random_) secrets_ = {former && former->is_random_ ? former->secrets_.front() : random_secret()};
  if (!former) return;
  const bool same = former->secrets_ == secrets_ && (!is_random_ || former->period_s_ == period_s_);
  if (same) {
    former_ = former->former_;
    former_ends_ = former->former_ends_;
    return;
  }
  // Only one generation back, or reloads would pile them up.
  auto last = std::make_shared<ServerCookies>(*former);
  last->former_.reset();
  former_ = std::move(last);
  former_ends_ = now + lifetime_s;
}

bool ServerCookies::has_legal_length(Bytes option) {
  return option.size() == client_cookie_length || (option.size() >= 16 && option.size() <= 40);
}

CookieState ServerCookies::judge(Bytes option, const ip::Address& client, std::int64_t now, WholeCookie& reply) const {
  std::copy_n(option.data(), client_cookie_length, reply.data());
  CookieState state = CookieState::client;
  if (option.size() != client_cookie_length) {
    state = CookieState::invalid;
    WholeCookie shown{};
    if (option.size() == shown.size() && option[client_cookie_length] == version) {
      std::copy_n(option.data(), shown.size(), shown.data());
      const std::int64_t made_at = moment_of(load_u32(shown.data() + timestamp_at), now);
      const Origin origin = origin_of(shown, client, made_at, now);
      if (origin != Origin::unknown) state = CookieState::valid;
      if (origin == Origin::current && now - made_at <= renewal_s) {
        reply = shown;
        return state;
      }
    }
  }
  sign(reply, client, now);
  return state;
}

void ServerCookies::sign(WholeCookie& cookie, const ip::Address& client, std::int64_t now) const {
  cookie[client_cookie_length] = version;
  std::fill_n(cookie.data() + client_cookie_length + 1, 3, std::uint8_t{0});
  store_u32(cookie.data() + timestamp_at, static_cast<std::uint32_t>(now));
  store_little_u64(cookie.data() + hash_at, hash_of(cookie, client, secret_of(now)));
}

ServerCookies::Origin ServerCookies::origin_of(const WholeCookie& cookie, const ip::Address& client,
                                               std::int64_t made_at, std::int64_t now) const {
  if (now - made_at > lifetime_s || made_at - now > clock_skew_s) return Origin::unknown;
  const std::uint64_t shown = load_little_u64(cookie.data() + hash_at);
  if (hash_of(cookie, client, secret_of(made_at)) == shown) return Origin::current;
  for (std::size_t i = 1; i < secrets_.size(); ++i) {
    if (hash_of(cookie, client, secrets_[i]) == shown) return Origin::former;
  }
  if (!former_ || now >= former_ends_) return Origin::unknown;
  return former_->origin_of(cookie, client, made_at, now) == Origin::unknown ? Origin::unknown : Origin::former;
}

// The secret of the period that `time` lies in: the timestamp of a cookie says which one it was made with, so the
// secret of the period before needs no keeping. SipHash is a pseudo-random function, which is what deriving needs.
CookieSecret ServerCookies::secret_of(std::int64_t time) const {
  if (!is_random_) return secrets_.front();
  const SipKey key = SipKey::from(secrets_.front().data());
  CookieSecret secret;
  std::array<std::uint8_t, 9> input{};
  store_little_u64(input.data(), static_cast<std::uint64_t>(time / period_s_));
  store_little_u64(secret.data(), siphash(key, input));
  input[8] = 1;
  store_little_u64(secret.data() + 8, siphash(key, input));
  return secret;
}

}  // namespace dragoman::resolve
