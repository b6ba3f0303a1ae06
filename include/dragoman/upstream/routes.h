// Who is asked about which names. Servers come in groups; a route leads a zone, the names at and below it, to a group,
// and the longest zone that holds a name decides. What has no route goes to the first group. One per worker, worker
// thread only.
//
// Every name of a CNAME chain has a route of its own: an answer ends where its chain leaves for another group, and
// whoever asked goes on from there. DS records belong to the parent's side of a zone cut (RFC 4035 2.4, 3.1.4.1), so
// they are asked for where the name above is asked about.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dragoman/base/task.h"
#include "dragoman/dns/name.h"
#include "dragoman/net/event_loop.h"
#include "dragoman/upstream/forwarder.h"
#include "dragoman/upstream/options.h"

namespace dragoman::upstream {

struct Metrics;

// Servers that are asked alike.
struct Group {
  std::string name;
  Options options;
  friend bool operator==(const Group&, const Group&) = default;
};

struct Route {
  dns::Name zone;
  std::size_t group = 0;  // its place among the groups
};

// Plain values. There is always a group; routes with a zone of an earlier one are passed over.
struct Routing {
  std::vector<Group> groups;
  std::vector<Route> routes;
};

class Routes final : public Upstream {
 public:
  Routes(net::EventLoop& loop, const Routing& routing, Metrics& metrics);
  ~Routes() override;

  // Takes effect with the next lookup. A group whose name and options stay keeps its connections and what it knows of
  // its servers; lookups on their way end with the servers that they began with.
  void apply(const Routing& routing);

  Task<Outcome> ask(Lookup lookup) override;

  // Who would be asked.
  const std::string& group_of(dns::NameView name, dns::Type type) const;
  // Of all groups, in their order.
  std::vector<ServerState> servers() const;

 private:
  struct Table;
  static Task<Outcome> ask_by(std::shared_ptr<const Table> table, Lookup lookup);
  void forget_unused();

  net::EventLoop& loop_;
  Metrics& metrics_;
  std::shared_ptr<const Table> table_;
  std::vector<std::shared_ptr<const Table>> former_;  // of before a reload, while lookups are on their way by them
  net::Timer forget_timer_;
};

}  // namespace dragoman::upstream
