// A sweep over the evidence by time, with what is open at the moment.
#include "holdings.h"

#include <algorithm>
#include <map>
#include <optional>

namespace dragoman::gateway {
namespace {

using Kind = Holding::Kind;
using End = Holding::End;

bool is_same(const Holding& one, const Holding& other) {
  return one.kind == other.kind && one.holder == other.holder && one.protocol == other.protocol &&
         one.remote == other.remote && one.first_port == other.first_port && one.last_port == other.last_port;
}

// What one NAT64 said so far.
class Sweep {
 public:
  Sweep(std::string source, const std::vector<Coverage>& files, Holdings& out)
      : source_(std::move(source)), files_(files), out_(out) {
    for (const Coverage& file : files) last_anchor_ = std::min(last_anchor_, file.first);
  }

  void take(const Evidence& evidence) {
    settle(evidence.time);
    switch (evidence.line) {
      case Line::block_allocated:
      case Line::session_created:
      case Line::static_binding:
        begin(evidence);
        break;
      case Line::block_released:
      case Line::session_deleted:
        end(evidence);
        break;
      case Line::started:
        start(evidence);
        break;
      case Line::stopped:
        close_all(evidence.time, End::stopped, evidence.time);
        break;
      case Line::changed:
        changed_ = evidence.time;
        break;
      case Line::lost:
        out_.doubtful.push_back(
            {{BindingDoubt::Kind::lost, evidence.since, evidence.time, evidence.lost, false}, source_});
        break;
      case Line::pool:
      case Line::pool_exhausted:
      case Line::quota_exceeded:
        return;
    }
    note_anchor(evidence);
  }

  // The log ends.
  void finish(WallTime end) {
    settle(WallTime::max());
    close_all(end, End::open, end);
  }

 private:
  struct Open {
    Holding holding;
    unsigned count = 1;    // sessions that cannot be told apart
    WallTime confirmed{};  // of a static binding: when the log last told it
  };

  static std::vector<Open>::iterator find(std::vector<Open>& among, const Holding& wanted) {
    return std::find_if(among.begin(), among.end(), [&](const Open& open) { return is_same(open.holding, wanted); });
  }

  // Static bindings that the reload at `changed_` did not tell again are gone since.
  void settle(WallTime now) {
    if (!changed_ || now <= *changed_) return;
    const WallTime gone = *changed_;
    changed_.reset();
    close_if([&](const Open& open) { return open.holding.kind == Kind::static_binding && open.confirmed < gone; }, gone,
             End::released);
  }

  void begin(const Evidence& evidence) {
    const Holding& told = evidence.holding;
    for (Open& open : open_) {
      if (!is_same(open.holding, told) || told.kind == Kind::block) continue;
      open.confirmed = evidence.time;
      if (told.kind == Kind::session) ++open.count;
      return;
    }
    // Whoever had it before has lost it, whether the log says so or not: a block has one subscriber, a port of a
    // protocol one binding.
    if (told.kind == Kind::block) {
      close_block(evidence.time, End::replaced);
    } else {
      supersede(
          [&](const Open& open) {
            return open.holding.kind == told.kind && open.holding.protocol == told.protocol &&
                   open.holding.holder != told.holder;
          },
          evidence.time, End::replaced);
    }
    open_.push_back({told, 1, evidence.time});
    open_.back().holding.from = evidence.time;
  }

  void end(const Evidence& evidence) {
    const auto found = find(open_, evidence.holding);
    if (found == open_.end()) return end_unknown(evidence);
    if (--found->count != 0) return;
    close(std::move(found->holding), evidence.time, End::released);
    open_.erase(found);
    if (evidence.line == Line::block_released) close_block(evidence.time, End::released);
  }

