// Eviction: S3-FIFO against what a plain FIFO would keep, and a random run against a map.
#include "stripe.h"

#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>

#include "sample_answers.h"

namespace dragoman::cache {
namespace {

constexpr std::uint32_t now = 1000;

// A stripe, asked with numbers for names. Without lock: one thread.
class StripeTest : public testing::Test {
 protected:
  explicit StripeTest(std::size_t size = 100000) { stripe_.open(size); }

  static KeyHash hash(int number) {
    const dns::Name owner = name("n" + std::to_string(number) + ".example");
    return KeyHash({owner, dns::Type::a});
  }
  // False when the entry is too large. The records are so many octets of `value`.
  bool put(int number, std::size_t length = 16, std::uint8_t value = 0, std::uint32_t time = now) {
    const KeyHash key = hash(number);
    const Stripe::Place place = stripe_.replace(key, time);
    Entry* entry = stripe_.insert(key, length, place, time);
    if (entry == nullptr) return false;
    entry->stored_at = time;
    entry->lifetime = 300;
    std::memset(entry->octets() + entry->key().size(), value, length);
    return true;
  }
  // As a hit does.
  bool ask(int number) {
    Entry* entry = stripe_.find(hash(number));
    if (entry == nullptr) return false;
    if (entry->frequency < max_frequency) entry->frequency = (entry->frequency + 1) & max_frequency;
    return true;
  }
  int found(int first, int last) {
    int count = 0;
    for (int number = first; number < last; ++number) count += stripe_.find(hash(number)) != nullptr ? 1 : 0;
    return count;
  }
  Stats stats() const {
    Stats stats;
    stripe_.add_to(stats);
    return stats;
  }

  Stripe stripe_;
};

constexpr int hot = 500;     // names of about 56 octets: some 30 % of 100000
constexpr int scan = 20000;  // eleven times the stripe

TEST_F(StripeTest, holds_what_fits_though_nobody_asks_again) {
  for (int number = 0; number < 1500; ++number) put(number);
  EXPECT_EQ(found(0, 1500), 1500);
  EXPECT_EQ(stats().evictions, 0u);
}

TEST_F(StripeTest, keeps_names_that_are_asked_again_through_a_scan) {
  for (int number = 0; number < hot; ++number) put(number), ask(number);
  for (int number = 0; number < scan; ++number) put(hot + number);
  EXPECT_GT(found(0, hot), hot * 9 / 10) << "a plain FIFO keeps none";
  EXPECT_GT(stats().evictions, 10000u);
}

// The plain queue, of as many entries as the stripe holds of this size.
class PlainFifo {
 public:
  explicit PlainFifo(std::size_t size) : size_(size) {}
  bool ask_or_put(int number) {
    if (!kept_.insert(number).second) return true;
    order_.push_back(number);
    if (order_.size() > size_) {
      kept_.erase(order_.front());
      order_.pop_front();
    }
    return false;
  }

