// Private addresses in upstreams' answers.
#include "dragoman/resolve/rebinding.h"

#include <gmock/gmock.h>

#include "dragoman/dns/rdata.h"
#include "dragoman/dns/whole_message.h"
#include "fakes/fake_upstream.h"

namespace dragoman::resolve {
namespace {

using dns::Type;
using testing::ElementsAre;
using testing::IsEmpty;

class RebindingFilterTest : public testing::Test {
 protected:
  RebindingFilterTest() { options.enabled = true; }

  // What is left of an answer to `name`, one record a line, those of the authority section without data behind "!".
  std::vector<std::string> filtered(const std::string& name, Type type, const std::vector<std::string>& records) {
    const RebindingFilter filter(options, {*ip::Pref64::from_text("fd64:64::/96"), ip::Pref64()});
    owner = *dns::Name::from_text(name);
    const dns::Question question{owner, type, dns::Class::in};
    answer = fakes::make_answer(question, dns::Rcode::noerror, records);
    answer.head.authentic = true;
    took = filter.apply(question, answer);
    const dns::WholeMessage whole(question, answer.view());
    EXPECT_TRUE(whole.ok());
    std::vector<std::string> texts;
    for (auto [section, record] : whole.view().records()) {
      const std::string head = whole.view().owner(record).to_text() + " " + dns::to_text(record.type);
      const bool is_denial = section == dns::Section::authority;
      texts.push_back(is_denial ? "!" + head : head + " " + dns::rdata_to_text(whole.view(), record));
    }
    return texts;
  }

