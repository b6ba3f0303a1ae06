// A time as people give it on the command line, and how exactly they mean it. Any thread, but for the environment
// variable TZ.
#pragma once

#include <string>
#include <string_view>

#include "dragoman/base/result.h"
#include "dragoman/base/wall_time.h"

namespace dragoman::app {

// All the time that is meant: 22:31:00 is a second, 22:31 a minute.
struct AskedTime {
  WallTime from{};
  WallTime to{};  // just behind it
};

// "2026-11-27T22:31:00Z", "2026-11-27 22:31+01:00"; without a zone local time; "@1795818660", seconds since 1970.
// Errors: invalid_argument, also for a local time that a change of the clocks left out or made come twice.
Result<AskedTime> asked_time(const std::string& text);

}  // namespace dragoman::app
