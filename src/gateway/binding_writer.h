// The writer of the binding log without its thread: what producers noted, merged by time, goes to every target.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "binding_target.h"
#include "dragoman/base/spsc_ring.h"

namespace dragoman::gateway {

// What one producer and the writer share. The producer's alone: push, and adding to `lost`.
struct Producer {
  explicit Producer(std::size_t queue_size) : ring(queue_size) {}
  SpscRing<StampedEvent> ring;
  std::atomic<std::uint64_t> lost{0};
};

class BindingWriter {
 public:
  // Opens the targets and tells them that the NAT64 starts. `metrics` is filled and outlives the writer, as do the
  // producers. The errors of BindingLog::open().
  static Result<std::unique_ptr<BindingWriter>> open(Writer writer, std::vector<std::unique_ptr<Producer>>& producers,
                                                     const nat64::Options& nat64, BindingLogMetrics& metrics);

  // One turn. Returns how full the fullest queue was: 0 to 1.
  double turn(Moment now);
  void change(const nat64::Options& nat64, WallTime now);
  void reopen();
  // Tells that the NAT64 stopped; turns may follow.
  void stop(WallTime now);
  // Whether another turn, soon, may get more written.
  bool is_worth_waiting_for() const;
  // What is left is lost.
  void close();

 private:
  BindingWriter(Writer writer, std::vector<std::unique_ptr<Producer>>& producers, const nat64::Options& nat64);
  double merge(Moment now);
  void emit(const StampedEvent& stamped, Moment now);
  void count_losses(WallTime now);

  const Writer writer_;
  std::vector<std::unique_ptr<Producer>>& producers_;
  nat64::Options nat64_;
  std::vector<std::unique_ptr<Target>> targets_;

  std::vector<std::size_t> readable_;  // of each producer, in this turn
  std::vector<std::uint64_t> lost_;    // of each producer, as far as it was counted
  WallTime losses_counted_{};
  std::size_t emitted_ = 0;
};

}  // namespace dragoman::gateway
