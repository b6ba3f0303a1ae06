// Runs of addresses as text.
#include "dragoman/ip/range.h"

#include <gtest/gtest.h>

namespace dragoman::ip {
namespace {

TEST(RangeToText, is_the_shortest_form_that_holds_them_all) {
  EXPECT_EQ(range_to_text({198, 51, 100, 1}, {198, 51, 100, 1}), "198.51.100.1");
  EXPECT_EQ(range_to_text({198, 51, 100, 0}, {198, 51, 100, 15}), "198.51.100.0/28");
  EXPECT_EQ(range_to_text({198, 51, 100, 1}, {198, 51, 100, 2}), "198.51.100.1-198.51.100.2");
  EXPECT_EQ(range_to_text({198, 51, 100, 8}, {198, 51, 100, 23}), "198.51.100.8-198.51.100.23");
  EXPECT_EQ(range_to_text({0, 0, 0, 0}, {255, 255, 255, 255}), "0.0.0.0/0");
}

}  // namespace
}  // namespace dragoman::ip
