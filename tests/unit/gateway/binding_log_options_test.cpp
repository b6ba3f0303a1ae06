// Targets as people write them.
#include "dragoman/gateway/binding_log_options.h"

#include <gtest/gtest.h>

namespace dragoman::gateway {
namespace {

TEST(BindingTarget, is_kept_as_it_was_written) {
  const auto made = BindingTarget::make(BindingFormat::ipfix, "udp://192.0.2.10");
  ASSERT_TRUE(made);
  EXPECT_EQ(*made, (BindingTarget{BindingFormat::ipfix, "udp://192.0.2.10"}));
}

TEST(BindingTarget, that_can_never_work_is_refused_with_one_that_would) {
  const auto refused = BindingTarget::make(BindingFormat::syslog, "tcp://192.0.2.10");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(refused.error().text(),
            "syslog goes to udp://ADDRESS or unix:///PATH: tcp://192.0.2.10 (for example unix:///dev/log)");
}

}  // namespace
}  // namespace dragoman::gateway
