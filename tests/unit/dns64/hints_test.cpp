// RFC 9460 7.3 and 8: records without IPv4 hints stay valid records.
#include "dragoman/dns64/hints.h"

#include <gtest/gtest.h>

#include "zone_text.h"

namespace dragoman::dns64 {
namespace {

using dns::Type;

std::string stripped(const char* lines) {
  const dns::Name owner = name("www.example");
  const dns::Question question{owner, Type::https, dns::Class::in};
  const dns::Answer https = answer("www.example", Type::https, lines);
  Message message(question);
  write_without_ipv4_hints(https.view(), question, message.writer());
  return message.text();
}

TEST(Dns64Hints, go_with_every_mention_of_them) {
  struct {
    const char* title;
    const char* before;
    const char* after;
  } const table[] = {
      {"a hint", "www.example. 60 HTTPS 1 . alpn=\"h2\" ipv4hint=192.0.2.1 ipv6hint=2001:db8::1\n",
       "www.example. 60 HTTPS 1 . alpn=\"h2\" ipv6hint=2001:db8::1\n"},
      {"the only parameter", "www.example. 60 HTTPS 1 . ipv4hint=192.0.2.1,192.0.2.2\n", "www.example. 60 HTTPS 1 .\n"},
      {"a mandatory one", "www.example. 60 HTTPS 1 . mandatory=alpn,ipv4hint alpn=\"h2\" ipv4hint=192.0.2.1\n",
       "www.example. 60 HTTPS 1 . mandatory=alpn alpn=\"h2\"\n"},
      {"the only mandatory one", "www.example. 60 HTTPS 1 . mandatory=ipv4hint alpn=\"h2\" ipv4hint=192.0.2.1\n",
       "www.example. 60 HTTPS 1 . alpn=\"h2\"\n"},
      {"one record of two",
       "www.example. 60 HTTPS 1 a.example. ipv4hint=192.0.2.1\nwww.example. 60 HTTPS 2 b.example. alpn=\"h2\"\n",
       "www.example. 60 HTTPS 1 a.example.\nwww.example. 60 HTTPS 2 b.example. alpn=\"h2\"\n"},
      {"SVCB, in any section",
       "www.example. 60 CNAME a.example.\nadditional:\na.example. 60 SVCB 1 . ipv4hint=192.0.2.1\n",
       "www.example. 60 CNAME a.example.\nadditional:\na.example. 60 SVCB 1 .\n"},
      {"an alias", "www.example. 60 HTTPS 0 a.example.\n", "www.example. 60 HTTPS 0 a.example.\n"},
  };
  for (const auto& row : table) EXPECT_EQ(stripped(row.before), row.after) << row.title;
}

TEST(Dns64Hints, are_looked_for_before_anything_is_rewritten) {
  const auto has = [](const char* lines) { return has_ipv4_hints(answer("www.example", Type::https, lines).view()); };
  EXPECT_TRUE(has("www.example. 60 HTTPS 1 . alpn=\"h2\" ipv4hint=192.0.2.1\n"));
  EXPECT_FALSE(has("www.example. 60 HTTPS 1 . alpn=\"h2\" ipv6hint=2001:db8::1\n"));
  EXPECT_FALSE(has("www.example. 60 HTTPS 0 a.example.\n"));
  EXPECT_FALSE(has("www.example. 60 A 192.0.2.1\n"));
}

TEST(Dns64Hints, leave_no_signature_behind) {
  const std::string text = stripped(
      "www.example. 60 HTTPS 1 . ipv4hint=192.0.2.1\n"
      "www.example. 60 RRSIG \\# 20 0041080200000000000000000000000000010000\n");
  EXPECT_EQ(text, "www.example. 60 HTTPS 1 .\n");
}

}  // namespace
}  // namespace dragoman::dns64
