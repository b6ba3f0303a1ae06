// Columns and sentences out of JSON.
#include "explain_output.h"

#include "api_text.h"

namespace dragoman::app {
namespace {

std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

std::string question_of(const json::object& query) {
  std::string text = text_of(query.at("type")) + " " + text_of(query.at("name")) + " for " +
                     text_of(query.at("client")) + ", through " + text_of(query.at("listener"));
  if (const std::string name = text_of(query.at("tls_name")); !name.empty()) text += ", TLS name " + name;
  if (query.at("dnssec_ok").as_bool()) text += ", with DO";
  if (query.at("checking_disabled").as_bool()) text += ", with CD";
  return text + "\n\n";
}

std::string steps_of(const json::object& all) {
  std::vector<Row> rows;
  for (const json::value& value : all.at("steps").as_array()) {
    const json::object& step = value.as_object();
    rows.push_back({milliseconds_of(step.at("at_ms")) + " ms", text_of(step.at("step")), text_of(step.at("text"))});
  }
  std::string text = table_of(rows, true);
  const auto left_out = all.at("steps_left_out").to_number<std::int64_t>();
  if (left_out > 0) text += "(" + std::to_string(left_out) + " more steps are left out)\n";
  return text;
}

std::string records_of(const json::object& reply) {
  std::vector<Row> rows;
  for (const json::value& value : reply.at("answer").as_array()) {
    const json::object& record = value.as_object();
    rows.push_back({text_of(record.at("name")), number_of(record.at("ttl")), text_of(record.at("class")),
                    text_of(record.at("type")), text_of(record.at("rdata"))});
  }
  return table_of(rows);
}

ExplanationText explanation(const json::object& all) {
  const json::object& reply = all.at("reply").as_object();
  const std::string rcode = text_of(reply.at("rcode"));
  std::vector<std::string> flags;
  for (const json::value& flag : reply.at("flags").as_array()) flags.push_back(text_of(flag));
  ExplanationText told;
  told.text = question_of(all.at("query").as_object()) + steps_of(all) + "\n" + rcode + " after " +
              milliseconds_of(all.at("elapsed_ms")) + " ms, flags " + joined(flags, " ") + "\n" + records_of(reply);
  told.has_records = rcode == "NOERROR" && !reply.at("answer").as_array().empty();
  return told;
}

std::string duration_of(std::int64_t whole_seconds) {
  const std::int64_t days = whole_seconds / 86400, hours = whole_seconds / 3600 % 24, minutes = whole_seconds / 60 % 60;
  if (days > 0) return std::to_string(days) + " d " + std::to_string(hours) + " h";
  if (hours > 0) return std::to_string(hours) + " h " + std::to_string(minutes) + " min";
  if (minutes > 0) return std::to_string(minutes) + " min " + std::to_string(whole_seconds % 60) + " s";
  return std::to_string(whole_seconds) + " s";
}

std::string upstreams(const json::object& all) {
  std::vector<Row> rows{{"upstream", "state", "latency", "in flight", "connections"}};
  const auto workers = all.at("workers").to_number<std::int64_t>();
  for (const json::value& value : all.at("upstreams").as_array()) {
    const json::object& server = value.as_object();
    const auto up = server.at("workers_up").to_number<std::int64_t>();
    const bool is_divided = up > 0 && up < workers;
    const std::string state = up == 0 ? "down"
                              : is_divided
                                  ? "up for " + std::to_string(up) + " of " + std::to_string(workers) + " workers"
                                  : "up";
    const json::value& latency = server.at("latency_ms");
    rows.push_back({text_of(server.at("url")), state, latency.is_null() ? "-" : milliseconds_of(latency) + " ms",
                    number_of(server.at("in_flight")), number_of(server.at("connections"))});
  }
  return rows.size() == 1 ? "no upstream is configured\n" : table_of(rows);
}

std::string status(const json::object& all) {
  std::vector<std::string> reasons;
  for (const json::value& reason : all.at("reasons").as_array()) reasons.push_back(text_of(reason));
  const bool is_ready = all.at("ready").as_bool();
  const std::string ready = is_ready ? "yes" : "no: " + joined(reasons, ", ");
  return table_of({{"version", text_of(all.at("version"))},
                   {"up for", duration_of(all.at("uptime_s").to_number<std::int64_t>())},
                   {"workers", number_of(all.at("workers"))},
                   {"ready", ready}}) +
         "\n" + upstreams(all);
}

}  // namespace

std::optional<ExplanationText> explanation_as_text(std::string_view text) { return read_json(text, explanation); }
std::optional<std::string> status_as_text(std::string_view text) { return read_json(text, status); }
std::optional<std::string> upstreams_as_text(std::string_view text) { return read_json(text, upstreams); }

}  // namespace dragoman::app
