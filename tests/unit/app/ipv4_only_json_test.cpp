// The list of what still needs IPv4 as JSON.
#include "ipv4_only_json.h"

#include <gtest/gtest.h>

namespace dragoman::app {
namespace {

TEST(Ipv4OnlyAsJson, has_rows_of_domains_and_names) {
  resolve::Ipv4OnlyReport report;
  report.names.push_back({"www.example.net", 3, 1, {{"default", 2}, {"home", 1}}, 1'800'000'000});
  report.domains.push_back({"example.net", 3, 0, {{"default", 3}}, 0});
  EXPECT_EQ(ipv4_only_as_json(report),
            R"({"domains":[{"name":"example.net","count":3,"error":0,"by_policy":{"default":3},"got_aaaa_at":null}],)"
            R"("names":[{"name":"www.example.net","count":3,"error":1,"by_policy":{"default":2,"home":1},)"
            R"("got_aaaa_at":"2027-01-15T08:00:00Z"}]})"
            "\n");
}

TEST(Ipv4OnlyAsJson, is_empty_lists_while_nothing_was_synthesized) {
  EXPECT_EQ(ipv4_only_as_json({}), "{\"domains\":[],\"names\":[]}\n");
}

}  // namespace
}  // namespace dragoman::app
