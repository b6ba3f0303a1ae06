// Something that every worker is asked for, and one place where the parts come together: "collect X from all workers".
//
//   auto parts = std::make_shared<Gathering<Part>>(workers.size(), [reply](std::vector<Part> all) { ... });
//   tell_workers(TellParts{parts});               // worker.cpp: event.parts->add(...)
//
// A worker that has ended adds nothing, and then nobody hears of the others: who waits needs a time-out of its own (the
// admin server has one).
#pragma once

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "dragoman/base/guarded.h"

namespace dragoman::app {

template <class Part>
class Gathering {
 public:
  using Done = std::function<void(std::vector<Part>)>;

  // `expected` is at least 1. `done` is called once, on the thread that adds the last part.
  Gathering(std::size_t expected, Done done) : expected_(expected), done_(std::move(done)) {}
  Gathering(const Gathering&) = delete;
  Gathering& operator=(const Gathering&) = delete;

  // Any thread.
  void add(Part part) {
    std::vector<Part> all = parts_.with([&](std::vector<Part>& parts) {
      parts.push_back(std::move(part));
      return parts.size() == expected_ ? std::exchange(parts, {}) : std::vector<Part>{};
    });
    if (!all.empty()) done_(std::move(all));
  }

 private:
  const std::size_t expected_;
  const Done done_;
  Guarded<std::vector<Part>> parts_;
};

}  // namespace dragoman::app
