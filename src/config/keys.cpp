// What all tables share: unknown keys, sections, and the tables as a list of rows.
#include "keys.h"

#include "suggestion.h"

namespace dragoman::config {
namespace {

// Where else a key of this name belongs: "min_ttl" at the top of a file is meant for `cache`.
std::string paths_with(const std::string& name) {
  std::string out;
  for (const Row& row : rows_of(Config())) {
    std::size_t dot = row.path.rfind('.');
    bool is_plain = dot != std::string::npos && row.path.find('[') == std::string::npos;
    if (is_plain && row.path.substr(dot + 1) == name) out += (out.empty() ? "`" : " or `") + row.path + "`";
  }
  return out;
}

}  // namespace

void report_unknown(const Node& node, const std::vector<std::string>& known, Reading& reading) {
  std::string text = "unknown key";
  std::string near = nearest_word(node.key, known);
  const bool is_in_a_list = node.path.find('[') != std::string::npos;  // means its entry, whatever else has such a key
  std::string elsewhere = is_in_a_list ? std::string() : paths_with(node.key);
  if (!near.empty()) {
    text += "; did you mean `" + near + "`?";
  } else if (!elsewhere.empty()) {
    text += "; did you mean " + elsewhere + "?";
  }
  std::string all;
  for (const std::string& name : known) all += all.empty() ? name : ", " + name;
  reading.findings.error_at(node.key_place, node.path, text, "keys that are known here: " + all);
}

bool expect_section(const Node& node, Reading& reading) {
  if (node.kind == Node::Kind::map) return true;
  if (node.kind == Node::Kind::scalar || node.kind == Node::Kind::list) {
    std::string fix = "write its keys below it, indented, or {key: value}";
    reading.findings.error(node, "must be a section, this is " + node.shown(), fix);
  }
  return node.kind == Node::Kind::null;
}

std::vector<Row> rows_of(const Config& config) {
  std::vector<Row> out;
  append_rows(root_keys(), config, "", out);
  return out;
}

}  // namespace dragoman::config
