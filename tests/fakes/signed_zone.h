// A zone that a test signs itself, in memory, with keys made on the spot: RRSIG, DNSKEY, DS as they stand on the wire.
// What it signs is put together here by the text of RFC 4034, not by the code under test.
#pragma once

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "dragoman/base/bytes.h"
#include "dragoman/base/wall_time.h"
#include "dragoman/dns/name.h"
#include "dragoman/dns/rdata.h"
#include "dragoman/dns/types.h"

namespace dragoman::fakes {

using Octets = std::vector<std::uint8_t>;

inline void append(Octets& out, Bytes octets) { out.insert(out.end(), octets.begin(), octets.end()); }
inline void append_u16(Octets& out, std::size_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}
inline void append_u32(Octets& out, std::uint32_t value) {
  append_u16(out, value >> 16);
  append_u16(out, value & 0xFFFF);
}
inline Octets small_wire(const dns::Name& name) {
  dns::Name small = name;
  small.lower_case();
  return {small.view().wire().begin(), small.view().wire().end()};
}

// 2026-07-01 12:00 UTC: the time at which the signatures of tests are made.
inline const WallTime signing_time{std::chrono::sys_days{std::chrono::year{2026} / 7 / 1} + std::chrono::hours(12)};
inline std::uint32_t seconds_of(WallTime time) {
  return static_cast<std::uint32_t>(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
}

// A key pair of one of the algorithms of RFC 8624 3.1.
class SigningKey {
 public:
  explicit SigningKey(std::uint8_t algorithm = 13, std::uint16_t flags = 257) : algorithm_(algorithm), flags_(flags) {
    EVP_PKEY* key = nullptr;
    if (algorithm == 13 || algorithm == 14) {
      key = EVP_EC_gen(algorithm == 13 ? "P-256" : "P-384");
    } else if (algorithm == 15 || algorithm == 16) {
      key = EVP_PKEY_Q_keygen(nullptr, nullptr, algorithm == 15 ? "ED25519" : "ED448");
    } else {
      key = EVP_RSA_gen(1024);
    }
    if (key == nullptr) std::abort();
    key_ = std::shared_ptr<EVP_PKEY>(key, EVP_PKEY_free);
  }

  // The same key with the revoke bit (RFC 5011 2.1): another DNSKEY record, and another tag.
  SigningKey revoked() const {
    SigningKey out = *this;
    out.flags_ = static_cast<std::uint16_t>(out.flags_ | 0x0080);
    return out;
  }

  std::uint8_t algorithm() const { return algorithm_; }
  std::uint16_t tag() const { return dns::Dnskey::key_tag(dnskey()); }
  // RDATA of the DNSKEY record.
  Octets dnskey() const {
    Octets out;
    append_u16(out, flags_);
    out.insert(out.end(), {3, algorithm_});
    append(out, public_key());
    return out;
  }
  // RDATA of a DS record (RFC 4034 5.1.4).
  Octets ds(const dns::Name& zone, std::uint8_t digest_type = 2) const {
    Octets data = small_wire(zone);
    append(data, dnskey());
    const EVP_MD* digest = digest_type == 1 ? EVP_sha1() : digest_type == 2 ? EVP_sha256() : EVP_sha384();
    std::uint8_t hash[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    EVP_Digest(data.data(), data.size(), hash, &length, digest, nullptr);
    Octets out;
    append_u16(out, tag());
    out.insert(out.end(), {algorithm_, digest_type});
    append(out, Bytes(hash, length));
    return out;
  }
  Octets sign(Bytes data) const {
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    std::size_t length = 0;
    EVP_DigestSignInit(context.get(), nullptr, digest(), nullptr, key_.get());
    EVP_DigestSign(context.get(), nullptr, &length, data.data(), data.size());
    Octets signature(length);
    EVP_DigestSign(context.get(), signature.data(), &length, data.data(), data.size());
    signature.resize(length);
    return algorithm_ == 13 || algorithm_ == 14 ? raw_ecdsa(signature) : signature;
  }

 private:
  const EVP_MD* digest() const {
    switch (algorithm_) {
      case 5:
      case 7:
        return EVP_sha1();
      case 10:
        return EVP_sha512();
      case 14:
        return EVP_sha384();
      case 15:
      case 16:
        return nullptr;
      default:
        return EVP_sha256();
    }
  }
  Octets public_key() const {
    Octets out(256);
    std::size_t length = 0;
    if (algorithm_ == 15 || algorithm_ == 16) {
      length = out.size();
      EVP_PKEY_get_raw_public_key(key_.get(), out.data(), &length);
      out.resize(length);
    } else if (algorithm_ == 13 || algorithm_ == 14) {
      EVP_PKEY_get_octet_string_param(key_.get(), OSSL_PKEY_PARAM_PUB_KEY, out.data(), out.size(), &length);
      out.resize(length);
      out.erase(out.begin());  // 4: uncompressed
    } else {
      out = {3, 1, 0, 1};  // RFC 3110 2: the exponent 65537
      append(out, modulus());
    }
    return out;
  }
  Octets modulus() const {
    BIGNUM* n = nullptr;
    EVP_PKEY_get_bn_param(key_.get(), OSSL_PKEY_PARAM_RSA_N, &n);
    Octets out(static_cast<std::size_t>(BN_num_bytes(n)));
    BN_bn2bin(n, out.data());
    BN_free(n);
    return out;
  }
  Octets raw_ecdsa(const Octets& der) const {
    const unsigned char* at = der.data();
    ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
    const int half = algorithm_ == 13 ? 32 : 48;
    Octets out(static_cast<std::size_t>(2 * half));
    BN_bn2binpad(ECDSA_SIG_get0_r(pair), out.data(), half);
    BN_bn2binpad(ECDSA_SIG_get0_s(pair), out.data() + half, half);
    ECDSA_SIG_free(pair);
    return out;
  }

  std::uint8_t algorithm_;
  std::uint16_t flags_;
  std::shared_ptr<EVP_PKEY> key_;
};

// What may be said otherwise in a signature than the truth.
struct SignatureFields {
  std::uint32_t original_ttl = 300;
  std::uint32_t inception = seconds_of(signing_time) - 86400;
  std::uint32_t expiration = seconds_of(signing_time) + 86400;
  int labels = -1;  // of the owner that is signed; -1: all it has, but for an asterisk
};

// RDATA of the RRSIG record over these records, whose RDATA is in canonical form (RFC 4034 3.1.8.1).
inline Octets rrsig(const SigningKey& key, const dns::Name& signer, const dns::Name& owner, dns::Type type,
                    std::vector<Octets> rdata, SignatureFields fields = {}) {
  std::sort(rdata.begin(), rdata.end());
  rdata.erase(std::unique(rdata.begin(), rdata.end()), rdata.end());
  const Octets small_owner = small_wire(owner);
  const bool is_wildcard = small_owner[0] == 1 && small_owner[1] == '*';
  const int labels = fields.labels >= 0 ? fields.labels : owner.view().label_count() - (is_wildcard ? 1 : 0);
  Octets head;
  append_u16(head, static_cast<std::uint16_t>(type));
  head.insert(head.end(), {key.algorithm(), static_cast<std::uint8_t>(labels)});
  append_u32(head, fields.original_ttl);
  append_u32(head, fields.expiration);
  append_u32(head, fields.inception);
  append_u16(head, key.tag());
  append(head, small_wire(signer));
  Octets data = head;
  for (const Octets& one : rdata) {
    append(data, small_owner);
    append_u16(data, static_cast<std::uint16_t>(type));
    append_u16(data, 1);
    append_u32(data, fields.original_ttl);
    append_u16(data, one.size());
    append(data, one);
  }
  append(head, key.sign(data));
  return head;
}

}  // namespace dragoman::fakes
