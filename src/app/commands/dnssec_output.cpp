// Rows in columns, and a sentence where there is nothing to show.
#include "dnssec_output.h"

#include "api_text.h"

namespace dragoman::app {
namespace {

constexpr const char* not_validating = "nothing is validated: dnssec.mode is not `validate`\n";

// "2026-11-28T12:00:00Z"; milliseconds are for programs.
std::string time_of(const json::value& value, const char* otherwise) {
  if (value.is_null()) return otherwise;
  const std::string text = text_of(value);
  const std::size_t dot = text.find('.');
  return dot == std::string::npos ? text : text.substr(0, dot) + "Z";
}

std::string remark_of(const json::object& record) {
  const std::string state = text_of(record.at("state"));
  if (state == "add_pend") return "trusted from " + time_of(record.at("trusted_from"), "-") + ", if it stays";
  if (state == "awaited") return "configured, and its key not seen yet";
  return "";
}

std::string zone_text(const json::object& zone) {
  std::string text = text_of(zone.at("zone"));
  if (zone.at("managed").as_bool()) {
    text += "  keys followed (RFC 5011), last seen " + time_of(zone.at("refreshed"), "never") + ", again " +
            time_of(zone.at("next_query"), "now");
  } else {
    text += "  as configured";
  }
  std::vector<Row> rows{{"record", "key tag", "algorithm", "state", "since", ""}};
  for (const json::value& value : zone.at("records").as_array()) {
    const json::object& record = value.as_object();
    rows.push_back({text_of(record.at("type")), number_of(record.at("key_tag")), number_of(record.at("algorithm")),
                    text_of(record.at("state")), time_of(record.at("since"), "-"), remark_of(record)});
  }
  return text + "\n" + (rows.size() == 1 ? "no key is trusted\n" : table_of(rows));
}

std::string anchors(const json::object& all) {
  if (!all.at("validates").as_bool()) return not_validating;
  std::string text;
  for (const json::value& zone : all.at("anchors").as_array()) {
    text += (text.empty() ? "" : "\n") + zone_text(zone.as_object());
  }
  return text.empty() ? "there is no trust anchor: nothing can be validated\n" : text;
}

std::string negative(const json::object& all) {
  if (!all.at("validates").as_bool()) return not_validating;
  std::vector<Row> rows{{"not validated", "until", "said by"}};
  for (const json::value& value : all.at("negative").as_array()) {
    const json::object& row = value.as_object();
    rows.push_back({text_of(row.at("name")), time_of(row.at("expires"), "for ever"), text_of(row.at("source"))});
  }
  return rows.size() == 1 ? "every name is validated\n" : table_of(rows);
}

std::string validation(const json::object& all) {
  const json::object& query = all.at("query").as_object();
  std::vector<Row> rows;
  for (const json::value& value : all.at("steps").as_array()) {
    const json::object& step = value.as_object();
    if (text_of(step.at("step")) != "validation") continue;
    rows.push_back({milliseconds_of(step.at("at_ms")) + " ms", text_of(step.at("text"))});
  }
  const json::object& reply = all.at("reply").as_object();
  std::string text = text_of(query.at("type")) + " " + text_of(query.at("name")) + "\n\n" +
                     (rows.empty() ? "nothing was validated for it\n" : table_of(rows, true)) + "\n" +
                     text_of(reply.at("rcode"));
  for (const json::value& flag : reply.at("flags").as_array()) {
    if (text_of(flag) == "ad") text += ", authentic (AD)";
  }
  for (const json::value& value : reply.at("ede").as_array()) {
    const json::object& error = value.as_object();
    const std::string words = text_of(error.at("text"));
    text += ", EDE " + number_of(error.at("code")) + " " + text_of(error.at("purpose")) +
            (words.empty() ? "" : ": " + words);
  }
  return text + "\n";
}

}  // namespace

std::optional<std::string> anchors_as_text(std::string_view text) { return read_json(text, anchors); }
std::optional<std::string> negative_anchors_as_text(std::string_view text) { return read_json(text, negative); }
std::optional<std::string> validation_as_text(std::string_view text) { return read_json(text, validation); }

}  // namespace dragoman::app
