// Two tables: domains, then names; a name that has AAAA records by now says since when.
#include "top_output.h"

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

std::string rows_of(const json::object& all, const char* which) {
  std::vector<Row> rows{{"answers", which, "by policy", "AAAA since"}};
  for (const json::value& value : all.at(which).as_array()) {
    const json::object& row = value.as_object();
    const json::value& since = row.at("got_aaaa_at");
    rows.push_back({count_of(row), text_of(row.at("name")), policies_of(row), since.is_null() ? "" : text_of(since)});
  }
  return rows.size() == 1 ? std::string("nothing was synthesized yet\n") : table_of(rows, true);
}

std::string ipv4_only(const json::object& all) {
  const std::string domains = rows_of(all, "domains");
  return all.at("names").as_array().empty() ? domains : domains + "\n" + rows_of(all, "names");
}

}  // namespace

std::optional<std::string> ipv4_only_as_text(std::string_view text) { return read_json(text, ipv4_only); }

}  // namespace dragoman::app
