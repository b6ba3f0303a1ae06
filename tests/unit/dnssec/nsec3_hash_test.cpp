// The hash of NSEC3 against the values of RFC 5155 appendix A.
#include <gtest/gtest.h>

#include "denial_records.h"

namespace dragoman::dnssec {
namespace {

std::string hash_text(std::string_view text, const std::string& salt, std::uint16_t iterations) {
  const auto hash = nsec3_hash(name(text), from_hex(salt), iterations);
  return hash ? base32hex(*hash) : "none";
}

// RFC 5155 appendix A.
TEST(Nsec3Hash, is_that_of_the_example_of_the_rfc) {
  const std::pair<const char*, const char*> hashes[] = {
      {"example", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom"},
      {"a.example", "35mthgpgcu1qg68fab165klnsnk3dpvl"},
      {"ai.example", "gjeqe526plbf1g8mklp59enfd789njgi"},
      {"ns1.example", "2t7b4g4vsa5smi47k61mv5bv1a22bojr"},
      {"ns2.example", "q04jkcevqvmu85r014c7dkba38o0ji5r"},
      {"w.example", "k8udemvp1j2f7eg6jebps17vp3n8i58h"},
      {"*.w.example", "r53bq7cc2uvmubfu5ocmm6pers9tk9en"},
      {"x.w.example", "b4um86eghhds6nea196smvmlo4ors995"},
      {"y.w.example", "ji6neoaepv8b5o6k4ev33abha8ht9fgc"},
      {"x.y.w.example", "2vptu5timamqttgl4luu9kg21e0aor3s"},
      {"xx.example", "t644ebqk9bibcna874givr6joj62mlhv"},
      {"2t7b4g4vsa5smi47k61mv5bv1a22bojr.example", "kohar7mbb8dc2ce8a9qvl8hon4k53uhi"}};
  for (const auto& [owner, hash] : hashes) EXPECT_EQ(hash_text(owner, "aabbccdd", 12), hash) << owner;
}

TEST(Nsec3Hash, knows_no_case) {
  EXPECT_EQ(hash_text("X.Y.w.EXAMPLE", "aabbccdd", 12), "2vptu5timamqttgl4luu9kg21e0aor3s");
}

// SHA-1 of one zero octet.
TEST(Nsec3Hash, of_the_root_without_salt_and_iterations_is_sha1) {
  const auto hash = nsec3_hash(dns::NameView(), {}, 0);
  ASSERT_TRUE(hash);
  EXPECT_EQ(Octets(hash->begin(), hash->end()), from_hex("5ba93c9db0cff93f52b521d7420e43f6eda2784f"));
}

TEST(Nsec3Hash, takes_the_longest_name_and_salt) {
  std::string text;
  for (int labels = 0; labels < 127; ++labels) text += "a.";
  EXPECT_TRUE(nsec3_hash(name(text), Octets(max_nsec3_salt), 500));
  EXPECT_FALSE(nsec3_hash(name(text), Octets(max_nsec3_salt + 1), 500));
}

TEST(Nsec3Hash, every_iteration_counts) {
  EXPECT_NE(hash_text("example", "aabbccdd", 11), hash_text("example", "aabbccdd", 12));
  EXPECT_NE(hash_text("example", "aabbccdd", 0), hash_text("example", "", 0));
}

}  // namespace
}  // namespace dragoman::dnssec
