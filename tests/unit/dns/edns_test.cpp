// Options of an OPT, read in place (RFC 6891 6.1.2).
#include "dragoman/dns/edns.h"

#include <gtest/gtest.h>

#include "wire.h"

namespace dragoman::dns {
namespace {

using test::hex;
using test::wire;

TEST(Edns, walks_its_options_in_order) {
  test::Octets options = wire("0003 0000 000A 0002 ABCD FDE9 0001 FF");
  std::string text;
  for (EdnsOption option : EdnsOptions(options)) {
    text += std::to_string(static_cast<int>(option.code)) + "=" + hex(option.data) + " ";
  }
  EXPECT_EQ(text, "3= 10=abcd 65001=ff ");
}

TEST(Edns, finds_the_first_option_of_a_code) {
  test::Octets options = wire("000A 0001 01 000A 0001 02");
  Edns edns;
  edns.options = options;
  EXPECT_EQ(hex(edns.find(EdnsOptionCode::cookie).value()), "01");
  EXPECT_FALSE(edns.find(EdnsOptionCode::nsid));
}

TEST(Edns, has_no_options_to_begin_with) {
  EXPECT_FALSE(EdnsOptions({}).begin() != EdnsOptions({}).end());
  EXPECT_FALSE(Edns().find(EdnsOptionCode::cookie));
}

}  // namespace
}  // namespace dragoman::dns
