// The list of the names that occur most, against a list that forgets nothing.
#include "heavy_names.h"

#include <gmock/gmock.h>

#include <map>
#include <random>
#include <string>

namespace dragoman::resolve {
namespace {

using testing::ElementsAre;

dns::Name name(const std::string& text) { return *dns::Name::from_text(text); }

std::vector<std::string> told(const HeavyNames& names) {
  std::vector<std::string> texts;
  names.each([&](const HeavyNames::Entry& entry) {
    texts.push_back(entry.name().to_text() + " " + std::to_string(entry.count) + " " + std::to_string(entry.error));
  });
  return texts;
}

TEST(HeavyNames, tells_the_names_in_the_order_of_their_counts) {
  HeavyNames names(4);
  for (const char* text : {"a", "b", "b", "c", "B", "c"}) names.add(name(text), 0);
  EXPECT_THAT(told(names), ElementsAre("b. 3 0", "c. 2 0", "a. 1 0"));
}

TEST(HeavyNames, counts_by_kind) {
  HeavyNames names(4);
  names.add(name("a"), 0);
  names.add(name("a"), 2);
  names.add(name("a"), 2);
  names.add(name("a"), 99);  // no kind of its own: the last
  const HeavyNames::Entry* entry = names.find(name("A"));
  ASSERT_NE(entry, nullptr);
  EXPECT_THAT(entry->by_kind, ElementsAre(1, 0, 2, 0, 0, 0, 0, 1));
}

TEST(HeavyNames, gives_the_place_of_a_least_one_to_a_new_one_with_its_count_as_error) {
  HeavyNames names(2);
  names.add(name("a"), 0);
  names.add(name("a"), 0);
  names.add(name("b"), 3);
  names.find(name("b"))->marked_at = 7;
  const auto [entry, is_new] = names.add(name("c"), 1);
  EXPECT_TRUE(is_new);
  EXPECT_EQ(entry->marked_at, 0);
  EXPECT_THAT(entry->by_kind, ElementsAre(0, 1, 0, 0, 0, 0, 0, 0));
  EXPECT_THAT(told(names), testing::UnorderedElementsAre("a. 2 0", "c. 2 1"));
  EXPECT_EQ(names.find(name("b")), nullptr);
  EXPECT_FALSE(names.add(name("c"), 1).second);
}

TEST(HeavyNames, begins_anew_when_cleared) {
  HeavyNames names(2);
  for (const char* text : {"a", "b", "c"}) names.add(name(text), 0);
  names.clear();
  EXPECT_EQ(names.size(), 0u);
  EXPECT_EQ(names.find(name("c")), nullptr);
  names.add(name("c"), 0);
  EXPECT_THAT(told(names), ElementsAre("c. 1 0"));
}

TEST(HeavyNames, counts_many_at_once) {
  HeavyNames names(3);
  names.add(name("a"), 0, 5);
  names.add(name("b"), 1, 2);
  names.add(name("c"), 0, 9);
  names.add(name("b"), 0, 4);
  EXPECT_THAT(told(names), ElementsAre("c. 9 0", "b. 6 0", "a. 5 0"));
  names.add(name("d"), 0, 3);
  EXPECT_THAT(told(names), ElementsAre("c. 9 0", "d. 8 5", "b. 6 0"));
}

// What the paper promises, on a stream with a long tail: nobody is told too little, nobody more than its error too
// much, and who is frequent enough is there.
TEST(HeavyNames, keeps_its_bounds_on_a_long_stream) {
  constexpr std::size_t capacity = 64;
  constexpr int stream = 50'000;
  HeavyNames names(capacity);
  std::map<std::string, std::uint64_t> truth;
  std::uint64_t total = 0;
  std::mt19937 random(6147);
  std::geometric_distribution<int> popular(0.03);
  for (int i = 0; i < stream; ++i) {
    const int number = i % 3 == 0 ? 1000 + static_cast<int>(random() % 20'000) : popular(random);
    const dns::Name one = name("n" + std::to_string(number) + ".test");
    const std::uint64_t times = i % 7 == 0 ? 1 + random() % 9 : 1;
    truth[one.to_text()] += times;
    total += times;
    names.add(one, 0, times);
  }
  std::uint64_t last = ~0ull, sum = 0;
  names.each([&](const HeavyNames::Entry& entry) {
    const std::uint64_t real = truth[entry.name().to_text()];
    EXPECT_GE(entry.count, real);
    EXPECT_LE(entry.count - entry.error, real);
    EXPECT_LE(entry.count, last);
    last = entry.count;
    sum += entry.count;
  });
  EXPECT_EQ(sum, total);
  for (const auto& [text, count] : truth) {
    EXPECT_TRUE(count <= total / capacity || names.find(name(text)) != nullptr) << text << " " << count;
  }
}

}  // namespace
}  // namespace dragoman::resolve
