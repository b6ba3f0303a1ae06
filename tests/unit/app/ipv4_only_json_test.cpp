// The list of what still needs IPv4 as JSON.
#include "ipv4_only_json.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace dragoman::app {
namespace {

TEST(Ipv4OnlyAsJson, has_rows_of_domains_and_names) {
  resolve::Ipv4OnlyReport report;
  report.names.push_back({"www.example.net", 3, 1, {{"default", 2}, {"home", 1}}, 1'800'000'000});
  report.domains.push_back({"example.net", 3, 0, {{"default", 3}}, 0});
  EXPECT_EQ(ipv4_only_as_json(report, {}, DomainOrder::answers, 10),
            R"({"domains":[{"name":"example.net","count":3,"error":0,"by_policy":{"default":3},"got_aaaa_at":null,)"
            R"("sessions":0,"octets":0,"octets_missed":0}],)"
            R"("names":[{"name":"www.example.net","count":3,"error":1,"by_policy":{"default":2,"home":1},)"
            R"("got_aaaa_at":"2027-01-15T08:00:00Z"}],"others":{"sessions":0,"octets":0}})"
            "\n");
}

TEST(Ipv4OnlyAsJson, is_empty_lists_while_nothing_was_synthesized) {
  EXPECT_EQ(ipv4_only_as_json({}, {}, DomainOrder::answers, 10),
            "{\"domains\":[],\"names\":[],\"others\":{\"sessions\":0,\"octets\":0}}\n");
}

// The names of the domains, in their order, with answers and octets.
std::vector<std::string> domains(DomainOrder order, std::size_t rows) {
  resolve::Ipv4OnlyReport report;
  report.domains = {{"many.test", 30, 0, {}, 0}, {"few.test", 3, 0, {}, 0}, {"silent.test", 1, 0, {}, 0}};
  const nat64::NameTrafficReport traffic{
      {{"heavy.test", 1, 9000, 0}, {"few.test", 2, 500, 7}, {"many.test", 40, 100, 0}}, {"", 5, 60, 0}};
  const auto all = boost::json::parse(ipv4_only_as_json(report, traffic, order, rows)).as_object();
  EXPECT_EQ(all.at("others").as_object().at("octets").to_number<int>(), 60);
  std::vector<std::string> out;
  for (const auto& value : all.at("domains").as_array()) {
    const auto& row = value.as_object();
    out.push_back(std::string(row.at("name").as_string()) + " " + std::to_string(row.at("count").to_number<int>()) +
                  " " + std::to_string(row.at("octets").to_number<int>()));
  }
  return out;
}

TEST(Ipv4OnlyAsJson, joins_answers_and_traffic_of_a_domain) {
  using Texts = std::vector<std::string>;
  EXPECT_EQ(domains(DomainOrder::answers, 10),
            (Texts{"many.test 30 100", "few.test 3 500", "silent.test 1 0", "heavy.test 0 9000"}));
  EXPECT_EQ(domains(DomainOrder::octets, 10),
            (Texts{"heavy.test 0 9000", "few.test 3 500", "many.test 30 100", "silent.test 1 0"}));
  EXPECT_EQ(domains(DomainOrder::octets, 2), (Texts{"heavy.test 0 9000", "few.test 3 500"}));
}

}  // namespace
}  // namespace dragoman::app
