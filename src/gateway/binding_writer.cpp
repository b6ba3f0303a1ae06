// A merge of queues that are each in order; see binding_writer.h.
#include "binding_writer.h"

#include <algorithm>

namespace dragoman::gateway {
namespace {

constexpr std::size_t between_reliefs = 1024;  // events; of 1 kB each they still fit into a backlog

}  // namespace

BindingWriter::BindingWriter(Writer writer, std::vector<std::unique_ptr<Producer>>& producers,
                             const nat64::Options& nat64)
    : writer_(std::move(writer)),
      producers_(producers),
      nat64_(nat64),
      readable_(producers.size()),
      lost_(producers.size()),
      losses_counted_(writer_.started) {}

Result<std::unique_ptr<BindingWriter>> BindingWriter::open(Writer writer,
                                                           std::vector<std::unique_ptr<Producer>>& producers,
                                                           const nat64::Options& nat64, BindingLogMetrics& metrics) {
  std::unique_ptr<BindingWriter> made(new BindingWriter(std::move(writer), producers, nat64));
  for (const BindingTarget& target : made->writer_.options.targets) {
    auto output = open_output(target, made->writer_.options);
    if (!output) return output.error();
    auto encoder = make_encoder(target.format, (*output)->longest_datagram(), made->writer_);
    auto& row = metrics.targets.emplace_back(std::make_unique<BindingTargetMetrics>(target));
    made->targets_.push_back(std::make_unique<Target>(*row, std::move(encoder), *std::move(output)));
    made->targets_.back()->occasion(Occasion::started, made->writer_.started, nat64);
  }
  return made;
}

double BindingWriter::turn(Moment now) {
  const double fullest = merge(now);
  count_losses(now.wall);
  for (auto& target : targets_) target->end_turn(now);
  return fullest;
}

// The oldest first, of what is there now: who reads the log finds the times in order, but for what two threads noted
// within the same moment.
double BindingWriter::merge(Moment now) {
  double fullest = 0;
  for (std::size_t i = 0; i < producers_.size(); ++i) {
    const auto& ring = producers_[i]->ring;
    readable_[i] = ring.readable();
    fullest = std::max(fullest, static_cast<double>(readable_[i]) / static_cast<double>(ring.capacity()));
  }
  for (;;) {
    Producer* oldest = nullptr;
    std::size_t index = 0;
    for (std::size_t i = 0; i < producers_.size(); ++i) {
      if (readable_[i] == 0) continue;
      if (oldest != nullptr && producers_[i]->ring.peek(0).time >= oldest->ring.peek(0).time) continue;
      oldest = producers_[i].get();
      index = i;
    }
    if (oldest == nullptr) return fullest;
    emit(oldest->ring.peek(0), now);
    oldest->ring.pop(1);
    --readable_[index];
  }
}

void BindingWriter::emit(const StampedEvent& stamped, Moment now) {
  for (auto& target : targets_) target->event(stamped);
  if (++emitted_ % between_reliefs != 0) return;
  for (auto& target : targets_) target->relieve(now);
}

// Those since the last count were noted after it.
void BindingWriter::count_losses(WallTime now) {
  std::uint64_t missing = 0;
  for (std::size_t i = 0; i < producers_.size(); ++i) {
    const std::uint64_t lost = producers_[i]->lost.load(std::memory_order_relaxed);
    missing += lost - lost_[i];
    lost_[i] = lost;
  }
  if (missing != 0) {
    const BindingGap gap{missing, losses_counted_, now, BindingLoss::queue_full};
    for (auto& target : targets_) target->miss(gap);
  }
  losses_counted_ = now;
}

void BindingWriter::change(const nat64::Options& nat64, WallTime now) {
  nat64_ = nat64;
  for (auto& target : targets_) target->occasion(Occasion::changed, now, nat64_);
}

void BindingWriter::reopen() {
  for (auto& target : targets_) target->reopen();
}

void BindingWriter::stop(WallTime now) {
  for (auto& target : targets_) target->occasion(Occasion::stopped, now, nat64_);
}

bool BindingWriter::is_worth_waiting_for() const {
  return std::any_of(targets_.begin(), targets_.end(),
                     [](const auto& target) { return target->is_worth_waiting_for(); });
}

void BindingWriter::close() {
  for (auto& target : targets_) target->close();
}

}  // namespace dragoman::gateway
