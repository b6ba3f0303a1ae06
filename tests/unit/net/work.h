// Something that takes its time on the CPU, as a handshake does.
#pragma once

#include "dragoman/base/time.h"

namespace dragoman::net {

inline void work_for(Duration time) {
  for (const TimePoint end = Clock::now() + time; Clock::now() < end;) continue;
}

}  // namespace dragoman::net
