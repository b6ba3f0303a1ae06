// When an algorithm gives way, and when it does not: jobs of OpenSSL's, started by hand. The whole handshake is in
// stream_test.cpp.
#include "pauses.h"

#include <gtest/gtest.h>
#include <openssl/async.h>

#include "work.h"

namespace dragoman::net {
namespace {

// A job of two steps, before each of which it may give way.
class Job {
 public:
  explicit Job(milliseconds step) : steps_{this, step} {}
  ~Job() {
    while (state_ == ASYNC_PAUSE) start();
    ASYNC_WAIT_CTX_free(waiting_);
  }
  int start() {
    int ignored = 0;
    state_ = ASYNC_start_job(&job_, waiting_, &ignored, work, &steps_, sizeof steps_);
    return state_;
  }
  int done = 0;

 private:
  struct Steps {
    Job* job;
    milliseconds length;
  };
  static int work(void* argument) {
    const Steps steps = *static_cast<const Steps*>(argument);
    for (int i = 0; i < 2; ++i) {
      work_for(steps.length);
      pause_if_long();
      ++steps.job->done;
    }
    return 1;
  }
  Steps steps_;
  ASYNC_JOB* job_ = nullptr;
  ASYNC_WAIT_CTX* waiting_ = ASYNC_WAIT_CTX_new();
  int state_ = ASYNC_FINISH;
};

TEST(Pauses, come_when_a_step_took_long) {
  Job job(milliseconds(1));
  for (int done = 0; done < 2; ++done) {
    const MayPause pieces;
    EXPECT_EQ(job.start(), ASYNC_PAUSE);
    EXPECT_EQ(job.done, done);
  }
  const MayPause pieces;
  EXPECT_EQ(job.start(), ASYNC_FINISH);
  EXPECT_EQ(job.done, 2);
}

TEST(Pauses, do_not_come_unless_they_may) {
  Job job(milliseconds(1));
  EXPECT_EQ(job.start(), ASYNC_FINISH);
  EXPECT_EQ(job.done, 2);
}

TEST(Pauses, do_not_come_outside_a_job) {
  const MayPause pieces;
  work_for(milliseconds(1));
  pause_if_long();
}

TEST(Pauses, one_may_end_without_them_what_began_with_them) {
  Job job(milliseconds(1));
  {
    const MayPause pieces;
    ASSERT_EQ(job.start(), ASYNC_PAUSE);
  }
  EXPECT_EQ(job.start(), ASYNC_FINISH);
}

}  // namespace
}  // namespace dragoman::net
