// The two algorithms of a TLS 1.3 handshake that OpenSSL 3.0 makes dearer than they need to be, as an OpenSSL provider
// (provider(7)) inside this program: X25519 (x25519.cpp), by libsodium, and the key schedule (tls13_kdf.cpp). All
// others stay OpenSSL's. Measured on a full handshake of 310 us: 16 us for the former, 20 us for the latter.
#pragma once

#include <openssl/core_dispatch.h>

namespace dragoman::net {

// The property query for SSL_CTX_new_ex() with which the algorithms of this program are preferred. The first call
// registers them. Where OpenSSL's configuration asks for more, fips=yes say, they do not qualify and are not used. Any
// thread.
const char* prefer_own_algorithms();

// What OpenSSL calls: functions by number, up to a zero.
extern const OSSL_DISPATCH x25519_key_management[];
extern const OSSL_DISPATCH x25519_key_exchange[];
extern const OSSL_DISPATCH tls13_key_derivation[];

// How all of them are written into such a table.
template <class Function>
OSSL_DISPATCH entry(int number, Function* function) {
  return {number, reinterpret_cast<void (*)()>(function)};
}

}  // namespace dragoman::net
