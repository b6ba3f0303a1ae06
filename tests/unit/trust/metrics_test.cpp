// What is shown of trust anchors.
#include "dragoman/trust/metrics.h"

#include <gtest/gtest.h>

#include "dragoman/telemetry/exposition.h"

namespace dragoman::trust {
namespace {

std::string shown(const Metrics& metrics) {
  telemetry::Catalogue catalogue;
  catalogue.add(&metrics);
  return telemetry::write(catalogue.Collect(), telemetry::Format::text);
}

bool has(const std::string& text, const std::string& line) { return text.find(line + "\n") != std::string::npos; }

TEST(TrustMetrics, say_nothing_while_nothing_is_validated) {
  Metrics metrics;
  EXPECT_EQ(shown(metrics).find("anchor"), std::string::npos);
}

TEST(TrustMetrics, show_zones_that_are_managed) {
  Metrics metrics;
  metrics.validates.set(true);
  metrics.anchors.set(2);
  metrics.negative(NegativeSource::operator_).set(3);
  metrics.row("example.").keys(dnssec::KeyState::add_pend).set(1);
  EXPECT_EQ(shown(metrics).find("zone="), std::string::npos);
  metrics.row("example.").is_managed.set(true);
  const std::string text = shown(metrics);
  EXPECT_TRUE(has(text, "dragoman_trust_anchors 2"));
  EXPECT_TRUE(has(text, "dragoman_negative_trust_anchors{source=\"operator\"} 3"));
  EXPECT_TRUE(has(text, "dragoman_trust_anchor_keys{zone=\"example.\",state=\"add_pend\"} 1"));
  EXPECT_TRUE(has(text, "dragoman_trust_anchor_state_unsaved 0"));
  metrics.manage_none();
  EXPECT_EQ(shown(metrics).find("zone="), std::string::npos);
}

}  // namespace
}  // namespace dragoman::trust
