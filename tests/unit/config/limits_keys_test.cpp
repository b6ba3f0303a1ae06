// limits.
#include "config_testing.h"

namespace dragoman::config {
namespace {

TEST(LimitKeys, reach_the_options) {
  serve::LimitOptions limits =
      config_of(
          "limits:\n  connections: 7\n  connections_per_client: 0\n  queries_per_connection: 5\n"
          "  handshakes_in_progress: 4\n  handshakes_per_second: 6\n  idle_timeout: 20s\n  read_timeout: 3s\n  "
          "write_timeout: 2s\n"
          "  max_output: 1MiB\n")
          .limits;
  EXPECT_EQ(limits.connections, 7u);
  EXPECT_EQ(limits.connections_per_client, 0u);
  EXPECT_EQ(limits.queries_per_connection, 5u);
  EXPECT_EQ(limits.handshakes_in_progress, 4u);
  EXPECT_EQ(limits.handshakes_per_second, 6u);
  EXPECT_EQ(limits.idle_timeout, seconds(20));
  EXPECT_EQ(limits.read_timeout, seconds(3));
  EXPECT_EQ(limits.write_timeout, seconds(2));
  EXPECT_EQ(limits.max_output, 1u << 20);
}

TEST(LimitKeys, leave_room_for_the_largest_answer) {
  expect_problems_behind_basis(
      {{"limits: {max_output: 64K}\n", {"f:4:22: limits.max_output: must be 66000 to 16MiB, this is `64K`"}}});
}

}  // namespace
}  // namespace dragoman::config
