// Special-use names (RFC 6761) and locally served zones (RFC 6303).
#include "dragoman/resolve/special_names.h"

#include <gmock/gmock.h>

#include "dragoman/dns/rdata.h"

namespace dragoman::resolve {
namespace {

using dns::Rcode;
using dns::Type;
using testing::ElementsAre;

dns::Name name(const std::string& text) { return *dns::Name::from_text(text); }

// "RCODE", then each record as "owner TTL TYPE rdata", those of the authority section behind "!"; empty: not special.
std::vector<std::string> ask(const SpecialNames& special, const std::string& owner, Type type, bool exists = false) {
  std::vector<std::uint8_t> room(4096);
  dns::MessageWriter writer(room);
  const dns::Name asked = name(owner);
  writer.question(asked, type, dns::Class::in);
  Rcode rcode{};
  if (!special.answer({asked, type, dns::Class::in}, exists, writer, rcode)) return {};
  EXPECT_TRUE(special.may_hold(asked)) << owner;
  dns::Header header;
  header.flags = dns::Header::qr;
  dns::MessageView view;
  EXPECT_EQ(dns::MessageView::parse(writer.finish(header), view), dns::MessageView::Fault::none);
  std::vector<std::string> texts{dns::to_text(rcode)};
  for (auto [section, record] : view.records()) {
    texts.push_back((section == dns::Section::authority ? "!" : "") + view.owner(record).to_text() + " " +
                    std::to_string(record.ttl) + " " + dns::to_text(record.type) + " " +
                    dns::rdata_to_text(view, record));
  }
  return texts;
}

class SpecialNamesTest : public testing::Test {
 protected:
  SpecialNames special{SpecialNamesOptions()};
  std::string rcode(const std::string& owner, Type type = Type::a) {
    const auto texts = ask(special, owner, type);
    return texts.empty() ? "forwarded" : texts.front();
  }
};

TEST_F(SpecialNamesTest, none_is_special_before_it_is_told_so) {
  EXPECT_FALSE(SpecialNames().may_hold(name("localhost")));
  EXPECT_THAT(ask(SpecialNames(), "localhost", Type::a), testing::IsEmpty());
}

TEST_F(SpecialNamesTest, localhost_is_this_host_with_all_below_it) {
  EXPECT_THAT(ask(special, "LocalHost", Type::a), ElementsAre("NOERROR", "LocalHost. 10800 A 127.0.0.1"));
  EXPECT_THAT(ask(special, "a.b.localhost", Type::aaaa), ElementsAre("NOERROR", "a.b.localhost. 10800 AAAA ::1"));
  EXPECT_THAT(ask(special, "localhost", Type::mx),
              ElementsAre("NOERROR", "!localhost. 10800 SOA localhost. nobody.invalid. 1 3600 1200 604800 10800"));
}

TEST_F(SpecialNamesTest, loopback_addresses_are_called_localhost) {
  const std::string v6 = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa";
  EXPECT_THAT(ask(special, "1.0.0.127.in-addr.arpa", Type::ptr),
              ElementsAre("NOERROR", "1.0.0.127.in-addr.arpa. 10800 PTR localhost."));
  EXPECT_THAT(ask(special, v6, Type::ptr), ElementsAre("NOERROR", v6 + ". 10800 PTR localhost."));
  EXPECT_EQ(rcode("0.0.127.in-addr.arpa", Type::ptr), "NOERROR") << "an empty non-terminal";
  EXPECT_EQ(rcode("2.0.0.127.in-addr.arpa", Type::ptr), "NXDOMAIN");
  EXPECT_EQ(rcode("x." + v6, Type::ptr), "NXDOMAIN");
}

TEST_F(SpecialNamesTest, domains_that_do_not_exist_are_denied_whole) {
  for (const char* absent : {"invalid", "a.invalid", "onion", "x.onion", "local", "printer.local", "alt", "x.y.alt"}) {
    EXPECT_EQ(rcode(absent), "NXDOMAIN") << absent;
    EXPECT_EQ(rcode(absent, Type::ds), "NXDOMAIN") << absent;
  }
}

TEST_F(SpecialNamesTest, an_empty_zone_has_an_apex_and_nothing_else) {
  EXPECT_THAT(
      ask(special, "10.in-addr.arpa", Type::soa),
      ElementsAre("NOERROR", "10.in-addr.arpa. 10800 SOA 10.in-addr.arpa. nobody.invalid. 1 3600 1200 604800 10800"));
  EXPECT_THAT(ask(special, "10.in-addr.arpa", Type::ns),
              ElementsAre("NOERROR", "10.in-addr.arpa. 10800 NS 10.in-addr.arpa."));
  EXPECT_EQ(rcode("10.in-addr.arpa", Type::ptr), "NOERROR");
  EXPECT_THAT(
      ask(special, "1.2.3.10.in-addr.arpa", Type::ptr),
      ElementsAre("NXDOMAIN", "!10.in-addr.arpa. 10800 SOA 10.in-addr.arpa. nobody.invalid. 1 3600 1200 604800 10800"));
}

// RFC 6303 4, RFC 7793, RFC 8375, RFC 9665.
TEST_F(SpecialNamesTest, every_zone_of_the_registry_is_served) {
  for (const char* zone :
       {"10.in-addr.arpa", "16.172.in-addr.arpa", "31.172.in-addr.arpa", "168.192.in-addr.arpa", "0.in-addr.arpa",
        "127.in-addr.arpa", "254.169.in-addr.arpa", "255.255.255.255.in-addr.arpa", "64.100.in-addr.arpa",
        "127.100.in-addr.arpa", "d.f.ip6.arpa", "8.e.f.ip6.arpa", "9.e.f.ip6.arpa", "a.e.f.ip6.arpa", "b.e.f.ip6.arpa",
        "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa", "home.arpa", "service.arpa"}) {
    EXPECT_EQ(rcode(zone, Type::txt), "NOERROR") << zone;
    EXPECT_EQ(rcode(std::string("7.") + zone, Type::ptr), "NXDOMAIN") << zone;
    EXPECT_EQ(rcode(zone, Type::ds), "forwarded") << zone << ": the parent denies it, signed";
    EXPECT_EQ(rcode(std::string("7.") + zone, Type::ds), "NXDOMAIN") << zone;
  }
  for (const char* other : {"15.172.in-addr.arpa", "32.172.in-addr.arpa", "63.100.in-addr.arpa", "128.100.in-addr.arpa",
                            "172.in-addr.arpa", "in-addr.arpa", "ip6.arpa", "arpa", "c.e.f.ip6.arpa", "example.com",
                            "example", "notlocalhost", "localhost.example"}) {
    EXPECT_EQ(rcode(other, Type::ptr), "forwarded") << other;
  }
}

// RFC 9462 6.4.
TEST_F(SpecialNamesTest, resolver_arpa_is_there_and_says_nothing) {
  for (const char* below : {"resolver.arpa", "_dns.resolver.arpa", "x.y.resolver.arpa"}) {
    EXPECT_EQ(rcode(below, Type::svcb), "NOERROR") << below;
    EXPECT_EQ(rcode(below, Type::a), "NOERROR") << below;
  }
}

TEST_F(SpecialNamesTest, test_zones_and_documentation_addresses_go_upstream_unless_told_otherwise) {
  for (const char* forwarded : {"test", "www.test", "1.2.0.192.in-addr.arpa", "1.100.51.198.in-addr.arpa",
                                "113.0.203.in-addr.arpa", "0.8.b.d.0.1.0.0.2.ip6.arpa"}) {
    EXPECT_EQ(rcode(forwarded), "forwarded") << forwarded;
  }
  const SpecialNames strict({.enabled = true, .forward = {}});
  EXPECT_EQ(ask(strict, "www.test", Type::a).front(), "NXDOMAIN");
  EXPECT_EQ(ask(strict, "1.2.0.192.in-addr.arpa", Type::ptr).front(), "NXDOMAIN");
}

TEST_F(SpecialNamesTest, the_first_look_passes_names_of_zones_that_are_forwarded_whole) {
  EXPECT_FALSE(special.may_hold(name("www.example.test")));
  SpecialNamesOptions options;
  options.forward = {name("corp.test"), name("local")};
  EXPECT_TRUE(SpecialNames(options).may_hold(name("www.example.test")));
  EXPECT_FALSE(SpecialNames(options).may_hold(name("printer.local")));
}

TEST_F(SpecialNamesTest, what_is_forwarded_is_forwarded_with_all_below) {
  const SpecialNames some({.enabled = true, .forward = {name("168.192.in-addr.arpa"), name("corp.home.arpa")}});
  EXPECT_THAT(ask(some, "1.0.168.192.in-addr.arpa", Type::ptr), testing::IsEmpty());
  EXPECT_THAT(ask(some, "www.corp.home.arpa", Type::a), testing::IsEmpty());
  EXPECT_EQ(ask(some, "www.home.arpa", Type::a).front(), "NXDOMAIN");
}

TEST_F(SpecialNamesTest, resolver_arpa_stays_special_when_the_others_are_not) {
  const SpecialNames off({.enabled = false});
  EXPECT_THAT(ask(off, "localhost", Type::a), testing::IsEmpty());
  EXPECT_EQ(ask(off, "_dns.resolver.arpa", Type::svcb).front(), "NOERROR");
  const SpecialNames none({.enabled = false, .forward = {name("resolver.arpa")}});
  EXPECT_THAT(ask(none, "_dns.resolver.arpa", Type::svcb), testing::IsEmpty());
}

TEST_F(SpecialNamesTest, a_name_above_local_data_exists) {
  EXPECT_EQ(ask(special, "attic.home.arpa", Type::a, true).front(), "NOERROR");
}

TEST_F(SpecialNamesTest, an_owned_answer_is_the_same) {
  const auto answer = special.answer({name("x.local"), Type::a, dns::Class::in});
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->head.rcode, Rcode::nxdomain);
  EXPECT_EQ(answer->head.authorities, 1);
  EXPECT_EQ(dns::negative_ttl(answer->view()), 300u);
  EXPECT_FALSE(special.answer({name("example.com"), Type::a, dns::Class::in}).has_value());
}

TEST_F(SpecialNamesTest, concern_names_in_above_and_below_its_zones) {
  for (const char* of_concern : {"test", "a.test", "arpa", "16.172.in-addr.arpa", "0.16.172.in-addr.arpa"}) {
    EXPECT_TRUE(SpecialNames::concern(name(of_concern))) << of_concern;
  }
  EXPECT_FALSE(SpecialNames::concern(name("example.com")));
}

}  // namespace
}  // namespace dragoman::resolve
