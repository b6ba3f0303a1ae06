// The table of routes, and what is left of former ones.
#include "dragoman/upstream/routes.h"

#include <algorithm>

#include "chain_cut.h"
#include "dragoman/dns/suffix_map.h"
#include "dragoman/upstream/metrics.h"

namespace dragoman::upstream {
namespace {

constexpr seconds forget_interval{1};

}  // namespace

struct Routes::Table {
  struct Branch {
    Group group;
    std::shared_ptr<Forwarder> forwarder;
  };
  std::vector<Branch> branches;
  dns::SuffixMap<std::size_t> by_zone;

  const Branch& branch_for(dns::NameView name, dns::Type type) const {
    const std::size_t* found = by_zone.find(type == dns::Type::ds ? name.parent() : name);
    return branches[found != nullptr ? *found : 0];
  }
  // Null: no such group.
  std::shared_ptr<Forwarder> forwarder_of(const Group& group) const {
    for (const Branch& branch : branches) {
      if (branch.group == group) return branch.forwarder;
    }
    return nullptr;
  }
};

Routes::Routes(net::EventLoop& loop, const Routing& routing, Metrics& metrics)
    : loop_(loop),
      metrics_(metrics),
      table_(std::make_shared<Table>()),
      forget_timer_([](void* self) { static_cast<Routes*>(self)->forget_unused(); }, this) {
  apply(routing);
}

Routes::~Routes() = default;

void Routes::apply(const Routing& routing) {
  auto fresh = std::make_shared<Table>();
  for (const Group& group : routing.groups) {
    std::shared_ptr<Forwarder> forwarder = table_->forwarder_of(group);
    if (!forwarder) forwarder = std::make_shared<Forwarder>(loop_, group.options, metrics_, group.name);
    fresh->branches.push_back({group, std::move(forwarder)});
  }
  for (const Route& route : routing.routes) fresh->by_zone.add(route.zone, route.group);
  former_.push_back(std::exchange(table_, std::move(fresh)));
  forget_unused();
}

// By a timer, for the end of a lookup is told from within the servers that would go.
void Routes::forget_unused() {
  std::erase_if(former_, [](const auto& table) { return table.use_count() == 1; });
  if (!former_.empty()) loop_.set_after(forget_timer_, forget_interval);
}

Task<Outcome> Routes::ask(Lookup lookup) { return ask_by(table_, std::move(lookup)); }

// The frame holds the table, and so the servers, for as long as it takes.
Task<Outcome> Routes::ask_by(std::shared_ptr<const Table> table, Lookup lookup) {
  const Table::Branch& branch = table->branch_for(lookup.name, lookup.type);
  Outcome outcome = co_await branch.forwarder->ask(lookup);
  if (outcome.answer && !table->by_zone.empty()) {
    auto cut = cut_chain(lookup, *outcome.answer, [&](dns::NameView name) {
      return table->branch_for(name, lookup.type).forwarder != branch.forwarder;
    });
    if (cut) outcome.answer = std::move(cut);
  }
  co_return outcome;
}

const std::string& Routes::group_of(dns::NameView name, dns::Type type) const {
  return table_->branch_for(name, type).group.name;
}

std::vector<ServerState> Routes::servers() const {
  std::vector<ServerState> states;
  for (const Table::Branch& branch : table_->branches) {
    for (ServerState& state : branch.forwarder->servers()) states.push_back(std::move(state));
  }
  return states;
}

}  // namespace dragoman::upstream