 private:
  std::size_t size_;
  std::deque<int> order_;
  std::set<int> kept_;
};

TEST_F(StripeTest, answers_more_from_memory_than_a_plain_fifo_would) {
  // Two of three questions go to 1000 hot names, the third to a name never asked before or after.
  std::mt19937 random(3);
  PlainFifo fifo(100000 / 56);
  int asked = 0, hits = 0, fifo_hits = 0;
  for (int i = 0; i < 60000; ++i) {
    const bool is_hot = i % 3 != 0;
    const int number = is_hot ? static_cast<int>(random() % 1000) : 10000 + i;
    const bool hit = ask(number);
    if (!hit) put(number);
    const bool fifo_hit = fifo.ask_or_put(number);
    if (!is_hot) continue;
    ++asked;
    hits += hit ? 1 : 0;
    fifo_hits += fifo_hit ? 1 : 0;
  }
  EXPECT_LT(fifo_hits, asked * 8 / 10);
  EXPECT_GT(hits, asked * 95 / 100);
}

TEST_F(StripeTest, lets_go_of_names_that_nobody_asks_any_more) {
  for (int number = 0; number < hot; ++number) put(number), ask(number);
  for (int round = 0; round < 40; ++round) {
    for (int number = 0; number < 1000; ++number) {
      if (!ask(10000 + round * 1000 + number)) put(10000 + round * 1000 + number);
      ask(10000 + round * 1000 + number);
    }
  }
  EXPECT_EQ(found(0, hot), 0);
}

TEST_F(StripeTest, takes_names_that_come_back_straight_to_main) {
  for (int number = 0; number < 3000; ++number) put(number);  // full: the later ones pass through small
  ASSERT_EQ(found(2000, 2200), 0);
  for (int number = 2000; number < 2200; ++number) put(number);  // most of their ghosts are still there
  for (int number = 3000; number < 3500; ++number) put(number);  // small turns over
  EXPECT_GT(found(2000, 2200), 80);
  EXPECT_EQ(found(3000, 3200), 0) << "which came for the first time";
}

TEST_F(StripeTest, gives_an_entry_its_predecessors_place) {
  for (int number = 0; number < 1500; ++number) put(number);  // 0 has moved to main
  const KeyHash key = hash(0);
  EXPECT_TRUE(stripe_.replace(key, now).in_main);
  EXPECT_FALSE(stripe_.replace(key, now).in_main) << "it is gone, and was never a ghost";
  put(5000);
  ask(5000);
  const Stripe::Place place = stripe_.replace(hash(5000), now);
  EXPECT_FALSE(place.in_main);
  EXPECT_EQ(place.frequency, 1);
}

TEST_F(StripeTest, drops_entries_past_their_lifetime_before_any_other) {
  for (int number = 0; number < 1500; ++number) put(number), ask(number);
  for (int number = 1500; number < 2500; ++number) {
    put(number, 16, 0, now + 300);
    if (number % 2 == 0) ask(number);
  }
  EXPECT_EQ(found(1500, 2500), 1000);
  EXPECT_EQ(stats().evictions, 0u);
  EXPECT_GT(stats().expired, 500u);
}

class LastingStripeTest : public StripeTest {
 protected:
  LastingStripeTest() { stripe_.open(100000, 1000); }
};

TEST_F(LastingStripeTest, lets_what_is_past_its_lifetime_go_on_to_idle_room) {
  for (int number = 0; number < 400; ++number) put(number);
  for (int number = 1000; number < 1400; ++number) put(number, 16, 0, now + 400);
  EXPECT_EQ(found(0, 400), 400);
}

TEST_F(LastingStripeTest, gives_up_what_is_past_its_lifetime_before_anything_fresh) {
  for (int number = 0; number < 1000; ++number) put(number);
  for (int number = 2000; number < 3500; ++number) put(number, 16, 0, now + 400);
  EXPECT_EQ(found(2000, 3500), 1500);
  EXPECT_EQ(stats().evictions, 0u);
}

TEST_F(LastingStripeTest, keeps_nothing_that_is_too_old_to_be_served_as_stale) {
  for (int number = 0; number < 400; ++number) put(number);
  for (int number = 1000; number < 1400; ++number) put(number, 16, 0, now + 1300);
  EXPECT_LT(found(0, 400), 250) << "those that had gone on to main before they were too old";
}

TEST_F(StripeTest, keeps_an_answer_and_a_failure_under_one_key) {
  put(1, 16, 1);
  const KeyHash key = hash(1);
  EXPECT_EQ(stripe_.find(key, Stripe::Kind::failure), nullptr);
  stripe_.put(key, {.head = {.rcode = dns::Rcode::servfail}, .records = {}}, keeping_of_failure(5), now);
  ASSERT_NE(stripe_.find(key, Stripe::Kind::failure), nullptr);
  ASSERT_NE(stripe_.find(key), nullptr);
  EXPECT_EQ(stripe_.find(key)->records_length, 16);
  stripe_.replace(key, now);
  EXPECT_EQ(stripe_.find(key), nullptr);
  EXPECT_NE(stripe_.find(key, Stripe::Kind::failure), nullptr);
}

TEST_F(StripeTest, refuses_an_entry_of_more_than_a_quarter_of_the_small_ring) {
  EXPECT_TRUE(put(1, 2400));
  EXPECT_FALSE(put(2, 2500));
  EXPECT_EQ(found(1, 3), 1);
}

class LargeStripeTest : public StripeTest {
 protected:
  LargeStripeTest() : StripeTest(8u << 20) {}
};

TEST_F(LargeStripeTest, refuses_what_no_message_can_hold) {
  EXPECT_TRUE(put(1, dns::max_message_length));
  EXPECT_FALSE(put(2, dns::max_message_length + 1));
}

TEST_F(StripeTest, gives_back_what_was_put_in_whatever_was_evicted) {
  std::mt19937 random(4);
  std::map<int, std::pair<std::size_t, std::uint8_t>> put_in;
  int seen = 0;
  for (int step = 0; step < 100000; ++step) {
    const int number = static_cast<int>(random() % 2000);
    if (random() % 2 == 0) {
      const std::size_t length = random() % (random() % 50 == 0 ? 2000 : 100);
      put(number, length, static_cast<std::uint8_t>(step));
      put_in[number] = {length, static_cast<std::uint8_t>(step)};
      continue;
    }
    if (!ask(number)) continue;
    ++seen;
    const Bytes records = stripe_.find(hash(number))->records();
    const auto [length, value] = put_in[number];
    ASSERT_EQ(std::vector<std::uint8_t>(records.begin(), records.end()), std::vector<std::uint8_t>(length, value));
  }
  EXPECT_GT(seen, 10000);
  EXPECT_GT(stats().evictions, 1000u);
  EXPECT_LE(stats().bytes, stats().capacity);
}

TEST_F(StripeTest, lets_new_names_in_when_everything_in_main_is_hot) {
  for (int number = 0; number < 1700; ++number) put(number);
  for (int i = 0; i < 3; ++i) {
    for (int number = 0; number < 1700; ++number) ask(number);
  }
  // One insert spares at most 32 entries: without that bound, a thousand would be moved, three times over, for the
  // first.
  for (int number = 2000; number < 2400; ++number) put(number), ask(number);
  EXPECT_GT(found(2000, 2400), 200);
  EXPECT_LT(found(0, 1700), 1700 - 150);
}

TEST_F(StripeTest, counts_who_has_to_wait_for_its_lock) {
  auto held = stripe_.hold();
  EXPECT_EQ(stripe_.waits(), 0u);
  std::thread other([this] { const auto waited = stripe_.hold(); });
  while (stripe_.waits() == 0) std::this_thread::yield();
  held.unlock();
  other.join();
  EXPECT_EQ(stripe_.waits(), 1u);
  EXPECT_EQ(stats().lock_waits, 1u);
}

}  // namespace
}  // namespace dragoman::cache
