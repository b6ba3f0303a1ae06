// What the anchors of all sources come to, built anew whenever one of them changes or a negative one ends.
#include "dragoman/trust/anchors.h"

#include <algorithm>
#include <optional>

#include "dragoman/base/log.h"
#include "dragoman/upstream/metrics.h"
#include "rollover.h"
#include "timed_negatives.h"

namespace dragoman::trust {
namespace {

// The wall clock may be set, so ends are looked for again and again.
constexpr milliseconds longest_wait{60'000}, shortest_wait{20};

}  // namespace

struct Anchors::State {
  State(net::EventLoop& event_loop, std::function<void()> what, std::function<WallTime()> wall_clock)
      : loop(event_loop),
        on_change(std::move(what)),
        clock(std::move(wall_clock)),
        rollover(loop, metrics, clock, [this] { renew(); }),
        timer([](void* self) { static_cast<State*>(self)->look_for_ends(); }, this) {}

  std::vector<dnssec::TrustAnchor> positive() const;
  void build();
  void renew();
  void look_for_ends();
  void wait(WallTime now);

  net::EventLoop& loop;
  std::function<void()> on_change;
  std::function<WallTime()> clock;
  Options options;
  Metrics metrics;
  upstream::Metrics upstream_metrics;  // of questions for keys; nobody reads them
  Rollover rollover;
  TimedNegatives operators;
  std::shared_ptr<const dnssec::TrustAnchors> current;
  net::Timer timer;
};

std::vector<dnssec::TrustAnchor> Anchors::State::positive() const {
  if (options.managed.state_file.empty()) return options.anchors;
  std::vector<dnssec::TrustAnchor> out;
  for (const dnssec::ManagedAnchor& anchor : rollover.anchors()) out.push_back(anchor.trusted());
  return out;
}

void Anchors::State::build() {
  const WallTime now = clock();
  metrics.validates.set(options.validates);
  if (!options.validates) {
    timer.cancel();
    current = nullptr;
    return;
  }
  std::vector<dnssec::NegativeTrustAnchor> negative = options.negative;
  std::erase_if(negative, [&](const auto& anchor) { return anchor.expires && *anchor.expires <= now; });
  metrics.negative(NegativeSource::configuration).set(static_cast<std::int64_t>(negative.size()));
  metrics.negative(NegativeSource::operator_).set(static_cast<std::int64_t>(operators.all().size()));
  negative.insert(negative.end(), operators.all().begin(), operators.all().end());
  dnssec::TrustAnchors fresh(positive(), std::move(negative));
  // Else the old ones stay: what follows from them has been found out already.
  if (current == nullptr || *current != fresh) {
    current = std::make_shared<const dnssec::TrustAnchors>(std::move(fresh));
  }
  metrics.anchors.set(static_cast<std::int64_t>(current->anchors().size()));
  wait(now);
}

void Anchors::State::renew() {
  build();
  on_change();
}

void Anchors::State::wait(WallTime now) {
  std::optional<milliseconds> wait;
  for (const dnssec::NegativeTrustAnchor& negative : current->negative_anchors()) {
    if (!negative.expires) continue;
    const milliseconds left = std::clamp<milliseconds>(*negative.expires - now, shortest_wait, longest_wait);
    wait = std::min(wait.value_or(left), left);
  }
  timer.cancel();
  if (wait) loop.set_after(timer, *wait);
}

void Anchors::State::look_for_ends() {
  const WallTime now = clock();
  const auto ended = [&](const dnssec::NegativeTrustAnchor& negative) {
    return negative.expires && *negative.expires <= now;
  };
  const auto negatives = current->negative_anchors();
  if (std::none_of(negatives.begin(), negatives.end(), ended)) return wait(now);
  for (const dnssec::NegativeTrustAnchor& negative : negatives) {
    if (!ended(negative)) continue;
    log::info("negative_trust_anchor_ended", "a name is validated again", {{"name", negative.name.to_text()}});
  }
  operators.expire(now);
  renew();
}

Anchors::Anchors(net::EventLoop& loop, std::function<void()> on_change, std::function<WallTime()> clock)
    : state_(std::make_unique<State>(loop, std::move(on_change), std::move(clock))) {}

Anchors::~Anchors() = default;

void Anchors::apply(const Options& options) {
  State& state = *state_;
  state.options = options;
  if (options.validates && !options.managed.state_file.empty()) {
    state.rollover.manage(options.anchors, options.managed,
                          std::make_unique<upstream::Routes>(state.loop, options.routing, state.upstream_metrics));
  } else {
    state.rollover.stop();
  }
  state.build();
}

std::shared_ptr<const dnssec::TrustAnchors> Anchors::current() const { return state_->current; }

Result<void> Anchors::add_negative(const dns::Name& name, seconds time) {
  State& state = *state_;
  const auto refuse = [](const char* what, std::string detail) -> Result<void> {
    return Error{ErrorCode::invalid_argument, what, std::move(detail)};
  };
  if (state.current == nullptr) return refuse("nothing is validated", "dnssec.mode is not `validate`");
  if (time <= seconds(0) || time > longest_negative_time) return refuse("a time is from 1s to 7d", {});
  const auto anchors = state.current->anchors();
  const auto is_it = [&](const auto& anchor) { return dns::equal(anchor.zone, name); };
  const auto is_above = [&](const auto& anchor) { return name.view().is_subdomain_of(anchor.zone); };
  if (std::any_of(anchors.begin(), anchors.end(), is_it)) return refuse("this is a trust anchor", name.to_text());
  if (std::none_of(anchors.begin(), anchors.end(), is_above)) {
    return refuse("no trust anchor is above this name: it is not validated anyway", name.to_text());
  }
  const WallTime end = state.clock() + time;
  if (!state.operators.add(name, end)) return refuse("there are too many", "remove one");
  log::warn("negative_trust_anchor_added", "a name is not validated for now",
            {{"name", name.to_text()}, {"until", to_text(end)}});
  state.renew();
  return {};
}

void Anchors::look() {
  if (state_->current != nullptr) state_->look_for_ends();
}

bool Anchors::remove_negative(dns::NameView name) {
  if (!state_->operators.remove(name)) return false;
  log::info("negative_trust_anchor_removed", "a name is validated again", {{"name", name.to_text()}});
  state_->renew();
  return true;
}

std::span<const dnssec::NegativeTrustAnchor> Anchors::operators_negatives() const { return state_->operators.all(); }
std::span<const dnssec::ManagedAnchor> Anchors::managed() const { return state_->rollover.anchors(); }
const Metrics& Anchors::metrics() const { return state_->metrics; }

}  // namespace dragoman::trust
