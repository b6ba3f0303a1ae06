// Watches files through their directories; see file_watcher.h and inotify(7).
// A file is known by device, inode, size and times of what its path leads to: a swapped link changes them, a
// neighbour's new name does not.
#include "dragoman/net/file_watcher.h"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>
#include <tuple>

#include "dragoman/net/socket.h"

namespace dragoman::net {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t changes = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB |
                                  IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
constexpr int longest_chain_of_links = 16;
constexpr int longest_wait = 5;  // times `quiet`

// Who a file is; all zero for none.
using Identity = std::tuple<dev_t, ino_t, off_t, std::int64_t, std::int64_t>;

std::int64_t nanoseconds_of(const timespec& time) { return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec; }

Identity identity_of(const std::string& file) {
  struct stat status {};
  if (stat(file.c_str(), &status) != 0) return {};
  return {status.st_dev, status.st_ino, status.st_size, nanoseconds_of(status.st_mtim), nanoseconds_of(status.st_ctim)};
}

std::vector<Identity> identities_of(const std::vector<std::string>& files) {
  std::vector<Identity> identities;
  for (const std::string& file : files) identities.push_back(identity_of(file));
  return identities;
}

// The directories in which something must change for `path` to lead elsewhere: that of the file, and of each symbolic
// link on the way to it.
void collect_directories(const fs::path& path, std::set<std::string>& directories, int links_left) {
  std::error_code error;
  fs::path walked;
  for (const fs::path& part : path) {
    const fs::path next = walked / part;
    if (links_left > 0 && fs::is_symlink(next, error)) {
      directories.insert(walked.string());
      // The link's target stands for it: a relative one begins where the link is.
      const fs::path target = walked / fs::read_symlink(next, error);
      collect_directories(target, directories, links_left - 1);
    }
    walked = next;
  }
  directories.insert(path.parent_path().string());
}

}  // namespace

struct FileWatcher::State final : Watcher {
  EventLoop& loop;
  std::function<void()> on_change;
  Duration quiet;
  UniqueFd inotify{inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
  Timer timer{[](void* self) { static_cast<State*>(self)->on_quiet(); }, this};
  TimePoint first_event{};
  std::vector<std::string> files;
  std::vector<Identity> known;
  std::vector<int> watches;

  State(EventLoop& its_loop, std::function<void()> what, Duration how_long)
      : loop(its_loop), on_change(std::move(what)), quiet(how_long) {
    if (inotify) loop.watch(inotify.get(), *this);
  }
  ~State() {
    if (inotify) loop.unwatch(inotify.get(), *this);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void on_ready(Ready ready) override;
  void on_quiet();
  Result<void> watch_directories();
};

FileWatcher::FileWatcher(EventLoop& loop, std::function<void()> on_change, Duration quiet)
    : state_(std::make_unique<State>(loop, std::move(on_change), quiet)) {}
FileWatcher::~FileWatcher() = default;

Result<void> FileWatcher::watch(std::vector<std::string> files) {
  state_->files = std::move(files);
  auto watched = state_->watch_directories();
  state_->known = identities_of(state_->files);  // after: a change in between is seen twice rather than never
  return watched;
}

void FileWatcher::State::on_ready(Ready) {
  alignas(inotify_event) std::array<char, 4096> events;
  bool any = false;
  while (::read(inotify.get(), events.data(), events.size()) > 0) any = true;
  if (!any) return;
  if (!timer.is_set()) first_event = loop.now();
  loop.set(timer, std::min(loop.now() + quiet, first_event + longest_wait * quiet));
}

void FileWatcher::State::on_quiet() {
  // Links may lead elsewhere now. What cannot be watched any more was reported when it was configured.
  [[maybe_unused]] const auto ignored = watch_directories();
  auto found = identities_of(files);
  if (found == known) return;
  known = std::move(found);
  on_change();
}

Result<void> FileWatcher::State::watch_directories() {
  if (!inotify) return Error{ErrorCode::too_large, "no inotify instance left (raise fs.inotify.max_user_instances)"};
  std::set<std::string> directories;
  std::error_code error;
  for (const std::string& file : files)
    collect_directories(fs::absolute(file, error), directories, longest_chain_of_links);

  std::vector<int> wanted;
  Result<void> result;
  for (const std::string& directory : directories) {
    const int watch = inotify_add_watch(inotify.get(), directory.c_str(), changes);
    if (watch >= 0) {
      wanted.push_back(watch);
    } else if (result) {
      result = Error{ErrorCode::not_found, "the directory cannot be watched for new files",
                     directory + ": " + std::strerror(errno)};
    }
  }
  // One directory has one watch, however often it is added.
  for (const int watch : watches) {
    if (std::find(wanted.begin(), wanted.end(), watch) == wanted.end()) inotify_rm_watch(inotify.get(), watch);
  }
  watches = std::move(wanted);
  return result;
}

}  // namespace dragoman::net
