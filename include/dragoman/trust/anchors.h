// Which trust anchors hold: those of the configuration, what became of them since (RFC 5011), and the negative ones of
// the configuration and of operators (RFC 7646). One thread, that of the loop; its metrics may be read by any.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "dragoman/base/result.h"
#include "dragoman/base/wall_time.h"
#include "dragoman/dnssec/managed_anchors.h"
#include "dragoman/dnssec/trust_anchors.h"
#include "dragoman/net/event_loop.h"
#include "dragoman/trust/metrics.h"
#include "dragoman/trust/options.h"

namespace dragoman::trust {

// How long an operator's negative trust anchor lasts (RFC 7646 2: as short as can be).
inline constexpr seconds usual_negative_time = std::chrono::hours(1);
inline constexpr seconds longest_negative_time = std::chrono::days(7);

class Anchors {
 public:
  // `on_change` runs when current() is another one than before, never from within apply().
  Anchors(net::EventLoop& loop, std::function<void()> on_change, std::function<WallTime()> clock = &wall_now);
  ~Anchors();
  Anchors(const Anchors&) = delete;
  Anchors& operator=(const Anchors&) = delete;

  // At first and at every reload: anchors that are configured as before keep what became of them, and operators'
  // negative ones go on.
  void apply(const Options& options);

  // Null when nothing is validated.
  std::shared_ptr<const dnssec::TrustAnchors> current() const;

  // From now on, for that time. Errors: a name that no anchor is above or that is one, a time beyond
  // longest_negative_time, too many.
  Result<void> add_negative(const dns::Name& name, seconds time);
  // Looks whether a negative one has ended. Happens by itself, within a minute.
  void look();

  // False when no operator has added one of this name.
  bool remove_negative(dns::NameView name);

  std::span<const dnssec::NegativeTrustAnchor> operators_negatives() const;
  // Those that are managed; empty without a state file.
  std::span<const dnssec::ManagedAnchor> managed() const;
  const Metrics& metrics() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dragoman::trust
