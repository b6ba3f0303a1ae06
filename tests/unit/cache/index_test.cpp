// The index against std::multimap, with tags that collide.
#include "index.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace dragoman::cache {
namespace {

auto is(std::uint32_t wanted) {
  return [wanted](std::uint32_t location) { return location == wanted; };
}

TEST(Index, finds_what_was_put_in) {
  Index index;
  index.insert(7, 100);
  EXPECT_EQ(index.find(7, is(100)), 100u);
  EXPECT_EQ(index.find(7, is(101)), Index::nowhere);
  EXPECT_EQ(index.find(8, is(100)), Index::nowhere);
  EXPECT_EQ(index.size(), 1u);
}

TEST(Index, tells_entries_with_one_tag_apart) {
  Index index;
  for (std::uint32_t location = 1; location <= 5; ++location) index.insert(42, location);
  for (std::uint32_t location = 1; location <= 5; ++location) EXPECT_EQ(index.find(42, is(location)), location);
}

TEST(Index, follows_an_entry_that_moved) {
  Index index;
  index.insert(7, 100);
  index.insert(7, 200);
  index.move(7, 100, 300);
  EXPECT_EQ(index.find(7, is(100)), Index::nowhere);
  EXPECT_EQ(index.find(7, is(300)), 300u);
  EXPECT_EQ(index.find(7, is(200)), 200u);
}

TEST(Index, starts_small_and_grows_by_doubling) {
  Index index;
  std::size_t before = index.bytes();
  EXPECT_LE(before, 256u);
  for (std::uint32_t i = 1; i <= 1000; ++i) index.insert(i * 2654435761u, i);
  EXPECT_EQ(index.bytes(), 2048u * 8);
  for (std::uint32_t i = 1; i <= 1000; ++i) EXPECT_EQ(index.find(i * 2654435761u, is(i)), i);
}

TEST(Index, behaves_as_a_map_when_tags_crowd) {
  std::mt19937 random(2);
  Index index;
  std::map<std::uint32_t, std::uint32_t> tags;  // by location
  for (std::uint32_t step = 1; step <= 20000; ++step) {
    if (tags.size() < 50 || random() % 2 == 0) {
      // Few different lower bits, at the end of the table, so that runs are long and wrap.
      std::uint32_t tag = 0xFFFFFFF0u + random() % 16;
      tags[step] = tag;
      index.insert(tag, step);
    } else {
      auto victim = std::next(tags.begin(), static_cast<std::ptrdiff_t>(random() % tags.size()));
      index.erase(victim->second, victim->first);
      tags.erase(victim);
    }
    if (tags.size() > 100) {
      index.erase(tags.begin()->second, tags.begin()->first);
      tags.erase(tags.begin());
    }
    ASSERT_EQ(index.size(), tags.size());
    if (step % 100 != 0) continue;
    for (auto [location, tag] : tags) ASSERT_EQ(index.find(tag, is(location)), location);
  }
}

}  // namespace
}  // namespace dragoman::cache
