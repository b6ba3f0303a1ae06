// Time as the program means it: a monotonic clock, read once per wake-up of a worker and passed on as an
// argument. Pure modules never read a clock; tests pass whatever time they like.
#pragma once

#include <chrono>

namespace dragoman {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Duration = Clock::duration;
using std::chrono::milliseconds;
using std::chrono::seconds;

}  // namespace dragoman
