// X25519 through OpenSSL's own interfaces, as libssl uses it, against RFC 7748 and against OpenSSL's arithmetic.
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "openssl.h"
#include "own_algorithms.h"

namespace dragoman::net {
namespace {

using ContextPtr = std::unique_ptr<EVP_PKEY_CTX, Releaser<EVP_PKEY_CTX_free>>;
using Octets = std::vector<unsigned char>;

Octets from_hex(std::string_view hex) {
  Octets octets;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    octets.push_back(static_cast<unsigned char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return octets;
}

ContextPtr context_of(EVP_PKEY* key, const char* query) {
  return ContextPtr(EVP_PKEY_CTX_new_from_pkey(nullptr, key, query));
}

PkeyPtr new_key(const char* query) {
  const ContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "X25519", query));
  EVP_PKEY* key = nullptr;
  EVP_PKEY_keygen_init(context.get());
  EVP_PKEY_keygen(context.get(), &key);
  return PkeyPtr(key);
}

Octets share_of(EVP_PKEY* key) {
  unsigned char* octets = nullptr;
  const std::size_t length = EVP_PKEY_get1_encoded_public_key(key, &octets);
  Octets share(octets, octets + length);
  OPENSSL_free(octets);
  return share;
}

// An empty key that takes the other side's share, as libssl makes it.
PkeyPtr with_share(const char* query, const Octets& share) {
  const ContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "X25519", query));
  EVP_PKEY* key = nullptr;
  EXPECT_EQ(EVP_PKEY_paramgen_init(context.get()), 1);
  EXPECT_EQ(EVP_PKEY_CTX_set_group_name(context.get(), "x25519"), 1);
  EXPECT_EQ(EVP_PKEY_paramgen(context.get(), &key), 1);
  PkeyPtr owned(key);
  if (EVP_PKEY_set1_encoded_public_key(key, share.data(), share.size()) != 1) owned.reset();
  return owned;
}

// Empty when there is none.
Octets secret_of(EVP_PKEY* ours, const Octets& theirs, const char* query) {
  const ContextPtr context = context_of(ours, query);
  const PkeyPtr peer = with_share(query, theirs);
  if (!peer || EVP_PKEY_derive_init(context.get()) != 1 || EVP_PKEY_derive_set_peer(context.get(), peer.get()) != 1) {
    return {};
  }
  std::size_t length = 0;
  if (EVP_PKEY_derive(context.get(), nullptr, &length) != 1) return {};
  Octets secret(length);
  if (EVP_PKEY_derive(context.get(), secret.data(), &length) != 1) return {};
  return secret;
}

class X25519 : public testing::Test {
 protected:
  const char* const ours = prefer_own_algorithms();
  static constexpr const char* openssls = "provider=default";
};

TEST_F(X25519, is_ours_for_who_prefers_it) {
  const PkeyPtr key = new_key(ours);
  ASSERT_NE(key, nullptr);
  EXPECT_STREQ(OSSL_PROVIDER_get0_name(EVP_PKEY_get0_provider(key.get())), "dragoman");
  EXPECT_EQ(EVP_PKEY_get_bits(key.get()), 253);
  EXPECT_EQ(EVP_PKEY_get_security_bits(key.get()), 128);
}

TEST_F(X25519, both_sides_come_to_the_secret_that_openssl_comes_to) {
  for (int i = 0; i < 20; ++i) {
    const PkeyPtr here = new_key(ours), there = new_key(openssls);
    const Octets secret = secret_of(here.get(), share_of(there.get()), ours);
    EXPECT_EQ(secret.size(), 32u);
    EXPECT_EQ(secret, secret_of(there.get(), share_of(here.get()), openssls));
  }
}

TEST_F(X25519, keys_differ) { EXPECT_NE(share_of(new_key(ours).get()), share_of(new_key(ours).get())); }

// RFC 7748 section 5: the highest bit of a share counts for nothing.
TEST_F(X25519, the_highest_bit_of_a_share_is_ignored) {
  const PkeyPtr key = new_key(ours);
  Octets share = share_of(new_key(ours).get());
  const Octets secret = secret_of(key.get(), share, ours);
  share.back() |= 0x80;
  EXPECT_EQ(secret_of(key.get(), share, ours), secret);
}

// RFC 7748 6.1, RFC 8446 7.4.2: what leads to zero for every key must be refused.
TEST_F(X25519, shares_of_small_order_are_refused) {
  const PkeyPtr key = new_key(ours);
  for (const std::string_view share : {
           "0000000000000000000000000000000000000000000000000000000000000000",
           "0100000000000000000000000000000000000000000000000000000000000000",
           "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
           "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
           "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
       }) {
    EXPECT_EQ(secret_of(key.get(), from_hex(share), ours), Octets()) << share;
  }
  ERR_clear_error();
}

TEST_F(X25519, a_share_of_another_length_is_refused) {
  for (const std::size_t length : {0u, 1u, 31u, 33u, 64u}) {
    EXPECT_EQ(with_share(ours, Octets(length, 9)), nullptr) << length;
  }
  ERR_clear_error();
}

TEST_F(X25519, there_is_no_secret_without_a_key_of_ours_or_a_share_of_theirs) {
  const PkeyPtr key = new_key(ours);
  const PkeyPtr share_alone = with_share(ours, share_of(key.get()));
  EXPECT_EQ(secret_of(share_alone.get(), share_of(key.get()), ours), Octets());
  const ContextPtr without_peer = context_of(key.get(), ours);
  ASSERT_EQ(EVP_PKEY_derive_init(without_peer.get()), 1);
  std::size_t length = 0;
  EXPECT_NE(EVP_PKEY_derive(without_peer.get(), nullptr, &length), 1);
  ERR_clear_error();
}

TEST_F(X25519, another_group_is_not_made) {
  const ContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "X25519", ours));
  ASSERT_EQ(EVP_PKEY_keygen_init(context.get()), 1);
  EXPECT_LE(EVP_PKEY_CTX_set_group_name(context.get(), "X448"), 0);
  ERR_clear_error();
}

TEST_F(X25519, equal_means_the_same_share) {
  const PkeyPtr key = new_key(ours), other = new_key(ours);
  EXPECT_EQ(EVP_PKEY_eq(key.get(), with_share(ours, share_of(key.get())).get()), 1);
  EXPECT_NE(EVP_PKEY_eq(key.get(), other.get()), 1);
  ERR_clear_error();
}

}  // namespace
}  // namespace dragoman::net
