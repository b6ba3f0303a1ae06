// Facts as two columns, lists as tables.
#include "nat64_output.h"

#include <algorithm>

#include "api_text.h"

namespace dragoman::app {
namespace {

std::int64_t number(const json::value& value) { return value.to_number<std::int64_t>(); }

// "1234 (tcp 1000, udp 200, icmp 34)"
std::string sum_of(const json::object& parts, const std::string& bound = {}) {
  std::int64_t sum = 0;
  std::string text;
  for (const auto& [name, value] : parts) {
    sum += number(value);
    text += (text.empty() ? "" : ", ") + std::string(name) + " " + number_of(value);
  }
  return std::to_string(sum) + bound + " (" + text + ")";
}

// "12.3 MiB"
std::string octets_of(const json::value& value) {
  static constexpr const char* units[] = {"octets", "KiB", "MiB", "GiB", "TiB"};
  const std::int64_t octets = number(value);
  if (octets < 1024) return std::to_string(octets) + " octets";
  std::int64_t tenths = octets * 10;
  std::size_t unit = 0;
  for (; tenths >= 10240 && unit + 1 < std::size(units); ++unit) tenths /= 1024;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " " + units[unit];
}

std::string blocks_of(const json::object& pool) {
  return number_of(pool.at("taken")) + " of " + number_of(pool.at("blocks")) + " blocks of " +
         number_of(pool.at("block_size")) + " ports taken, " + number_of(pool.at("draining")) + " that drain";
}

std::string traffic_of(const json::object& all) {
  std::vector<Row> rows{{"direction", "packets", "octets"}};
  for (const auto& [direction, packets] : all.at("packets").as_object()) {
    rows.push_back({std::string(direction), number_of(packets), octets_of(all.at("bytes").as_object().at(direction))});
  }
  return table_of(rows);
}

// Those that happen most first.
std::string drops_of(const json::object& drops) {
  if (drops.empty()) return "nothing was dropped\n";
  std::vector<std::pair<std::int64_t, std::string>> reasons;
  for (const auto& [reason, count] : drops) reasons.emplace_back(number(count), std::string(reason));
  std::sort(reasons.begin(), reasons.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<Row> rows{{"dropped", "reason"}};
  for (const auto& [count, reason] : reasons) rows.push_back({std::to_string(count), reason});
  return table_of(rows, true);
}

std::string status(const json::object& all) {
  std::string prefixes;
  for (const json::value& prefix : all.at("prefixes").as_array()) {
    prefixes += (prefixes.empty() ? "" : ", ") + text_of(prefix);
  }
  const std::vector<Row> facts{
      {"state", text_of(all.at("state"))},
      {"device", text_of(all.at("device"))},
      {"prefixes", prefixes},
      {"subscribers", number_of(all.at("subscribers"))},
      {"sessions", sum_of(all.at("sessions").as_object(), " of " + number_of(all.at("sessions_limit")))},
      {"bindings", sum_of(all.at("bindings").as_object())},
      {"pool", blocks_of(all.at("pool").as_object())},
      {"memory", octets_of(all.at("memory"))},
  };
  return table_of(facts) + "\n" + traffic_of(all) + "\n" + drops_of(all.at("drops").as_object());
}

std::string sessions(const json::object& all) {
  std::vector<Row> rows{{"protocol", "inside", "outside", "remote", "state", "expires in"}};
  for (const json::value& value : all.at("sessions").as_array()) {
    const json::object& session = value.as_object();
    rows.push_back({text_of(session.at("protocol")), text_of(session.at("inside")), text_of(session.at("outside")),
                    text_of(session.at("remote")), text_of(session.at("state")),
                    number_of(session.at("expires_in_s")) + " s"});
  }
  if (rows.size() == 1) return "no sessions\n";
  return table_of(rows) + (all.at("is_cut").as_bool() ? "... and more: --limit\n" : "");
}

std::string pool(const json::object& all) {
  std::vector<Row> rows{{"address", "taken", "of", "leaving", "new ones"}};
  for (const json::value& value : all.at("addresses").as_array()) {
    const json::object& address = value.as_object();
    rows.push_back({text_of(address.at("address")), number_of(address.at("taken")), number_of(address.at("blocks")),
                    number_of(address.at("draining")), address.at("gives").as_bool() ? "given" : "none: it drains"});
  }
  return "blocks of " + number_of(all.at("block_size")) + " ports\n\n" + table_of(rows) +
         (all.at("is_cut").as_bool() ? "... and more: --limit\n" : "");
}

std::string bound_of(const json::value& limit) { return number(limit) == 0 ? ", no limit" : " of " + number_of(limit); }

std::string subscriber(const json::object& all) {
  const json::value& found = all.at("subscriber");
  if (found.is_null()) return text_of(all.at("address")) + " holds nothing\n";
  const json::object& info = found.as_object();
  const json::object& limits = all.at("limits").as_object();
  std::vector<Row> facts{
      {"subscriber", text_of(info.at("prefix"))},
      {"worker", number_of(all.at("worker"))},
      {"sessions", number_of(info.at("sessions")) + bound_of(limits.at("sessions"))},
  };
  for (const auto& [protocol, ports] : info.at("bindings").as_object()) {
    facts.push_back({std::string(protocol) + " ports", number_of(ports) + bound_of(limits.at("ports"))});
  }
  std::vector<Row> blocks{{"address", "ports"}};
  for (const json::value& value : info.at("blocks").as_array()) {
    const json::object& block = value.as_object();
    blocks.push_back(
        {text_of(block.at("address")), number_of(block.at("first_port")) + "-" + number_of(block.at("last_port"))});
  }
  return table_of(facts) + (blocks.size() == 1 ? "" : "\n" + table_of(blocks));
}

}  // namespace

std::optional<std::string> nat64_status_as_text(std::string_view text) { return read_json(text, status); }
std::optional<std::string> nat64_sessions_as_text(std::string_view text) { return read_json(text, sessions); }
std::optional<std::string> nat64_pool_as_text(std::string_view text) { return read_json(text, pool); }
std::optional<std::string> nat64_subscriber_as_text(std::string_view text) { return read_json(text, subscriber); }

}  // namespace dragoman::app
