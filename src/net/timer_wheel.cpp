// The timer wheel; see timer_wheel.h. Cancelling unlinks a timer and leaves its slot marked; the mark goes when the
// slot is next looked at and found empty.
#include "timer_wheel.h"

#include <bit>

namespace dragoman::net {
namespace {

void make_empty(TimerLink& head) { head.next = head.previous = &head; }
bool is_empty(const TimerLink& head) { return head.next == &head; }

}  // namespace

TimerWheel::TimerWheel(TimePoint now) : current_(tick_before(now)) {
  for (TimerLink& head : slots_) make_empty(head);
  make_empty(due_);
}

// Timers may outlive the wheel: each is taken off, so that its destructor touches nothing of ours.
TimerWheel::~TimerWheel() {
  for (TimerLink& head : slots_) {
    while (!is_empty(head)) static_cast<Timer*>(head.next)->cancel();
  }
  while (!is_empty(due_)) static_cast<Timer*>(due_.next)->cancel();
}

void TimerWheel::append(TimerLink& head, Timer& timer) {
  TimerLink& link = timer;
  link.previous = head.previous;
  link.next = &head;
  head.previous->next = &link;
  head.previous = &link;
}

void TimerWheel::set(Timer& timer, TimePoint deadline) {
  timer.cancel();
  timer.deadline_ = deadline;
  const Tick at = tick_after(deadline);
  const std::size_t slot = slot_of(at > current_ ? at : current_ + 1);
  append(slots_[slot], timer);
  mark(slot);
}

void TimerWheel::advance(TimePoint now) {
  const Tick until = tick_before(now);
  if (until <= current_) return;
  const std::size_t passed =
      until - current_ < Tick{slot_count} ? static_cast<std::size_t>(until - current_) : slot_count;
  const std::size_t first = slot_of(current_ + 1);
  for (std::size_t step = 0; step < passed; ++step) {
    step += distance_to_marked(slot_of(static_cast<Tick>(first + step)));
    if (step < passed) move_due(slot_of(static_cast<Tick>(first + step)), until);
  }
  // From here on a callback that sets a timer sets it after `until`, so this ends.
  current_ = until;
  while (!is_empty(due_)) {
    Timer& timer = *static_cast<Timer*>(due_.next);
    timer.cancel();
    timer.callback_(timer.owner_);
  }
}

void TimerWheel::move_due(std::size_t slot, Tick until) {
  TimerLink& head = slots_[slot];
  for (TimerLink* link = head.next; link != &head;) {
    Timer& timer = *static_cast<Timer*>(link);
    link = link->next;
    if (tick_after(timer.deadline_) > until) continue;  // of a later revolution
    timer.cancel();
    append(due_, timer);
  }
  if (is_empty(head)) unmark(slot);
}

std::optional<TimePoint> TimerWheel::next_wake_up() {
  const std::size_t first = slot_of(current_ + 1);
  for (;;) {
    const std::size_t distance = distance_to_marked(first);
    if (distance == slot_count) return std::nullopt;
    const std::size_t slot = (first + distance) % slot_count;
    if (!is_empty(slots_[slot])) return TimePoint(Duration((current_ + 1 + static_cast<Tick>(distance)) << tick_shift));
    unmark(slot);
  }
}

void TimerWheel::mark(std::size_t slot) {
  marks_[slot / 64] |= std::uint64_t{1} << slot % 64;
  marked_words_ |= std::uint64_t{1} << slot / 64;
}

void TimerWheel::unmark(std::size_t slot) {
  std::uint64_t& word = marks_[slot / 64];
  word &= ~(std::uint64_t{1} << slot % 64);
  if (word == 0) marked_words_ &= ~(std::uint64_t{1} << slot / 64);
}

std::size_t TimerWheel::distance_to_marked(std::size_t first) const {
  if (marked_words_ == 0) return slot_count;
  const std::size_t first_word = first / 64;
  const std::uint64_t rest = marks_[first_word] >> first % 64;
  if (rest != 0) return static_cast<std::size_t>(std::countr_zero(rest));
  // The words behind the first one, cyclically; it comes last again, for its slots before `first`.
  const std::uint64_t behind = std::rotr(marked_words_, static_cast<int>((first_word + 1) % 64));
  const std::size_t word = (first_word + 1 + static_cast<std::size_t>(std::countr_zero(behind))) % 64;
  const std::size_t slot = word * 64 + static_cast<std::size_t>(std::countr_zero(marks_[word]));
  return (slot + slot_count - first) % slot_count;
}

}  // namespace dragoman::net
