// {"domains": [...], "names": [...]}, rows as they are counted; times as RFC 3339 has them.
#include "ipv4_only_json.h"

#include <array>
#include <boost/json.hpp>

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

json::array rows_of(const std::vector<resolve::Ipv4OnlyRow>& rows) {
  json::array list;
  for (const resolve::Ipv4OnlyRow& row : rows) {
    json::object by_policy;
    for (const auto& [policy, count] : row.by_policy) by_policy[policy] = count;
    list.push_back(json::object{{"name", row.name},
                                {"count", row.count},
                                {"error", row.error},
                                {"by_policy", std::move(by_policy)},
                                {"got_aaaa_at", time_or_null(row.got_aaaa_at)}});
  }
  return list;
}

}  // namespace

std::string ipv4_only_as_json(const resolve::Ipv4OnlyReport& report) {
  const json::object all{{"domains", rows_of(report.domains)}, {"names", rows_of(report.names)}};
  return json::serialize(all) + "\n";
}

}  // namespace dragoman::app
