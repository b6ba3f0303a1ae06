// /proc/self as metrics, read at every scrape (about 30 us) on the thread that scrapes.
#include "dragoman/telemetry/process.h"

#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace dragoman::telemetry {
namespace {

double cpu_seconds() {
  timespec spent{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) * 1e-9;
}

// proc(5), fields 22 to 24 of /proc/self/stat.
struct ProcessStat {
  double start_ticks = 0;  // after boot
  double virtual_bytes = 0;
  double resident_pages = 0;
};

ProcessStat read_stat() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  // The second field is the name in parentheses and may hold anything; what follows it starts with the third.
  std::istringstream fields(line.substr(std::min(line.rfind(')') + 1, line.size())));
  std::string skipped;
  for (int field = 3; field < 22; ++field) fields >> skipped;
  ProcessStat stat;
  fields >> stat.start_ticks >> stat.virtual_bytes >> stat.resident_pages;
  return stat;
}

double boot_time_seconds() {
  std::ifstream file("/proc/stat");
  for (std::string word; file >> word;) {
    double seconds = 0;
    if (word == "btime" && file >> seconds) return seconds;
  }
  return 0;
}

double open_descriptors() {
  std::error_code error;
  const auto all = std::filesystem::directory_iterator("/proc/self/fd", error);
  if (error) return 0;
  return static_cast<double>(std::distance(begin(all), end(all)) - 1);  // without the one that lists them
}

double max_descriptors() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<double>(limit.rlim_cur);
}

void describe_process(Collector& visit, double start_time) {
  const ProcessStat stat = read_stat();
  visit.counter(cpu_seconds(), "process_cpu_seconds_total", "User and system CPU time spent, all threads.");
  visit.gauge(stat.resident_pages * static_cast<double>(::sysconf(_SC_PAGESIZE)), "process_resident_memory_bytes",
              "Memory in RAM.");
  visit.gauge(stat.virtual_bytes, "process_virtual_memory_bytes", "Address space in use.");
  visit.gauge(open_descriptors(), "process_open_fds", "Open file descriptors.");
  visit.gauge(max_descriptors(), "process_max_fds", "Limit of open file descriptors.");
  visit.gauge(start_time, "process_start_time_seconds", "When the process started, Unix time.");
}

// clang's __VERSION__ names the compiler, g++'s is a bare number.
std::string compiler() {
  const std::string version = __VERSION__;
  return std::isdigit(static_cast<unsigned char>(version.front())) ? "g++ " + version : version;
}

}  // namespace

void add_process_metrics(Catalogue& catalogue, const std::string& version) {
  const double start_time = boot_time_seconds() + read_stat().start_ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
  catalogue.add_callback([start_time](Collector& visit) { describe_process(visit, start_time); });
  catalogue.add_callback([version](Collector& visit) {
    visit.with("version", version)
        .with("compiler", compiler())
        .gauge(1, "dragoman_build_info", "The program that runs.");
  });
}

void ConfigStatus::applied(std::string hash, std::int64_t unix_seconds) {
  state_.with([&](State& state) { state = {std::move(hash), unix_seconds, true}; });
}

void ConfigStatus::refused() {
  state_.with([](State& state) { state.successful = false; });
}

}  // namespace dragoman::telemetry
