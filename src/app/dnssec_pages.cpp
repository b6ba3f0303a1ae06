// Each page: its parameters, and the JSON that it makes of the anchors.
#include "dnssec_pages.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "dragoman/dns/rdata.h"

namespace dragoman::app {
namespace {

namespace json = boost::json;
using dnssec::ManagedAnchor;
using dnssec::TrustAnchor;
using Octets = std::vector<std::uint8_t>;

admin::Response as_json_page(const json::object& all) {
  return {.content_type = "application/json", .body = json::serialize(all) + "\n"};
}

admin::Response refuse(const std::string& text) { return {.status = 400, .body = text + "\n"}; }

json::value time_of(std::optional<WallTime> time) {
  return time && *time != WallTime{} ? json::value(to_text(*time)) : json::value();
}

// -- anchors --

json::object record_of(dns::Type type, const Octets& rdata, const char* state) {
  const auto ds = type == dns::Type::ds ? dns::Ds::read(rdata) : std::nullopt;
  const auto key = type == dns::Type::dnskey ? dns::Dnskey::read(rdata) : std::nullopt;
  return {{"type", dns::to_text(type)},
          {"key_tag", ds ? ds->key_tag : dns::Dnskey::key_tag(rdata)},
          {"algorithm", ds    ? ds->algorithm
                        : key ? key->algorithm
                              : 0},
          {"state", state},
          {"since", nullptr},
          {"trusted_from", nullptr},
          {"rdata", dns::rdata_to_text(type, rdata)}};
}

json::array records_of(const TrustAnchor& anchor) {
  json::array records;
  for (const Octets& ds : anchor.endorsed_by.ds) records.push_back(record_of(dns::Type::ds, ds, "configured"));
  for (const Octets& key : anchor.endorsed_by.dnskeys) {
    records.push_back(record_of(dns::Type::dnskey, key, "configured"));
  }
  return records;
}

json::array records_of(const ManagedAnchor& anchor) {
  json::array records;
  for (const Octets& ds : anchor.awaited()) records.push_back(record_of(dns::Type::ds, ds, "awaited"));
  for (const dnssec::ManagedKey& key : anchor.keys()) {
    json::object record = record_of(dns::Type::dnskey, key.rdata, telemetry::label_text(key.state));
    record["since"] = time_of(key.since);
    if (key.state == dnssec::KeyState::add_pend) record["trusted_from"] = time_of(key.since + key.hold_down);
    records.push_back(std::move(record));
  }
  return records;
}

json::object anchors_as_json(const trust::Anchors& anchors) {
  json::array zones;
  for (const ManagedAnchor& anchor : anchors.managed()) {
    zones.push_back(json::object{{"zone", anchor.zone().to_text()},
                                 {"managed", true},
                                 {"refreshed", time_of(anchor.refreshed())},
                                 {"next_query", time_of(anchor.next_query())},
                                 {"records", records_of(anchor)}});
  }
  const auto current = anchors.current();
  if (current != nullptr && anchors.managed().empty()) {
    for (const TrustAnchor& anchor : current->anchors()) {
      zones.push_back(json::object{{"zone", anchor.zone.to_text()},
                                   {"managed", false},
                                   {"refreshed", nullptr},
                                   {"next_query", nullptr},
                                   {"records", records_of(anchor)}});
    }
  }
  return {{"validates", current != nullptr}, {"anchors", std::move(zones)}};
}

// -- negative ones --

json::object negatives_as_json(const trust::Anchors& anchors) {
  json::array rows;
  const auto current = anchors.current();
  const auto by_operators = anchors.operators_negatives();
  const auto all = current ? current->negative_anchors() : std::span<const dnssec::NegativeTrustAnchor>();
  for (const dnssec::NegativeTrustAnchor& negative : all) {
    const bool is_operators = std::find(by_operators.begin(), by_operators.end(), negative) != by_operators.end();
    rows.push_back(json::object{{"name", negative.name.to_text()},
                                {"expires", time_of(negative.expires)},
                                {"source", is_operators ? "operator" : "configuration"}});
  }
  return {{"validates", current != nullptr}, {"negative", std::move(rows)}};
}

Result<dns::Name> read_name(const admin::Parameters& parameters) {
  const std::string text = parameters.get("name").value_or("");
  if (text.empty()) return Error{ErrorCode::invalid_argument, "which name?", "as in name=example.net"};
  auto name = dns::Name::from_text(text);
  if (!name) return Error{ErrorCode::invalid_argument, "`name` is no domain name", name.error().text()};
  return name;
}

Result<seconds> read_seconds(const admin::Parameters& parameters) {
  const auto text = parameters.get("seconds");
  if (!text) return trust::usual_negative_time;
  seconds::rep number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  const bool is_number = error == std::errc() && end == text->data() + text->size();
  if (is_number && number > 0 && number <= trust::longest_negative_time.count()) return seconds(number);
  return Error{ErrorCode::invalid_argument, "`seconds` is a number from 1 to 604800 (a week)", *text};
}

// -- pages --

using Page = void (*)(const AskAnchors&, const admin::Parameters&, const admin::Reply&);

// A page without parameters.
template <auto to_json>
void show(const AskAnchors& ask, const admin::Parameters& parameters, const admin::Reply& reply) {
  if (const auto unknown = parameters.unknown({})) return reply(refuse("there is no such parameter: " + *unknown));
  ask([reply](trust::Anchors& anchors) { reply(as_json_page(to_json(anchors))); });
}

void add(const AskAnchors& ask, const admin::Parameters& parameters, const admin::Reply& reply) {
  if (const auto unknown = parameters.unknown({"name", "seconds"})) {
    return reply(refuse("there is no such parameter: " + *unknown));
  }
  const auto name = read_name(parameters);
  if (!name) return reply(refuse(name.error().text()));
  const auto time = read_seconds(parameters);
  if (!time) return reply(refuse(time.error().text()));
  ask([reply, name = *name, time = *time](trust::Anchors& anchors) {
    if (const auto added = anchors.add_negative(name, time); !added) return reply(refuse(added.error().text()));
    reply(as_json_page(negatives_as_json(anchors)));
  });
}

void remove(const AskAnchors& ask, const admin::Parameters& parameters, const admin::Reply& reply) {
  if (const auto unknown = parameters.unknown({"name"})) {
    return reply(refuse("there is no such parameter: " + *unknown));
  }
  const auto name = read_name(parameters);
  if (!name) return reply(refuse(name.error().text()));
  ask([reply, name = *name](trust::Anchors& anchors) {
    if (anchors.remove_negative(name)) return reply(as_json_page(negatives_as_json(anchors)));
    reply(
        refuse("no operator has added " + name.to_text() + " (what the configuration names, it must no longer name)"));
  });
}

struct Row {
  const char* path;
  const char* sentence;
  Page make;
  admin::Method method = admin::Method::get;
};
constexpr Row table[] = {
    {"/api/v1/dnssec/anchors", "the trust anchors, and what becomes of their keys", show<anchors_as_json>},
    {"/api/v1/dnssec/negative", "the names that are not validated for now", show<negatives_as_json>},
    {"/api/v1/dnssec/negative/add", "?name=NAME&seconds=3600: a name that is not validated for that time (POST)", add,
     admin::Method::post},
    {"/api/v1/dnssec/negative/remove", "?name=NAME: the same no longer (POST)", remove, admin::Method::post},
};

}  // namespace

std::vector<admin::ApiPage> dnssec_pages(const AskAnchors& ask) {
  std::vector<admin::ApiPage> pages;
  for (const Row& row : table) {
    pages.push_back({row.path, row.sentence,
                     [ask, make = row.make](const admin::Parameters& parameters, const admin::Reply& reply) {
                       make(ask, parameters, reply);
                     },
                     row.method});
  }
  return pages;
}

}  // namespace dragoman::app
