// Records under numbers that stay (slab.h).
#include "slab.h"

#include <gtest/gtest.h>

namespace dragoman::nat64 {
namespace {

struct Record {
  Index next = none;
  std::uint32_t value = 0;
};

TEST(Slab, never_gives_the_number_none) {
  Slab<Record> slab;
  for (int i = 0; i < 20000; ++i) ASSERT_NE(slab.take(), none);
  EXPECT_EQ(slab.count(), 20000u);
  EXPECT_EQ(slab.last(), 20000u);
}

TEST(Slab, moves_nothing_when_it_grows) {
  Slab<Record> slab;
  const Index first = slab.take();
  const Record* place = &slab[first];
  slab[first].value = 7;
  for (int i = 0; i < 100000; ++i) slab.take();
  EXPECT_EQ(&slab[first], place);
  EXPECT_EQ(slab[first].value, 7u);
}

TEST(Slab, gives_the_numbers_of_freed_records_again_and_empty) {
  Slab<Record> slab;
  const Index first = slab.take(), second = slab.take();
  slab[first].value = 1;
  slab[second].value = 2;
  slab.give_back(first);
  slab.give_back(second);
  EXPECT_EQ(slab.count(), 0u);
  EXPECT_EQ(slab[second].value, 0u) << "a freed record is empty for whoever walks through all";
  const Index third = slab.take(), fourth = slab.take();
  EXPECT_EQ(third, second);
  EXPECT_EQ(fourth, first);
  EXPECT_EQ(slab[third].value, 0u);
  EXPECT_EQ(slab[third].next, none);
  EXPECT_EQ(slab.last(), 2u);
}

}  // namespace
}  // namespace dragoman::nat64
