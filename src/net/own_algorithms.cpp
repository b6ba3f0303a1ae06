// The provider itself: what it has, by kind of operation.
#include "own_algorithms.h"

#include <openssl/core_names.h>
#include <openssl/provider.h>
#include <sodium.h>

#include <memory>
#include <string_view>

#include "dragoman/base/log.h"
#include "openssl.h"

namespace dragoman::net {
namespace {

// OpenSSL knows the same algorithms by these names.
constexpr const char* x25519_names = "X25519:1.3.101.110";
constexpr const char* kdf_names = "TLS13-KDF";
constexpr const char* properties = "provider=dragoman";

const OSSL_ALGORITHM key_managements[] = {{x25519_names, properties, x25519_key_management, nullptr}, {}};
const OSSL_ALGORITHM key_exchanges[] = {{x25519_names, properties, x25519_key_exchange, nullptr}, {}};
const OSSL_ALGORITHM key_derivations[] = {{kdf_names, properties, tls13_key_derivation, nullptr}, {}};

const OSSL_ALGORITHM* algorithms_of(void*, int operation, int* may_not_be_stored) {
  *may_not_be_stored = 0;
  switch (operation) {
    case OSSL_OP_KEYMGMT:
      return key_managements;
    case OSSL_OP_KEYEXCH:
      return key_exchanges;
    case OSSL_OP_KDF:
      return key_derivations;
    default:
      return nullptr;
  }
}

// libssl takes a group from the provider that its keys come from, so ours has to name it, too (provider-base(7)).
int tell_capabilities(void*, const char* capability, OSSL_CALLBACK* told, void* argument) {
  if (std::string_view(capability) != "TLS-GROUP") return 1;
  char name[] = "x25519", algorithm[] = "X25519";
  unsigned id = 0x001d;  // RFC 8446 4.2.7
  unsigned security_bits = 128;
  int oldest = TLS1_2_VERSION, newest = 0, no_dtls = -1;
  const OSSL_PARAM group[] = {OSSL_PARAM_construct_utf8_string(OSSL_CAPABILITY_TLS_GROUP_NAME, name, 0),
                              OSSL_PARAM_construct_utf8_string(OSSL_CAPABILITY_TLS_GROUP_NAME_INTERNAL, algorithm, 0),
                              OSSL_PARAM_construct_utf8_string(OSSL_CAPABILITY_TLS_GROUP_ALG, algorithm, 0),
                              OSSL_PARAM_construct_uint(OSSL_CAPABILITY_TLS_GROUP_ID, &id),
                              OSSL_PARAM_construct_uint(OSSL_CAPABILITY_TLS_GROUP_SECURITY_BITS, &security_bits),
                              OSSL_PARAM_construct_int(OSSL_CAPABILITY_TLS_GROUP_MIN_TLS, &oldest),
                              OSSL_PARAM_construct_int(OSSL_CAPABILITY_TLS_GROUP_MAX_TLS, &newest),
                              OSSL_PARAM_construct_int(OSSL_CAPABILITY_TLS_GROUP_MIN_DTLS, &no_dtls),
                              OSSL_PARAM_construct_int(OSSL_CAPABILITY_TLS_GROUP_MAX_DTLS, &no_dtls),
                              OSSL_PARAM_construct_end()};
  return told(group, argument);
}

const OSSL_DISPATCH provider[] = {entry(OSSL_FUNC_PROVIDER_QUERY_OPERATION, algorithms_of),
                                  entry(OSSL_FUNC_PROVIDER_GET_CAPABILITIES, tell_capabilities),
                                  {}};

int begin(const OSSL_CORE_HANDLE* handle, const OSSL_DISPATCH*, const OSSL_DISPATCH** out, void** context) {
  *out = provider;
  *context = const_cast<OSSL_CORE_HANDLE*>(handle);  // not used, but null means failure
  return 1;
}

using ProviderPtr = std::unique_ptr<OSSL_PROVIDER, Releaser<OSSL_PROVIDER_unload>>;

// Whoever asks for no provider in particular still gets OpenSSL's, which loading another one would switch off. Null: it
// cannot be had.
ProviderPtr register_provider() {
  constexpr int keep_default = 1;
  if (sodium_init() >= 0 && OSSL_PROVIDER_add_builtin(nullptr, "dragoman", begin) == 1) {
    if (ProviderPtr loaded{OSSL_PROVIDER_try_load(nullptr, "dragoman", keep_default)}) return loaded;
  }
  log::warn("slower_handshakes", "OpenSSL refuses our algorithms and uses its own", {{"reason", take_openssl_error()}});
  return nullptr;
}

}  // namespace

const char* prefer_own_algorithms() {
  // Given back at the end of the program: OpenSSL's own clean-up, which comes after, does not free what is in use.
  static const ProviderPtr registered = register_provider();
  return registered ? "?provider=dragoman" : "";
}

}  // namespace dragoman::net
