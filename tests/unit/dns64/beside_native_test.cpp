// RFC 6147 5.1.1, the mode that it has not by default: both kinds of addresses at once.
#include <gtest/gtest.h>

#include "dragoman/dns64/synthesis.h"
#include "zone_text.h"

namespace dragoman::dns64 {
namespace {

using dns::Type;

struct Case {
  const char* title;
  const char* aaaa;
  const char* a;
  const char* written;  // empty: nothing was
};

std::string both(const Policy& policy, const char* aaaa, const char* a) {
  const dns::Name owner = name("www.example");
  const dns::Question question{owner, Type::aaaa, dns::Class::in};
  Message message(question);
  const dns::Answer native = answer("www.example", Type::aaaa, aaaa), ipv4 = answer("www.example", Type::a, a);
  const bool written = write_beside_native(policy, {native.view(), ipv4.view()}, question, 600, message.writer());
  EXPECT_EQ(written, !message.text().empty());
  return message.text();
}

TEST(Dns64BesideNative, joins_both_kinds_under_one_ttl) {
  Policy policy = policy_with({ip::Pref64()});
  policy.exclude_aaaa = default_exclude_aaaa();
  const Case cases[] = {
      {"one of each", "www.example. 300 AAAA 2001:db8::1\n", "www.example. 60 A 192.0.2.1\n",
       "www.example. 60 AAAA 2001:db8::1\nwww.example. 60 AAAA 64:ff9b::c000:201\n"},
      {"other sections behind them", "www.example. 30 AAAA 2001:db8::1\nauthority:\nexample. 900 NS ns.example.\n",
       "www.example. 60 A 192.0.2.1\nauthority:\nexample. 1 NS other.example.\n",
       "www.example. 30 AAAA 2001:db8::1\nwww.example. 30 AAAA 64:ff9b::c000:201\n"
       "authority:\nexample. 900 NS ns.example.\n"},
      {"none twice", "www.example. 60 AAAA 64:ff9b::c000:201\n",
       "www.example. 60 A 192.0.2.1\nwww.example. 60 A 192.0.2.2\n",
       "www.example. 60 AAAA 64:ff9b::c000:201\nwww.example. 60 AAAA 64:ff9b::c000:202\n"},
      {"excluded and A records left out",
       "www.example. 60 AAAA ::ffff:9.9.9.9\nwww.example. 60 AAAA 2001:db8::1\nwww.example. 60 A 192.0.2.9\n",
       "www.example. 60 A 192.0.2.1\n", "www.example. 60 AAAA 2001:db8::1\nwww.example. 60 AAAA 64:ff9b::c000:201\n"},
      {"one chain to one name", "www.example. 60 CNAME a.example.\na.example. 60 AAAA 2001:db8::1\n",
       "www.example. 60 CNAME A.example.\nA.example. 60 A 192.0.2.1\n",
       "www.example. 60 CNAME a.example.\na.example. 60 AAAA 2001:db8::1\na.example. 60 AAAA 64:ff9b::c000:201\n"},
      {"chains to different names", "www.example. 60 CNAME a.example.\na.example. 60 AAAA 2001:db8::1\n",
       "www.example. 60 CNAME b.example.\nb.example. 60 A 192.0.2.1\n", ""},
      {"no address to map", "www.example. 60 AAAA 2001:db8::1\n", "www.example. 60 A 10.0.0.1\n", ""},
      {"no A record", "www.example. 60 AAAA 2001:db8::1\n", "", ""},
  };
  for (const Case& row : cases) EXPECT_EQ(both(policy, row.aaaa, row.a), row.written) << row.title;
}

TEST(Dns64BesideNative, has_no_signature_over_what_it_changed) {
  const std::string text = both(policy_with({ip::Pref64()}),
                                "www.example. 60 AAAA 2001:db8::1\n"
                                "www.example. 60 RRSIG \\# 20 001c080200000000000000000000000000010000\n",
                                "www.example. 60 A 192.0.2.1\n");
  EXPECT_EQ(text.find("RRSIG"), text.npos) << text;
}

}  // namespace
}  // namespace dragoman::dns64
