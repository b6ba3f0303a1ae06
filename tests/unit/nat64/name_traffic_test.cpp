// Octets and sessions by domain: exact as long as there is room, bounded by Space-Saving's promise beyond.
#include "dragoman/nat64/name_traffic.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace dragoman::nat64 {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint now{100s};
const ip::Ipv6Octets client = ip::Address::from_text("2001:db8:1:2::3")->v6();

ip::Ipv4Octets address(unsigned number) {
  return {198, static_cast<std::uint8_t>(number >> 16), static_cast<std::uint8_t>(number >> 8),
          static_cast<std::uint8_t>(number)};
}

std::string domain(unsigned number) { return "d" + std::to_string(number) + ".test"; }

// Every address of a number belongs to the domain of that number.
class NameTrafficTest : public testing::Test {
 protected:
  void resolve(unsigned number) {
    resolved_.add(client, address(number), 300s, resolved_.names().add(domain(number), now), now);
  }
  NameTraffic::Index begin(unsigned number) { return traffic_.begin(client.data(), address(number)); }
  NameTrafficRow row(const std::string& name) const {
    for (const NameTrafficRow& known : traffic_.report().rows) {
      if (known.domain == name) return known;
    }
    return {};
  }

  ResolvedAddresses resolved_{64 << 20, 64, 7};  // room for every name of these tests
  NameTraffic traffic_{&resolved_};
};

TEST_F(NameTrafficTest, counts_sessions_and_octets_of_a_domain) {
  resolve(1);
  const auto first = begin(1), second = begin(1);
  EXPECT_EQ(first, second);
  traffic_.count(first, 1000);
  traffic_.count(second, 500);
  EXPECT_EQ(row("d1.test"), (NameTrafficRow{"d1.test", 2, 1500, 0}));
}

TEST_F(NameTrafficTest, several_addresses_of_one_domain_are_one) {
  const DomainId id = resolved_.names().add("d.test", now);
  resolved_.add(client, address(1), 300s, id, now);
  resolved_.add(client, address(2), 300s, id, now);
  EXPECT_EQ(begin(1), begin(2));
  EXPECT_EQ(row("d.test").sessions, 2u);
}

TEST_F(NameTrafficTest, what_nobody_asked_for_is_the_others) {
  traffic_.count(begin(9), 70);
  const NameTrafficReport report = traffic_.report();
  EXPECT_TRUE(report.rows.empty());
  EXPECT_EQ(report.others, (NameTrafficRow{"", 1, 70, 0}));
}

TEST(NameTraffic, without_a_table_everything_is_the_others) {
  NameTraffic traffic(nullptr);
  traffic.count(traffic.begin(client.data(), address(1)), 70);
  EXPECT_EQ(traffic.report().others, (NameTrafficRow{"", 1, 70, 0}));
}

TEST_F(NameTrafficTest, rows_come_by_weight) {
  for (const unsigned number : {1u, 2u, 3u}) {
    resolve(number);
    traffic_.count(begin(number), number == 2 ? 900 : number * 100);
  }
  const NameTrafficReport report = traffic_.report();
  ASSERT_EQ(report.rows.size(), 3u);
  EXPECT_EQ(report.rows[0].domain, "d2.test");
  EXPECT_EQ(report.rows[1].domain, "d3.test");
}

// Fills the list: every domain has as many octets as its number.
class FullNameTrafficTest : public NameTrafficTest {
 protected:
  FullNameTrafficTest() {
    for (unsigned number = 1; number <= NameTraffic::capacity; ++number) {
      resolve(number);
      traffic_.count(begin(number), number);
    }
  }
};

TEST_F(FullNameTrafficTest, the_lightest_makes_room_and_leaves_its_weight_as_doubt) {
  resolve(5000);
  traffic_.count(begin(5000), 10);
  EXPECT_EQ(row("d5000.test"), (NameTrafficRow{"d5000.test", 1, 10, 1}));
  EXPECT_EQ(row("d1.test"), NameTrafficRow());
  EXPECT_EQ(traffic_.report().others, (NameTrafficRow{"", 1, 1, 0})) << "what was counted is never lost";
}

TEST_F(FullNameTrafficTest, a_session_that_outlives_the_place_of_its_domain_counts_among_the_others) {
  const auto old = begin(1);
  resolve(5000);
  const auto current = begin(5000);
  EXPECT_NE(old, current);
  traffic_.count(old, 700);
  EXPECT_EQ(row("d5000.test").octets, 0u);
  EXPECT_EQ(traffic_.report().others.octets, 701u);
}

TEST_F(FullNameTrafficTest, what_grew_since_it_was_last_looked_at_stays) {
  const auto lightest = begin(1);
  traffic_.count(lightest, 10'000);
  resolve(5000);
  begin(5000);
  EXPECT_EQ(row("d1.test").octets, 10'001u);
  EXPECT_EQ(row("d2.test"), NameTrafficRow()) << "the lightest by now";
}

// The promise of Space-Saving: who has more than total / capacity is in the list, and nobody has more than is said.
TEST_F(NameTrafficTest, finds_the_heavy_domains_of_a_long_stream) {
  std::mt19937 random(1);
  std::map<unsigned, std::uint64_t> truth;
  std::uint64_t total = 0;
  for (unsigned i = 0; i < 200'000; ++i) {
    const bool is_heavy = random() % 2 == 0;
    const unsigned number =
        is_heavy ? static_cast<unsigned>(random() % 100) : 1000 + static_cast<unsigned>(random() % 20'000);
    if (!truth.contains(number)) resolve(number);
    const std::uint64_t octets = 40 + random() % 1460;
    traffic_.count(begin(number), octets);
    truth[number] += octets;
    total += octets;
  }
  std::map<std::string, NameTrafficRow> rows;
  const NameTrafficReport report = traffic_.report();
  std::uint64_t counted = report.others.octets, sessions = report.others.sessions;
  for (const NameTrafficRow& known : report.rows) {
    rows[known.domain] = known;
    counted += known.octets;
    sessions += known.sessions;
  }
  EXPECT_EQ(counted, total);
  EXPECT_EQ(sessions, 200'000u);
  for (const auto& [number, octets] : truth) {
    const auto known = rows.find(domain(number));
    if (known == rows.end()) {
      EXPECT_LE(octets, total / NameTraffic::capacity) << number;
      continue;
    }
    EXPECT_LE(known->second.octets, octets) << number;
    EXPECT_GE(known->second.octets + known->second.missed, octets) << number;
  }
}

TEST(NameTrafficReport, adds_up_workers) {
  NameTrafficReport all{{{"a.test", 1, 100, 0}, {"b.test", 1, 90, 5}}, {"", 2, 7, 0}};
  all.add({{{"b.test", 3, 50, 1}, {"c.test", 1, 10, 0}}, {"", 1, 3, 0}});
  EXPECT_EQ(all.rows,
            (std::vector<NameTrafficRow>{{"b.test", 4, 140, 6}, {"a.test", 1, 100, 0}, {"c.test", 1, 10, 0}}));
  EXPECT_EQ(all.others, (NameTrafficRow{"", 3, 10, 0}));
}

}  // namespace
}  // namespace dragoman::nat64