  // Nothing open is like it: its begin is missing, unless it was a session that lost its port already.
  void end_unknown(const Evidence& evidence) {
    const auto late = find(superseded_, evidence.holding);
    if (late != superseded_.end()) {
      if (--late->count == 0) superseded_.erase(late);
      return;
    }
    Holding holding = evidence.holding;
    holding.has_begin = false;
    holding.from = last_anchor_;
    // Somebody else who is said to have the block lost it before this one began.
    if (evidence.line == Line::block_released) close_block(evidence.time, End::replaced);
    close(std::move(holding), evidence.time, End::released);
  }

  // No session has a port longer than its subscriber has the block. One of this very moment is of the new block.
  void close_block(WallTime until, End end) {
    supersede([&](const Open& open) { return open.holding.kind != Kind::static_binding && open.holding.from < until; },
              until, end);
  }

  void start(const Evidence& evidence) {
    const WallTime seen = std::max(evidence.seen, last_before(evidence.time));
    if (!is_stopped_ && seen != WallTime::min()) {
      out_.doubtful.push_back({{BindingDoubt::Kind::down, seen, evidence.time, 0, false}, source_});
    }
    close_all(evidence.time, End::restarted, seen);
  }

  // The last line of those files that end before this time.
  WallTime last_before(WallTime time) const {
    WallTime last = WallTime::min();
    for (const Coverage& file : files_) {
      if (file.last < time) last = std::max(last, file.last);
    }
    return last;
  }

  void note_anchor(const Evidence& evidence) {
    if (evidence.line != Line::lost) is_stopped_ = evidence.line == Line::stopped;
    // That one session ended says nothing of others.
    const bool tells_all = evidence.line == Line::started || evidence.line == Line::stopped ||
                           evidence.line == Line::block_allocated || evidence.line == Line::block_released;
    if (!tells_all) return;
    last_anchor_ = evidence.time;
    out_.anchors.push_back({evidence.time, source_});
  }

  void close_all(WallTime until, End end, WallTime seen) {
    for (Open& open : open_) {
      open.holding.seen = std::max(seen, open.holding.from);
      close(std::move(open.holding), until, end);
    }
    open_.clear();
    superseded_.clear();
  }
  // The NAT64 may end sessions a little after their binding lost its port.
  template <class Condition>
  void supersede(Condition condition, WallTime until, End end) {
    for (const Open& open : open_) {
      if (condition(open) && open.holding.kind == Kind::session) superseded_.push_back(open);
    }
    close_if(condition, until, end);
  }
  template <class Condition>
  void close_if(Condition condition, WallTime until, End end) {
    std::vector<Open> kept;
    for (Open& open : open_) {
      if (condition(open)) {
        close(std::move(open.holding), until, end);
      } else {
        kept.push_back(std::move(open));
      }
    }
    open_ = std::move(kept);
  }
  void close(Holding holding, WallTime until, End end) {
    holding.until = until;
    holding.end = end;
    out_.held.push_back({std::move(holding), source_});
  }

  const std::string source_;
  const std::vector<Coverage>& files_;
  Holdings& out_;
  std::vector<Open> open_;
  std::vector<Open> superseded_;  // sessions that lost their port, and whose end was not told yet
  std::optional<WallTime> changed_;
  WallTime last_anchor_ = WallTime::max();  // at first, the begin of the log
  bool is_stopped_ = false;
};

}  // namespace

Holdings holdings_of(std::vector<Evidence> evidence, const std::vector<Coverage>& files) {
  std::stable_sort(evidence.begin(), evidence.end(),
                   [](const Evidence& one, const Evidence& other) { return one.time < other.time; });
  WallTime end = WallTime::min();
  for (const Coverage& file : files) end = std::max(end, file.last);

  Holdings out;
  std::map<std::string, Sweep> sweeps;
  for (const Evidence& line : evidence) {
    sweeps.try_emplace(line.source, line.source, files, out).first->second.take(line);
  }
  for (auto& [source, sweep] : sweeps) sweep.finish(end);
  std::stable_sort(out.held.begin(), out.held.end(), [](const Holdings::Held& one, const Holdings::Held& other) {
    return one.holding.from < other.holding.from;
  });
  return out;
}

}  // namespace dragoman::gateway
