// One target of the binding log: its encoder, what it did not take yet, and where that goes. What does not fit is
// counted, and told in the log itself as soon as there is room. The writer's thread.
#pragma once

#include <array>
#include <memory>

#include "backlog.h"
#include "binding_encoder.h"
#include "binding_output.h"

namespace dragoman::gateway {

class Target {
 public:
  static constexpr std::size_t backlog_limit = 4 << 20;  // octets

  Target(BindingTargetMetrics& metrics, std::unique_ptr<BindingEncoder> encoder, std::unique_ptr<BindingOutput> output);

  void occasion(Occasion occasion, WallTime time, const nat64::Options& nat64);
  void event(const StampedEvent& stamped);
  // Events that the queues had no room for.
  void miss(const BindingGap& gap);
  // Writes if much waits: within a turn, so that a burst is no loss.
  void relieve(Moment now);
  // Writes what can be written. Once a turn of the writer.
  void end_turn(Moment now);
  void reopen() { output_->reopen(); }
  // Whether waiting a little may get more of it written.
  bool is_worth_waiting_for() const { return !backlog_.is_empty() && metrics_.up.value(); }
  // What is left is lost.
  void close();

 private:
  void note_loss(const BindingGap& gap);
  void note_progress(const BindingOutput::Progress& progress, Moment now);
  void note_trouble(const std::string& trouble, TimePoint now);
  void tell_gaps();

  BindingTargetMetrics& metrics_;
  const std::unique_ptr<BindingEncoder> encoder_;
  const std::unique_ptr<BindingOutput> output_;
  Backlog backlog_{backlog_limit};
  bool is_overflowing_ = false;  // from full to half empty, so that gaps are few and long

  std::array<BindingGap, telemetry::label_count<BindingLoss>> untold_;  // by reason
  WallTime last_turn_{};

  std::optional<TimePoint> trouble_since_;
  bool is_told_down_ = false;
  TimePoint next_warning_{};
  std::uint64_t lost_since_warning_ = 0;
};

}  // namespace dragoman::gateway
