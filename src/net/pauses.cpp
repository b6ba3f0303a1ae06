// The clock is read for each of an algorithm's calls: 25 ns of some microseconds. ASYNC_pause_job() itself returns at
// once outside a job; one thread knows nothing of another's.
#include "pauses.h"

#include <openssl/async.h>

#include "dragoman/base/time.h"

namespace dragoman::net {

namespace {
// Of the order of ten answers. A pause costs half a microsecond, and another turn of the event loop.
constexpr std::chrono::microseconds long_piece{40};
thread_local TimePoint piece_began = TimePoint::max();  // max: may not pause
}  // namespace

MayPause::MayPause() { piece_began = Clock::now(); }
MayPause::~MayPause() { piece_began = TimePoint::max(); }

void pause_if_long() {
  if (piece_began == TimePoint::max() || ASYNC_get_current_job() == nullptr) return;
  if (Clock::now() - piece_began >= long_piece) ASYNC_pause_job();
}

}  // namespace dragoman::net
