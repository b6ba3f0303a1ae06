// The configuration's local data, and the names that every instance answers by itself: its own, so that a dead upstream
// cannot lock out browsers that must resolve their DoH server first, and those by which clients probe a resolver.
#include "settings.h"

#include <algorithm>
#include <array>
#include <bit>
#include <ctime>

#include "ddr.h"
#include "dragoman/net/random.h"

namespace dragoman::app {
namespace {

constexpr seconds own_name_ttl{300};

// Listeners on wildcard addresses say nothing about where clients reach us.
void add_own_name(const config::Config& config, resolve::LocalData& local) {
  const auto name = dns::Name::from_text(config.tls.server_name);
  if (config.tls.server_name.empty() || !name) return;
  if (name->view().is_subdomain_of(*dns::Name::from_text("localhost"))) return;  // has its addresses already
  std::vector<ip::Address> known;
  for (const serve::ListenOptions& listen : config.listen) {
    const ip::Address& address = listen.endpoint.address;
    const bool is_new = std::find(known.begin(), known.end(), address) == known.end();
    if (address.is_unspecified() || !is_new) continue;
    known.push_back(address);
    const std::size_t length = address.is_v6() ? 16 : 4;
    local.add({*name,
               address.is_v6() ? dns::Type::aaaa : dns::Type::a,
               {address.octets(), address.octets() + length},
               own_name_ttl});
  }
}

void add_probe_names(resolve::LocalData& local) {
  // Android validates DNS over TLS with <random>-dnsotls-ds.metric.gstatic.com: any answer will do, and one upstream
  // question per phone and network change helps nobody.
  if (auto name = dns::Name::from_text("metric.gstatic.com")) local.add_empty_below(*name);
}

// What the configuration says of such a name holds.
void add_designations(const config::Config& config, resolve::LocalData& local) {
  std::vector<resolve::LocalRecord> records = designations(config);
  std::erase_if(records, [&](const resolve::LocalRecord& record) { return local.has(record.name); });
  for (const resolve::LocalRecord& record : records) local.add(record);
}

// Every prefix that some policy puts IPv4 addresses under, and the Well-Known Prefix.
std::vector<ip::Pref64> translated_prefixes(const dns64::Options& options) {
  std::vector<ip::Pref64> prefixes{ip::Pref64()};
  for (const dns64::PrefixOptions& known : options.prefixes) prefixes.push_back(known.prefix);
  return prefixes;
}

dns64::PrefixFindings findings_of(const config::Config& config, const gateway::PrefixState& prefixes) {
  const gateway::Nat64Options nat64 = config.nat64.value_or(gateway::Nat64Options());
  return {prefixes.discovered, prefixes.failed, prefixes.strained, nat64.unready_max_ttl};
}

// The knobs of a NAT64 that wants to know who was answered with what.
bool is_to_be_told(const std::optional<gateway::Nat64Options>& nat64) {
  return nat64 && (nat64->nat64.only_resolved || nat64->traffic_by_name);
}

milliseconds longest_timeout(const config::Config& config) {
  milliseconds longest = config.upstream.timeout;
  for (const upstream::Group& group : config.groups) longest = std::max(longest, group.options.timeout);
  return longest;
}

}  // namespace

std::shared_ptr<nat64::ResolvedAddresses> make_resolved(const config::Config& config) {
  if (!config.nat64 || config.listen.empty()) return nullptr;
  std::array<std::uint8_t, 8> secret{};
  net::fill_random(secret);
  return std::make_shared<nat64::ResolvedAddresses>(
      config.nat64->resolved_memory, config.nat64->nat64.subscriber_prefix, std::bit_cast<std::uint64_t>(secret));
}

std::shared_ptr<const resolve::Settings> make_settings(const config::Config& config,
                                                       const gateway::PrefixState& prefixes,
                                                       const resolve::Settings* former,
                                                       std::shared_ptr<nat64::ResolvedAddresses> resolved,
                                                       std::shared_ptr<const dnssec::TrustAnchors> anchors) {
  auto settings = std::make_shared<resolve::Settings>();
  settings->acl = resolve::make_acl(config.acl);
  settings->dns64 = dns64::in_force(config.dns64, findings_of(config, prefixes));
  for (const resolve::LocalRecord& record : config.local_data) settings->local.add(record);
  add_own_name(config, settings->local);
  add_designations(config, settings->local);
  add_probe_names(settings->local);
  settings->special = resolve::SpecialNames(config.special_names);
  settings->rebinding = resolve::RebindingFilter(config.rebinding, translated_prefixes(config.dns64));
  if (config.cookies.enabled) {
    settings->cookies = std::make_shared<const resolve::ServerCookies>(config.cookies, std::time(nullptr),
                                                                       former ? former->cookies : nullptr);
  }
  settings->rate_limits = resolve::RateLimits::make(config.rate_limit, former ? former->rate_limits.get() : nullptr);
  if (is_to_be_told(config.nat64)) settings->resolved = std::move(resolved);
  settings->trust_upstream_ad = config.dnssec.mode == config::DnssecMode::trust_ad;
  settings->anchors = std::move(anchors);
  settings->validation_limits = config.dnssec.limits;
  settings->validation_time = config.dnssec.validation_time;
  settings->uses_denials = config.dnssec.aggressive;
  settings->synthesizes_on_error = config.dnssec.synthesize_on_error;
  settings->lookup_deadline = longest_timeout(config) + milliseconds(1000);
  for (const config::Route& route : config.routes) {
    settings->routed.add(route.zone);
    settings->dns64_by_route.add(route.zone, route.dns64);
  }
  return settings;
}

}  // namespace dragoman::app
