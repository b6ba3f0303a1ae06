// Public keys and signatures as DNSKEY and RRSIG records have them, for OpenSSL: RSA by RFC 3110 and RFC 5702, ECDSA by
// RFC 6605, EdDSA by RFC 8080.
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include <array>
#include <string_view>

#include "dragoman/dnssec/zone_keys.h"
#include "openssl_handles.h"

namespace dragoman::dnssec {
namespace {

enum class Family : std::uint8_t { none, rsa, ecdsa, eddsa };

// How an algorithm of the registry (RFC 4034 A.1 and later) is done.
struct Algorithm {
  Family family = Family::none;
  const EVP_MD* (*digest)() = nullptr;           // EdDSA hashes by itself
  const char* name = nullptr;                    // of the curve or the kind of key, as OpenSSL says
  std::size_t key_size = 0, signature_size = 0;  // octets; RSA: any
  std::uint16_t cost = 1;                        // beside P-256; measured with OpenSSL 3.0
};

Algorithm algorithm_of(std::uint8_t number) {
  switch (number) {
    case 5:  // RSASHA1
    case 7:  // RSASHA1-NSEC3-SHA1
      return {Family::rsa, &sha1};
    case 8:
      return {Family::rsa, &sha256};
    case 10:
      return {Family::rsa, &sha512};
    case 13:
      return {Family::ecdsa, &sha256, "P-256", 64, 64};
    case 14:
      return {Family::ecdsa, &sha384, "P-384", 96, 96, 10};
    case 15:
      return {Family::eddsa, nullptr, "ED25519", 32, 64, 2};
    case 16:
      return {Family::eddsa, nullptr, "ED448", 57, 114, 4};
    default:
      return {};
  }
}

constexpr std::size_t least_modulus = 512 / 8, most_modulus = 4096 / 8, most_exponent = 64 / 8;

EvpKey from_parameters(const char* kind, OSSL_PARAM_BLD* builder) {
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
  const EvpKeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1) return {};
  if (EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) return {};
  return EvpKey(key);
}

Bytes without_leading_zeros(Bytes number) {
  while (!number.empty() && number.front() == 0) number = number.subspan(1);
  return number;
}

BigNumber big_number(Bytes octets) {
  return BigNumber(BN_bin2bn(octets.data(), static_cast<int>(octets.size()), nullptr));
}

// RFC 3110 2: length of the exponent in one octet, or in two behind a zero; exponent; modulus.
struct RsaNumbers {
  Bytes exponent, modulus;
};
RsaNumbers rsa_numbers(Bytes octets) {
  if (octets.size() < 3) return {};
  const bool is_long = octets[0] == 0;
  const std::size_t length = is_long ? load_u16(octets.data() + 1) : octets[0];
  octets = octets.subspan(is_long ? 3 : 1);
  if (length == 0 || length >= octets.size()) return {};
  return {without_leading_zeros(octets.first(length)), without_leading_zeros(octets.subspan(length))};
}

EvpKey rsa_key(Bytes octets) {
  const auto [exponent, modulus] = rsa_numbers(octets);
  if (exponent.empty() || exponent.size() > most_exponent) return {};
  if (modulus.size() < least_modulus || modulus.size() > most_modulus) return {};
  const BigNumber e = big_number(exponent), n = big_number(modulus);
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  if (!e || !n || !builder) return {};
  if (OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1) return {};
  if (OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) return {};
  return from_parameters("RSA", builder.get());
}

bool exponent_is_long(const Algorithm& algorithm, Bytes octets) {
  constexpr std::size_t usual = 3;  // 65537
  return algorithm.family == Family::rsa && rsa_numbers(octets).exponent.size() > usual;
}

// RFC 6605 4: both coordinates, without the octet in front that OpenSSL wants.
EvpKey ecdsa_key(const char* curve, Bytes octets) {
  std::array<std::uint8_t, 1 + 96> point{4};
  std::copy(octets.begin(), octets.end(), point.begin() + 1);
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  if (!builder) return {};
  if (OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve, 0) != 1) return {};
  if (OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), octets.size() + 1) != 1) {
    return {};
  }
  return from_parameters("EC", builder.get());
}

