// The binding log: who had which address and ports, for operators who must answer that (RFC 6888 REQ-12). Workers note
// events; one thread of the log's own writes them to every target. It never holds a worker up: what cannot be kept is
// counted, and the log itself says how many events are missing and between which times, so that who reads it knows.
//
//   worker 0  note() -> ring \                       / backlog -> file (JSON lines)
//   worker 1  note() -> ring  - writer: merge, format - backlog -> syslog
//                                                    \ backlog -> IPFIX collector
//
// Every place has a bound: a ring holds BindingLogOptions::queue_size events, a backlog 4 MiB of what its target did
// not take yet. A target that is slow or dead costs the others nothing. docs/binding-log.md has the formats.
#pragma once

#include <memory>

#include "dragoman/base/result.h"
#include "dragoman/gateway/binding_log_metrics.h"
#include "dragoman/gateway/binding_log_options.h"
#include "dragoman/nat64/binding_event.h"
#include "dragoman/nat64/options.h"

namespace dragoman::gateway {

class BindingLog {
 public:
  // Opens every target, writes that the NAT64 starts with this pool (which ends whatever the log had open before), and
  // starts the writer. `producers`: how many threads note(), each under a number of its own below that. Errors: a file
  // that cannot be opened. A collector or socket that is not there yet is tried again, and warned of.
  static Result<std::unique_ptr<BindingLog>> open(const BindingLogOptions& options, unsigned producers,
                                                  const nat64::Options& nat64);
  // Writes what waits, and that the NAT64 stopped; a target that takes nothing is given up after a second. No producer
  // may be left.
  ~BindingLog();
  BindingLog(const BindingLog&) = delete;
  BindingLog& operator=(const BindingLog&) = delete;

  // On the thread of this producer: stamps the event with the system clock and puts it into the producer's ring.
  // Neither locks nor allocates nor enters the kernel. False: the ring is full; the event is counted as lost.
  bool note(unsigned producer, const nat64::BindingEvent& event);

  // -- Any thread --
  // Looks at once which files were moved or removed, and opens them anew: after a log rotation (SIGHUP). Without it that
  // is noticed within a second.
  void reopen();
  // After a reload: writes what the pool is now.
  void apply(const nat64::Options& nat64);
  const BindingLogMetrics& metrics() const;

 private:
  struct State;
  explicit BindingLog(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace dragoman::gateway
