// Which output a target gets, and how long its datagrams may be.
#include "binding_output.h"

#include <gtest/gtest.h>

#include "fakes/temporary_directory.h"

namespace dragoman::gateway {
namespace {

std::size_t longest(const char* target, std::uint16_t mtu) {
  BindingLogOptions options;
  options.ipfix_mtu = mtu;
  const auto output = open_output({BindingFormat::ipfix, target}, options);
  EXPECT_TRUE(output);
  return (*output)->longest_datagram();
}

// RFC 7011 10.3.3; an IPv6 path carries 1280 octets at least (RFC 8200 5).
TEST(BindingOutput, has_datagrams_that_pass_everywhere_unless_somebody_knows_better) {
  EXPECT_EQ(longest("udp://192.0.2.10", 0), 512u - 20 - 8);
  EXPECT_EQ(longest("udp://[2001:db8::10]", 0), 1280u - 40 - 8);
  EXPECT_EQ(longest("udp://192.0.2.10", 1500), 1472u);
  EXPECT_EQ(longest("udp://[2001:db8::10]", 1500), 1452u);
}

TEST(BindingOutput, of_a_file_is_that_file) {
  const test::TemporaryDirectory directory;
  EXPECT_TRUE(open_output({BindingFormat::json, directory.path("log")}, {}));
  EXPECT_TRUE(std::filesystem::exists(directory.path("log")));
}

TEST(BindingOutput, is_refused_only_when_it_can_never_work) {
  const test::TemporaryDirectory directory;
  EXPECT_FALSE(open_output({BindingFormat::json, directory.path("missing/log")}, {}));
  EXPECT_FALSE(open_output({BindingFormat::syslog, "/dev/log"}, {}));
  EXPECT_TRUE(open_output({BindingFormat::syslog, "unix://" + directory.path("nobody-yet")}, {}));
}

}  // namespace
}  // namespace dragoman::gateway
