// Opening and keeping the NAT64: device, link, routes, steering, workers. Control thread; see gateway/nat64.h.
// What an operator can mend is told with the command that mends it.
#include "dragoman/gateway/nat64.h"

#include <algorithm>

#include "dragoman/base/log.h"
#include "dragoman/nat64/session_budget.h"
#include "dragoman/net/netlink.h"
#include "nat64_routes.h"
#include "nat64_worker.h"
#include "start_checks.h"
#include "steering.h"

namespace dragoman::gateway {
namespace {

// A kernel that refuses so many super-packets has a fault; segmenting each of them here would go on for ever.
constexpr std::uint64_t most_rejections = 16;

net::OffloadSwitch offload_switch(Switch value) {
  if (value == Switch::automatic) return net::OffloadSwitch::automatic;
  return value == Switch::on ? net::OffloadSwitch::on : net::OffloadSwitch::off;
}

std::uint32_t device_mtu(const Nat64Options& options) {
  return options.device_mtu != 0 ? options.device_mtu : std::max<std::uint32_t>(options.nat64.mtu6, options.nat64.mtu4);
}

// Up, with room for bursts, and with routes. What fails for want of rights may have been done by whoever made the
// device.
Result<void> set_up_link(const Nat64Options& options, const net::TunDevice& device) {
  auto netlink = net::Netlink::open();
  if (!netlink) return netlink.error();
  const auto link = netlink->link(device.name());
  if (!link) return link.error();
  if (link->mtu != device_mtu(options)) {
    if (auto done = netlink->set_mtu(link->index, device_mtu(options)); !done) return done;
  }
  if (link->queue_length < options.txqueuelen) {
    if (auto done = netlink->set_queue_length(link->index, options.txqueuelen); !done) return done;
  }
  if (link->is_up) return {};
  if (auto done = netlink->set_no_link_local(link->index); !done) return done;
  return netlink->set_up(link->index);
}

// Makes the routes that are missing; for those that it cannot make, tells the command that does.
void add_routes(const nat64::Options& options, const net::TunDevice& device) {
  auto netlink = net::Netlink::open();
  const auto known = netlink ? netlink->routes() : Result<std::vector<net::Route>>(netlink.error());
  for (const ip::Prefix& destination : nat64_routes(options)) {
    const bool is_there = known && std::any_of(known->begin(), known->end(), [&](const net::Route& route) {
                            return route.destination == destination && route.link == device.index();
                          });
    if (is_there) continue;
    net::Route route;
    route.destination = destination;
    route.link = device.index();
    if (netlink && netlink->replace_route(route)) continue;
    log::warn("nat64_route_missing", "a route to the device is missing and could not be made",
              {{"fix", "ip " + std::string(destination.network.is_v6() ? "-6 " : "") + "route add " +
                           destination.to_text() + " dev " + device.name()}});
  }
}

// What records and the kernel have been built upon needs a restart, which the reload has said.
Nat64Options with_what_stays(Nat64Options wanted, const Nat64Options& running) {
  wanted.device = running.device;
  wanted.queues = running.queues;
  wanted.binding_log = running.binding_log;
  wanted.nat64.port_block_size = running.nat64.port_block_size;
  wanted.nat64.subscriber_prefix = running.nat64.subscriber_prefix;
  return wanted;
}

}  // namespace

struct Nat64::State {
  State(const Nat64Options& wanted, net::TunDevice opened, std::optional<Steering> steers,
        const nat64::ResolvedAddresses* resolved)
      : options(wanted),
        device(std::move(opened)),
        steering(std::move(steers)),
        pool(wanted.nat64, steering ? steering->owners() : nat64::OwnerWords{}),
        budget(wanted.nat64.max_sessions),
        shared{pool, budget, resolved, wanted.traffic_by_name} {}

  unsigned workers_count() const { return static_cast<unsigned>(device.queue_count()); }

