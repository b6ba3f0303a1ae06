// OpenSSL's objects, freed by their own functions; digests are fetched once, because looking one up costs more than
// hashing a name. Any thread.
#pragma once

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <memory>

namespace dragoman::dnssec {

template <auto free_function>
struct FreedBy {
  template <class T>
  void operator()(T* object) const {
    free_function(object);
  }
};
using EvpKey = std::unique_ptr<EVP_PKEY, FreedBy<EVP_PKEY_free>>;
using EvpKeyContext = std::unique_ptr<EVP_PKEY_CTX, FreedBy<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreedBy<EVP_MD_CTX_free>>;
using ParameterBuilder = std::unique_ptr<OSSL_PARAM_BLD, FreedBy<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, FreedBy<OSSL_PARAM_free>>;
using BigNumber = std::unique_ptr<BIGNUM, FreedBy<BN_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, FreedBy<ECDSA_SIG_free>>;

inline const EVP_MD* sha1() {
  static const EVP_MD* const digest = EVP_MD_fetch(nullptr, "SHA1", nullptr);
  return digest;
}
inline const EVP_MD* sha256() {
  static const EVP_MD* const digest = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
  return digest;
}
inline const EVP_MD* sha384() {
  static const EVP_MD* const digest = EVP_MD_fetch(nullptr, "SHA2-384", nullptr);
  return digest;
}
inline const EVP_MD* sha512() {
  static const EVP_MD* const digest = EVP_MD_fetch(nullptr, "SHA2-512", nullptr);
  return digest;
}

}  // namespace dragoman::dnssec
