// Who gets which implementation.
#include "own_algorithms.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/provider.h>

#include <memory>
#include <string_view>

#include "openssl.h"

namespace dragoman::net {
namespace {

std::string_view provider_of_kdf(const char* name, const char* query) {
  const std::unique_ptr<EVP_KDF, Releaser<EVP_KDF_free>> kdf(EVP_KDF_fetch(nullptr, name, query));
  return kdf ? OSSL_PROVIDER_get0_name(EVP_KDF_get0_provider(kdf.get())) : "none";
}

std::string_view provider_of_digest(const char* name, const char* query) {
  const std::unique_ptr<EVP_MD, Releaser<EVP_MD_free>> digest(EVP_MD_fetch(nullptr, name, query));
  return digest ? OSSL_PROVIDER_get0_name(EVP_MD_get0_provider(digest.get())) : "none";
}

TEST(OwnAlgorithms, are_preferred_by_who_asks_for_them) {
  EXPECT_EQ(provider_of_kdf("TLS13-KDF", prefer_own_algorithms()), "dragoman");
}

TEST(OwnAlgorithms, leave_the_others_to_openssl) {
  EXPECT_EQ(provider_of_kdf("HKDF", prefer_own_algorithms()), "default");
  EXPECT_EQ(provider_of_digest("SHA2-256", prefer_own_algorithms()), "default");
}

TEST(OwnAlgorithms, leave_openssl_in_place_for_who_asks_for_nothing) {
  prefer_own_algorithms();
  EXPECT_EQ(provider_of_digest("SHA2-256", nullptr), "default");
  EXPECT_EQ(provider_of_digest("MD5", nullptr), "default");
}

TEST(OwnAlgorithms, do_not_qualify_where_more_is_asked_for) {
  EXPECT_EQ(provider_of_kdf("TLS13-KDF", "fips=yes,?provider=dragoman"), "none");
  ERR_clear_error();
}

}  // namespace
}  // namespace dragoman::net
