// R1 (RFC 6146 3.1): the BIBs seen from IPv6 (bindings.h), and static entries seen from IPv4 (static_bindings.h).
#include "bindings.h"

#include <gtest/gtest.h>

#include "static_bindings.h"

namespace dragoman::nat64 {
namespace {

TEST(Bindings, are_one_for_each_host_port_and_protocol) {
  Bindings bindings(1);
  const Index udp = bindings.add(1, 5000, Protocol::udp), tcp = bindings.add(1, 5000, Protocol::tcp),
              icmp = bindings.add(1, 5000, Protocol::icmp), other_port = bindings.add(1, 5001, Protocol::udp),
              other_host = bindings.add(2, 5000, Protocol::udp);
  EXPECT_EQ(bindings.find(1, 5000, Protocol::udp), udp);
  EXPECT_EQ(bindings.find(1, 5000, Protocol::tcp), tcp);
  EXPECT_EQ(bindings.find(1, 5000, Protocol::icmp), icmp);
  EXPECT_EQ(bindings.find(1, 5001, Protocol::udp), other_port);
  EXPECT_EQ(bindings.find(2, 5000, Protocol::udp), other_host);
  EXPECT_EQ(bindings.find(2, 5001, Protocol::udp), none);
}

TEST(Bindings, that_are_hidden_are_found_by_nobody_and_keep_their_record) {
  Bindings bindings(1);
  const Index hidden = bindings.add(1, 5000, Protocol::udp);
  bindings[hidden].outside_port = 4711;
  bindings.hide(hidden);
  EXPECT_EQ(bindings.find(1, 5000, Protocol::udp), none);
  EXPECT_EQ(bindings[hidden].outside_port, 4711);
  const Index fresh = bindings.add(1, 5000, Protocol::udp);
  EXPECT_NE(fresh, hidden);
  bindings.forget(hidden);
  EXPECT_EQ(bindings.find(1, 5000, Protocol::udp), fresh);
}

TEST(StaticBindings, are_found_by_address_port_and_protocol) {
  StaticBindings statics;
  EXPECT_TRUE(statics.empty());
  statics.set(0xc6336401, 80, Protocol::tcp, {2, 7});
  ASSERT_NE(statics.find(0xc6336401, 80, Protocol::tcp), nullptr);
  EXPECT_EQ(statics.find(0xc6336401, 80, Protocol::tcp)->worker, 2u);
  EXPECT_EQ(statics.find(0xc6336401, 80, Protocol::tcp)->binding, 7u);
  EXPECT_EQ(statics.find(0xc6336401, 80, Protocol::udp), nullptr);
  EXPECT_EQ(statics.find(0xc6336401, 81, Protocol::tcp), nullptr);
  EXPECT_EQ(statics.find(0xc6336402, 80, Protocol::tcp), nullptr);
}

TEST(StaticBindings, know_their_addresses_as_long_as_they_have_one) {
  StaticBindings statics;
  statics.set(0xc6336401, 80, Protocol::tcp, {});
  statics.set(0xc6336401, 80, Protocol::tcp, {1, none});  // again
  statics.set(0xc6336401, 81, Protocol::tcp, {});
  EXPECT_TRUE(statics.has(0xc6336401));
  EXPECT_FALSE(statics.has(0xc6336402));
  statics.remove(0xc6336401, 80, Protocol::tcp);
  statics.remove(0xc6336401, 99, Protocol::tcp);
  EXPECT_TRUE(statics.has(0xc6336401));
  statics.remove(0xc6336401, 81, Protocol::tcp);
  EXPECT_FALSE(statics.has(0xc6336401));
}

}  // namespace
}  // namespace dragoman::nat64
