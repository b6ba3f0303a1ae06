// Relative paths.
#include "paths.h"

#include <gtest/gtest.h>

namespace dragoman::config {
namespace {

TEST(Paths, begin_in_the_folder_of_the_file) {
  EXPECT_EQ(resolve_path("tls.crt", "/etc/dragoman"), "/etc/dragoman/tls.crt");
  EXPECT_EQ(resolve_path("../certs/tls.crt", "config"), "certs/tls.crt");
}

TEST(Paths, stay_when_absolute_empty_or_without_a_folder) {
  EXPECT_EQ(resolve_path("/a/b", "/etc"), "/a/b");
  EXPECT_EQ(resolve_path("", "/etc"), "");
  EXPECT_EQ(resolve_path("a/b", ""), "a/b");
}

}  // namespace
}  // namespace dragoman::config
