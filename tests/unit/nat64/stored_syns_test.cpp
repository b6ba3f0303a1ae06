// R8 b (RFC 6146 3.5.2.2): SYNs that wait for one that crosses them; R13 (5.3): a bounded number.
#include "stored_syns.h"

#include <gtest/gtest.h>

#include "fakes/packets.h"

namespace dragoman::nat64 {
namespace {

using Result = StoredSyns::Result;

SynTuple tuple(std::uint16_t remote_port) { return {0xcb007105, 0xc6336401, remote_port, 2000}; }

class Store {
 public:
  Result store(std::uint16_t remote_port, Second deadline, std::size_t size = 40) {
    fakes::Octets octets(size, static_cast<std::uint8_t>(remote_port));
    return syns.store(tuple(remote_port), {octets.data(), octets.size(), {}}, deadline);
  }
  // The first octet of what expired, which says what it was; -1: nothing.
  int expired(Second now) {
    const auto syn = syns.take_expired(now);
    return syn ? syn->octets[0] : -1;
  }
  StoredSyns syns{5};
};

TEST(StoredSyns, come_back_when_their_time_is_over_in_order) {
  Store store;
  EXPECT_EQ(store.store(1, 6), Result::stored);
  EXPECT_EQ(store.store(2, 7), Result::stored);
  EXPECT_EQ(store.expired(5), -1);
  EXPECT_EQ(store.expired(7), 1);
  EXPECT_EQ(store.expired(7), 2);
  EXPECT_EQ(store.expired(7), -1);
}

TEST(StoredSyns, are_forgotten_when_they_were_crossed) {
  Store store;
  store.store(1, 6);
  EXPECT_TRUE(store.syns.forget(tuple(1)));
  EXPECT_FALSE(store.syns.forget(tuple(1)));
  EXPECT_EQ(store.expired(100), -1);
}

TEST(StoredSyns, do_not_wait_longer_when_they_are_repeated) {
  Store store;
  store.store(1, 6);
  EXPECT_EQ(store.store(1, 8), Result::repeated);
  EXPECT_EQ(store.expired(6), 1);
  EXPECT_EQ(store.expired(8), -1);
}

TEST(StoredSyns, wait_their_time_though_an_earlier_one_was_crossed) {
  Store store;
  store.store(1, 6);
  store.syns.forget(tuple(1));
  EXPECT_EQ(store.store(1, 9), Result::stored);
  EXPECT_EQ(store.expired(8), -1);
  EXPECT_EQ(store.expired(9), 1);
}

TEST(StoredSyns, are_bounded_in_number_and_size) {
  Store store;
  for (std::size_t i = 0; i < StoredSyns::most; ++i) {
    ASSERT_EQ(store.store(static_cast<std::uint16_t>(i), 6, 1500), Result::stored);
  }
  EXPECT_EQ(store.store(60000, 6), Result::full);
  EXPECT_EQ(store.store(0, 6), Result::repeated);
  EXPECT_EQ(store.syns.take_expired(6)->size, StoredSyns::kept_octets);
  EXPECT_EQ(store.store(60000, 6), Result::stored);
}

}  // namespace
}  // namespace dragoman::nat64
