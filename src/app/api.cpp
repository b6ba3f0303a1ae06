// Each page: its parameters, what it asks of the workers, and the JSON that it makes of what they say.
#include "api.h"

#include <boost/json.hpp>
#include <charconv>
#include <map>

#include "dragoman/base/letter_case.h"
#include "dragoman/resolve/trace.h"
#include "explained_json.h"
#include "ipv4_only_json.h"
#include "nat64_pages.h"
#include "version.h"

namespace dragoman::app {
namespace {

namespace json = boost::json;

constexpr std::string_view json_type = "application/json";

admin::Response as_json(std::string body) { return {.content_type = json_type, .body = std::move(body)}; }

admin::Response refuse(const std::string& text) { return {.status = 400, .body = text + "\n"}; }

Result<bool> read_flag(const admin::Parameters& parameters, std::string_view name) {
  const auto text = parameters.get(name);
  if (!text || *text == "0") return false;
  if (*text == "1") return true;
  return Error{ErrorCode::invalid_argument, "do and cd are 0 or 1", std::string(name) + "=" + *text};
}

Result<ExplainRequest> read_request(const admin::Parameters& parameters) {
  static constexpr const char* usage = "as in /api/v1/explain?name=example.net&type=AAAA&client=2001:db8::1";
  const auto unknown = parameters.unknown({"name", "type", "client", "listener", "path", "tls_name", "do", "cd"});
  if (unknown) return Error{ErrorCode::invalid_argument, "there is no such parameter", *unknown + ", " + usage};
  const auto name_text = parameters.get("name");
  if (!name_text || name_text->empty()) return Error{ErrorCode::invalid_argument, "which name?", usage};
  const auto name = dns::Name::from_text(*name_text);
  if (!name) return Error{ErrorCode::invalid_argument, "`name` is no domain name", name.error().text()};
  const std::string type_text = parameters.get("type").value_or("AAAA");
  const auto type = dns::type_from_text(type_text);
  if (!type) return Error{ErrorCode::invalid_argument, "unknown type (as in A, AAAA, HTTPS or TYPE65)", type_text};
  const std::string client_text = parameters.get("client").value_or("::1");
  const auto client = ip::Address::from_text(client_text);
  if (!client) return Error{ErrorCode::invalid_argument, "`client` is no IP address", client_text};
  const auto dnssec_ok = read_flag(parameters, "do"), checking_disabled = read_flag(parameters, "cd");
  if (!dnssec_ok) return dnssec_ok.error();
  if (!checking_disabled) return checking_disabled.error();
  return ExplainRequest{.name = *name,
                        .type = *type,
                        .client = *client,
                        .listener = parameters.get("listener").value_or(""),
                        .path = parameters.get("path").value_or(""),
                        .tls_name = lower_case(parameters.get("tls_name").value_or("")),
                        .dnssec_ok = *dnssec_ok,
                        .checking_disabled = *checking_disabled};
}

void explain(const ApiSources& sources, const admin::Parameters& parameters, const admin::Reply& reply) {
  const Result<ExplainRequest> request = read_request(parameters);
  if (!request) return reply(refuse(request.error().text()));
  sources.tell_one(Explain{*request, [reply](const Result<std::shared_ptr<const Explained>>& explained) {
                             if (!explained) return reply(refuse(explained.error().text()));
                             reply(as_json(explained_as_json(**explained)));
                           }});
}

// One server as all workers see it.
struct ServerSummary {
  std::size_t workers_up = 0;
  Duration latency{};  // the sum of those that know one
  std::int64_t latencies = 0;
  std::uint64_t in_flight = 0, connections = 0;
};

json::array upstreams_of(const std::vector<UpstreamStates>& workers) {
  std::vector<std::string> order;
  std::map<std::string, ServerSummary> servers;
  for (const UpstreamStates& states : workers) {
    for (const upstream::ServerState& state : states) {
      const auto [place, is_new] = servers.try_emplace(state.url);
      if (is_new) order.push_back(state.url);
      ServerSummary& server = place->second;
      server.workers_up += state.up;
      if (state.latency.count() > 0) server.latency += state.latency, ++server.latencies;
      server.in_flight += state.in_flight;
      server.connections += state.connections;
    }
  }
  json::array list;
  for (const std::string& url : order) {
    const ServerSummary& server = servers[url];
    json::value latency;
    if (server.latencies > 0) latency = resolve::in_milliseconds(server.latency / server.latencies);
    list.push_back(json::object{{"url", url},
                                {"up", server.workers_up > 0},
                                {"workers_up", server.workers_up},
                                {"latency_ms", std::move(latency)},
                                {"in_flight", server.in_flight},
                                {"connections", server.connections}});
  }
  return list;
}

std::string status_json(const ApiSources& sources, const std::vector<UpstreamStates>& workers) {
  const admin::Health health = sources.health();
  json::array reasons;
  for (const std::string& reason : health.reasons) reasons.emplace_back(json::string(reason));
  const auto uptime = std::chrono::duration_cast<seconds>(Clock::now() - sources.started);
  const json::object all{
      {"version", version},    {"uptime_s", uptime.count()},    {"workers", sources.workers},
      {"ready", health.ready}, {"reasons", std::move(reasons)}, {"upstreams", upstreams_of(workers)}};
  return json::serialize(all) + "\n";
}

void status(const ApiSources& sources, const admin::Parameters& parameters, const admin::Reply& reply) {
  if (const auto unknown = parameters.unknown({})) return reply(refuse("there is no such parameter: " + *unknown));
  const auto parts = std::make_shared<Gathering<UpstreamStates>>(
      sources.workers,
      [sources, reply](const std::vector<UpstreamStates>& workers) { reply(as_json(status_json(sources, workers))); });
  sources.tell_all(TellUpstreams{parts});
}

struct TopQuestion {
  DomainOrder order = DomainOrder::answers;
  std::size_t rows = 50;
};

Result<TopQuestion> read_top(const admin::Parameters& parameters) {
  if (const auto unknown = parameters.unknown({"rows", "by"})) {
    return Error{ErrorCode::invalid_argument, "there is no such parameter", *unknown};
  }
  TopQuestion question;
  const std::string text = parameters.get("rows").value_or("50");
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), question.rows);
  if (error != std::errc() || end != text.data() + text.size() || question.rows == 0) {
    return Error{ErrorCode::invalid_argument, "`rows` is a number from 1 on", text};
  }
  const std::string by = parameters.get("by").value_or("answers");
  if (by != "answers" && by != "octets") {
    return Error{ErrorCode::invalid_argument, "`by` is answers or octets", by};
  }
  if (by == "octets") question.order = DomainOrder::octets;
  return question;
}