EvpKey decode(const Algorithm& algorithm, Bytes octets) {
  if (algorithm.key_size != 0 && octets.size() != algorithm.key_size) return {};
  switch (algorithm.family) {
    case Family::rsa:
      return rsa_key(octets);
    case Family::ecdsa:
      return ecdsa_key(algorithm.name, octets);
    case Family::eddsa:
      return EvpKey(EVP_PKEY_new_raw_public_key_ex(nullptr, algorithm.name, nullptr, octets.data(), octets.size()));
    case Family::none:
      break;
  }
  return {};
}

// RFC 6605 4: r and s, which OpenSSL wants in DER.
std::vector<std::uint8_t> in_der(Bytes signature) {
  const std::size_t half = signature.size() / 2;
  BigNumber r = big_number(signature.first(half)), s = big_number(signature.subspan(half));
  const EcdsaSignature pair(ECDSA_SIG_new());
  if (!r || !s || !pair || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return {};
  r.release();
  s.release();
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(pair.get(), &der);
  if (length <= 0) return {};
  std::vector<std::uint8_t> octets(der, der + length);
  OPENSSL_free(der);
  return octets;
}

// RSA and ECDSA: made once, since OpenSSL 3.0 looks algorithms up each time a verification begins.
EvpKeyContext verifier_of(const Algorithm& algorithm, EVP_PKEY* key) {
  if (key == nullptr || algorithm.digest == nullptr) return {};
  EvpKeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  if (!context || EVP_PKEY_verify_init(context.get()) != 1) return {};
  const bool is_rsa = algorithm.family == Family::rsa;
  if (is_rsa && EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) != 1) return {};
  if (EVP_PKEY_CTX_set_signature_md(context.get(), algorithm.digest()) != 1) return {};
  return context;
}

bool verifies_digest(EVP_PKEY_CTX* verifier, const EVP_MD* kind, Bytes data, Bytes signature) {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest;
  unsigned length = 0;
  return EVP_Digest(data.data(), data.size(), digest.data(), &length, kind, nullptr) == 1 &&
         EVP_PKEY_verify(verifier, signature.data(), signature.size(), digest.data(), length) == 1;
}

bool verifies_whole(EVP_PKEY* key, Bytes data, Bytes signature) {
  const DigestContext context(EVP_MD_CTX_new());
  return context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), data.data(), data.size()) == 1;
}

}  // namespace

bool is_supported_algorithm(std::uint8_t algorithm) { return algorithm_of(algorithm).family != Family::none; }

struct PublicKey::Key {
  Algorithm algorithm;
  EvpKey key;
  bool has_long_exponent;
  EvpKeyContext verifier;  // null: EdDSA, or no key

  Key(std::uint8_t number, Bytes octets)
      : algorithm(algorithm_of(number)),
        key(decode(algorithm, octets)),
        has_long_exponent(exponent_is_long(algorithm, octets)),
        verifier(verifier_of(algorithm, key.get())) {}
};

PublicKey::PublicKey(std::uint8_t algorithm, Bytes public_key) : key_(new Key(algorithm, public_key)) {
  ERR_clear_error();  // what is no key is no surprise
}
PublicKey::~PublicKey() = default;
PublicKey::PublicKey(PublicKey&&) noexcept = default;
PublicKey& PublicKey::operator=(PublicKey&&) noexcept = default;

// RSA with a long exponent is as slow as what it is made to look like.
std::uint16_t PublicKey::cost() const {
  constexpr std::uint16_t of_long_exponent = 5;
  if (!key_->key) return 0;
  return key_->has_long_exponent ? of_long_exponent : key_->algorithm.cost;
}

bool PublicKey::verifies(Bytes data, Bytes signature) const {
  const Algorithm& algorithm = key_->algorithm;
  if (!key_->key) return false;
  if (algorithm.signature_size != 0 && signature.size() != algorithm.signature_size) return false;
  std::vector<std::uint8_t> der;
  if (algorithm.family == Family::ecdsa) {
    der = in_der(signature);
    signature = der;
  }
  const bool hashes_itself = algorithm.digest == nullptr;
  const bool holds = hashes_itself
                         ? verifies_whole(key_->key.get(), data, signature)
                         : key_->verifier && verifies_digest(key_->verifier.get(), algorithm.digest(), data, signature);
  if (!holds) ERR_clear_error();
  return holds;
}

}  // namespace dragoman::dnssec
