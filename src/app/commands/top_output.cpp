// Two tables: domains, then names; a name that has AAAA records by now says since when.
#include "top_output.h"

#include <algorithm>

#include "api_text.h"

namespace dragoman::app {
namespace {

// "home 3, default 1"; nothing where there is one policy for everybody.
std::string policies_of(const json::object& row) {
  std::string text;
  for (const auto& [policy, count] : row.at("by_policy").as_object()) {
    text += (text.empty() ? "" : ", ") + std::string(policy) + " " + number_of(count);
  }
  return text;
}

// What a place in the list was taken over with may belong to another name.
std::string count_of(const json::object& row) {
  const std::string count = number_of(row.at("count"));
  return row.at("error").to_number<std::int64_t>() == 0 ? count : "<= " + count;
}

Row names_row(const json::object& row) {
  const json::value& since = row.at("got_aaaa_at");
  return {count_of(row), text_of(row.at("name")), policies_of(row), since.is_null() ? "" : text_of(since)};
}

std::string names_of(const json::array& names) {
  std::vector<Row> rows{{"answers", "names", "by policy", "AAAA since"}};
  for (const json::value& value : names) rows.push_back(names_row(value.as_object()));
  return table_of(rows, true);
}

bool has_traffic(const json::object& all) {
  const json::array& domains = all.at("domains").as_array();
  return std::any_of(domains.begin(), domains.end(), [](const json::value& domain) {
    return domain.as_object().at("sessions").to_number<std::int64_t>() != 0;
  });
}

// With what the NAT64 carried, if anything. Of a domain that was not in its list all the time there was more.
std::string domains_of(const json::object& all) {
  const bool traffic = has_traffic(all);
  std::vector<Row> rows{{"answers", "domains", "by policy", "AAAA since"}};
  if (traffic) rows.front() = {"answers", "domains", "sessions", "octets", "by policy"};
  for (const json::value& value : all.at("domains").as_array()) {
    const json::object& row = value.as_object();
    if (!traffic) {
      rows.push_back(names_row(row));
      continue;
    }
    const bool is_less = row.at("octets_missed").to_number<std::int64_t>() != 0;
    rows.push_back({count_of(row), text_of(row.at("name")), number_of(row.at("sessions")),
                    (is_less ? ">= " : "") + number_of(row.at("octets")), policies_of(row)});
  }
  if (rows.size() == 1) return "nothing was synthesized yet\n";
  std::string text = table_of(rows, true);
  if (!traffic) return text;
  const json::object& others = all.at("others").as_object();
  return text + "beside them: " + number_of(others.at("sessions")) + " sessions, " + number_of(others.at("octets")) +
         " octets\n";
}

std::string ipv4_only(const json::object& all) {
  const json::array& names = all.at("names").as_array();
  return domains_of(all) + (names.empty() ? "" : "\n" + names_of(names));
}

}  // namespace

std::optional<std::string> ipv4_only_as_text(std::string_view text) { return read_json(text, ipv4_only); }

}  // namespace dragoman::app
