// RFC 6147 5.1.5, 5.1.7, 5.3.2 and 5.4: the synthetic answer, record by record.
#include "dragoman/dns64/synthesis.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

#include "zone_text.h"

namespace dragoman::dns64 {
namespace {

using dns::Rcode;
using dns::Type;

struct Written {
  Synthesis result;
  std::string text;
};

Written synthesize(const Policy& policy, const dns::Answer& a, std::uint32_t ttl_limit = 600,
                   std::string_view question = "www.example") {
  const dns::Name owner = name(question);
  Message message({owner, Type::aaaa, dns::Class::in});
  const Synthesis result =
      write_synthetic(policy, a.view(), {owner, Type::aaaa, dns::Class::in}, ttl_limit, message.writer());
  return {result, message.text()};
}

struct Case {
  const char* title;
  const char* a;
  const char* synthetic;
};

const Case cases[] = {
    {"one address", "www.example. 300 A 192.0.2.1\n", "www.example. 300 AAAA 64:ff9b::c000:201\n"},
    {"several addresses, in order", "www.example. 300 A 192.0.2.2\nwww.example. 300 A 192.0.2.1\n",
     "www.example. 300 AAAA 64:ff9b::c000:202\nwww.example. 300 AAAA 64:ff9b::c000:201\n"},
    {"TTL of the A record where it is the smaller one", "www.example. 20 A 192.0.2.1\n",
     "www.example. 20 AAAA 64:ff9b::c000:201\n"},
    {"the limit where it is the smaller one", "www.example. 3600 A 192.0.2.1\n",
     "www.example. 600 AAAA 64:ff9b::c000:201\n"},
    {"TTL 0", "www.example. 0 A 192.0.2.1\n", "www.example. 0 AAAA 64:ff9b::c000:201\n"},
    {"a chain of CNAMEs keeps its order and TTLs",
     "www.example. 3600 CNAME a.example.\na.example. 30 CNAME b.example.\nb.example. 300 A 192.0.2.1\n",
     "www.example. 3600 CNAME a.example.\na.example. 30 CNAME b.example.\nb.example. 300 AAAA 64:ff9b::c000:201\n"},
    {"a DNAME with its CNAME",
     "example. 60 DNAME example.net.\nwww.example. 60 CNAME www.example.net.\nwww.example.net. 300 A 192.0.2.1\n",
     "example. 60 DNAME example.net.\nwww.example. 60 CNAME www.example.net.\nwww.example.net. 300 AAAA "
     "64:ff9b::c000:201\n"},
    {"the case of owner names is kept", "www.example. 60 CNAME Host.Example.NET.\nHost.Example.NET. 300 A 192.0.2.1\n",
     "www.example. 60 CNAME Host.Example.NET.\nHost.Example.NET. 300 AAAA 64:ff9b::c000:201\n"},
    {"other sections as they are",
     "www.example. 300 A 192.0.2.1\nauthority:\nexample. 60 NS ns.example.\nadditional:\nns.example. 60 A 192.0.2.53\n",
     "www.example. 300 AAAA 64:ff9b::c000:201\nauthority:\nexample. 60 NS ns.example.\nadditional:\nns.example. 60 A "
     "192.0.2.53\n"},
    {"an AAAA that nobody asked for is left out", "www.example. 300 A 192.0.2.1\nwww.example. 300 AAAA 2001:db8::1\n",
     "www.example. 300 AAAA 64:ff9b::c000:201\n"},
    {"addresses that may not be mapped are skipped", "www.example. 300 A 10.0.0.1\nwww.example. 300 A 192.0.2.1\n",
     "www.example. 300 AAAA 64:ff9b::c000:201\n"},
};

TEST(Dns64Synthesis, makes_aaaa_of_a_and_keeps_the_rest) {
  const Policy policy = policy_with({ip::Pref64()});
  for (const Case& row : cases) {
    const Written written = synthesize(policy, answer("www.example", Type::a, row.a));
    EXPECT_EQ(written.result, Synthesis::synthesized) << row.title;
    EXPECT_EQ(written.text, row.synthetic) << row.title;
  }
}

TEST(Dns64Synthesis, maps_each_address_under_each_prefix_in_order) {
  const Policy policy = policy_with({pref64("2001:db8:1::/96"), pref64("2001:db8:122::/48")});
  const Written written = synthesize(
      policy, answer("www.example", Type::a, "www.example. 60 A 192.0.2.33\nwww.example. 60 A 192.0.2.34\n"));
  EXPECT_EQ(written.text,
            "www.example. 60 AAAA 2001:db8:1::c000:221\nwww.example. 60 AAAA 2001:db8:122:c000:2:2100::\n"
            "www.example. 60 AAAA 2001:db8:1::c000:222\nwww.example. 60 AAAA 2001:db8:122:c000:2:2200::\n");
}

TEST(Dns64Synthesis, drops_signatures_over_addresses_and_keeps_those_over_the_chain) {
  const Policy policy = policy_with({ip::Pref64()});
  const Written written =
      synthesize(policy, answer("www.example", Type::a,
                                "www.example. 60 CNAME a.example.\n"
                                "www.example. 60 RRSIG \\# 20 0005080200000000000000000000000000010000\n"
                                "example. 60 DNAME example.net.\n"
                                "example. 60 RRSIG \\# 20 0027080200000000000000000000000000010000\n"
                                "a.example. 60 A 192.0.2.1\n"
                                "a.example. 60 RRSIG \\# 20 0001080200000000000000000000000000010000\n"));
  EXPECT_NE(written.text.find("RRSIG CNAME"), written.text.npos) << written.text;
  EXPECT_NE(written.text.find("RRSIG DNAME"), written.text.npos) << written.text;
  EXPECT_EQ(written.text.find("RRSIG A "), written.text.npos) << written.text;
}

TEST(Dns64Synthesis, has_no_result_without_addresses) {
  const Policy policy = policy_with({ip::Pref64()});
  struct {
    const char* title;
    Rcode rcode;
    const char* records;
  } const table[] = {
      {"NODATA", Rcode::noerror, "authority:\nexample. 60 SOA ns.example. root.example. 1 2 3 4 5\n"},
      {"a chain to nothing", Rcode::noerror, "www.example. 60 CNAME a.example.\n"},
      {"an address in another section", Rcode::noerror, "additional:\nns.example. 60 A 192.0.2.53\n"},
      {"NXDOMAIN", Rcode::nxdomain, ""},
      {"SERVFAIL", Rcode::servfail, ""},
      {"an error with an address", Rcode::servfail, "www.example. 60 A 192.0.2.1\n"},
  };
  for (const auto& row : table) {
    const Written written = synthesize(policy, answer("www.example", Type::a, row.records, row.rcode));
    EXPECT_EQ(written.result, Synthesis::no_a) << row.title;
    EXPECT_EQ(written.text, "") << row.title;
  }
}

TEST(Dns64Synthesis, passes_over_an_address_that_has_not_four_octets) {
  const Policy policy = policy_with({ip::Pref64()});
  const dns::Name owner = name("www.example");
  Message message({owner, Type::a, dns::Class::in});
  const std::array<std::uint8_t, 3> three{192, 0, 2};
  message.writer().record(dns::Section::answer, owner, Type::a, 60, three);
  EXPECT_EQ(synthesize(policy, message.answer(Rcode::noerror)).result, Synthesis::no_a);
  message.add("www.example. 60 A 192.0.2.1\n");
  EXPECT_EQ(synthesize(policy, message.answer(Rcode::noerror)).text, "www.example. 60 AAAA 64:ff9b::c000:201\n");
}

TEST(Dns64Synthesis, keeps_non_global_addresses_out_of_the_well_known_prefix) {
  const Policy policy = policy_with({ip::Pref64()});
  for (const char* address : {"10.1.2.3", "127.0.0.1", "0.0.0.0", "100.64.0.1", "169.254.1.1", "192.168.1.1",
                              "192.0.0.170", "224.0.0.1", "255.255.255.255"}) {
    const std::string record = "www.example. 60 A " + std::string(address) + "\n";
    const Written written = synthesize(policy, answer("www.example", Type::a, record));
    EXPECT_EQ(written.result, Synthesis::not_mappable) << address;
    EXPECT_EQ(written.text, "") << address;
  }
}

TEST(Dns64Synthesis, maps_non_global_addresses_where_that_is_allowed) {
  const dns::Answer a = answer("www.example", Type::a, "www.example. 60 A 10.1.2.3\n");
  Policy anything = policy_with({ip::Pref64()});
  anything.well_known_prefix = WellKnownPrefixRule::off;
  EXPECT_EQ(synthesize(anything, a).text, "www.example. 60 AAAA 64:ff9b::a01:203\n");
  const Policy of_its_own = policy_with({pref64("64:ff9b:1::/96")});
  EXPECT_EQ(synthesize(of_its_own, a).text, "www.example. 60 AAAA 64:ff9b:1::a01:203\n");
  const Policy both = policy_with({ip::Pref64(), pref64("64:ff9b:1::/96")});
  EXPECT_EQ(synthesize(both, a).text, "www.example. 60 AAAA 64:ff9b:1::a01:203\n") << "not under the Well-Known Prefix";
}

TEST(Dns64Synthesis, maps_addresses_of_examples_and_benchmarks_under_the_well_known_prefix) {
  const Policy policy = policy_with({ip::Pref64()});
  for (const char* address : {"192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1"}) {
    const std::string record = "www.example. 60 A " + std::string(address) + "\n";
    EXPECT_EQ(synthesize(policy, answer("www.example", Type::a, record)).result, Synthesis::synthesized) << address;
  }
}

TEST(Dns64Synthesis, never_maps_excluded_addresses) {
  Policy policy = policy_with({pref64("2001:db8::/96")});
  policy.exclude_a = {prefix("192.0.2.0/24")};
  const Written some = synthesize(
      policy, answer("www.example", Type::a, "www.example. 60 A 192.0.2.1\nwww.example. 60 A 198.51.100.1\n"));
  EXPECT_EQ(some.text, "www.example. 60 AAAA 2001:db8::c633:6401\n");
  const Written none = synthesize(policy, answer("www.example", Type::a, "www.example. 60 A 192.0.2.1\n"));
  EXPECT_EQ(none.result, Synthesis::not_mappable);
}

// RFC 6147 5.4: what a wildcard proof said of the A records says nothing of AAAA records.
TEST(Dns64Synthesis, drops_denials_that_only_the_addresses_needed) {
  const char* denial =
      "authority:\nexample. 60 NS ns.example.\n"
      "example. 60 NSEC \\# 18 03777777076578616d706c65000001400000\n"
      "example. 60 RRSIG \\# 20 002f080200000000000000000000000000010000\n";
  const Policy policy = policy_with({ip::Pref64()});
  const Written plain =
      synthesize(policy, answer("www.example", Type::a, std::string("www.example. 60 A 192.0.2.1\n") + denial));
  EXPECT_EQ(plain.text, "www.example. 60 AAAA 64:ff9b::c000:201\nauthority:\nexample. 60 NS ns.example.\n");
  const Written alias =
      synthesize(policy, answer("www.example", Type::a,
                                std::string("www.example. 60 CNAME a.example.\na.example. 60 A 192.0.2.1\n") + denial));
  EXPECT_NE(alias.text.find("NSEC"), alias.text.npos) << "it may be the proof of the alias";
}

TEST(Dns64Synthesis, maps_ranges_each_in_their_way) {
  Policy policy;
  policy.mappings = {{.ipv4 = {prefix("10.1.0.0/16")}},
                     {.ipv4 = {prefix("10.0.0.0/8")}, .prefixes = {pref64("2001:db8:10::/96")}},
                     {.prefixes = {ip::Pref64()}}};
  const Written written = synthesize(policy, answer("www.example", Type::a,
                                                    "www.example. 60 A 10.1.0.1\nwww.example. 60 A 10.2.0.1\n"
                                                    "www.example. 60 A 192.0.2.1\n"));
  EXPECT_EQ(written.text, "www.example. 60 AAAA 2001:db8:10::a02:1\nwww.example. 60 AAAA 64:ff9b::c000:201\n");
  const Written none = synthesize(policy, answer("www.example", Type::a, "www.example. 60 A 10.1.0.1\n"));
  EXPECT_EQ(none.result, Synthesis::not_mappable);
}

TEST(Dns64Synthesis, answers_in_the_case_of_the_question) {
  const Policy policy = policy_with({ip::Pref64()});
  const dns::Answer a = answer("www.example", Type::a, "www.example. 60 A 192.0.2.1\n");
  EXPECT_EQ(synthesize(policy, a, 600, "wWw.eXample").text, "wWw.eXample. 60 AAAA 64:ff9b::c000:201\n");
}

TEST(Dns64Synthesis, says_through_the_writer_that_there_is_not_enough_room) {
  const Policy policy = policy_with({ip::Pref64()});
  const dns::Answer a = answer("www.example", Type::a, "www.example. 60 A 192.0.2.1\nwww.example. 60 A 192.0.2.2\n");
  const dns::Name owner = name("www.example");
  std::array<std::uint8_t, 80> octets;
  dns::MessageWriter writer(octets);
  writer.question(owner, Type::aaaa, dns::Class::in);
  write_synthetic(policy, a.view(), {owner, Type::aaaa, dns::Class::in}, 600, writer);
  EXPECT_FALSE(writer.ok());
  EXPECT_EQ(writer.count(dns::Section::answer), 1);
}

std::uint32_t below(std::mt19937& random, std::uint32_t bound) { return static_cast<std::uint32_t>(random()) % bound; }

// A random A answer: a chain, addresses of every kind, things beside them.
std::string random_answer(std::mt19937& random, std::uint32_t& largest_ttl) {
  std::string owner = "www.example.";
  std::string lines;
  largest_ttl = 0;
  auto ttl = [&] {
    const std::uint32_t value = below(random, 1000);
    largest_ttl = std::max(largest_ttl, value);
    return std::to_string(value);
  };
  for (unsigned link = 0, links = below(random, 4); link < links; ++link) {
    const std::string next = "link" + std::to_string(link) + ".example.";
    lines += owner + ' ' + ttl() + " CNAME " + next + '\n';
    owner = next;
  }
  for (unsigned i = 0, records = below(random, 6); i < records; ++i) {
    const bool is_local = below(random, 3) == 0;
    lines += owner + ' ' + ttl() + " A " + (is_local ? "10" : "198") + ".51.100." + std::to_string(below(random, 256)) +
             '\n';
    if (below(random, 4) == 0) lines += owner + ' ' + ttl() + " AAAA 2001:db8::1\n";
  }
  return lines + "authority:\nexample. " + ttl() + " NS ns.example.\n";
}

// What holds for every synthetic answer.
void expect_sound(const dns::Answer& written, const Policy& policy, std::uint32_t largest_ttl, std::uint32_t limit) {
  int addresses = 0;
  dns::AnswerRecords records(written.view());
  for (dns::AnswerRecord record; records.next(record);) {
    ASSERT_LE(record.ttl, largest_ttl);
    if (record.section != dns::Section::answer) continue;
    ASSERT_NE(record.type, Type::a);
    if (record.type != Type::aaaa) continue;
    ++addresses;
    ASSERT_LE(record.ttl, limit);
    const ip::Ipv6Octets address = dns::Aaaa::read(record.rdata)->address;
    ASSERT_TRUE(policy.mappings[0].prefixes[0].contains(address) || policy.mappings[0].prefixes[1].contains(address));
  }
  ASSERT_GT(addresses, 0);
}

TEST(Dns64Synthesis, never_puts_a_beside_aaaa_nor_raises_a_ttl) {
  std::mt19937 random(6147);
  const Policy policy = policy_with({ip::Pref64(), pref64("2001:db8:100::/40")});
  const dns::Name owner = name("www.example");
  const dns::Question question{owner, Type::aaaa, dns::Class::in};
  int synthesized = 0;
  for (int round = 0; round < 2000; ++round) {
    std::uint32_t largest_ttl = 0;
    const dns::Answer a = answer("www.example", Type::a, random_answer(random, largest_ttl));
    const std::uint32_t limit = below(random, 1000);
    Message message(question);
    if (write_synthetic(policy, a.view(), question, limit, message.writer()) != Synthesis::synthesized) continue;
    ++synthesized;
    expect_sound(message.answer(Rcode::noerror), policy, largest_ttl, limit);
    ASSERT_FALSE(HasFatalFailure());
  }
  EXPECT_GT(synthesized, 1000);
}

}  // namespace
}  // namespace dragoman::dns64