  Nat64Options options;
  net::TunDevice device;
  std::optional<Steering> steering;
  nat64::PortPool pool;
  nat64::SessionBudget budget;
  nat64::Translator::Shared shared;
  std::unique_ptr<BindingLog> log;  // outlives the workers
  std::vector<std::unique_ptr<Nat64Worker>> workers;
};

Nat64::Nat64(std::unique_ptr<State> state) : state_(std::move(state)) {}

Nat64::~Nat64() {
  for (auto& worker : state_->workers) worker->stop();
  for (auto& worker : state_->workers) worker->join();
}

Result<std::unique_ptr<Nat64>> Nat64::open(const Nat64Options& options, unsigned workers,
                                           const nat64::ResolvedAddresses* resolved) {
  const unsigned queues = options.queues != 0 ? options.queues : workers;
  auto device =
      net::TunDevice::open({options.device, queues, offload_switch(options.tso), offload_switch(options.uso)});
  if (!device) return device.error();
  if (auto done = set_up_link(options, *device); !done) {
    log::warn("nat64_link", "the device could not be set up as configured",
              {{"device", options.device}, {"reason", done.error().text()}});
  }
  std::optional<Steering> steering;
  if (queues > 1 && options.steering != Switch::off) {
    auto made = Steering::make(options.nat64);
    if (made) steering.emplace(std::move(*made));
    if (!made && options.steering == Switch::on) return made.error();
    if (!made) {
      log::warn("nat64_no_steering", "workers hand packets to each other, which costs more",
                {{"reason", made.error().text()}});
    }
  }
  auto state = std::make_unique<State>(options, std::move(*device), std::move(steering), resolved);
  if (auto steered = steer(*state); !steered) return steered.error();
  if (options.routes) add_routes(options.nat64, state->device);
  for (const Finding& finding : findings(options, look_at_machine(options))) {
    log::warn("nat64_check", finding.text, {{"fix", finding.fix}});
  }
  return std::unique_ptr<Nat64>(new Nat64(std::move(state)));
}

// Before the first packet.
Result<void> Nat64::steer(State& state) {
  if (!state.steering) return {};
  const nat64::Options& options = state.options.nat64;
  auto done = state.steering->learn(options, state.pool, state.workers_count());
  if (done) done = state.steering->attach(options, state.device);
  if (done || state.options.steering == Switch::on) return done;
  log::warn("nat64_no_steering", "workers hand packets to each other, which costs more",
            {{"reason", done.error().text()}});
  return {};
}

Result<void> Nat64::start() {
  State& state = *state_;
  if (!state.options.binding_log.targets.empty()) {
    auto log = BindingLog::open(state.options.binding_log, state.workers_count(), state.options.nat64);
    if (!log) return log.error();
    state.log = std::move(*log);
  }
  const auto options = std::make_shared<const nat64::Options>(state.options.nat64);
  std::vector<Nat64Worker*> all;
  for (unsigned i = 0; i < state.workers_count(); ++i) {
    const nat64::Translator::Place place{i, state.workers_count()};
    state.workers.push_back(
        std::make_unique<Nat64Worker>(place, options, state.shared, state.device.queue(i), state.log.get()));
    all.push_back(state.workers.back().get());
  }
  for (Nat64Worker* worker : all) worker->meet(all);
  for (Nat64Worker* worker : all) worker->start();
  return {};
}

Result<void> Nat64::apply(const Nat64Options& wanted) {
  State& state = *state_;
  const Nat64Options options = with_what_stays(wanted, state.options);
  if (!state.pool.apply(options.nat64)) {
    return Error{ErrorCode::too_large, "the new pool has more addresses than were set aside at the start; restart", {}};
  }
  state.options = options;
  state.budget.set_limit(options.nat64.max_sessions);
  if (state.steering) {
    if (auto done = state.steering->learn(options.nat64, state.pool, state.workers_count()); !done) {
      log::warn("nat64_steering", "new addresses of the pool are not steered", {{"reason", done.error().text()}});
    }
  }
  if (options.routes) add_routes(options.nat64, state.device);
  const auto fresh = std::make_shared<const nat64::Options>(options.nat64);
  for (auto& worker : state.workers) {
    worker->post([fresh](nat64::Translator& translator, nat64::Output& output, TimePoint now) {
      translator.apply(fresh, now, output);
    });
  }
  if (state.log) state.log->apply(options.nat64);
  return {};
}

void Nat64::reopen_log() {
  if (state_->log) state_->log->reopen();
}

void Nat64::look_after() {
  std::uint64_t rejections = 0;
  for (const auto& worker : state_->workers) rejections += worker->tun_metrics().offload_rejections.value();
  if (rejections < most_rejections || state_->device.offloads() == net::TunOffloads{}) return;
  const auto done = state_->device.set_offloads({});
  log::error("nat64_offloads_off",
             "the kernel keeps refusing super-packets: TSO and USO are off now; set nat64.tso and nat64.uso to off",
             {{"result", done ? "done" : done.error().text()}});
}

std::size_t Nat64::worker_count() const { return state_->workers.size(); }

void Nat64::post(unsigned worker, Work work) {
  state_->workers[worker]->post([work = std::move(work)](nat64::Translator& translator, nat64::Output&, TimePoint now) {
    work(translator, now);
  });
}

bool Nat64::is_alive() const {
  return std::all_of(state_->workers.begin(), state_->workers.end(),
                     [](const auto& worker) { return worker->is_alive(); });
}

const nat64::PortPool& Nat64::pool() const { return state_->pool; }
std::int64_t Nat64::session_limit() const { return state_->budget.limit(); }
const nat64::Metrics& Nat64::metrics(unsigned worker) const { return state_->workers[worker]->metrics(); }
const TunMetrics& Nat64::tun_metrics(unsigned worker) const { return state_->workers[worker]->tun_metrics(); }
const BindingLogMetrics* Nat64::log_metrics() const { return state_->log ? &state_->log->metrics() : nullptr; }

std::uint64_t Nat64::queue_drops() const {
  const auto dropped = state_->device.dropped();
  return dropped ? *dropped : 0;
}

std::string Nat64::description() const {
  const net::TunOffloads offloads = state_->device.offloads();
  const std::size_t queues = state_->device.queue_count();
  return state_->device.name() + ": " + std::to_string(queues) + (queues == 1 ? " queue" : " queues") +
         (offloads.tso ? ", tso" : "") + (offloads.uso ? ", uso" : "") + (state_->steering ? ", steering" : "");
}

}  // namespace dragoman::gateway
