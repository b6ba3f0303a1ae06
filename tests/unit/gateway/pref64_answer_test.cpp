// RFC 7050 3: what the AAAA answer to ipv4only.arpa tells of prefixes, and what must not fool the search.
#include "pref64_answer.h"

#include <gmock/gmock.h>

#include "fakes/fake_upstream.h"

namespace dragoman::gateway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Texts = std::vector<std::string>;

Texts to_texts(const std::vector<ip::Pref64>& prefixes) {
  Texts texts;
  for (const ip::Pref64& prefix : prefixes) texts.push_back(prefix.to_text());
  return texts;
}

Texts found_in(const Texts& addresses) {
  std::vector<ip::Ipv6Octets> octets;
  for (const std::string& text : addresses) octets.push_back(ip::Address::from_text(text)->v6());
  return to_texts(prefixes_behind(octets));
}

// What a DNS64 answers for these prefixes.
Texts answer_under(const Texts& prefixes) {
  Texts addresses;
  for (const std::string& text : prefixes) {
    const ip::Pref64 prefix = *ip::Pref64::from_text(text);
    for (const std::uint8_t last : {std::uint8_t{170}, std::uint8_t{171}}) {
      addresses.push_back(ip::Address(prefix.embed({192, 0, 0, last})).to_text());
    }
  }
  return addresses;
}

TEST(PrefixesBehind, finds_a_prefix_of_each_length) {
  for (const char* prefix : {"2001:db8::/32", "2001:db8:100::/40", "2001:db8:122::/48", "2001:db8:122:300::/56",
                             "2001:db8:122:344::/64", "2001:db8:122:344::/96", "64:ff9b::/96", "64:ff9b:1:fffe::/96"}) {
    EXPECT_THAT(found_in(answer_under({prefix})), ElementsAre(prefix));
  }
}

TEST(PrefixesBehind, finds_several_prefixes_in_the_order_of_the_answer) {
  EXPECT_THAT(found_in(answer_under({"2001:db8:64::/96", "64:ff9b::/96", "2001:db8:122::/48"})),
              ElementsAre("2001:db8:64::/96", "64:ff9b::/96", "2001:db8:122::/48"));
}

TEST(PrefixesBehind, a_pair_may_have_a_suffix) {
  EXPECT_THAT(found_in({"2001:db8:c000:aa:0:1:2:3", "2001:db8:c000:ab:0:1:2:3"}), ElementsAre("2001:db8::/32"));
}

TEST(PrefixesBehind, the_value_inside_a_prefix_is_not_taken_for_the_address) {
  EXPECT_THAT(found_in(answer_under({"2001:db8:c000:aa::/96"})), ElementsAre("2001:db8:c000:aa::/96"));
  EXPECT_THAT(found_in(answer_under({"2001:db8:c000:ab::/64"})), ElementsAre("2001:db8:c000:ab::/64"));
}

TEST(PrefixesBehind, the_value_inside_a_suffix_is_not_taken_for_the_address) {
  EXPECT_THAT(found_in({"2001:db8:c000:aa::c000:aa", "2001:db8:c000:ab::c000:aa"}), ElementsAre("2001:db8::/32"));
}

TEST(PrefixesBehind, prefixes_that_differ_like_the_addresses_do_are_read_without_a_suffix) {
  EXPECT_THAT(found_in(answer_under({"2001:db8:c000:aa::/96", "2001:db8:c000:ab::/96"})),
              ElementsAre("2001:db8:c000:aa::/96", "2001:db8:c000:ab::/96"));
}

TEST(PrefixesBehind, addresses_that_do_not_agree_on_a_prefix_name_none) {
  EXPECT_THAT(found_in({"2001:db8:64::c000:aa", "2001:db8:65::c000:ab"}), IsEmpty());
}

