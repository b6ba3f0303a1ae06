// Every reason says what it comes to.
#include "dragoman/dnssec/verdict.h"

#include <gtest/gtest.h>

namespace dragoman::dnssec {
namespace {

TEST(Verdict, follows_from_its_reason) {
  EXPECT_EQ(verdict_of(Reason::none), secure);
  EXPECT_EQ(verdict_of(Reason::no_ds).security, Security::insecure);
  EXPECT_EQ(verdict_of(Reason::nsec3_iterations).security, Security::insecure);
  EXPECT_EQ(verdict_of(Reason::nsec3_refused).security, Security::bogus);
  EXPECT_EQ(verdict_of(Reason::chain_unreachable).security, Security::bogus);
}

// RFC 8914 4.
TEST(Verdict, has_the_extended_error_of_its_reason) {
  using dns::Ede;
  EXPECT_FALSE(ede_of(Reason::none));
  EXPECT_FALSE(ede_of(Reason::no_ds));
  EXPECT_EQ(ede_of(Reason::unsupported_algorithm), Ede::unsupported_dnskey_algorithm);
  EXPECT_EQ(ede_of(Reason::unsupported_digest), Ede::unsupported_ds_digest);
  EXPECT_EQ(ede_of(Reason::signature_wrong), Ede::dnssec_bogus);
  EXPECT_EQ(ede_of(Reason::signature_expired), Ede::signature_expired);
  EXPECT_EQ(ede_of(Reason::signature_not_yet_valid), Ede::signature_not_yet_valid);
  EXPECT_EQ(ede_of(Reason::key_missing), Ede::dnskey_missing);
  EXPECT_EQ(ede_of(Reason::signature_missing), Ede::rrsigs_missing);
  EXPECT_EQ(ede_of(Reason::key_not_of_zone), Ede::no_zone_key_bit_set);
  EXPECT_EQ(ede_of(Reason::denial_missing), Ede::nsec_missing);
  EXPECT_EQ(ede_of(Reason::nsec3_refused), Ede::unsupported_nsec3_iterations);
}

// Whoever is bogus is told why.
TEST(Verdict, is_explained_to_people_and_to_clients) {
  for (std::size_t i = 0; i < reason_count; ++i) {
    const auto reason = static_cast<Reason>(i);
    EXPECT_FALSE(explanation(reason).empty());
    if (verdict_of(reason).security == Security::bogus) {
      EXPECT_TRUE(ede_of(reason)) << explanation(reason);
    }
  }
}

}  // namespace
}  // namespace dragoman::dnssec