  RebindingOptions options;
  dns::Name owner;
  dns::Answer answer;
  bool took = false;
};

TEST_F(RebindingFilterTest, lets_everything_pass_when_off) {
  options.enabled = false;
  EXPECT_THAT(filtered("a.test", Type::a, {"a.test. 60 A 10.0.0.1"}), ElementsAre("a.test. A 10.0.0.1"));
  EXPECT_FALSE(RebindingFilter().is_on());
}

TEST_F(RebindingFilterTest, leaves_public_addresses_alone) {
  EXPECT_THAT(filtered("a.test", Type::a, {"a.test. 60 A 198.51.100.1"}), ElementsAre("a.test. A 198.51.100.1"));
  EXPECT_FALSE(took);
  EXPECT_TRUE(answer.head.authentic);
}

TEST_F(RebindingFilterTest, leaves_no_data_where_every_address_is_private) {
  for (const char* address :
       {"0.0.0.0", "10.1.2.3", "127.0.0.1", "169.254.1.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"}) {
    EXPECT_THAT(filtered("a.test", Type::a, {std::string("a.test. 60 A ") + address}), ElementsAre("!a.test. SOA"))
        << address;
    EXPECT_TRUE(answer.head.blocked);
    EXPECT_FALSE(answer.head.authentic);
    EXPECT_EQ(dns::negative_ttl(answer.view()), 60u);
  }
  for (const char* address : {"::", "::1", "fc00::1", "fdff::1", "fe80::1", "::ffff:10.0.0.1"}) {
    EXPECT_THAT(filtered("a.test", Type::aaaa, {std::string("a.test. 900 AAAA ") + address}),
                ElementsAre("!a.test. SOA"))
        << address;
    EXPECT_EQ(dns::negative_ttl(answer.view()), 300u);
  }
}

TEST_F(RebindingFilterTest, takes_private_addresses_out_from_among_others_with_their_signature) {
  EXPECT_THAT(filtered("a.test", Type::a,
                       {"a.test. 60 A 10.0.0.1", "a.test. 60 A 198.51.100.1",
                        "a.test. 60 RRSIG \\# 20 0001080200000e10000000000000000000010000",
                        "a.test. 60 RRSIG \\# 20 0010080200000e10000000000000000000010000"}),
              ElementsAre("a.test. A 198.51.100.1", testing::StartsWith("a.test. RRSIG TXT")));
  EXPECT_FALSE(answer.head.blocked);
}

TEST_F(RebindingFilterTest, keeps_the_chain_in_front_and_denies_its_end) {
  EXPECT_THAT(filtered("a.test", Type::a, {"a.test. 60 CNAME b.test.", "b.test. 60 A 10.0.0.1"}),
              ElementsAre("a.test. CNAME b.test.", "!b.test. SOA"));
  EXPECT_TRUE(answer.head.blocked);
}

// A prefix is judged by what it leads to: ours may be a unique local one, and an address in it may be private.
TEST_F(RebindingFilterTest, looks_into_addresses_under_a_nat64_prefix) {
  EXPECT_THAT(filtered("a.test", Type::aaaa, {"a.test. 60 AAAA fd64:64::c633:6401"}),
              ElementsAre("a.test. AAAA fd64:64::c633:6401"));
  EXPECT_THAT(filtered("a.test", Type::aaaa, {"a.test. 60 AAAA fd64:64::a00:1"}), ElementsAre("!a.test. SOA"));
  EXPECT_THAT(filtered("a.test", Type::aaaa, {"a.test. 60 AAAA 64:ff9b::7f00:1"}), ElementsAre("!a.test. SOA"));
}

TEST_F(RebindingFilterTest, takes_out_service_records_with_a_private_hint) {
  EXPECT_THAT(filtered("a.test", Type::https,
                       {"a.test. 60 HTTPS 1 . alpn=h2 ipv4hint=198.51.100.1,10.0.0.1",
                        "a.test. 60 HTTPS 2 . alpn=h2 ipv6hint=2001:db8::1"}),
              ElementsAre("a.test. HTTPS 2 . alpn=\"h2\" ipv6hint=2001:db8::1"));
  EXPECT_THAT(filtered("a.test", Type::https, {"a.test. 60 HTTPS 1 . ipv6hint=fe80::1"}), ElementsAre("!a.test. SOA"));
}

// By the name that was asked: an outside name may not borrow an inside one by a CNAME.
TEST_F(RebindingFilterTest, lets_allowed_names_say_what_they_will) {
  options.allow_names = {*dns::Name::from_text("corp.test")};
  EXPECT_THAT(filtered("www.Corp.test", Type::a, {"www.Corp.test. 60 A 10.0.0.1"}),
              ElementsAre("www.Corp.test. A 10.0.0.1"));
  EXPECT_THAT(filtered("evil.test", Type::a, {"evil.test. 60 CNAME www.corp.test.", "www.corp.test. 60 A 10.0.0.1"}),
              ElementsAre("evil.test. CNAME www.corp.test.", "!www.corp.test. SOA"));
}

TEST_F(RebindingFilterTest, obeys_other_ranges) {
  options.ranges = {*ip::Prefix::from_text("198.51.100.0/24")};
  EXPECT_THAT(filtered("a.test", Type::a, {"a.test. 60 A 10.0.0.1"}), ElementsAre("a.test. A 10.0.0.1"));
  EXPECT_THAT(filtered("a.test", Type::a, {"a.test. 60 A 198.51.100.1"}), ElementsAre("!a.test. SOA"));
}

TEST_F(RebindingFilterTest, leaves_answers_without_addresses_alone) {
  EXPECT_THAT(filtered("a.test", Type::mx, {"a.test. 60 MX 10 b.test."}), ElementsAre("a.test. MX 10 b.test."));
  EXPECT_THAT(filtered("a.test", Type::a, {}), IsEmpty());
}

TEST_F(RebindingFilterTest, differs_from_one_that_takes_out_something_else) {
  const RebindingFilter filter(options, {});
  EXPECT_TRUE(filter == RebindingFilter(options, {}));
  EXPECT_FALSE(filter == RebindingFilter());
  options.allow_names = {*dns::Name::from_text("corp.test")};
  EXPECT_FALSE(filter == RebindingFilter(options, {}));
}

}  // namespace
}  // namespace dragoman::resolve
