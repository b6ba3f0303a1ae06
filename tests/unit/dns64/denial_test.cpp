// RFC 6147 5.1.7 with RFC 2308 5: NODATA where there are addresses that nobody may have.
#include <gtest/gtest.h>

#include "dragoman/dns64/synthesis.h"
#include "zone_text.h"

namespace dragoman::dns64 {
namespace {

using dns::Type;

TEST(Dns64Denial, has_an_soa_at_the_end_of_the_chain) {
  const dns::Name owner = name("www.example");
  const dns::Question question{owner, Type::aaaa, dns::Class::in};
  struct {
    const char* title;
    const char* a;
    const char* written;
  } const table[] = {
      {"without a chain", "www.example. 3600 A 10.0.0.1\n",
       "authority:\nwww.example. 600 SOA www.example. nobody.invalid. 1 3600 1200 604800 600\n"},
      {"no longer than the address", "www.example. 20 A 10.0.0.1\n",
       "authority:\nwww.example. 20 SOA www.example. nobody.invalid. 1 3600 1200 604800 20\n"},
      {"behind a chain", "www.example. 60 CNAME a.example.\na.example. 90 A 10.0.0.1\n",
       "www.example. 60 CNAME a.example.\n"
       "authority:\na.example. 60 SOA a.example. nobody.invalid. 1 3600 1200 604800 60\n"},
  };
  for (const auto& row : table) {
    Message message(question);
    write_nodata(answer("www.example", Type::a, row.a).view(), Type::a, question, seconds(600), message.writer());
    EXPECT_EQ(message.text(), row.written) << row.title;
  }
}

TEST(Dns64Denial, leaves_out_addresses_that_do_not_belong_there) {
  const dns::Name owner = name("www.example");
  const dns::Question question{owner, Type::aaaa, dns::Class::in};
  const dns::Answer aaaa = answer("www.example", Type::aaaa,
                                  "www.example. 60 CNAME a.example.\na.example. 60 A 192.0.2.1\n"
                                  "a.example. 60 RRSIG \\# 20 0001080200000000000000000000000000010000\n"
                                  "authority:\nexample. 60 SOA ns.example. root.example. 1 2 3 4 5\n"
                                  "additional:\nns.example. 60 A 192.0.2.53\n");
  Message message(question);
  write_without_addresses(aaaa.view(), question, message.writer());
  EXPECT_EQ(message.text(),
            "www.example. 60 CNAME a.example.\nauthority:\nexample. 60 SOA ns.example. root.example. 1 2 3 4 5\n"
            "additional:\nns.example. 60 A 192.0.2.53\n");
}

}  // namespace
}  // namespace dragoman::dns64
