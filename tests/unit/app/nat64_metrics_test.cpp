// What a scrape works out about the NAT64.
#include "nat64_metrics.h"

#include <gmock/gmock.h>

#include "dragoman/telemetry/exposition.h"
#include "nat64_in_memory.h"

namespace dragoman::app {
namespace {

using nat64::scene::endpoint;
using nat64::scene::synthesized;
using nat64::scene::udp;
using testing::HasSubstr;

std::string page(Nat64InMemory& memory, const std::vector<nat64::PoolEntry>& entries) {
  telemetry::Catalogue catalogue;
  catalogue.add_callback(
      [&](telemetry::Collector& visit) { describe_nat64_process(memory.questions(), entries, visit); });
  return telemetry::write(catalogue.Collect(), telemetry::Format::text);
}

nat64::Options with_two_ranges() {
  nat64::Options options = nat64::scene::standard_options();
  options.pool4 = {{{198, 51, 100, 0}, {198, 51, 100, 1}, 1024, 2047},
                   {{198, 51, 100, 0}, {198, 51, 100, 1}, 4096, 4351},
                   {{203, 0, 113, 200}, {203, 0, 113, 200}}};
  options.subscriber.sessions = 1;
  return options;
}

TEST(Nat64ProcessMetrics, show_the_state_as_one_of_four) {
  Nat64InMemory memory;
  memory.state = gateway::Nat64State::full;
  const std::string text = page(memory, memory.nat64.options().pool4);
  EXPECT_THAT(text, HasSubstr("dragoman_nat64_state{state=\"ok\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("dragoman_nat64_state{state=\"full\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("dragoman_nat64_up 1\n"));
  EXPECT_THAT(text, HasSubstr("dragoman_nat64_sessions_limit 2000000\n"));
  memory.state = gateway::Nat64State::down;
  EXPECT_THAT(page(memory, {}), HasSubstr("dragoman_nat64_up 0\n"));
}

TEST(Nat64ProcessMetrics, show_each_range_of_addresses_once_with_all_its_ports) {
  Nat64InMemory memory(with_two_ranges());
  const std::string text = page(memory, memory.nat64.options().pool4);
  EXPECT_THAT(text, HasSubstr("dragoman_nat64_pool_ports{pool=\"198.51.100.0/31\"} 2560\n"));
  EXPECT_THAT(text, HasSubstr("dragoman_nat64_pool_ports{pool=\"203.0.113.200\"} 64512\n"));
  EXPECT_THAT(text, HasSubstr("dragoman_nat64_pool_ports_used{pool=\"198.51.100.0/31\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("dragoman_nat64_port_blocks_used 0\n"));
}

TEST(Nat64ProcessMetrics, count_ports_by_blocks_and_limits_by_what_was_hit) {
  Nat64InMemory memory(with_two_ranges(), 1);
  for (const char* port : {"5000", "5001", "5002"}) {
    memory.nat64.pass(udp(endpoint("[2001:db8::1]:" + std::string(port)), synthesized("203.0.113.5:53")));
  }
  const std::string text = page(memory, memory.nat64.options().pool4);
  EXPECT_THAT(text, HasSubstr("dragoman_nat64_port_blocks_used 1\n"));
  EXPECT_THAT(text, HasSubstr("_used{pool=\"198.51.100.0/31\"} 256\n")) << "or the other range: " << text;
  EXPECT_THAT(text, HasSubstr("dragoman_nat64_subscriber_limit_hits_total{limit=\"sessions\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("dragoman_nat64_subscriber_limit_hits_total{limit=\"ports\"} 0\n"));
}

}  // namespace
}  // namespace dragoman::app
