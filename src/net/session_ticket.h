// Seals and opens session tickets with TicketKeys, in the shape of OpenSSL's callback
// (SSL_CTX_set_tlsext_ticket_key_evp_cb(3)): it brings the contexts, we choose the key. Any thread.
#pragma once

#include <openssl/evp.h>

#include "dragoman/net/tls.h"

namespace dragoman::net {

struct Ticket {
  unsigned char* name;  // of the key; 16 octets
  unsigned char* iv;
  EVP_CIPHER_CTX* cipher;
  EVP_MAC_CTX* hmac;
};

// What OpenSSL wants to hear.
enum TicketVerdict : int { ticket_failed = -1, ticket_unknown = 0, ticket_good = 1, ticket_good_send_another = 2 };

TicketVerdict seal_ticket(const TicketKeys& keys, const Ticket& ticket);

// Unknown: not ours or too old, so the handshake is a full one. A client of TLS 1.3 uses a ticket once (RFC 8446 C.4),
// so it gets another; one of TLS 1.2 when the key is no longer the newest.
TicketVerdict open_ticket(const TicketKeys& keys, const Ticket& ticket, bool is_tls13);

}  // namespace dragoman::net
