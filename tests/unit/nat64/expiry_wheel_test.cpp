// When records end (expiry_wheel.h), against a list that is looked through.
#include "expiry_wheel.h"

#include <gtest/gtest.h>

#include <map>

#include "fakes/random.h"

namespace dragoman::nat64 {
namespace {

struct Record {
  Index next = none;
  Index wheel_next = none;
  Index wheel_previous = none;
  Second deadline = 0;
};

constexpr std::size_t any_number = 1'000'000'000;

class Wheel {
 public:
  Index add(Second deadline) {
    const Index made = records_.take();
    records_[made].deadline = deadline;
    wheel_.file(made);
    return made;
  }
  void remove(Index index) {
    wheel_.remove(index);
    records_.give_back(index);
  }
  // Later: only the deadline changes, as a packet does it.
  void refresh(Index index, Second deadline) { records_[index].deadline = deadline; }
  std::vector<Index> tick(Second now, std::size_t most = any_number) {
    std::vector<Index> ended;
    has_more = wheel_.tick(now, most, [&](Index index) {
      ended.push_back(index);
      remove(index);
    });
    return ended;
  }
  bool has_more = false;

 private:
  Slab<Record> records_;
  ExpiryWheel<Record> wheel_{records_};
};

TEST(ExpiryWheel, ends_a_record_at_its_second_and_not_before) {
  Wheel wheel;
  const Index record = wheel.add(300);
  EXPECT_TRUE(wheel.tick(299).empty());
  EXPECT_EQ(wheel.tick(300), std::vector{record});
  EXPECT_TRUE(wheel.tick(10000).empty());
}

TEST(ExpiryWheel, follows_a_deadline_that_was_put_off) {
  Wheel wheel;
  const Index record = wheel.add(10);
  wheel.refresh(record, 25);
  EXPECT_TRUE(wheel.tick(24).empty());
  EXPECT_EQ(wheel.tick(25), std::vector{record});
}

TEST(ExpiryWheel, has_no_end_of_its_own) {
  Wheel wheel;
  const Index record = wheel.add(100'000);  // twelve times around
  for (Second now = 0; now < 100'000; now += 777) ASSERT_TRUE(wheel.tick(now).empty());
  ASSERT_TRUE(wheel.tick(99'999).empty());
  EXPECT_EQ(wheel.tick(100'000), std::vector{record});
}

TEST(ExpiryWheel, ends_at_once_what_is_filed_too_late) {
  Wheel wheel;
  wheel.tick(1000);
  const Index record = wheel.add(900);
  EXPECT_EQ(wheel.tick(1001), std::vector{record});
}

TEST(ExpiryWheel, catches_up_after_a_long_silence) {
  Wheel wheel;
  const Index first = wheel.add(5), second = wheel.add(50'000);
  EXPECT_EQ(wheel.tick(60'000), (std::vector{first, second}));
}

TEST(ExpiryWheel, does_no_more_work_than_it_is_allowed) {
  Wheel wheel;
  for (int i = 0; i < 1000; ++i) wheel.add(7);
  const Index refreshed = wheel.add(7);
  wheel.refresh(refreshed, 8);
  std::size_t ended = 0, calls = 0;
  do {
    const std::size_t some = wheel.tick(7, 100).size();
    EXPECT_LE(some, 100u);
    ended += some;
    ++calls;
  } while (wheel.has_more);
  EXPECT_EQ(ended, 1000u);
  EXPECT_EQ(calls, 11u) << "looking at the one that was refreshed is work, too";
  EXPECT_EQ(wheel.tick(8), std::vector{refreshed});
}

TEST(ExpiryWheel, does_the_same_as_looking_through_all_of_them) {
  fakes::Random random(2);
  Wheel wheel;
  std::map<Index, Second> model;
  Second now = 0;
  for (int i = 0; i < 20000; ++i) {
    const Second deadline = now + 1 + random.below(random.one_in(10) ? 20000 : 400);
    model[wheel.add(deadline)] = deadline;
    const auto some =
        std::next(model.begin(), static_cast<std::ptrdiff_t>(random.below(static_cast<std::uint32_t>(model.size()))));
    if (random.one_in(3)) wheel.refresh(some->first, some->second += random.below(300));
    if (random.one_in(5)) {
      wheel.remove(some->first);
      model.erase(some);
    }
    if (!random.one_in(4)) continue;
    now += random.below(3);
    std::size_t due = 0;
    for (const auto& [index, end] : model) due += end <= now ? 1 : 0;
    const auto ended = wheel.tick(now);
    ASSERT_EQ(ended.size(), due);
    for (const Index index : ended) {
      ASSERT_LE(model.at(index), now);
      model.erase(index);
    }
  }
}

}  // namespace
}  // namespace dragoman::nat64
