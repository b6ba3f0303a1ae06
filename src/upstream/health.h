// Whether a server is worth asking: consecutive failures take it down, any answer brings it back, and while it is down
// it is probed at growing intervals. A SERVFAIL is an answer. Pure: time is an argument.
#pragma once

#include <algorithm>
#include <cstdint>

#include "dragoman/base/time.h"

namespace dragoman::upstream {

class Health {
 public:
  Health(Duration first_probe, Duration slowest_probe) : first_probe_(first_probe), slowest_probe_(slowest_probe) {}

  static constexpr std::uint32_t failures_to_go_down = 3;

  bool is_up() const { return up_; }
  // Its last attempts failed, if not often enough to go down.
  bool is_doubtful() const { return failures_ != 0; }
  bool is_known() const { return known_; }
  Duration latency() const { return latency_; }
  TimePoint measured_at() const { return measured_at_; }
  TimePoint heard_at() const { return heard_at_; }
  TimePoint failed_at() const { return failed_at_; }
  Duration probe_interval() const { return probe_interval_; }

  void answered(Duration elapsed, TimePoint now) {
    measure(elapsed, now);
    heard_at_ = now;
    failures_ = 0;
    up_ = true;
    probe_interval_ = first_probe_;
  }
  void failed(TimePoint now) {
    failed_at_ = now;
    if (++failures_ >= failures_to_go_down) up_ = false;
  }
  // It asked to be left alone (HTTP 429, 503).
  void back_off(TimePoint now) {
    failed_at_ = now;
    up_ = false;
  }
  void probe_failed() { probe_interval_ = std::min(probe_interval_ * 2, slowest_probe_); }
  // Smoothed over some eight answers, as TCP does (RFC 6298 2.3). A time-out counts as an answer that took that long.
  void measure(Duration elapsed, TimePoint now) {
    latency_ = known_ ? latency_ + (elapsed - latency_) / 8 : elapsed;
    known_ = true;
    measured_at_ = now;
  }

 private:
  Duration first_probe_, slowest_probe_;
  Duration probe_interval_ = first_probe_;
  Duration latency_{};
  TimePoint measured_at_{}, heard_at_{}, failed_at_{};
  std::uint32_t failures_ = 0;
  bool known_ = false;
  bool up_ = true;
};

}  // namespace dragoman::upstream
