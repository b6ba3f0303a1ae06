// Keys and signatures in the forms of RFC 3110, 5702, 6605 and 8080.
#include <gtest/gtest.h>

#include "dragoman/dnssec/zone_keys.h"
#include "fakes/signed_zone.h"

namespace dragoman::dnssec {
namespace {

constexpr std::uint8_t text[] = {'d', 'r', 'a', 'g', 'o', 'm', 'a', 'n'};

fakes::Octets public_octets(const fakes::SigningKey& key) {
  const fakes::Octets dnskey = key.dnskey();
  return {dnskey.begin() + 4, dnskey.end()};
}

class OfEachAlgorithm : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(PublicKey, OfEachAlgorithm, testing::Values(5, 7, 8, 10, 13, 14, 15, 16));

TEST_P(OfEachAlgorithm, verifies_its_own_signatures_alone) {
  const auto algorithm = static_cast<std::uint8_t>(GetParam());
  const fakes::SigningKey ours(algorithm), other(algorithm);
  const PublicKey key(algorithm, public_octets(ours));
  fakes::Octets signature = ours.sign(text);
  EXPECT_TRUE(key.verifies(text, signature));
  EXPECT_FALSE(key.verifies(Bytes(text).first(7), signature));
  EXPECT_FALSE(key.verifies(text, other.sign(text)));
  signature[signature.size() / 2] ^= 1;
  EXPECT_FALSE(key.verifies(text, signature));
}

TEST_P(OfEachAlgorithm, refuses_signatures_of_another_size) {
  const auto algorithm = static_cast<std::uint8_t>(GetParam());
  const fakes::SigningKey ours(algorithm);
  const PublicKey key(algorithm, public_octets(ours));
  fakes::Octets signature = ours.sign(text);
  signature.push_back(0);
  EXPECT_FALSE(key.verifies(text, signature));
  signature.resize(signature.size() - 2);
  EXPECT_FALSE(key.verifies(text, signature));
  EXPECT_FALSE(key.verifies(text, {}));
}

TEST_P(OfEachAlgorithm, is_no_key_when_octets_are_missing) {
  const auto algorithm = static_cast<std::uint8_t>(GetParam());
  const fakes::SigningKey ours(algorithm);
  const fakes::Octets octets = public_octets(ours), signature = ours.sign(text);
  for (std::size_t size = 0; size < octets.size(); ++size) {
    EXPECT_FALSE(PublicKey(algorithm, Bytes(octets).first(size)).verifies(text, signature)) << size;
  }
}

TEST(PublicKey, of_a_point_off_the_curve_is_none) {
  const fakes::Octets nowhere(64, 7);
  const fakes::SigningKey ours(13);
  EXPECT_FALSE(PublicKey(13, nowhere).verifies(text, ours.sign(text)));
}

// RFC 3110 2: a length of the exponent in two octets behind a zero.
TEST(PublicKey, of_rsa_may_have_a_long_length_of_its_exponent) {
  const fakes::SigningKey ours(8);
  const fakes::Octets octets = public_octets(ours);
  fakes::Octets with_long_length{0, 0, octets[0]};
  with_long_length.insert(with_long_length.end(), octets.begin() + 1, octets.end());
  EXPECT_TRUE(PublicKey(8, with_long_length).verifies(text, ours.sign(text)));
}

// What is larger takes too long (KeyTrap's cousins): an exponent as long as the modulus makes each try a signature.
TEST(PublicKey, of_rsa_is_of_a_bounded_size) {
  const fakes::SigningKey ours(8);
  fakes::Octets octets = public_octets(ours);
  fakes::Octets long_exponent{9, 1, 0, 0, 0, 0, 0, 0, 0, 1};
  long_exponent.insert(long_exponent.end(), octets.begin() + 4, octets.end());
  EXPECT_FALSE(PublicKey(8, long_exponent).verifies(text, ours.sign(text)));
  fakes::Octets long_modulus{3, 1, 0, 1};
  long_modulus.resize(4 + 513, 0xFF);
  EXPECT_FALSE(PublicKey(8, long_modulus).verifies(text, fakes::Octets(513, 1)));
}

TEST(PublicKey, costs_what_its_algorithm_does) {
  for (const auto& [algorithm, cost] : {std::pair{8, 1}, {13, 1}, {15, 2}, {16, 4}, {14, 10}}) {
    const auto number = static_cast<std::uint8_t>(algorithm);
    EXPECT_EQ(PublicKey(number, public_octets(fakes::SigningKey(number))).cost(), cost) << algorithm;
  }
  fakes::Octets octets = public_octets(fakes::SigningKey(8));
  octets.insert(octets.begin() + 1, 1);
  octets[0] = 4;
  EXPECT_EQ(PublicKey(8, octets).cost(), 5) << "an exponent of 32 bits";
}

TEST(PublicKey, of_an_unknown_algorithm_verifies_nothing) {
  for (const int algorithm : {0, 1, 3, 6, 12, 17, 253}) {
    EXPECT_FALSE(is_supported_algorithm(static_cast<std::uint8_t>(algorithm))) << algorithm;
    EXPECT_FALSE(PublicKey(static_cast<std::uint8_t>(algorithm), text).verifies(text, text));
  }
}

}  // namespace
}  // namespace dragoman::dnssec
