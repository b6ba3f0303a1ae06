// Tells when files (certificates, resolv.conf) were replaced, whichever way: written in place, renamed over, a symbolic
// link swapped (certbot's live/, Kubernetes' ..data). It watches the directories on the way to each file with inotify,
// waits until they are quiet, and calls back only if a file itself is another one than before. On the thread of its
// loop.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dragoman/base/result.h"
#include "dragoman/base/time.h"
#include "dragoman/net/event_loop.h"

namespace dragoman::net {

class FileWatcher {
 public:
  // `on_change` runs when nothing happened for `quiet` after a change (at the latest after five times that).
  FileWatcher(EventLoop& loop, std::function<void()> on_change, Duration quiet = seconds(1));
  ~FileWatcher();
  FileWatcher(const FileWatcher&) = delete;
  FileWatcher& operator=(const FileWatcher&) = delete;

  // Watches these files instead of those before; they need not exist yet, their directories must.
  // After an error (inotify's limits, a directory that is missing) the rest is watched all the same.
  Result<void> watch(std::vector<std::string> files);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dragoman::net
