// The configuration file as values: every module's options, from YAML, all problems reported at once with
// file:line:column and what to write instead. Immutable once loaded.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dragoman/admin/options.h"
#include "dragoman/base/log.h"
#include "dragoman/cache/answer_cache.h"
#include "dragoman/dns64/policy.h"
#include "dragoman/dnssec/limits.h"
#include "dragoman/dnssec/trust_anchors.h"
#include "dragoman/gateway/nat64_options.h"
#include "dragoman/gateway/options.h"
#include "dragoman/net/tls.h"
#include "dragoman/net/xdp_port.h"
#include "dragoman/resolve/settings.h"
#include "dragoman/serve/options.h"
#include "dragoman/trust/options.h"
#include "dragoman/upstream/options.h"
#include "dragoman/upstream/routes.h"

namespace dragoman::config {

enum class DnssecMode : unsigned char { off, trust_ad, validate };

struct DnssecOptions {
  DnssecMode mode = DnssecMode::off;
  std::string trust_anchor_file;  // empty: the root's anchors, which are built in
  std::vector<dnssec::TrustAnchor> anchors = dnssec::root_trust_anchors();
  std::vector<dnssec::NegativeTrustAnchor> negative;
  trust::ManagedOptions managed;
  dnssec::Limits limits;
  bool synthesize_on_error = false;         // of names in signed zones whose AAAA question fails
  bool aggressive = true;                   // denials from the cache (RFC 8198)
  std::optional<WallTime> validation_time;  // instead of the clock's
};

inline constexpr const char* default_group = "default";

// What is said of a zone, the names at and below it. The longest zone that holds a name decides.
struct Route {
  dns::Name zone;                     // never the root
  std::string group = default_group;  // who is asked
  bool dns64 = true;                  // whether addresses may be synthesized
};

struct Config {
  std::string file;
  std::string hash;           // of the text, in hexadecimal: tells configurations apart
  std::uint32_t workers = 0;  // 0: the CPUs this process may use
  std::vector<serve::ListenOptions> listen;
  net::XdpOptions xdp;
  net::TlsOptions tls;
  upstream::Options upstream;           // the default group
  std::vector<upstream::Group> groups;  // the others, those that routes name by their servers included
  std::vector<Route> routes;
  resolve::AclOptions acl;
  resolve::CookieOptions cookies;
  resolve::RateLimitOptions rate_limit;
  std::optional<gateway::Nat64Options> nat64;
  dns64::Options dns64;
  gateway::DiscoveryOptions discovery;  // of dns64: where its prefixes come from ...
  gateway::ProbingOptions probing;      // ... and whether they work
  DnssecOptions dnssec;
  cache::Options cache;
  serve::LimitOptions limits;
  std::vector<resolve::LocalRecord> local_data;
  resolve::SpecialNamesOptions special_names;
  bool ddr = true;  // designate our encrypted listeners (RFC 9462)
  resolve::RebindingOptions rebinding;
  admin::Options http;
  LogOptions logging;
  seconds drain_timeout{5};
};

// One finding. `line` and `column` from 1; 0 when it concerns the file as a whole.
struct Problem {
  std::string file;
  int line = 0, column = 0;
  std::string key;              // "dns64.prefixes[1]"
  std::string text;             // what is wrong
  std::string fix;              // what would do
  std::string to_text() const;  // "file:line:column: key: what is wrong"
};

// Where keys stand in the file, for findings of those who put the values to use.
class Places {
 public:
  explicit Places(std::string file = {}) : file_(std::move(file)) {}
  void add(std::string key, int line, int column) { places_[std::move(key)] = {line, column}; }
  bool has(const std::string& key) const { return places_.contains(key); }
  // A finding about `key` ("listen[1]"), at its place or at that of the section which it would stand in.
  Problem problem(const std::string& key, std::string text, std::string fix) const;

 private:
  std::string file_;
  std::unordered_map<std::string, std::pair<int, int>> places_;
};

struct Loaded {
  std::shared_ptr<const Config> config;  // null when there are problems
  std::vector<Problem> problems;         // in the order of the file
  std::vector<Problem> warnings;  // legal, but probably not meant (an open resolver, an upstream that is missing)
  Places places;
};

Loaded load_file(const std::string& path);
// The same for text that is not in a file: `name` stands for it in problems, paths are relative to the working
// directory.
Loaded load_text(const std::string& text, const std::string& name);

}  // namespace dragoman::config
