// JSON lines, by the letter: scripts and who-had read them.
#include "binding_json.h"

#include <gtest/gtest.h>

#include "binding_samples.h"

namespace dragoman::gateway {
namespace {

TEST(BindingJson, is_an_object_a_line) {
  const Writer writer = samples::writer();
  JsonEncoder encoder(writer);
  Backlog backlog(1 << 20);
  encoder.event(samples::block(), backlog);
  encoder.event(samples::session_with_remote(), backlog);
  encoder.gap({12, samples::time, samples::time, BindingLoss::queue_full}, backlog);
  encoder.occasion(Occasion::stopped, samples::time, {}, backlog);
  EXPECT_EQ(samples::units(backlog),
            (std::vector<std::string>{
                R"({"time":"2026-11-27T22:31:00.123Z","event":"block_allocated","subscriber":"2001:db8:1::/64",)"
                R"("address":"198.51.100.1","ports":"1024-1279"})"
                "\n",
                R"({"time":"2026-11-27T22:31:00.123Z","event":"session_created","protocol":"udp",)"
                R"("inside":"[2001:db8:1::5]:40000","outside":"198.51.100.1:1030","remote":"192.0.2.80:443"})"
                "\n",
                R"({"time":"2026-11-27T22:31:00.123Z","event":"lost","lost":12,)"
                R"("since":"2026-11-27T22:31:00.123Z","reason":"queue_full"})"
                "\n",
                R"({"time":"2026-11-27T22:31:00.123Z","event":"stopped","host":"nat1","instance":7})"
                "\n"}));
}

}  // namespace
}  // namespace dragoman::gateway
