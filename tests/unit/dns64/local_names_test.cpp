// RFC 8880 7.1 and 7.2, RFC 7050: the names that a DNS64 answers by itself.
#include <gtest/gtest.h>

#include "dragoman/dns64/synthesis.h"
#include "zone_text.h"

namespace dragoman::dns64 {
namespace {

using dns::Type;

constexpr const char* reverse_under_wkp = "a.a.0.0.0.0.0.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.b.9.f.f.4.6.0.0.ip6.arpa.";
constexpr const char* reverse_under_own = "b.a.0.0.0.0.0.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.";

Policy two_prefixes() { return policy_with({ip::Pref64(), pref64("2001:db8::/96")}); }

TEST(Dns64LocalNames, are_ipv4only_arpa_and_the_reverse_names_of_its_addresses) {
  struct {
    const char* name;
    Type type;
    bool is_local;
  } const table[] = {
      {"ipv4only.arpa.", Type::aaaa, true},
      {"IPv4Only.ARPA.", Type::txt, true},
      {"below.ipv4only.arpa.", Type::a, true},
      {"170.0.0.192.in-addr.arpa.", Type::ptr, true},
      {"171.0.0.192.in-addr.arpa.", Type::ptr, true},
      {"x.171.0.0.192.in-addr.arpa.", Type::ptr, true},
      {"ipv4only.arpa.", Type::ds, false},
      {"170.0.0.192.in-addr.arpa.", Type::ds, false},
      {"below.ipv4only.arpa.", Type::ds, true},
      {"172.0.0.192.in-addr.arpa.", Type::ptr, false},
      {"0.0.192.in-addr.arpa.", Type::ptr, false},
      {"xipv4only.arpa.", Type::a, false},
      {"ipv4only.arpb.", Type::a, false},
      {"arpa.", Type::a, false},
      {".", Type::a, false},
      {"www.example.", Type::aaaa, false},
  };
  for (const auto& row : table) {
    EXPECT_EQ(is_local_name(name(row.name), row.type), row.is_local) << row.name << ' ' << dns::to_text(row.type);
  }
}

TEST(Dns64LocalNames, hold_the_reverse_names_under_the_policys_prefixes) {
  const Policy policy = two_prefixes();
  EXPECT_TRUE(is_local_name(name(reverse_under_wkp), Type::ptr, &policy));
  EXPECT_TRUE(is_local_name(name(reverse_under_own), Type::ptr, &policy));
  EXPECT_FALSE(is_local_name(name(reverse_under_own), Type::ds, &policy));
  EXPECT_FALSE(is_local_name(name(reverse_under_own), Type::ptr)) << "without policy";
  std::string other = reverse_under_own;
  other[0] = 'c';  // 192.0.0.172
  EXPECT_FALSE(is_local_name(name(other), Type::ptr, &policy));
}

struct Case {
  const char* title;
  const char* question;
  Type type;
  bool has_policy;
  dns::Rcode rcode;
  const char* records;
};

const Case cases[] = {
    {"AAAA: both addresses under every prefix", "ipv4only.arpa.", Type::aaaa, true, dns::Rcode::noerror,
     "ipv4only.arpa. 600 AAAA 64:ff9b::c000:aa\nipv4only.arpa. 600 AAAA 2001:db8::c000:aa\n"
     "ipv4only.arpa. 600 AAAA 64:ff9b::c000:ab\nipv4only.arpa. 600 AAAA 2001:db8::c000:ab\n"},
    {"AAAA without policy: NODATA", "ipv4only.arpa.", Type::aaaa, false, dns::Rcode::noerror,
     "authority:\nipv4only.arpa. 600 SOA ipv4only.arpa. nobody.invalid. 1 3600 1200 604800 600\n"},
    {"A", "ipv4only.arpa.", Type::a, false, dns::Rcode::noerror,
     "ipv4only.arpa. 600 A 192.0.0.170\nipv4only.arpa. 600 A 192.0.0.171\n"},
    {"the case of the question", "IPv4only.arpa.", Type::a, true, dns::Rcode::noerror,
     "IPv4only.arpa. 600 A 192.0.0.170\nIPv4only.arpa. 600 A 192.0.0.171\n"},
    {"SOA", "ipv4only.arpa.", Type::soa, true, dns::Rcode::noerror,
     "ipv4only.arpa. 600 SOA ipv4only.arpa. nobody.invalid. 1 3600 1200 604800 600\n"},
    {"NS", "ipv4only.arpa.", Type::ns, true, dns::Rcode::noerror, "ipv4only.arpa. 600 NS ipv4only.arpa.\n"},
    {"another type: NODATA", "ipv4only.arpa.", Type::txt, true, dns::Rcode::noerror,
     "authority:\nipv4only.arpa. 600 SOA ipv4only.arpa. nobody.invalid. 1 3600 1200 604800 600\n"},
    {"PTR there: NODATA", "ipv4only.arpa.", Type::ptr, true, dns::Rcode::noerror,
     "authority:\nipv4only.arpa. 600 SOA ipv4only.arpa. nobody.invalid. 1 3600 1200 604800 600\n"},
    {"below: NXDOMAIN", "below.ipv4only.arpa.", Type::aaaa, true, dns::Rcode::nxdomain,
     "authority:\nipv4only.arpa. 600 SOA ipv4only.arpa. nobody.invalid. 1 3600 1200 604800 600\n"},
    {"PTR of 192.0.0.170", "170.0.0.192.in-addr.arpa.", Type::ptr, true, dns::Rcode::noerror,
     "170.0.0.192.in-addr.arpa. 600 PTR ipv4only.arpa.\n"},
    {"PTR of 192.0.0.171, without policy", "171.0.0.192.in-addr.arpa.", Type::ptr, false, dns::Rcode::noerror,
     "171.0.0.192.in-addr.arpa. 600 PTR ipv4only.arpa.\n"},
    {"no addresses at a reverse name", "171.0.0.192.in-addr.arpa.", Type::a, true, dns::Rcode::noerror,
     "authority:\n171.0.0.192.in-addr.arpa. 600 SOA 171.0.0.192.in-addr.arpa. nobody.invalid. 1 3600 1200 604800 "
     "600\n"},
    {"below a reverse name", "x.171.0.0.192.in-addr.arpa.", Type::ptr, true, dns::Rcode::nxdomain,
     "authority:\n171.0.0.192.in-addr.arpa. 600 SOA 171.0.0.192.in-addr.arpa. nobody.invalid. 1 3600 1200 604800 "
     "600\n"},
};

TEST(Dns64LocalNames, are_answered_as_zones_of_their_own) {
  const Policy policy = two_prefixes();
  for (const Case& row : cases) {
    const dns::Name owner = name(row.question);
    const dns::Question question{owner, row.type, dns::Class::in};
    Message message(question);
    const LocalAnswer local = write_local(row.has_policy ? &policy : nullptr, question, seconds(600), message.writer());
    EXPECT_EQ(local.rcode, row.rcode) << row.title;
    EXPECT_EQ(message.text(), row.records) << row.title;
  }
}

TEST(Dns64LocalNames, have_ptr_records_under_the_policys_prefixes) {
  const Policy policy = two_prefixes();
  for (const char* text : {reverse_under_wkp, reverse_under_own}) {
    const dns::Name owner = name(text);
    const dns::Question question{owner, Type::ptr, dns::Class::in};
    Message message(question);
    EXPECT_EQ(write_local(&policy, question, seconds(600), message.writer()).rcode, dns::Rcode::noerror);
    EXPECT_EQ(message.text(), std::string(text) + " 600 PTR ipv4only.arpa.\n");
  }
}

TEST(Dns64LocalNames, write_nothing_for_a_name_that_is_none) {
  const dns::Name owner = name("www.example");
  const dns::Question question{owner, Type::aaaa, dns::Class::in};
  Message message(question);
  write_local(nullptr, question, seconds(600), message.writer());
  EXPECT_EQ(message.text(), "");
}

TEST(Dns64LocalNames, have_each_prefix_of_several_mappings_once) {
  Policy policy = two_prefixes();
  policy.mappings.insert(policy.mappings.begin(), {.ipv4 = {prefix("10.0.0.0/8")}, .prefixes = {pref64("2001:db8::/96")}});
  const dns::Name owner = name("ipv4only.arpa");
  const dns::Question question{owner, Type::aaaa, dns::Class::in};
  Message message(question);
  write_local(&policy, question, seconds(600), message.writer());
  EXPECT_EQ(message.text(),
            "ipv4only.arpa. 600 AAAA 2001:db8::c000:aa\nipv4only.arpa. 600 AAAA 64:ff9b::c000:aa\n"
            "ipv4only.arpa. 600 AAAA 2001:db8::c000:ab\nipv4only.arpa. 600 AAAA 64:ff9b::c000:ab\n");
}

}  // namespace
}  // namespace dragoman::dns64
