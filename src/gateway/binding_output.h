// Where the units of a target's backlog go: a file, a UDP collector, a Unix socket. None of them waits. The writer's
// thread.
#pragma once

#include <memory>
#include <string>

#include "backlog.h"
#include "binding_encoder.h"
#include "binding_place.h"

namespace dragoman::gateway {

// Both clocks, read once a turn.
struct Moment {
  WallTime wall{};
  TimePoint steady{};
};

class BindingOutput {
 public:
  struct Progress {
    std::uint64_t events = 0;  // handed to the kernel
    std::uint64_t bytes = 0;
    std::uint64_t refused = 0;  // of them, or of those before, known to be lost since ...
    WallTime refused_since{};
    std::uint64_t unsendable = 0;  // thrown away: their datagram is too long for the way
    std::string trouble;           // why something is left, or is not where it ought to be; empty: all is well
  };

  BindingOutput() = default;
  virtual ~BindingOutput() = default;
  BindingOutput(const BindingOutput&) = delete;
  BindingOutput& operator=(const BindingOutput&) = delete;

  // Hands over what can be handed over, and takes it off the backlog.
  virtual Progress write(Backlog& backlog, BindingEncoder& encoder, Moment now) = 0;
  virtual void reopen() {}
  // The longest datagram that is sure to pass; 0: there is no such limit.
  virtual std::size_t longest_datagram() const { return 0; }
};

// Errors: a file that cannot be opened. A socket that nobody listens on is tried again later.
Result<std::unique_ptr<BindingOutput>> open_output(const BindingTarget& target, const BindingLogOptions& options);

}  // namespace dragoman::gateway
