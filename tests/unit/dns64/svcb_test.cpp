// Addresses beside SVCB and HTTPS records (RFC 9460 4.2.1).
#include "dragoman/dns64/svcb.h"

#include <gtest/gtest.h>

#include "zone_text.h"

namespace dragoman::dns64 {
namespace {

using dns::Type;

Policy policy_of(const char* prefix) {
  Policy policy;
  policy.mappings = {{.prefixes = {*ip::Pref64::from_text(prefix)}}};
  return policy;
}

bool wants(const Policy* policy, Type type, bool checking_disabled, std::string_view lines) {
  const dns::Answer made = answer("svc.test", type, lines);
  const dns::Name owner = name("svc.test");
  return wants_additional_aaaa(policy, {owner, type, dns::Class::in}, checking_disabled, made.view());
}

std::string written(const Policy& policy, std::string_view lines) {
  const dns::Answer made = answer("svc.test", Type::https, lines);
  const dns::Name owner = name("svc.test");
  const dns::Question question{owner, Type::https, dns::Class::in};
  Message message(question);
  write_with_additional_aaaa(policy, made.view(), question, seconds(600), message.writer());
  return message.text();
}

constexpr std::string_view v4_only =
    "svc.test. 300 HTTPS 1 pool.test. alpn=h2 ipv4hint=198.51.100.9\n"
    "additional:\n"
    "pool.test. 3600 A 198.51.100.1\n";

TEST(AdditionalAaaa, are_wanted_beside_a_records_for_clients_with_synthesis) {
  const Policy policy = policy_of("2001:db8:64::/96"), nothing;
  EXPECT_TRUE(wants(&policy, Type::https, false, v4_only));
  EXPECT_TRUE(wants(&policy, Type::svcb, false, "svc.test. 300 SVCB 1 a.test.\nadditional:\na.test. 60 A 192.0.2.1\n"));
  EXPECT_FALSE(wants(&policy, Type::https, true, v4_only));
  EXPECT_FALSE(wants(nullptr, Type::https, false, v4_only));
  EXPECT_FALSE(wants(&nothing, Type::https, false, v4_only));
  EXPECT_FALSE(wants(&policy, Type::https, false, "svc.test. 300 HTTPS 1 . alpn=h2\n"));
  EXPECT_FALSE(wants(&policy, Type::mx, false, "svc.test. 300 MX 1 a.test.\nadditional:\na.test. 60 A 192.0.2.1\n"));
}

TEST(AdditionalAaaa, stand_behind_the_a_record_and_leave_hints_alone) {
  EXPECT_EQ(written(policy_of("2001:db8:64::/96"), v4_only),
            "svc.test. 300 HTTPS 1 pool.test. alpn=\"h2\" ipv4hint=198.51.100.9\n"
            "additional:\n"
            "pool.test. 3600 A 198.51.100.1\n"
            "pool.test. 600 AAAA 2001:db8:64::c633:6401\n");
}

TEST(AdditionalAaaa, are_not_made_where_there_are_real_ones) {
  const std::string_view dual =
      "svc.test. 300 HTTPS 1 pool.test. alpn=\"h2\"\n"
      "additional:\n"
      "pool.test. 60 A 198.51.100.1\n"
      "other.test. 60 A 198.51.100.2\n"
      "POOL.test. 60 AAAA 2001:db8::1\n";
  EXPECT_EQ(written(policy_of("2001:db8:64::/96"), dual),
            "svc.test. 300 HTTPS 1 pool.test. alpn=\"h2\"\n"
            "additional:\n"
            "pool.test. 60 A 198.51.100.1\n"
            "other.test. 60 A 198.51.100.2\n"
            "other.test. 60 AAAA 2001:db8:64::c633:6402\n"
            "pool.test. 60 AAAA 2001:db8::1\n");
}

TEST(AdditionalAaaa, are_not_made_of_addresses_that_may_not_be_mapped) {
  const std::string_view inside = "svc.test. 300 HTTPS 1 .\nadditional:\nsvc.test. 60 A 10.0.0.1\n";
  EXPECT_EQ(written(policy_of("64:ff9b::/96"), inside), inside);
  Policy policy = policy_of("2001:db8:64::/96");
  policy.exclude_a = {*ip::Prefix::from_text("10.0.0.0/8")};
  EXPECT_EQ(written(policy, inside), inside);
}

}  // namespace
}  // namespace dragoman::dns64
