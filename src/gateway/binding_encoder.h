// How a target of the binding log writes what happened: as units, each a line or a datagram, into its backlog. One
// encoder for each target, on the writer's thread.
//
// To add a format: a row in BindingFormat, an encoder beside binding_json.cpp, a line in make_encoder().
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "backlog.h"
#include "dragoman/base/time.h"
#include "dragoman/base/wall_time.h"
#include "dragoman/gateway/binding_log_metrics.h"
#include "dragoman/gateway/binding_log_options.h"
#include "dragoman/nat64/binding_event.h"
#include "dragoman/nat64/options.h"

namespace dragoman::gateway {

struct StampedEvent {
  WallTime time{};
  nat64::BindingEvent event;
};

// Events that are missing at a target, none of them before `since` or after `until`.
struct BindingGap {
  std::uint64_t count = 0;
  WallTime since{};
  WallTime until{};
  BindingLoss reason = BindingLoss::queue_full;
};

// What ends bindings or changes what can be bound, beside events.
enum class Occasion : std::uint8_t {
  started,  // whatever the log had open is over
  changed,  // by a reload
  stopped,  // whatever the log had open is over
};

// Who writes.
struct Writer {
  std::string host;  // printable ASCII without spaces, at most 255 (RFC 5424 6.2.4)
  std::uint32_t process = 0;
  WallTime started{};
  BindingLogOptions options;
};

class BindingEncoder {
 public:
  explicit BindingEncoder(const Writer& writer) : writer_(writer) {}
  virtual ~BindingEncoder() = default;
  BindingEncoder(const BindingEncoder&) = delete;
  BindingEncoder& operator=(const BindingEncoder&) = delete;

  virtual void event(const StampedEvent& stamped, Backlog& out) = 0;
  virtual void gap(const BindingGap& gap, Backlog& out) = 0;
  // `nat64` holds for what comes from now on.
  virtual void occasion(Occasion occasion, WallTime time, const nat64::Options& nat64, Backlog& out) = 0;
  // At the end of each turn of the writer: the unit that is being put together, and what is due from time to time.
  virtual void end_turn(TimePoint, Backlog&) {}

  // Just before a unit is handed to the kernel, behind units with so many records: what is known only now is filled in.
  virtual void stamp(MutableBytes, std::uint64_t, WallTime) {}
  // So many records were handed to the kernel, or never will be.
  virtual void advance(std::uint64_t) {}
  // What a receiver that may be new must have before all else, as a unit that is sent past the backlog; empty: nothing.
  virtual Bytes preamble(WallTime) { return {}; }

 protected:
  const Writer& writer_;
};

// `writer` outlives the encoder.
std::unique_ptr<BindingEncoder> make_encoder(BindingFormat format, std::size_t longest_datagram, const Writer& writer);

}  // namespace dragoman::gateway
