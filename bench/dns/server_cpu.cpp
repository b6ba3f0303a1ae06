// Reads the kernel's accounts of a process: nanoseconds on a CPU for each of its threads, and ticks in user and kernel
// mode. A process or thread that has ended counts as nothing.
#include "server_cpu.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace dragoman::bench {

CpuTime cpu_time(const std::vector<int>& pids) {
  CpuTime spent;
  for (const int pid : pids) {
    const std::string process = "/proc/" + std::to_string(pid);
    std::error_code ignored;
    for (const auto& thread : std::filesystem::directory_iterator(process + "/task", ignored)) {
      std::uint64_t ns = 0;
      if (std::ifstream(thread.path() / "schedstat") >> ns) spent.ns += ns;
    }
    std::ifstream file(process + "/stat");
    std::string line;
    std::getline(file, line);
    // Behind the name, which may have spaces, utime and stime are the 12th and 13th field.
    std::istringstream fields(line.substr(line.rfind(')') + 1));
    std::string skipped;
    for (int i = 0; i < 11; ++i) fields >> skipped;
    std::uint64_t user = 0, kernel = 0;
    fields >> user >> kernel;
    spent.user_ticks += user;
    spent.kernel_ticks += kernel;
  }
  return spent;
}

}  // namespace dragoman::bench
