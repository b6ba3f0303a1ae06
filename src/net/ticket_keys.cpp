// Session ticket keys: one HMAC-SHA-512 of the period under the secret is name, HMAC key and AES key of that period.
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <ctime>

#include "dragoman/base/bytes.h"
#include "dragoman/net/random.h"
#include "dragoman/net/tls.h"

namespace dragoman::net {
namespace {

TicketKeys::Secret random_secret() {
  TicketKeys::Secret secret;
  fill_random(secret);
  return secret;
}

std::int64_t system_time() { return static_cast<std::int64_t>(std::time(nullptr)); }

template <std::size_t N>
const std::uint8_t* take(std::array<std::uint8_t, N>& into, const std::uint8_t* from) {
  std::copy_n(from, N, into.begin());
  return from + N;
}

TicketKeys::Key derive(const TicketKeys::Secret& secret, std::int64_t period_number) {
  constexpr std::string_view label = "dragoman session ticket ";
  std::array<std::uint8_t, label.size() + 8> input;
  std::copy(label.begin(), label.end(), input.begin());
  store_u32(input.data() + label.size(), static_cast<std::uint32_t>(period_number >> 32));
  store_u32(input.data() + label.size() + 4, static_cast<std::uint32_t>(period_number));
  std::array<std::uint8_t, 64> output;
  HMAC(EVP_sha512(), secret.data(), static_cast<int>(secret.size()), input.data(), input.size(), output.data(),
       nullptr);

  static_assert(sizeof(TicketKeys::Key) == sizeof output);
  TicketKeys::Key key;
  take(key.aes, take(key.hmac, take(key.name, output.data())));
  return key;
}

// What this thread derived last: a handshake asks for a key or two, and they change twice a day. Room for all that
// open.
struct Derived {
  TicketKeys::Secret secret{};
  std::int64_t period_number = -1;
  TicketKeys::Key key{};
};
thread_local std::array<Derived, TicketKeys::periods_that_open> last_derived;

}  // namespace

TicketKeys::TicketKeys(seconds period) : TicketKeys(period, random_secret(), system_time) {}

TicketKeys::TicketKeys(seconds period, const Secret& secret, UnixTime now)
    : secret_(secret), period_s_(std::max<std::int64_t>(period.count(), 1)), now_(now) {}

std::int64_t TicketKeys::period_number() const { return now_() / period_s_; }

TicketKeys::Key TicketKeys::key_for(std::int64_t period_number) const {
  Derived& last = last_derived[static_cast<std::uint64_t>(period_number) % last_derived.size()];
  if (last.period_number != period_number || last.secret != secret_) {
    last = {secret_, period_number, derive(secret_, period_number)};
  }
  return last.key;
}

}  // namespace dragoman::net
