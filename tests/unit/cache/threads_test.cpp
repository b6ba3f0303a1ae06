// Several threads at once; the sanitizer's build for threads makes it a proof.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "sample_answers.h"

namespace dragoman::cache {
namespace {

TEST(AnswerCacheThreads, find_store_and_clear_at_once) {
  AnswerCache cache{Options{.size = 256u << 10}};
  std::atomic<int> hits = 0, wrong = 0;
  auto work = [&](unsigned seed) {
    std::vector<std::uint8_t> room(dns::max_message_length);
    std::uint32_t state = seed;
    for (int i = 0; i < 20000; ++i) {
      state = state * 1664525u + 1013904223u;
      const std::uint32_t number = (state >> 16) % 3000;
      const dns::Name owner = name("n" + std::to_string(number) + ".example");
      const Key key{owner, dns::Type::a};
      const KeyHash hash(key);
      const TimePoint now{seconds(1000 + i / 100)};
      if (const auto hit = cache.find(key, hash, now, room)) {
        ++hits;
        if (hit->length != (number % 4 + 1) * 16) ++wrong;
      } else {
        cache.store(key, hash, make_answer(owner, dns::Type::a, std::vector<SampleRecord>(number % 4 + 1)).view(), now);
      }
      if (i % 5000 == 4999) cache.clear();
      if (i % 500 == 0) wrong += cache.stats().bytes > cache.stats().capacity ? 1 : 0;
    }
  };
  std::vector<std::thread> threads;
  for (unsigned seed = 1; seed <= 4; ++seed) threads.emplace_back(work, seed);
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(hits, 1000);
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace dragoman::cache
