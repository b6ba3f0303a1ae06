// What a translator does beside packets: time, reloads, and what people ask.
#include <gtest/gtest.h>

#include "scene.h"

namespace dragoman::nat64 {
namespace {

using namespace scene;

const ip::Endpoint client = endpoint("[2001:db8:1::1]:5000");
const ip::Endpoint server = synthesized("203.0.113.5:80");
const ip::Endpoint server4 = endpoint("203.0.113.5:80");

ip::Pref64 pref64(std::string_view text) { return *ip::Pref64::from_text(text); }

Options with_prefixes(std::initializer_list<std::string_view> texts) {
  Options options = standard_options();
  options.prefixes.clear();
  for (const std::string_view text : texts) options.prefixes.push_back(pref64(text));
  return options;
}

// -- Reloads: sessions stay --

// R43: a session keeps its prefix whatever becomes of the list.
TEST(Upkeep, sessions_keep_their_prefix_when_a_reload_changes_the_list) {
  Nat64 nat64(with_prefixes({"64:ff9b::/96", "2001:db8:64::/96"}));
  const Seen out = nat64.pass(udp(client, synthesized("203.0.113.5:80", pref64("2001:db8:64::/96"))));
  for (const auto& prefixes :
       {with_prefixes({"2001:db8:64::/96", "64:ff9b::/96"}), with_prefixes({"2001:db8:99::/96", "2001:db8:64::/96"}),
        with_prefixes({"64:ff9b::/96"})}) {
    ASSERT_TRUE(nat64.apply(prefixes));
    EXPECT_EQ(nat64.say(udp(server4, out.source, "x")), "udp [2001:db8:64::cb00:7105]:80 > [2001:db8:1::1]:5000 x");
  }
  EXPECT_EQ(nat64.say(udp(client, synthesized("203.0.113.5:80", pref64("2001:db8:64::/96")))), "-");
  EXPECT_EQ(nat64.drops(DropReason::not_our_prefix), 1u) << "it is not a prefix of ours any more";
  EXPECT_EQ(nat64.pass(udp(client, server)).source, out.source) << "the binding stayed";
}

TEST(Upkeep, takes_any_number_of_prefixes_one_after_the_other) {
  Nat64 nat64;
  for (int i = 0; i < 700; ++i) {
    const std::string text = "2001:db8:" + std::to_string(i) + "::/96";
    ASSERT_TRUE(nat64.apply(with_prefixes({text, "64:ff9b::/96"})));
    ASSERT_EQ(nat64.pass(udp(client, synthesized("203.0.113.5:80", pref64(text)))).kind, "udp");
    ASSERT_EQ(nat64.pass(udp(server4, nat64.sent.front().source)).source, synthesized("203.0.113.5:80", pref64(text)));
  }
}

}  // namespace
}  // namespace dragoman::nat64
