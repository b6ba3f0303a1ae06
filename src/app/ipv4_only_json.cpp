// {"domains": [...], "names": [...], "others": {...}}, rows as they are counted; times as RFC 3339 has them.
#include "ipv4_only_json.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <map>

namespace dragoman::app {
namespace {

namespace json = boost::json;

json::value time_or_null(std::time_t when) {
  if (when == 0) return nullptr;
  std::tm parts{};
  gmtime_r(&when, &parts);
  std::array<char, 32> text;
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return json::string(text.data(), length);
}

json::object row_of(const resolve::Ipv4OnlyRow& row) {
  json::object by_policy;
  for (const auto& [policy, count] : row.by_policy) by_policy[policy] = count;
  return {{"name", row.name},
          {"count", row.count},
          {"error", row.error},
          {"by_policy", std::move(by_policy)},
          {"got_aaaa_at", time_or_null(row.got_aaaa_at)}};
}

json::array rows_of(const std::vector<resolve::Ipv4OnlyRow>& rows) {
  json::array list;
  for (const resolve::Ipv4OnlyRow& row : rows) list.push_back(row_of(row));
  return list;
}

struct Domain {
  resolve::Ipv4OnlyRow answers;
  nat64::NameTrafficRow traffic;
};

std::vector<Domain> joined(std::vector<resolve::Ipv4OnlyRow> answers, const nat64::NameTrafficReport& traffic) {
  std::vector<Domain> domains;
  std::map<std::string, std::size_t> places;
  for (resolve::Ipv4OnlyRow& row : answers) {
    places[row.name] = domains.size();
    domains.push_back({std::move(row), {}});
  }
  for (const nat64::NameTrafficRow& row : traffic.rows) {
    const auto [place, is_new] = places.try_emplace(row.domain, domains.size());
    if (is_new) domains.emplace_back().answers.name = row.domain;
    domains[place->second].traffic = row;
  }
  return domains;
}

json::array rows_of(const std::vector<Domain>& domains) {
  json::array list;
  for (const Domain& domain : domains) {
    json::object row = row_of(domain.answers);
    row["sessions"] = domain.traffic.sessions;
    row["octets"] = domain.traffic.octets;
    row["octets_missed"] = domain.traffic.missed;
    list.push_back(std::move(row));
  }
  return list;
}

}  // namespace

std::string ipv4_only_as_json(resolve::Ipv4OnlyReport report, const nat64::NameTrafficReport& traffic,
                              DomainOrder order, std::size_t rows) {
  std::vector<Domain> domains = joined(std::move(report.domains), traffic);
  std::stable_sort(domains.begin(), domains.end(), [order](const Domain& a, const Domain& b) {
    return order == DomainOrder::octets ? a.traffic.octets > b.traffic.octets : a.answers.count > b.answers.count;
  });
  domains.resize(std::min(domains.size(), rows));
  report.domains.clear();
  report.keep_first(rows);
  const json::object all{
      {"domains", rows_of(domains)},
      {"names", rows_of(report.names)},
      {"others", json::object{{"sessions", traffic.others.sessions}, {"octets", traffic.others.octets}}}};
  return json::serialize(all) + "\n";
}

}  // namespace dragoman::app
