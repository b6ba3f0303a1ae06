// Finding the keys in an answer.
#include "dnskey_answer.h"

#include <gtest/gtest.h>

#include "fakes/fake_upstream.h"
#include "signed_keys.h"

namespace dragoman::trust {
namespace {

const dns::Name zone = *dns::Name::from_text("corp.example");

dns::Answer answer_of(const std::vector<std::string>& records) {
  return fakes::make_answer({zone, dns::Type::dnskey, dns::Class::in}, dns::Rcode::noerror, records);
}

TEST(DnskeyAnswer, has_the_keys_with_their_signatures) {
  const fakes::SigningKey ksk, zsk(13, 256);
  const dns::Answer answer = signed_keys(zone, {ksk, zsk}, {ksk}, fakes::signing_time);
  const DnskeyAnswer read(zone, answer);
  ASSERT_NE(read.keys(), nullptr);
  EXPECT_EQ(read.keys()->size(), 2u);
  EXPECT_EQ(read.keys()->signatures.size(), 1u);
}

TEST(DnskeyAnswer, has_none_of_another_name_type_or_section) {
  EXPECT_NE(DnskeyAnswer(zone, answer_of({"CORP.example 60 DNSKEY 257 3 13 AQID"})).keys(), nullptr);
  for (const char* record :
       {"example 60 DNSKEY 257 3 13 AQID", "corp.example 60 A 192.0.2.1", "!corp.example 60 DNSKEY 257 3 13 AQID"}) {
    EXPECT_EQ(DnskeyAnswer(zone, answer_of({record})).keys(), nullptr) << record;
  }
  EXPECT_EQ(DnskeyAnswer(zone, answer_of({})).keys(), nullptr);
}

TEST(DnskeyAnswer, has_none_when_there_is_more_than_anybody_needs) {
  std::vector<std::string> records{"corp.example 60 DNSKEY 257 3 13 AQID"};
  for (int i = 0; i < 100; ++i) records.push_back("n" + std::to_string(i) + ".example 60 A 192.0.2.1");
  EXPECT_EQ(DnskeyAnswer(zone, answer_of(records)).keys(), nullptr);
}

}  // namespace
}  // namespace dragoman::trust
