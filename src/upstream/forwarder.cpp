// A lookup's way through the upstream servers, from top to bottom. What an attempt does is in server.h, how attempts
// run against each other in race.h, the choice of a server in selection.h.
#include "dragoman/upstream/forwarder.h"

#include <algorithm>

#include "bootstrap.h"
#include "context.h"
#include "dragoman/upstream/metrics.h"
#include "race.h"
#include "selection.h"
#include "server.h"

namespace dragoman::upstream {
namespace {

constexpr std::size_t most_attempts = 8;

}  // namespace

struct Forwarder::State {
  State(net::EventLoop& loop, const Options& options, Metrics& metrics, std::string_view group)
      : context(loop, options), bootstrap(loop, context.options) {
    for (const ServerOptions& server : context.options.servers) {
      servers.push_back(std::make_unique<Server>(context, server, bootstrap, metrics.servers.row(group, server.url)));
    }
  }

  bool any_up() const {
    return std::any_of(servers.begin(), servers.end(), [](const auto& server) { return server->is_up(); });
  }
  Server* choose(const Race& race, Turn turn);
  Server* choose_again(const Race& race);
  Duration patience(const Race& race) const;

  Context context;
  Bootstrap bootstrap;
  std::vector<std::unique_ptr<Server>> servers;
};

// One that was not asked yet; when there is none and the last was slow, one whose answer may have been lost.
Server* Forwarder::State::choose(const Race& race, Turn turn) {
  if (race.attempts() >= most_attempts) return nullptr;
  if (Server* server = choose_healthy(context, servers, race.asked())) return server;
  if (Server* server = choose_last_resort(servers, race.asked())) return server;
  return turn == Turn::slow && !race.has_answer() ? choose_again(race) : nullptr;
}

// Only datagrams get lost; on a stream the question is repeated by the server when its connection is dead.
Server* Forwarder::State::choose_again(const Race& race) {
  const std::span<Server* const> asked = race.asked();
  Server* server = asked[race.attempts() % asked.size()];
  return server->is_datagram() ? server : nullptr;
}

// Twice as long when nobody new is left to ask after this one.
Duration Forwarder::State::patience(const Race& race) const {
  const bool is_last = race.attempts() > 0 && race.attempts() + 1 >= servers.size();
  return context.options.attempt_timeout * (is_last ? 2 : 1);
}

Forwarder::Forwarder(net::EventLoop& loop, const Options& options, Metrics& metrics, std::string_view group)
    : state_(std::make_unique<State>(loop, options, metrics, group)) {}

Forwarder::~Forwarder() = default;

Task<Outcome> Forwarder::ask(Lookup lookup) {
  State& state = *state_;
  Race race(state.context, std::move(lookup));
  race.fail(state.servers.empty() ? Failure::network : Failure::overloaded);

  // With everybody down there is one more try, and then a quick no: clients have better things to do than to wait.
  if (!state.any_up()) race.hurry(state.context.loop.now() + state.context.options.attempt_timeout);

  Turn turn = Turn::failed;
  for (;;) {
    if (Server* server = state.choose(race, turn)) {
      race.start(*server, state.patience(race));
    } else if (race.in_flight() == 0) {
      break;
    }
    turn = co_await race.turn();
    if (turn == Turn::answered || turn == Turn::out_of_time) break;
    // Somebody has said no, and nobody else has come in time.
    if (turn == Turn::slow && race.has_answer()) break;
  }
  co_return race.outcome();
}

std::vector<ServerState> Forwarder::servers() const {
  std::vector<ServerState> states;
  for (const auto& server : state_->servers) states.push_back(server->state());
  return states;
}

bool Forwarder::any_up() const { return state_->any_up(); }

}  // namespace dragoman::upstream
