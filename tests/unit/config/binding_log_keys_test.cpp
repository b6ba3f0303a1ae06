// nat64.binding_log.
#include "config_testing.h"
#include "nat64_keys.h"

namespace dragoman::config {
namespace {

using namespace std::chrono_literals;
using gateway::BindingFormat;
using gateway::BindingLogOptions;

gateway::Nat64Options nat64_of(const std::string& log) {
  const Config config = config_of("nat64: {pool4: 198.51.100.1, binding_log: {" + log + "}}\n");
  EXPECT_TRUE(config.nat64) << log;
  return config.nat64.value_or(gateway::Nat64Options());
}

TEST(BindingLogKeys, there_is_no_log_without_a_target) { EXPECT_EQ(nat64_of("").binding_log, BindingLogOptions()); }

TEST(BindingLogKeys, reach_the_options) {
  BindingLogOptions expected;
  expected.targets = {{BindingFormat::json, "/var/log/dragoman/bindings.jsonl"},
                      {BindingFormat::ipfix, "udp://[2001:db8::10]:4739"}};
  expected.queue_size = 1024;
  expected.host = "nat.example.net";
  expected.instance = 7;
  expected.syslog_facility = 16;
  expected.ipfix_domain = 9;
  expected.ipfix_template_interval = 5min;
  expected.ipfix_mtu = 1400;
  const gateway::Nat64Options options = nat64_of(
      "targets: [{format: json, target: /var/log/dragoman/bindings.jsonl}, {format: ipfix, target: "
      "\"udp://[2001:db8::10]:4739\"}], queue_size: 1024, host: nat.example.net, instance: 7, "
      "syslog_facility: 16, ipfix_domain: 9, ipfix_template_interval: 5m, ipfix_mtu: 1400, sessions: true, "
      "destinations: true");
  EXPECT_EQ(options.binding_log, expected);
  EXPECT_TRUE(options.nat64.log_sessions);
  EXPECT_TRUE(options.nat64.log_destinations);
}

TEST(BindingLogKeys, one_target_has_a_short_form) {
  EXPECT_EQ(nat64_of("format: syslog, target: \"udp://192.0.2.10\"").binding_log.targets,
            nat64_of("targets: [{format: syslog, target: \"udp://192.0.2.10\"}]").binding_log.targets);
}

TEST(BindingLogKeys, files_are_relative_to_that_of_the_configuration) {
  Findings findings("f");
  Reading reading{findings, "/etc/dragoman"};
  const auto root = parse_yaml("{format: json, target: bindings.jsonl}\n", findings);
  gateway::Nat64Options options;
  binding_log_value().read(*root, options, reading);
  ASSERT_EQ(options.binding_log.targets.size(), 1u);
  EXPECT_EQ(options.binding_log.targets[0].target, "/etc/dragoman/bindings.jsonl");
}

TEST(BindingLogKeys, say_what_is_wrong_and_what_would_do) {
  const auto refused = [](const std::string& log, const std::string& problem) {
    const Loaded loaded = load_text(basis + "nat64: {pool4: 198.51.100.1, binding_log: {" + log + "}}\n", "f");
    ASSERT_EQ(loaded.problems.size(), 1u) << log;
    EXPECT_EQ(loaded.problems[0].to_text(), problem) << log;
    EXPECT_FALSE(loaded.problems[0].fix.empty()) << log;
  };
  refused("format: json", "f:4:43: nat64.binding_log: `target` is missing");
  refused("targets: [{target: /tmp/x}]", "f:4:54: nat64.binding_log.targets[0]: `format` is missing");
  refused("format: xml, target: /tmp/x", "f:4:52: nat64.binding_log.format: `xml` is not known");
  refused("format: json, target: /tmp/x, targets: []", "f:4:52: nat64.binding_log.format: stands beside `targets`");
  refused("targets: [{format: json, target: /tmp/x}, {format: json, target: /tmp/x}]",
          "f:4:109: nat64.binding_log.targets[1].target: `/tmp/x` is listed twice");
  refused("targets: [{format: json, traget: /tmp/x, target: /tmp/x}]",
          "f:4:69: nat64.binding_log.targets[0].traget: unknown key; did you mean `target`?");
  refused("ipfix_mtu: 100", "f:4:55: nat64.binding_log.ipfix_mtu: must be 0 or 512 to 65535, this is `100`");
}

TEST(BindingLogKeys, a_target_that_is_no_place_is_refused_with_its_reason) {
  const Loaded loaded = load_text(
      basis + "nat64: {pool4: 198.51.100.1, binding_log: {format: ipfix, target: \"udp://collector\"}}\n", "f");
  ASSERT_EQ(loaded.problems.size(), 1u);
  EXPECT_EQ(loaded.problems[0].key, "nat64.binding_log.target");
  EXPECT_EQ(loaded.problems[0].column, 67);
}

}  // namespace
}  // namespace dragoman::config