TEST(PrefixesBehind, beside_pairs_an_address_without_its_partner_does_not_count) {
  EXPECT_THAT(found_in({"2001:db8:65::c000:aa", "64:ff9b::c000:aa", "64:ff9b::c000:ab"}), ElementsAre("64:ff9b::/96"));
}

TEST(PrefixesBehind, one_of_the_two_alone_counts_where_its_place_is_beyond_doubt) {
  EXPECT_THAT(found_in({"64:ff9b::c000:aa"}), ElementsAre("64:ff9b::/96"));
  EXPECT_THAT(found_in({"2001:db8:122:c0:0:ab00::"}), IsEmpty()) << "192.0.171.0 is another address";
  EXPECT_THAT(found_in({"2001:db8:1c0:0:ab::"}), ElementsAre("2001:db8:100::/40")) << "split by the u octet";
}

TEST(PrefixesBehind, one_alone_that_occurs_twice_names_none) {
  EXPECT_THAT(found_in({"2001:db8:c000:aa::c000:aa"}), IsEmpty());
  EXPECT_THAT(found_in({"2001:c0:0:aa00::c000:aa"}), IsEmpty()) << "also where no prefix could end";
}

TEST(PrefixesBehind, a_u_octet_that_is_set_is_no_prefix) {
  EXPECT_THAT(found_in({"2001:db8:122:344:100::c000:aa", "2001:db8:122:344:100::c000:ab"}), IsEmpty());
}

TEST(PrefixesBehind, addresses_that_no_translator_has_name_none) {
  EXPECT_THAT(found_in({"::ffff:192.0.0.170", "::ffff:192.0.0.171"}), IsEmpty());
  EXPECT_THAT(found_in({"::192.0.0.170", "::192.0.0.171"}), IsEmpty());
  EXPECT_THAT(found_in({"fe80::c000:aa", "fe80::c000:ab"}), IsEmpty());
  EXPECT_THAT(found_in({"ff02::c000:aa", "ff02::c000:ab"}), IsEmpty());
  EXPECT_THAT(found_in({"2001:db8::1", "2001:db8::2"}), IsEmpty()) << "a hijacked name";
}

Pref64Answer read(const Texts& records, dns::Rcode rcode = dns::Rcode::noerror) {
  const dns::Name name = *dns::Name::from_text("ipv4only.arpa");
  return read_answer(fakes::make_answer({name, dns::Type::aaaa, dns::Class::in}, rcode, records));
}

TEST(ReadAnswer, holds_as_long_as_its_shortest_ttl) {
  const Pref64Answer answer =
      read({"ipv4only.arpa 900 AAAA 64:ff9b::c000:aa", "ipv4only.arpa 600 AAAA 64:ff9b::c000:ab"});
  EXPECT_THAT(to_texts(answer.prefixes), ElementsAre("64:ff9b::/96"));
  EXPECT_EQ(answer.ttl, seconds(600));
}

TEST(ReadAnswer, follows_an_alias) {
  const Pref64Answer answer = read({"ipv4only.arpa 60 CNAME other.test", "other.test 300 AAAA 64:ff9b::c000:aa",
                                    "other.test 300 AAAA 64:ff9b::c000:ab"});
  EXPECT_THAT(to_texts(answer.prefixes), ElementsAre("64:ff9b::/96"));
  EXPECT_EQ(answer.ttl, seconds(60));
}

TEST(ReadAnswer, nodata_and_nxdomain_are_no_prefixes_for_their_negative_ttl) {
  for (const dns::Rcode rcode : {dns::Rcode::noerror, dns::Rcode::nxdomain}) {
    const Pref64Answer answer = read({"!ipv4only.arpa 3600 SOA ns.test. host.test. 1 2 3 4 300"}, rcode);
    EXPECT_THAT(answer.prefixes, IsEmpty());
    EXPECT_EQ(answer.ttl, seconds(300));
  }
  EXPECT_EQ(read({}).ttl, seconds(0));
}

}  // namespace
}  // namespace dragoman::gateway
