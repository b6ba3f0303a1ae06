// Session tickets: AES-256-CBC and HMAC-SHA-256, as RFC 5077 section 4 recommends.
#include "session_ticket.h"

#include <openssl/core_names.h>
#include <openssl/rand.h>

#include <algorithm>

namespace dragoman::net {
namespace {

// Fetched once: OpenSSL 3.0 takes a microsecond and a lock to find an algorithm by name.
const EVP_CIPHER* ticket_cipher() {
  static const EVP_CIPHER* const aes = EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr);
  return aes;
}

bool prepare_hmac(EVP_MAC_CTX* hmac, const TicketKeys::Key& key) {
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                   OSSL_PARAM_construct_end()};
  return EVP_MAC_init(hmac, key.hmac.data(), key.hmac.size(), parameters) == 1;
}

}  // namespace

TicketVerdict seal_ticket(const TicketKeys& keys, const Ticket& ticket) {
  const TicketKeys::Key key = keys.key_for(keys.period_number());
  std::copy(key.name.begin(), key.name.end(), ticket.name);
  if (RAND_bytes(ticket.iv, EVP_CIPHER_get_iv_length(ticket_cipher())) != 1) return ticket_failed;
  if (EVP_EncryptInit_ex(ticket.cipher, ticket_cipher(), nullptr, key.aes.data(), ticket.iv) != 1) return ticket_failed;
  return prepare_hmac(ticket.hmac, key) ? ticket_good : ticket_failed;
}

TicketVerdict open_ticket(const TicketKeys& keys, const Ticket& ticket, bool is_tls13) {
  const std::int64_t now = keys.period_number();
  for (int age = 0; age < TicketKeys::periods_that_open; ++age) {
    const TicketKeys::Key key = keys.key_for(now - age);
    if (!std::equal(key.name.begin(), key.name.end(), ticket.name)) continue;
    if (EVP_DecryptInit_ex(ticket.cipher, ticket_cipher(), nullptr, key.aes.data(), ticket.iv) != 1)
      return ticket_failed;
    if (!prepare_hmac(ticket.hmac, key)) return ticket_failed;
    return is_tls13 || age > 0 ? ticket_good_send_another : ticket_good;
  }
  return ticket_unknown;
}

}  // namespace dragoman::net
