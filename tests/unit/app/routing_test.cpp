// Who is asked about what, by the configuration.
#include "routing.h"

#include <gtest/gtest.h>

namespace dragoman::app {
namespace {

config::Config config_of(const std::string& text) {
  const config::Loaded loaded = config::load_text("listen: dns://127.0.0.1:0\nupstream: dns://192.0.2.1\n" + text, "f");
  for (const config::Problem& problem : loaded.problems) ADD_FAILURE() << problem.to_text();
  return loaded.config ? *loaded.config : config::Config();
}

TEST(MakeRouting, begins_with_the_default_group) {
  const auto routing = make_routing(config_of(
      "upstreams: {corp: dns://192.0.2.2}\n"
      "routes: [{zone: corp.test, upstream: corp}, {zone: www.corp.test, dns64: false}, {zone: lab.test, servers: "
      "dns://192.0.2.3}]\n"));
  ASSERT_EQ(routing.groups.size(), 3u);
  EXPECT_EQ(routing.groups[0].name, "default");
  EXPECT_EQ(routing.groups[0].options.servers.at(0).url, "dns://192.0.2.1");
  ASSERT_EQ(routing.routes.size(), 3u);
  EXPECT_EQ(routing.routes[0].group, 1u);
  EXPECT_EQ(routing.routes[1].group, 0u);
  EXPECT_EQ(routing.routes[2].group, 2u);
}

TEST(LeadsElsewhere, looks_at_who_is_asked_alone) {
  const std::string corp = "upstreams: {corp: dns://192.0.2.2, lab: dns://192.0.2.3}\n";
  const auto before = config_of(corp + "routes: [{zone: corp.test, upstream: corp}]\n");
  EXPECT_FALSE(leads_elsewhere(before, config_of(corp + "routes: [{zone: CORP.test, upstream: corp, dns64: no}]\n")));
  EXPECT_FALSE(leads_elsewhere(before, config_of("routes: [{zone: corp.test, servers: dns://192.0.2.2}]\n")));
  EXPECT_TRUE(leads_elsewhere(before, config_of(corp + "routes: [{zone: corp.test, upstream: lab}]\n")));
  EXPECT_TRUE(leads_elsewhere(before, config_of(corp + "routes: []\n")));
  EXPECT_TRUE(leads_elsewhere(
      before, config_of("upstreams: {corp: dns://192.0.2.9}\nroutes: [{zone: corp.test, upstream: corp}]\n")));
}

}  // namespace
}  // namespace dragoman::app
