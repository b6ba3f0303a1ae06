// The bound of what waits, the accounts of what is lost, and when people are told.
#include "binding_target.h"

#include <algorithm>

#include "dragoman/base/log.h"

namespace dragoman::gateway {
namespace {

constexpr seconds patience{1};  // before a target counts as down: a reader may pause
constexpr std::size_t much = Target::backlog_limit / 4;
constexpr seconds between_warnings{30};  // about one target

}  // namespace

Target::Target(BindingTargetMetrics& metrics, std::unique_ptr<BindingEncoder> encoder,
               std::unique_ptr<BindingOutput> output)
    : metrics_(metrics), encoder_(std::move(encoder)), output_(std::move(output)) {
  metrics_.up.set(true);
}

void Target::occasion(Occasion occasion, WallTime time, const nat64::Options& nat64) {
  encoder_->occasion(occasion, time, nat64, backlog_);
}

void Target::event(const StampedEvent& stamped) {
  is_overflowing_ = is_overflowing_ ? !backlog_.is_half_empty() : backlog_.is_full();
  if (!is_overflowing_) return encoder_->event(stamped, backlog_);
  encoder_->advance(1);
  note_loss({1, stamped.time, stamped.time, BindingLoss::unwritable});
}

void Target::miss(const BindingGap& gap) {
  encoder_->advance(gap.count);
  note_loss(gap);
}

void Target::note_loss(const BindingGap& gap) {
  metrics_.lost(gap.reason).add(gap.count);
  lost_since_warning_ += gap.count;
  BindingGap& untold = untold_[static_cast<std::size_t>(gap.reason)];
  const bool is_new = untold.count == 0;
  untold.reason = gap.reason;
  untold.count += gap.count;
  untold.since = is_new ? gap.since : std::min(untold.since, gap.since);
  untold.until = is_new ? gap.until : std::max(untold.until, gap.until);
}

void Target::end_turn(Moment now) {
  if (!trouble_since_ && backlog_.is_half_empty()) tell_gaps();
  encoder_->end_turn(now.steady, backlog_);
  note_progress(output_->write(backlog_, *encoder_, now), now);
  last_turn_ = now.wall;
}

void Target::relieve(Moment now) {
  if (backlog_.size() >= much) note_progress(output_->write(backlog_, *encoder_, now), now);
}

void Target::tell_gaps() {
  for (BindingGap& gap : untold_) {
    if (gap.count != 0) encoder_->gap(gap, backlog_);
    gap.count = 0;
  }
}

void Target::note_progress(const BindingOutput::Progress& progress, Moment now) {
  metrics_.events.add(progress.events);
  metrics_.bytes.add(progress.bytes);
  if (progress.refused != 0) note_loss({progress.refused, progress.refused_since, now.wall, BindingLoss::refused});
  if (progress.unsendable != 0) note_loss({progress.unsendable, last_turn_, now.wall, BindingLoss::unwritable});
  note_trouble(progress.trouble, now.steady);
}

void Target::note_trouble(const std::string& trouble, TimePoint now) {
  if (trouble.empty()) {
    trouble_since_.reset();
  } else if (!trouble_since_) {
    trouble_since_ = now;
  }
  const bool is_down = trouble_since_ && now - *trouble_since_ >= patience;
  metrics_.up.set(!is_down);
  if (!is_down && is_told_down_) {
    log::info("binding_log_up", "a target of the binding log takes events again", {{"target", metrics_.target.target}});
    is_told_down_ = false;
  }
  const bool is_news = (is_down && !is_told_down_) || lost_since_warning_ != 0;
  if (!is_news || now < next_warning_) return;
  const std::string lost = std::to_string(lost_since_warning_);
  if (is_down) {
    log::warn("binding_log_down", "a target of the binding log does not take events as it should",
              {{"target", metrics_.target.target}, {"reason", trouble}, {"lost", lost}});
  } else {
    log::warn("binding_log_lost", "events are missing in the binding log; it says between which times",
              {{"target", metrics_.target.target}, {"lost", lost}});
  }
  is_told_down_ = is_down;
  lost_since_warning_ = 0;
  next_warning_ = now + between_warnings;
}

void Target::close() {
  const std::uint64_t left = backlog_.events();
  if (left == 0) return;
  metrics_.lost(BindingLoss::unsent).add(left);
  log::warn("binding_log_lost", "events still waited when the binding log was closed",
            {{"target", metrics_.target.target}, {"lost", std::to_string(left)}});
}

}  // namespace dragoman::gateway