// What the NAT64 carried, if there is one.
void add_traffic(const ApiSources& sources, std::function<void(const nat64::NameTrafficReport&)> done) {
  if (sources.nat64.worker_count() == 0) return done({});
  const auto parts = std::make_shared<Gathering<nat64::NameTrafficReport>>(
      sources.nat64.worker_count(), [done = std::move(done)](std::vector<nat64::NameTrafficReport> workers) {
        nat64::NameTrafficReport all = std::move(workers.front());
        for (std::size_t i = 1; i < workers.size(); ++i) all.add(workers[i]);
        done(all);
      });
  for (unsigned i = 0; i < sources.nat64.worker_count(); ++i) {
    sources.nat64.post(
        i, [parts](const nat64::Translator& translator, TimePoint) { parts->add(translator.name_traffic()); });
  }
}

void top_ipv4_only(const ApiSources& sources, const admin::Parameters& parameters, const admin::Reply& reply) {
  const Result<TopQuestion> question = read_top(parameters);
  if (!question) return reply(refuse(question.error().text()));
  const auto parts = std::make_shared<Gathering<resolve::Ipv4OnlyReport>>(
      sources.workers, [sources, question = *question, reply](std::vector<resolve::Ipv4OnlyReport> workers) {
        resolve::Ipv4OnlyReport all = std::move(workers.front());
        for (std::size_t i = 1; i < workers.size(); ++i) all.add(workers[i]);
        add_traffic(sources, [all, question, reply](const nat64::NameTrafficReport& traffic) {
          reply(as_json(ipv4_only_as_json(all, traffic, question.order, question.rows)));
        });
      });
  sources.tell_all(TellIpv4Only{parts});
}

struct Row {
  const char* path;
  const char* sentence;
  void (*make)(const ApiSources&, const admin::Parameters&, const admin::Reply&);
};
constexpr Row table[] = {
    {"/api/v1/explain", "?name=NAME&type=AAAA&client=ADDRESS: what this client is answered, and why", explain},
    {"/api/v1/status", "version, readiness and upstream servers", status},
    {"/api/v1/top/ipv4-only", "?rows=50&by=answers: the names and domains that are synthesized most, or by=octets",
     top_ipv4_only},
};

}  // namespace

std::vector<admin::ApiPage> api_pages(const ApiSources& sources) {
  std::vector<admin::ApiPage> pages;
  for (const Row& row : table) {
    pages.push_back({row.path, row.sentence,
                     [sources, make = row.make](const admin::Parameters& parameters, const admin::Reply& reply) {
                       make(sources, parameters, reply);
                     }});
  }
  for (admin::ApiPage& page : nat64_pages(sources.nat64)) pages.push_back(std::move(page));
  for (admin::ApiPage& page : dnssec_pages(sources.anchors)) pages.push_back(std::move(page));
  return pages;
}

}  // namespace dragoman::app
