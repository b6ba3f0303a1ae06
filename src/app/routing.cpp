// The default group comes first; a route to it may be there for its word on DNS64, or to except a zone from another.
#include "routing.h"

#include <algorithm>
#include <map>

namespace dragoman::app {
namespace {

// The servers that each zone leads to, by its text.
std::map<std::string, std::vector<upstream::ServerOptions>> servers_by_zone(const config::Config& config) {
  std::map<std::string, std::vector<upstream::ServerOptions>> out;
  const upstream::Routing routing = make_routing(config);
  for (const upstream::Route& route : routing.routes) {
    dns::Name zone = route.zone;
    zone.lower_case();
    out.emplace(zone.to_text(), routing.groups[route.group].options.servers);
  }
  return out;
}

}  // namespace

upstream::Routing make_routing(const config::Config& config) {
  upstream::Routing routing;
  routing.groups.push_back({config::default_group, config.upstream});
  routing.groups.insert(routing.groups.end(), config.groups.begin(), config.groups.end());
  for (const config::Route& route : config.routes) {
    const auto group = std::find_if(routing.groups.begin(), routing.groups.end(),
                                    [&](const upstream::Group& known) { return known.name == route.group; });
    const bool is_known = group != routing.groups.end();  // the configuration was checked
    if (is_known) routing.routes.push_back({route.zone, static_cast<std::size_t>(group - routing.groups.begin())});
  }
  return routing;
}

bool leads_elsewhere(const config::Config& before, const config::Config& after) {
  return servers_by_zone(before) != servers_by_zone(after);
}

}  // namespace dragoman::app
