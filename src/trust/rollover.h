// Follows the roll-over of trust anchors (RFC 5011): asks for the keys of each zone when it is time to, and keeps what
// they mean in a file. One thread.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dragoman/base/task.h"
#include "dragoman/base/wall_time.h"
#include "dragoman/dnssec/managed_anchors.h"
#include "dragoman/net/event_loop.h"
#include "dragoman/trust/metrics.h"
#include "dragoman/trust/options.h"
#include "dragoman/upstream/forwarder.h"

namespace dragoman::trust {

class Rollover {
 public:
  using WallClock = std::function<WallTime()>;

  // `on_change` hears of it when other keys are trusted than before.
  Rollover(net::EventLoop& loop, Metrics& metrics, WallClock clock, std::function<void()> on_change);
  Rollover(const Rollover&) = delete;
  Rollover& operator=(const Rollover&) = delete;

  // Manages these from now on, with what is known of them: here, or in the file.
  void manage(const std::vector<dnssec::TrustAnchor>& configured, const ManagedOptions& options,
              std::unique_ptr<upstream::Upstream> upstream);
  // Manages none any more.
  void stop();

  // Asks for the keys of zones whose time has come. Happens by itself; for tests.
  void look();
  bool is_asking() const { return !asking_.done(); }

  std::span<const dnssec::ManagedAnchor> anchors() const { return anchors_; }

 private:
  Task<void> ask_all();
  void settle(dnssec::ManagedAnchor& anchor, const upstream::Outcome& outcome);
  RefreshResult take(dnssec::ManagedAnchor& anchor, const upstream::Outcome& outcome, std::string& trouble);
  void tell(const dnssec::ManagedAnchor& anchor, const std::vector<dnssec::KeyChange>& changes) const;
  void count(const dnssec::ManagedAnchor& anchor);
  void load(const std::vector<dnssec::TrustAnchor>& configured, const std::string& state_file);
  void save();
  void wait();

  net::EventLoop& loop_;
  Metrics& metrics_;
  WallClock clock_;
  std::function<void()> on_change_;
  ManagedOptions options_;
  std::vector<dnssec::ManagedAnchor> anchors_;
  std::vector<std::string> failing_;  // the zones that the log was told of
  bool is_unsaved_ = false;
  net::Timer timer_;
  std::unique_ptr<upstream::Upstream> upstream_;
  Task<void> asking_;  // after upstream_ and anchors_: it uses them
};

}  // namespace dragoman::trust
