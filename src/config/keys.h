// The tables of keys. A row is all there is to a key: parsing, its error messages, the range test, `dragoman check`,
// what a reload reports, and docs/config-reference.md come from it.
//
// To add a key: a field with its default in the module's options.h, and one row in <section>_keys.cpp:
//   {"idle_timeout", duration(&LimitOptions::idle_timeout, 1s, 1h), Reload::new_connections, "One sentence."},
// then `dragoman config-reference > docs/config-reference.md`. The default is never repeated: it is read from a
// default-constructed Config. A kind of value that does not exist yet is one function in values.h.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dragoman/config/config.h"
#include "dragoman/config/reference.h"
#include "findings.h"
#include "quantity.h"

namespace dragoman::config {

// One line of the reference; a row of a table as seen from outside.
struct Row {
  std::string path;   // "cache.max_ttl", "dns64.prefixes[].clients"
  std::string type;   // "duration, 0s to 7d"
  std::string value;  // as it would be written
  Reload reload = Reload::restart;
  std::string sentence;
  std::optional<Range> range;
};

// How the value of a key in the options T is read and shown.
template <class T>
struct Value {
  std::string type;
  std::function<void(const Node& node, T& options, Reading& reading)> read;
  std::function<std::string(const T& options)> show;
  std::optional<Range> range = {};
  // What a section has instead of one row: the rows of its keys, their paths beginning with `path`.
  std::function<void(const T& options, const std::string& path, std::vector<Row>& out)> rows = {};
};

template <class T>
struct Key {
  const char* name;
  Value<T> value;
  Reload reload = Reload::live;
  const char* sentence = "";
};

template <class T>
using Keys = std::vector<Key<T>>;

Keys<Config> root_keys();
Keys<cache::Options> cache_keys();
Keys<serve::LimitOptions> limit_keys();
Keys<net::TlsOptions> tls_keys();
Keys<net::XdpOptions> xdp_keys();
Keys<upstream::Options> upstream_keys();
Keys<resolve::AclOptions> acl_keys();
Keys<resolve::CookieOptions> cookies_keys();
Keys<resolve::RateLimitOptions> rate_limit_keys();
Keys<LogOptions> logging_keys();
Keys<admin::Options> http_keys();
Keys<gateway::DiscoveryOptions> discovery_keys();
Keys<gateway::ProbingOptions> probing_keys();
Value<Config> nat64_value();
Value<Config> dns64_value();
Value<Config> dnssec_value();
Value<Config> local_data_value();
Value<Config> groups_value();
Value<Config> routes_value();
Keys<resolve::SpecialNamesOptions> special_names_keys();
Keys<resolve::RebindingOptions> rebinding_keys();

// Reports a key that no row has, with the nearest one that there is.
void report_unknown(const Node& node, const std::vector<std::string>& known, Reading& reading);

// True when the node is a section; an empty one ("cache:" and nothing behind it) is one too. Otherwise reports it.
bool expect_section(const Node& node, Reading& reading);

template <class T>
std::vector<std::string> names_of(const Keys<T>& keys) {
  std::vector<std::string> names;
  for (const Key<T>& key : keys) names.emplace_back(key.name);
  return names;
}

// Reads a section by its table, in the order of the table.
template <class T>
void read_section(const Node& node, const Keys<T>& keys, T& options, Reading& reading) {
  if (!expect_section(node, reading)) return;
  for (const Key<T>& key : keys) {
    const Node* value = node.find(key.name);
    if (value != nullptr && value->kind != Node::Kind::broken) key.value.read(*value, options, reading);
  }
  std::vector<std::string> known = names_of(keys);
  for (const Node& child : node.children) {
    if (std::find(known.begin(), known.end(), child.key) == known.end()) report_unknown(child, known, reading);
  }
}

template <class T>
void append_rows(const Keys<T>& keys, const T& options, const std::string& path, std::vector<Row>& out) {
  for (const Key<T>& key : keys) {
    std::string key_path = path.empty() ? key.name : path + "." + key.name;
    if (key.value.rows) {
      key.value.rows(options, key_path, out);
    } else {
      out.push_back({key_path, key.value.type, key.value.show(options), key.reload, key.sentence, key.value.range});
    }
  }
}

// The keys of a part of T as keys of T, so that one section can be made of several tables.
template <class T, class Part>
Keys<T> lifted(Part T::*part, const Keys<Part>& keys) {
  Keys<T> out;
  for (const Key<Part>& key : keys) {
    Value<T> value;
    value.type = key.value.type;
    value.range = key.value.range;
    value.read = [part, read = key.value.read](const Node& node, T& options, Reading& reading) {
      read(node, options.*part, reading);
    };
    value.show = [part, show = key.value.show](const T& options) { return show(options.*part); };
    if (key.value.rows) {
      value.rows = [part, rows = key.value.rows](const T& options, const std::string& path, std::vector<Row>& all) {
        rows(options.*part, path, all);
      };
    }
    out.push_back({key.name, std::move(value), key.reload, key.sentence});
  }
  return out;
}

// Every key with the value that `config` has for it.
std::vector<Row> rows_of(const Config& config);

}  // namespace dragoman::config
