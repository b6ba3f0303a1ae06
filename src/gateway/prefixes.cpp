// Discovery, the probes of configured and of discovered prefixes, and what they come to; see prefixes.h.
#include "dragoman/gateway/prefixes.h"

#include <algorithm>

#include "discovery.h"
#include "dragoman/base/log.h"
#include "dragoman/net/file_watcher.h"
#include "dragoman/upstream/metrics.h"
#include "probe.h"
#include "system_resolvers.h"

namespace dragoman::gateway {

struct Prefixes::State {
  State(net::EventLoop& event_loop, std::function<void()> what)
      : loop(event_loop),
        on_change(std::move(what)),
        resolv_conf(loop, [this] { ask(); }),
        discovery(loop, metrics, [this] { on_discovery(); }) {}

  void ask();
  Discovery::Servers make_servers();
  void on_discovery();
  std::vector<ProbedPrefix> wanted_probes() const;
  void arrange_probes();
  bool is_own(const ip::Pref64& prefix) const;
  bool has_failed(const ip::Pref64& prefix) const;
  void settle(const ip::Pref64& prefix);
  void settle_own();
  void on_probe(const Probe& probe);
  void watch_resolv_conf();

  net::EventLoop& loop;
  std::function<void()> on_change;
  Options options;
  Metrics metrics;
  upstream::Metrics upstream_metrics;  // of the resolvers that discovery asks; nobody reads them
  net::FileWatcher resolv_conf;
  Discovery discovery;
  std::vector<std::unique_ptr<Probe>> probes;
  Nat64State nat64 = Nat64State::ok;
  PrefixState state;
};

// Each resolver has a forwarder of its own: which one answered matters here.
Discovery::Servers Prefixes::State::make_servers() {
  const DiscoveryOptions& wanted = options.discovery;
  const auto from = wanted.from.empty() ? system_resolvers(wanted.resolv_conf, options.own_listeners) : wanted.from;
  Discovery::Servers servers;
  for (const upstream::ServerOptions& server : from) {
    upstream::Options asking = options.upstream;
    asking.servers = {server};
    asking.timeout = wanted.timeout;
    servers.push_back(std::make_unique<upstream::Forwarder>(loop, asking, upstream_metrics));
  }
  return servers;
}

void Prefixes::State::ask() {
  discovery.ask(make_servers(), options.discovery,
                options.discovery.resolv_conf + " names no server but ourselves: name one in dns64.discovery.from");
}

void Prefixes::State::watch_resolv_conf() {
  std::vector<std::string> files;
  if (options.discover && options.discovery.from.empty()) files.push_back(options.discovery.resolv_conf);
  const auto watched = resolv_conf.watch(files);
  if (watched || files.empty()) return;
  log::warn("resolv_conf_watch_failed", "other name servers are asked after a SIGHUP, or when it is time to",
            {{"reason", watched.error().text()}});
}

void Prefixes::State::on_discovery() {
  state.discovered = discovery.prefixes();
  arrange_probes();
  on_change();
}

// One for each prefix: that it was configured with comes before that of what is discovered.
std::vector<ProbedPrefix> Prefixes::State::wanted_probes() const {
  std::vector<ProbedPrefix> wanted;
  auto add = [&](const ProbedPrefix& probed) {
    const bool is_known =
        std::any_of(wanted.begin(), wanted.end(), [&](const ProbedPrefix& one) { return one.prefix == probed.prefix; });
    if (!is_known) wanted.push_back(probed);
  };
  for (const ProbedPrefix& probed : options.probed) add(probed);
  if (!options.discovery.probe) return wanted;
  for (const ip::Pref64& prefix : state.discovered) add({prefix, *options.discovery.probe});
  return wanted;
}

// Keeps the probes that are still wanted. The others begin spread over an interval, so that they do not all fire at
// once.
void Prefixes::State::arrange_probes() {
  const std::vector<ProbedPrefix> wanted = wanted_probes();
  std::erase_if(probes, [&](const auto& probe) {
    return std::find(wanted.begin(), wanted.end(), probe->probed()) == wanted.end();
  });
  const int count = static_cast<int>(wanted.size());
  for (int i = 0; i < count; ++i) {
    const bool is_there = std::any_of(probes.begin(), probes.end(), [&](const auto& probe) {
      return probe->probed() == wanted[static_cast<std::size_t>(i)];
    });
    if (is_there) continue;
    auto fresh = std::make_unique<Probe>(loop, wanted[static_cast<std::size_t>(i)], options.probing, metrics,
                                         [this](const Probe& probe) { on_probe(probe); });
    fresh->start_after(options.probing.interval * i / count);
    probes.push_back(std::move(fresh));
  }
  std::erase_if(state.failed, [&](const ip::Pref64& prefix) { return !has_failed(prefix); });
}

bool Prefixes::State::is_own(const ip::Pref64& prefix) const {
  return std::find(options.own.begin(), options.own.end(), prefix) != options.own.end();
}

bool Prefixes::State::has_failed(const ip::Pref64& prefix) const {
  return (is_own(prefix) && nat64 != Nat64State::ok) ||
         std::any_of(probes.begin(), probes.end(),
                     [&](const auto& probe) { return !probe->is_up() && probe->probed().prefix == prefix; });
}

void Prefixes::State::settle(const ip::Pref64& prefix) {
  std::erase(state.failed, prefix);
  if (has_failed(prefix)) state.failed.push_back(prefix);
  // Where nothing new begins there is more to be had than where nothing passes at all.
  const bool is_alive = nat64 != Nat64State::down;
  std::stable_partition(state.failed.begin(), state.failed.end(),
                        [&](const ip::Pref64& failed) { return !is_alive || !is_own(failed); });
}

void Prefixes::State::settle_own() {
  for (const ip::Pref64& prefix : options.own) settle(prefix);
  state.strained = nat64 == Nat64State::ok ? std::vector<ip::Pref64>{} : options.own;
}

void Prefixes::State::on_probe(const Probe& probe) {
  settle(probe.probed().prefix);
  on_change();
}

Prefixes::Prefixes(net::EventLoop& loop, std::function<void()> on_change)
    : state_(std::make_unique<State>(loop, std::move(on_change))) {}

Prefixes::~Prefixes() = default;

void Prefixes::apply(const Options& options) {
  State& state = *state_;
  if (options.probing != state.options.probing) state.probes.clear();
  state.options = options;
  state.watch_resolv_conf();
  if (options.discover) {
    state.ask();
  } else {
    state.discovery.stop();
  }
  state.state.discovered = state.discovery.prefixes();
  state.arrange_probes();
  state.settle_own();
}

void Prefixes::note_nat64(Nat64State nat64) {
  State& state = *state_;
  if (state.nat64 == nat64) return;
  state.nat64 = nat64;
  const PrefixState before = state.state;
  state.settle_own();
  if (state.state != before) state.on_change();
}

const PrefixState& Prefixes::state() const { return state_->state; }

bool Prefixes::is_ready() const { return !state_->options.discover || state_->discovery.has_answer(); }

const Metrics& Prefixes::metrics() const { return state_->metrics; }

}  // namespace dragoman::gateway
