// Asks the network's own resolvers for the prefixes that its DNS64 uses (RFC 7050), again before the answer's TTL ends,
// and after a failure at growing intervals. One thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dragoman/base/task.h"
#include "dragoman/gateway/metrics.h"
#include "dragoman/gateway/options.h"
#include "dragoman/net/event_loop.h"
#include "dragoman/upstream/forwarder.h"

namespace dragoman::gateway {

// How long an answer with this TTL is good for: it is renewed while an eighth of the TTL is left (RFC 7050 3: before it
// ends), within the bounds of the options. Pure.
seconds time_to_renew(seconds ttl, const DiscoveryOptions& options);

class Discovery {
 public:
  using Servers = std::vector<std::unique_ptr<upstream::Upstream>>;

  // `on_change` hears of every other set of prefixes than before.
  Discovery(net::EventLoop& loop, Metrics& metrics, std::function<void()> on_change);

  // Asks these from the next turn on, whatever was being asked. None: a failure, which says `why_none`.
  void ask(Servers servers, const DiscoveryOptions& options, std::string why_none);
  // Asks nobody any more and knows nothing.
  void stop();

  // Those known before keep their place, so that resolvers that rotate their records change nothing.
  const std::vector<ip::Pref64>& prefixes() const { return prefixes_; }
  bool has_answer() const { return has_answer_; }  // that there are none is one too

 private:
  void begin();
  Task<void> ask_all();
  void found(std::vector<ip::Pref64> prefixes, seconds ttl, const std::string& server);
  void failed(const std::string& reason);

  net::EventLoop& loop_;
  Metrics& metrics_;
  std::function<void()> on_change_;
  DiscoveryOptions options_;
  std::string why_none_;
  Servers servers_;
  net::Timer timer_;
  Task<void> asking_;  // after servers_: it waits for them

  std::vector<ip::Pref64> prefixes_;
  bool has_answer_ = false;
  bool is_failing_ = false;  // said in the log
  milliseconds retry_{0};
};

}  // namespace dragoman::gateway
