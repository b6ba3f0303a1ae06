// The key schedule against RFC 8448 and against OpenSSL's own.
#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/provider.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "openssl.h"
#include "own_algorithms.h"

namespace dragoman::net {
namespace {

using Octets = std::vector<unsigned char>;

std::string to_hex(const Octets& octets) {
  std::string hex;
  for (const unsigned char octet : octets) {
    hex += "0123456789abcdef"[octet >> 4];
    hex += "0123456789abcdef"[octet & 15];
  }
  return hex;
}

Octets from_hex(std::string_view hex) {
  Octets octets;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    octets.push_back(static_cast<unsigned char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return octets;
}

Octets octets_of(std::string_view text) { return {text.begin(), text.end()}; }

Octets pattern(std::size_t length, unsigned char first) {
  Octets octets(length);
  for (unsigned char& octet : octets) octet = first++;
  return octets;
}

// What libssl gives to a derivation; null pointers are left out, as it does.
struct Derivation {
  int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
  std::string digest = "SHA2-256";
  const Octets* key = nullptr;
  const Octets* salt = nullptr;
  Octets label = octets_of("derived");
  const Octets* data = nullptr;
  std::size_t length = 32;

  // Empty when it is refused.
  Octets by(const char* query) const;
};

OSSL_PARAM octet_parameter(const char* name, const Octets& octets) {
  static unsigned char nothing;
  auto* data = octets.empty() ? &nothing : const_cast<unsigned char*>(octets.data());
  return OSSL_PARAM_construct_octet_string(name, data, octets.size());
}

Octets Derivation::by(const char* query) const {
  const std::unique_ptr<EVP_KDF, Releaser<EVP_KDF_free>> kdf(EVP_KDF_fetch(nullptr, "TLS13-KDF", query));
  const std::unique_ptr<EVP_KDF_CTX, Releaser<EVP_KDF_CTX_free>> context(EVP_KDF_CTX_new(kdf.get()));
  int mode_value = mode;
  const Octets prefix = octets_of("tls13 ");
  std::vector<OSSL_PARAM> parameters = {
      OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode_value),
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, const_cast<char*>(digest.c_str()), 0),
      octet_parameter(OSSL_KDF_PARAM_PREFIX, prefix), octet_parameter(OSSL_KDF_PARAM_LABEL, label)};
  if (key != nullptr) parameters.push_back(octet_parameter(OSSL_KDF_PARAM_KEY, *key));
  if (salt != nullptr) parameters.push_back(octet_parameter(OSSL_KDF_PARAM_SALT, *salt));
  if (data != nullptr) parameters.push_back(octet_parameter(OSSL_KDF_PARAM_DATA, *data));
  parameters.push_back(OSSL_PARAM_construct_end());
  Octets out(length);
  const bool derived = EVP_KDF_derive(context.get(), out.data(), length, parameters.data()) == 1;
  ERR_clear_error();
  return derived ? out : Octets();
}

class Tls13Kdf : public testing::Test {
 protected:
  Octets ours(const Derivation& derivation) { return derivation.by(query); }
  Octets openssls(const Derivation& derivation) { return derivation.by("provider=default"); }
  const char* const query = prefer_own_algorithms();
};

TEST_F(Tls13Kdf, is_ours_for_who_prefers_it) {
  const std::unique_ptr<EVP_KDF, Releaser<EVP_KDF_free>> kdf(EVP_KDF_fetch(nullptr, "TLS13-KDF", query));
  EXPECT_STREQ(OSSL_PROVIDER_get0_name(EVP_KDF_get0_provider(kdf.get())), "dragoman");
}

// RFC 8448 section 3, "Simple 1-RTT Handshake".
TEST_F(Tls13Kdf, derives_what_rfc_8448_shows) {
  const int extract = EVP_KDF_HKDF_MODE_EXTRACT_ONLY;
  const Octets early = ours({.mode = extract});
  EXPECT_EQ(to_hex(early), "33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a");
  const Octets shared = from_hex("8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d");
  const Octets handshake = ours({.mode = extract, .key = &shared, .salt = &early});
  EXPECT_EQ(to_hex(handshake), "1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac");
  const Octets master = ours({.mode = extract, .salt = &handshake});
  EXPECT_EQ(to_hex(master), "18df06843d13a08bf2a449844c5f8a478001bc4d4c627984d5a41da8d0402919");
  const Octets server_secret = from_hex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38");
  EXPECT_EQ(to_hex(ours({.key = &server_secret, .label = octets_of("key"), .length = 16})),
            "3fce516009c21727d0f2e4e86ee403bc");
  EXPECT_EQ(to_hex(ours({.key = &server_secret, .label = octets_of("iv"), .length = 12})), "5d313eb2671276ee13000b30");
  EXPECT_EQ(to_hex(ours({.key = &server_secret, .label = octets_of("finished")})),
            "008d3b66f816ea559f96b537e885c31fc068bf492c652f01f288a1d8cdc19fc8");
}

TEST_F(Tls13Kdf, expands_as_openssl_does) {
  for (const char* digest : {"SHA2-256", "SHA2-384"}) {
    const std::size_t size = std::string_view(digest) == "SHA2-256" ? 32 : 48;
    const Octets key = pattern(size, 1);
    for (const std::size_t length : {1u, 12u, 16u, 32u, 48u, 49u, 255u, 1000u}) {
      for (const std::size_t data_length : {0u, 1u, 32u, 48u, 249u}) {
        const Octets data = pattern(data_length, 7);
        const Derivation wish{
            .digest = digest, .key = &key, .label = octets_of("key"), .data = &data, .length = length};
        EXPECT_EQ(to_hex(ours(wish)), to_hex(openssls(wish))) << digest << " " << length << " " << data_length;
      }
      const Derivation wish{.digest = digest, .key = &key, .label = octets_of("iv"), .length = length};
      EXPECT_EQ(to_hex(ours(wish)), to_hex(openssls(wish))) << digest << " " << length;
    }
  }
}

// A pre-shared key may be longer than a block of the digest.
TEST_F(Tls13Kdf, extracts_as_openssl_does) {
  for (const char* digest : {"SHA2-256", "SHA2-384"}) {
    const std::size_t size = std::string_view(digest) == "SHA2-256" ? 32 : 48;
    const Octets salt = pattern(size, 3);
    for (const std::size_t key_length : {1u, 32u, 48u, 64u, 65u, 128u, 129u, 300u}) {
      const Octets key = pattern(key_length, 5);
      for (const Octets* before : {static_cast<const Octets*>(nullptr), &salt}) {
        const Derivation wish{
            .mode = EVP_KDF_HKDF_MODE_EXTRACT_ONLY, .digest = digest, .key = &key, .salt = before, .length = size};
        EXPECT_EQ(to_hex(ours(wish)), to_hex(openssls(wish))) << digest << " " << key_length;
      }
    }
  }
}

TEST_F(Tls13Kdf, refuses_what_the_label_has_no_room_for) {
  const Octets key = pattern(32, 1), too_much = pattern(256, 1);
  EXPECT_EQ(ours({.key = &key, .label = pattern(250, 1)}), Octets()) << "the prefix counts";
  EXPECT_EQ(ours({.key = &key, .label = pattern(249, 1)}).size(), 32u);
  EXPECT_EQ(ours({.key = &key, .data = &too_much}), Octets());
  EXPECT_EQ(ours({.key = &key, .length = 255 * 32 + 1}), Octets());
  EXPECT_EQ(ours({.key = &key, .length = 255 * 32}).size(), 255u * 32u);
}

TEST_F(Tls13Kdf, refuses_digests_and_modes_that_tls_1_3_does_not_have) {
  const Octets key = pattern(32, 1);
  EXPECT_EQ(ours({.digest = "SHA1", .key = &key}), Octets());
  EXPECT_EQ(ours({.mode = EVP_KDF_HKDF_MODE_EXTRACT_AND_EXPAND, .key = &key}), Octets());
  EXPECT_EQ(ours({.mode = EVP_KDF_HKDF_MODE_EXTRACT_ONLY, .key = &key, .length = 31}), Octets());
}

}  // namespace
}  // namespace dragoman::net
