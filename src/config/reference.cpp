// The tables as a page for people, and two configurations compared row by row.
#include "dragoman/config/reference.h"

#include "keys.h"

namespace dragoman::config {
namespace {

const char* to_text(Reload reload) {
  switch (reload) {
    case Reload::live:
      return "yes";
    case Reload::new_connections:
      return "for new connections";
    case Reload::restart:
      break;
  }
  return "no";
}

std::string code(const std::string& text) { return text.empty() ? std::string() : "`" + text + "`"; }

// "" for a key that stands alone at the top of the file.
std::string section_of(const std::vector<Row>& rows, const Row& row) {
  std::string name = row.path.substr(0, row.path.find_first_of(".["));
  auto in_it = [&](const Row& other) {
    return other.path.starts_with(name + ".") || other.path.starts_with(name + "[");
  };
  return std::any_of(rows.begin(), rows.end(), in_it) ? name : "";
}

constexpr const char* introduction = R"(# Configuration reference

Every key of the configuration file. This page is written by `dragoman config-reference` from the tables that the program
reads files with; a test holds the two together.

- Durations are `1500ms`, `5s`, `2m`, `1h30m`, `1d`, or a bare number of seconds. Sizes are `64KiB`, `512MiB`, `2GiB`, or
  a bare number of octets.
- Where a list is expected, one value alone is a list of one. Inside `[ ]` IPv6 addresses need quotes.
- Paths are relative to the folder of the configuration file.
- `${env:NAME}` and `${file:/path}` in a value stand for a variable of the environment and the content of a file.
- An unknown key, a key that comes twice and a value out of range are errors: `dragoman check` shows all of them.
- "Reload" says whether SIGHUP puts a changed value into effect.
)";

constexpr const char* table_head = "\n| key | value | default | reload | |\n|---|---|---|---|---|\n";

}  // namespace

std::string reference() {
  std::vector<Row> rows = rows_of(Config());
  std::vector<std::pair<std::string, std::string>> sections{{"", ""}};  // name, lines; in the order of the tables
  for (const Row& row : rows) {
    std::string name = section_of(rows, row);
    auto known =
        std::find_if(sections.begin(), sections.end(), [&](const auto& section) { return section.first == name; });
    if (known == sections.end()) known = sections.insert(sections.end(), {name, ""});
    known->second += "| " + code(row.path) + " | " + row.type + " | " + code(row.value) + " | " + to_text(row.reload) +
                     " | " + row.sentence + " |\n";
  }
  std::string out = introduction;
  for (const auto& [name, lines] : sections) {
    out += "\n## " + (name.empty() ? "At the top of the file" : name) + "\n" + table_head + lines;
  }
  return out;
}

std::vector<Change> differences(const Config& before, const Config& after) {
  std::vector<Row> old_rows = rows_of(before);
  std::vector<Row> new_rows = rows_of(after);
  std::vector<Change> out;
  for (std::size_t i = 0; i < old_rows.size(); ++i) {  // the tables are the same, so the rows are
    const Row& row = old_rows[i];
    if (row.value != new_rows[i].value) out.push_back({row.path, row.value, new_rows[i].value, row.reload});
  }
  return out;
}

}  // namespace dragoman::config
