// Each page: its parameters, what it asks of the workers, and the JSON that it makes of what they say.
#include "nat64_pages.h"

#include <algorithm>
#include <charconv>

#include "gathering.h"
#include "nat64_json.h"

namespace dragoman::app {
namespace {

namespace json = boost::json;

admin::Response as_json_page(const json::object& all) {
  return {.content_type = "application/json", .body = json::serialize(all) + "\n"};
}

admin::Response refuse(const std::string& text) { return {.status = 400, .body = text + "\n"}; }

std::string no_such(const std::string& parameter) { return "there is no such parameter: " + parameter; }

// A number from 1 to `most`; nullopt when it is none.
std::optional<std::size_t> read_limit(const admin::Parameters& parameters, std::size_t otherwise, std::size_t most) {
  const auto text = parameters.get("limit");
  if (!text) return otherwise;
  std::size_t limit = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
  const bool is_number = error == std::errc() && end == text->data() + text->size();
  if (!is_number || limit == 0 || limit > most) return std::nullopt;
  return limit;
}

void status(const Nat64Questions& nat64, const admin::Parameters& parameters, const admin::Reply& reply) {
  if (const auto unknown = parameters.unknown({})) return reply(refuse(no_such(*unknown)));
  const auto parts = std::make_shared<Gathering<std::size_t>>(nat64.worker_count(),
                                                              [nat64, reply](const std::vector<std::size_t>& memory) {
                                                                std::size_t sum = 0;
                                                                for (const std::size_t part : memory) sum += part;
                                                                reply(as_json_page(status_as_json(nat64, sum)));
                                                              });
  for (unsigned i = 0; i < nat64.worker_count(); ++i) {
    nat64.post(i, [parts](const nat64::Translator& translator, TimePoint) { parts->add(translator.memory()); });
  }
}

// -- sessions --

using Walk = nat64::Translator::SessionWalk;

json::object sessions_as_json(std::vector<Walk> walks, std::size_t limit) {
  std::vector<nat64::SessionInfo> all;
  for (Walk& walk : walks) all.insert(all.end(), walk.found.begin(), walk.found.end());
  const bool is_cut = all.size() > limit || std::any_of(walks.begin(), walks.end(),
                                                        [&](const Walk& walk) { return walk.found.size() == limit; });
  all.resize(std::min(all.size(), limit));
  json::array rows;
  for (const nat64::SessionInfo& session : all) rows.push_back(as_json(session));
  return {{"sessions", std::move(rows)}, {"is_cut", is_cut}};
}

// One step of a worker's walk; it carries packets before the next one.
void go_on(const Nat64Questions& nat64, unsigned worker, const std::shared_ptr<Walk>& walk,
           const std::shared_ptr<Gathering<Walk>>& parts) {
  nat64.post(worker, [nat64, worker, walk, parts](const nat64::Translator& translator, TimePoint now) {
    if (translator.go_on(*walk, now)) return go_on(nat64, worker, walk, parts);
    parts->add(std::move(*walk));
  });
}

void sessions(const Nat64Questions& nat64, const admin::Parameters& parameters, const admin::Reply& reply) {
  if (const auto unknown = parameters.unknown({"subscriber", "limit"})) return reply(refuse(no_such(*unknown)));
  const auto limit = read_limit(parameters, 100, 100'000);
  if (!limit) return reply(refuse("`limit` is a number from 1 to 100000"));
  std::optional<ip::Prefix> hosts;
  if (const auto text = parameters.get("subscriber")) {
    const auto prefix = ip::Prefix::from_text(*text);
    if (!prefix || !prefix->network.is_v6()) {
      return reply(refuse("`subscriber` is no IPv6 prefix or address: " + *text));
    }
    hosts = *prefix;
  }
  const auto parts = std::make_shared<Gathering<Walk>>(nat64.worker_count(), [limit, reply](std::vector<Walk> walks) {
    reply(as_json_page(sessions_as_json(std::move(walks), *limit)));
  });
  for (unsigned i = 0; i < nat64.worker_count(); ++i) {
    go_on(nat64, i, std::make_shared<Walk>(Walk{.hosts = hosts, .limit = *limit}), parts);
  }
}

void pool(const Nat64Questions& nat64, const admin::Parameters& parameters, const admin::Reply& reply) {
  if (const auto unknown = parameters.unknown({"limit"})) return reply(refuse(no_such(*unknown)));
  const auto limit = read_limit(parameters, 256, nat64::PortPool::max_addresses);
  if (!limit) return reply(refuse("`limit` is a number from 1 to 65536"));
  reply(as_json_page({{"block_size", nat64.pool().block_size()},
                      {"addresses", addresses_as_json(nat64.pool(), *limit)},
                      {"is_cut", nat64.pool().address_count() > *limit}}));
}

// -- subscriber --

struct Holder {
  unsigned worker = 0;
  std::optional<nat64::SubscriberInfo> info;
};

json::object subscriber_as_json(const Nat64Questions& nat64, const ip::Address& address,
                                const std::vector<Holder>& workers) {
  json::object out{{"address", address.to_text()},
                   {"subscriber", nullptr},
                   {"worker", nullptr},
                   {"limits", as_json(nat64.limits())}};
  for (const Holder& holder : workers) {
    if (!holder.info) continue;
    out["subscriber"] = as_json(*holder.info, nat64.pool());
    out["worker"] = holder.worker;
  }
  return out;
}

void subscriber(const Nat64Questions& nat64, const admin::Parameters& parameters, const admin::Reply& reply) {
  constexpr std::size_t most_blocks = 256;
  if (const auto unknown = parameters.unknown({"address"})) return reply(refuse(no_such(*unknown)));
  const std::string text = parameters.get("address").value_or("");
  const auto address = ip::Address::from_text(text);
  if (!address || !address->is_v6()) return reply(refuse("`address` is no IPv6 address: " + text));
  const auto parts = std::make_shared<Gathering<Holder>>(
      nat64.worker_count(), [nat64, address = *address, reply](const std::vector<Holder>& workers) {
        reply(as_json_page(subscriber_as_json(nat64, address, workers)));
      });
  for (unsigned i = 0; i < nat64.worker_count(); ++i) {
    nat64.post(i, [i, parts, host = address->v6()](const nat64::Translator& translator, TimePoint) {
      parts->add({i, translator.subscriber(host, most_blocks)});
    });
  }
}

struct Row {
  const char* path;
  const char* sentence;
  void (*make)(const Nat64Questions&, const admin::Parameters&, const admin::Reply&);
};
constexpr Row table[] = {
    {"/api/v1/nat64/status", "state, sessions, pool, traffic and drops of the NAT64", status},
    {"/api/v1/nat64/sessions", "?subscriber=PREFIX&limit=100: its sessions, of all or of one subscriber", sessions},
    {"/api/v1/nat64/pool", "?limit=256: how many port blocks of each address are taken", pool},
    {"/api/v1/nat64/subscriber", "?address=ADDRESS: what the subscriber of an IPv6 address holds", subscriber},
};

}  // namespace

std::vector<admin::ApiPage> nat64_pages(const Nat64Questions& nat64) {
  std::vector<admin::ApiPage> pages;
  for (const Row& row : table) {
    pages.push_back({row.path, row.sentence,
                     [nat64, make = row.make](const admin::Parameters& parameters, const admin::Reply& reply) {
                       if (nat64.worker_count() == 0) return reply(refuse("there is no NAT64 in this configuration"));
                       make(nat64, parameters, reply);
                     }});
  }
  return pages;
}

}  // namespace dragoman::app
