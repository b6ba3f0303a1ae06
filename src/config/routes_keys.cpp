// upstreams and routes: groups of servers beside the default one, and the zones that are led to them.
#include <algorithm>

#include "values.h"

namespace dragoman::config {
namespace {

constexpr const char* route_fix = "write {zone: corp.example.net, upstream: GROUP}";
constexpr const char* name_fix = "use letters, digits, - and _";

Value<upstream::Group> group_value() { return section_or("servers", &upstream::Group::options, upstream_keys()); }

// A route may name its servers itself: they are a group that is called as its zone, with the final dot that no group
// of `upstreams` can have.
bool is_group_of_a_route(const upstream::Group& group) { return group.name.ends_with('.'); }

bool is_good_name(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

void read_groups(const Node& node, Config& config, Reading& reading) {
  if (node.kind == Node::Kind::scalar || node.kind == Node::Kind::list) {
    reading.findings.error(node, "must be a section of groups; did you mean `upstream`?",
                           "write `upstream: [URL]`, or one line per group, as in corp: [dns://192.0.2.1]");
    return;
  }
  for (const Node& child : node.children) {
    if (child.kind == Node::Kind::broken) continue;
    if (child.key == default_group) {
      section_or("servers", &Config::upstream, upstream_keys()).read(child, config, reading);
      continue;
    }
    if (!is_good_name(child.key)) {
      reading.findings.error_at(child.key_place, child.path, "is no name for a group", name_fix);
      continue;
    }
    upstream::Group group{child.key, {}};
    group_value().read(child, group, reading);
    config.groups.push_back(std::move(group));
  }
}

// What differs from the defaults, as the inside of a section.
std::string group_to_text(const upstream::Group& group) {
  std::string out;
  const upstream::Options defaults;
  for (const Key<upstream::Options>& key : upstream_keys()) {
    std::string value = key.value.show(group.options);
    if (value != key.value.show(defaults)) out += (out.empty() ? "" : ", ") + std::string(key.name) + ": " + value;
  }
  return out;
}

std::string groups_to_text(const Config& config) {
  std::string out;
  for (const upstream::Group& group : config.groups) {
    if (is_group_of_a_route(group)) continue;
    out += (out.empty() ? "" : ", ") + group.name + ": {" + group_to_text(group) + "}";
  }
  return out.empty() ? out : "{" + out + "}";
}

// -- routes --

void read_zone(const Node& node, dns::Name& zone, Reading& reading) {
  std::optional<std::string> text = read_text(node, reading);
  if (!text) return;
  Result<dns::Name> name = dns::Name::from_text(*text);
  if (!name) return report_refused(node, name.error(), "write a domain name, as in corp.example.net", reading);
  if (name->view().is_root()) {
    reading.findings.error(node, "every name is below the root", "write `upstream` for what has no route");
    return;
  }
  zone = *name;
}

// A route while it is read.
struct Entry {
  Route route;
  upstream::Group own;  // of `servers`
};

Keys<Entry> entry_keys() {
  Value<Entry> zone{
      "domain name",
      [](const Node& node, Entry& entry, Reading& reading) { read_zone(node, entry.route.zone, reading); },
      [](const Entry& entry) { return entry.route.zone.to_text(); }};
  Keys<Entry> keys{{"zone", zone, Reload::live,
                    "The names at and below it; of several routes that of the longest zone is taken. DS records are "
                    "asked for where the name above the zone is asked about."}};
  Keys<Route> plain{
      {"upstream", text(&Route::group, "name of a group"), Reload::live,
       "Who is asked: a group of `upstreams`. Without it, and without `servers`, the default one."},
      {"dns64", boolean(&Route::dns64), Reload::live,
       "false: nothing is synthesized for these names, whatever policy a client has."},
  };
  for (Key<Entry>& key : lifted(&Entry::route, plain)) keys.push_back(std::move(key));
  for (const Key<upstream::Options>& key : upstream_keys()) {
    if (std::string_view(key.name) != "servers") continue;
    Value<Entry> servers{key.value.type,
                         [read = key.value.read](const Node& node, Entry& entry, Reading& reading) {
                           read(node, entry.own.options, reading);
                         },
                         [](const Entry&) { return std::string(); }};
    keys.push_back({"servers", servers, Reload::live, "Who is asked, where no other route needs the same group."});
  }
  return keys;
}

void read_entry(const Node& node, Config& config, Reading& reading) {
  Entry entry;
  read_section(node, entry_keys(), entry, reading);
  const Node* const servers = node.find("servers");
  if (node.kind == Node::Kind::map) {
    if (node.find("zone") == nullptr) reading.findings.error(node, "`zone` is missing", route_fix);
    const bool says_something = node.find("upstream") != nullptr || servers != nullptr || node.find("dns64") != nullptr;
    if (!says_something) reading.findings.error(node, "leads nowhere", route_fix);
  }
  if (servers != nullptr && node.find("upstream") != nullptr) {
    reading.findings.error(*servers, "stands beside `upstream`", "keep one of the two");
  } else if (servers != nullptr) {
    entry.own.name = entry.route.group = entry.route.zone.to_text();
    config.groups.push_back(std::move(entry.own));
  }
  config.routes.push_back(std::move(entry.route));
}

void read_routes(const Node& node, Config& config, Reading& reading) {
  if (node.kind == Node::Kind::null) return;
  for (const Node* entry : read_list(node, reading)) read_entry(*entry, config, reading);
}

std::string routes_to_text(const Config& config) {
  std::vector<std::string> texts;
  for (const Route& route : config.routes) {
    const auto own = std::find_if(config.groups.begin(), config.groups.end(), [&](const upstream::Group& group) {
      return is_group_of_a_route(group) && group.name == route.group;
    });
    std::string text = "{zone: " + route.zone.to_text();
    text += ", " + (own == config.groups.end() ? "upstream: " + route.group : group_to_text(*own));
    texts.push_back(text + (route.dns64 ? "}" : ", dns64: false}"));
  }
  return texts.empty() ? std::string() : joined(texts);
}

}  // namespace

Value<Config> groups_value() {
  Value<Config> out;
  out.type = "section of groups";
  out.read = &read_groups;
  out.rows = [](const Config& config, const std::string& path, std::vector<Row>& rows) {
    rows.push_back({path,
                    "section of groups",
                    groups_to_text(config),
                    Reload::live,
                    "Groups of resolvers for `routes`. The group `default` is the same as `upstream`, which then must "
                    "not stand beside it; /readyz looks at its servers alone.",
                    {}});
    rows.push_back({path + ".GROUP",
                    "as upstream",
                    "",
                    Reload::live,
                    "The keys of `upstream`, or its short form, for this group; each begins with its own default.",
                    {}});
  };
  return out;
}

Value<Config> routes_value() {
  Value<Config> out;
  out.type = "list of {zone, upstream, dns64}";
  out.read = &read_routes;
  out.rows = [](const Config& config, const std::string& path, std::vector<Row>& rows) {
    rows.push_back({path,
                    "list of entries",
                    routes_to_text(config),
                    Reload::live,
                    "Zones that other servers are asked about, or that DNS64 leaves alone. local_data comes before "
                    "them, names that no upstream is asked about come after. A reload that changes who is asked "
                    "empties the cache.",
                    {}});
    for (const Key<Entry>& key : entry_keys()) {
      rows.push_back({path + "[]." + key.name, key.value.type, "", key.reload, key.sentence, {}});
    }
  };
  return out;
}

}  // namespace dragoman::config
