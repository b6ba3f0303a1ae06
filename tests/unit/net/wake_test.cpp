// No wake-up is lost, whether it comes before the sleep or during it.
// A test that sleeps where it should not ends by its time-out.
#include "dragoman/net/wake.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

namespace dragoman::net {
namespace {

constexpr milliseconds long_time{60000};  // a test that waits for it fails by its time-out

struct Pipe {
  Pipe() { [[maybe_unused]] const int made = pipe(ends); }
  ~Pipe() {
    close(ends[0]);
    close(ends[1]);
  }
  int ends[2] = {-1, -1};
};

TEST(Wake, a_signal_ends_the_sleep_that_it_came_before) {
  Pipe nothing;
  Wake wake(nothing.ends[0]);
  wake.about_to_sleep();
  wake.signal();
  EXPECT_FALSE(wake.wait(long_time));
}

TEST(Wake, a_signal_of_another_thread_ends_the_sleep) {
  Pipe nothing;
  Wake wake(nothing.ends[0]);
  wake.about_to_sleep();
  std::thread other([&] { wake.signal(); });
  EXPECT_FALSE(wake.wait(long_time));
  other.join();
}

TEST(Wake, what_is_readable_ends_the_sleep) {
  Pipe pipe;
  ASSERT_EQ(write(pipe.ends[1], "x", 1), 1);
  Wake wake(pipe.ends[0]);
  wake.about_to_sleep();
  EXPECT_TRUE(wake.wait(long_time));
}

TEST(Wake, a_signal_while_awake_does_not_end_the_next_sleep) {
  Pipe nothing;
  Wake wake(nothing.ends[0]);
  wake.signal();
  wake.about_to_sleep();
  EXPECT_FALSE(wake.wait(milliseconds(1))) << "it slept its time";
}

}  // namespace
}  // namespace dragoman::net
