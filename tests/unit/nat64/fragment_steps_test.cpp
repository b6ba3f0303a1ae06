// Fragments in any order through any worker, and whose a packet is. R4 (RFC 6146 3.4), R50 (RFC 4787 REQ-14).
#include <gtest/gtest.h>

#include <algorithm>

#include "scene.h"

namespace dragoman::nat64 {
namespace {

using namespace scene;

const ip::Endpoint client = endpoint("[2001:db8:1::1]:5000");
const ip::Endpoint server = synthesized("203.0.113.5:80");
const ip::Endpoint server4 = endpoint("203.0.113.5:80");

// A first fragment for a port that is nobody's.
TEST(FragmentSteps, refuse_a_first_fragment_once_whoever_gets_it) {
  for (const unsigned workers : {1U, 2U, 3U, 8U}) {
    for (unsigned worker = 0; worker < workers; ++worker) {
      Nat64 nat64(standard_options(), workers);
      const auto pieces = fragments_of(udp(server4, endpoint("198.51.100.1:2000"), std::string(40, 'x')), 7);
      EXPECT_EQ(nat64.say(pieces[0], worker).substr(0, 9), "error 3/1");
      EXPECT_EQ(nat64.drops(DropReason::no_binding), 1u);
      EXPECT_EQ(nat64.all_drops(), 1u);
    }
  }
}

}  // namespace
}  // namespace dragoman::nat64
