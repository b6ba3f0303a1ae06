// What processes have used of the CPU, by the kernel's own accounts (/proc/PID/task/*/schedstat, /proc/PID/stat).
#pragma once

#include <cstdint>
#include <vector>

namespace dragoman::bench {

struct CpuTime {
  std::uint64_t ns = 0;                            // of all threads
  std::uint64_t user_ticks = 0, kernel_ticks = 0;  // coarse, for the kernel's share
};

CpuTime cpu_time(const std::vector<int>& pids);

}  // namespace dragoman::bench
