// Pauses in a handshake. One takes OpenSSL some 300 us at a stretch, for which every query of the worker would wait; so
// the server's side runs as a job of ASYNC_start_job(3), and our algorithms, which it calls some twenty times, give way
// when a piece of it has taken long enough. Without our algorithms (own_algorithms.h) there are no pauses.
#pragma once

namespace dragoman::net {

// While one lives, what this thread does is a piece of work that may pause.
class MayPause {
 public:
  MayPause();
  ~MayPause();
  MayPause(const MayPause&) = delete;
  MayPause& operator=(const MayPause&) = delete;
};

// Called by algorithms, between two steps. Returns at once unless this is inside a job, may pause and has taken long;
// otherwise when the job is started again, by the same thread.
void pause_if_long();

}  // namespace dragoman::net
