// The choice of a server; see selection.h.
#include "selection.h"

#include <algorithm>
#include <array>

namespace dragoman::upstream {
namespace {

constexpr seconds measurement_lasts{30};
constexpr std::size_t most_candidates = 64;  // servers behind these only come to be asked when others are down

bool contains(std::span<Server* const> servers, const Server* one) {
  return std::find(servers.begin(), servers.end(), one) != servers.end();
}

bool wants_probe(const Server& server, TimePoint now) {
  const Health& health = server.health();
  if (!health.is_up()) return false;  // it is probed anyway
  return !health.is_known() || health.is_doubtful() || now - health.measured_at() >= measurement_lasts;
}

struct Candidates {
  std::array<Server*, most_candidates> servers;
  std::size_t count = 0;
};

// Power of two choices: near the best latency, and no herd runs to the one that looks best.
Server* better_of_two(const Candidates& candidates, Random& random) {
  const auto count = static_cast<std::uint32_t>(candidates.count);
  const std::uint32_t first = random.below(count);
  const std::uint32_t second = (first + 1 + random.below(count - 1)) % count;
  Server* a = candidates.servers[std::min(first, second)];
  Server* b = candidates.servers[std::max(first, second)];
  return b->health().latency() < a->health().latency() ? b : a;
}

}  // namespace

Server* choose_healthy(Context& context, Servers servers, std::span<Server* const> asked) {
  Candidates known;
  Server* unknown = nullptr;
  for (const auto& server : servers) {
    if (!server->is_up() || !server->has_room() || contains(asked, server.get())) continue;
    if (!server->health().is_known()) {
      if (unknown == nullptr) unknown = server.get();
    } else if (known.count < most_candidates) {
      known.servers[known.count++] = server.get();
    }
  }
  Server* chosen = known.count == 0 ? unknown : known.servers[0];
  if (known.count > 1) chosen = better_of_two(known, context.random);
  if (chosen == nullptr) return nullptr;
  for (const auto& server : servers) {
    if (server.get() != chosen && wants_probe(*server, context.loop.now())) server->probe();
  }
  return chosen;
}

Server* choose_last_resort(Servers servers, std::span<Server* const> asked) {
  Server* chosen = nullptr;
  for (const auto& server : servers) {
    if (server->is_up() || !server->has_room() || contains(asked, server.get())) continue;
    if (chosen == nullptr || server->health().failed_at() < chosen->health().failed_at()) chosen = server.get();
  }
  return chosen;
}

}  // namespace dragoman::upstream
