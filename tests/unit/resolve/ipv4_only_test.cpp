// What still needs IPv4, by name, domain and policy, of one worker and of several.
#include "dragoman/resolve/ipv4_only.h"

#include <gmock/gmock.h>

namespace dragoman::resolve {
namespace {

using testing::ElementsAre;
using testing::Pair;

dns::Name name(const std::string& text) { return *dns::Name::from_text(text); }

TEST(Ipv4OnlyNames, tells_names_and_domains_by_count_and_policy) {
  Ipv4OnlyNames names;
  names.set_policies({"home", "default"});
  names.synthesized(name("www.example.net"), 1);
  names.synthesized(name("WWW.example.net"), 0);
  names.synthesized(name("img.example.net"), 1);
  const Ipv4OnlyReport report = names.report();
  ASSERT_EQ(report.names.size(), 2u);
  EXPECT_EQ(report.names[0].name, "www.example.net");
  EXPECT_EQ(report.names[0].count, 2u);
  EXPECT_THAT(report.names[0].by_policy, ElementsAre(Pair("default", 1), Pair("home", 1)));
  ASSERT_EQ(report.domains.size(), 1u);
  EXPECT_EQ(report.domains[0].name, "example.net");
  EXPECT_EQ(report.domains[0].count, 3u);
  EXPECT_THAT(report.domains[0].by_policy, ElementsAre(Pair("default", 2), Pair("home", 1)));
}

TEST(Ipv4OnlyNames, notes_when_a_name_gets_its_aaaa) {
  Ipv4OnlyNames names;
  names.set_policies({"default"});
  names.got_aaaa(name("www.example.net"), 5);  // never synthesized: of no interest
  names.synthesized(name("www.example.net"), 0);
  EXPECT_EQ(names.report().names[0].got_aaaa_at, 0);
  names.got_aaaa(name("www.example.net"), 10);
  names.got_aaaa(name("www.example.net"), 20);
  EXPECT_EQ(names.report().names[0].got_aaaa_at, 10);
  names.synthesized(name("www.example.net"), 0);  // and lost it again
  EXPECT_EQ(names.report().names[0].got_aaaa_at, 0);
}

TEST(Ipv4OnlyNames, counts_many_of_a_while_ago) {
  Ipv4OnlyNames names;
  names.set_policies({"default"});
  names.synthesized(name("www.example.net"), 0);
  names.got_aaaa(name("www.example.net"), 10);
  names.were_synthesized(name("www.example.net"), names.place_of(0), 41);
  const Ipv4OnlyReport report = names.report();
  EXPECT_EQ(report.names[0].count, 42u);
  EXPECT_EQ(report.domains[0].count, 42u);
  EXPECT_EQ(report.names[0].got_aaaa_at, 10);
  names.has_no_aaaa(name("www.example.net"));
  EXPECT_EQ(names.report().names[0].got_aaaa_at, 0);
}

TEST(Ipv4OnlyNames, keeps_the_names_of_policies_over_a_reload) {
  Ipv4OnlyNames names;
  names.set_policies({"home", "default"});
  names.synthesized(name("a.test"), 0);
  const std::uint8_t home = names.place_of(0);
  names.set_policies({"default", "guests"});
  names.were_synthesized(name("a.test"), home, 5);
  names.synthesized(name("a.test"), 1);
  names.synthesized(name("a.test"), 0);
  EXPECT_THAT(names.report().names[0].by_policy, ElementsAre(Pair("default", 1), Pair("guests", 1), Pair("home", 6)));
}

TEST(Ipv4OnlyNames, count_policies_beyond_their_room_together) {
  Ipv4OnlyNames names;
  std::vector<std::string> many;
  for (int i = 0; i < 20; ++i) many.push_back("p" + std::to_string(i));
  names.set_policies(many);
  for (std::size_t i = 0; i < many.size(); ++i) names.synthesized(name("a.test"), i);
  const auto by_policy = names.report().names[0].by_policy;
  EXPECT_EQ(by_policy.at("p0"), 1u);
  EXPECT_EQ(by_policy.at("others"), 13u);
}

TEST(Ipv4OnlyReport, adds_up_what_several_workers_tell) {
  Ipv4OnlyNames first, second;
  for (auto* names : {&first, &second}) names->set_policies({"default"});
  first.synthesized(name("a.test"), 0);
  second.synthesized(name("a.test"), 0);
  second.synthesized(name("b.test"), 0);
  second.synthesized(name("b.test"), 0);
  second.synthesized(name("b.test"), 0);
  second.got_aaaa(name("a.test"), 3);
  Ipv4OnlyReport report = first.report();
  report.add(second.report());
  ASSERT_EQ(report.names.size(), 2u);
  EXPECT_EQ(report.names[0].name, "b.test");
  EXPECT_EQ(report.names[1].count, 2u);
  EXPECT_EQ(report.names[1].got_aaaa_at, 3);
  EXPECT_THAT(report.names[1].by_policy, ElementsAre(Pair("default", 2)));
  report.keep_first(1);
  EXPECT_EQ(report.names.size(), 1u);
  EXPECT_EQ(report.domains.size(), 1u);
}

}  // namespace
}  // namespace dragoman::resolve
