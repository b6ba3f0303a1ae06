// From yaml-cpp's events to our tree. The only file that includes yaml-cpp and the only function that catches its
// exceptions.
#include "yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <unordered_map>

#include "findings.h"

namespace dragoman::config {
namespace {

constexpr std::size_t longest_shown = 60;

Place place_of(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

// The text by lines, from 1.
class Lines {
 public:
  explicit Lines(std::string_view text) {
    while (!text.empty()) {
      std::size_t length = std::min(text.find('\n'), text.size());
      lines_.push_back(text.substr(0, length));
      text.remove_prefix(std::min(length + 1, text.size()));
    }
  }
  // Empty beyond the end.
  std::string_view operator[](int line) const {
    auto index = static_cast<std::size_t>(line - 1);
    return index < lines_.size() ? lines_[index] : std::string_view();
  }
  int count() const { return static_cast<int>(lines_.size()); }

 private:
  std::vector<std::string_view> lines_;
};

// yaml-cpp puts an empty entry of a list where the next token is; people look for it at its dash.
Place place_of_dash(const Lines& lines, Place place) {
  std::string_view written = lines[place.line].substr(
      std::min<std::size_t>(static_cast<std::size_t>(place.column - 1), lines[place.line].size()));
  if (written.starts_with('~') || written.starts_with("null")) return place;
  for (int line = std::min(place.line - 1, lines.count()); line > 0; --line) {
    std::size_t last = lines[line].find_last_not_of(" \r");
    if (last == std::string_view::npos || lines[line][last] == '#') continue;
    return lines[line][last] == '-' ? Place{line, static_cast<int>(last) + 1} : place;
  }
  return place;
}

// Whether the quoted scalar that begins at `place` ends somewhere (yaml-cpp 0.7 lets the end of the file close it, and
// so swallows every key behind a forgotten quote).
bool quote_is_closed(std::string_view text, const Lines& lines, Place place) {
  std::string_view line = lines[place.line];
  auto column = static_cast<std::size_t>(place.column - 1);
  if (column >= line.size()) return true;
  char quote = line[column];
  if (quote != '"' && quote != '\'') return true;  // a block scalar, or a column that counts other characters
  const char* begin = line.data() + column + 1;
  const char* end = text.data() + text.size();
  for (const char* at = begin; at < end; ++at) {
    if (*at == '\\' && quote == '"') {
      ++at;
    } else if (*at == quote) {
      return true;  // '' inside single quotes is met as two closings, which changes nothing here
    }
  }
  return false;
}

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view text, const Lines& lines, Findings& findings)
      : text_(text), lines_(lines), findings_(findings) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { add(make(Node::Kind::null, mark)); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    findings_.error_at(place_of(mark), "", "aliases (*name) are not supported", "write the value out");
    add(make(Node::Kind::broken, mark));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& value) override {
    Node node = make(Node::Kind::scalar, mark);
    node.text = value;
    if (tag == "!" && !quote_is_closed(text_, lines_, node.place)) {
      findings_.error_at(node.place, "", "this quote is never closed", "add the closing quote at the end of the value");
      node.kind = Node::Kind::broken;
      is_swallowed_ = true;
    }
    add(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    open(Node::Kind::list, mark);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    open(Node::Kind::map, mark);
  }
  void OnMapEnd() override { close(); }

  std::optional<Node> take_root() { return std::exchange(root_, std::nullopt); }
  // An open quote has taken the rest of the file: whatever else is found missing is in there.
  bool is_swallowed() const { return is_swallowed_; }
  // Where the innermost list or section begins that is still open.
  std::optional<Place> place_of_open(Node::Kind kind) const {
    for (auto open = open_.rbegin(); open != open_.rend(); ++open) {
      if (open->node.kind == kind) return open->node.place;
    }
    return std::nullopt;
  }

 private:
  struct Open {
    Node node;
    std::optional<Node> key;                      // map: read, and waiting for its value
    std::unordered_map<std::string, Place> seen;  // map: its keys
  };

  static Node make(Node::Kind kind, const YAML::Mark& mark) {
    Node node;
    node.kind = kind;
    node.place = place_of(mark);
    return node;
  }
  void open(Node::Kind kind, const YAML::Mark& mark) { open_.push_back({make(kind, mark), {}, {}}); }
  void close() {
    Node node = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(node));
  }

  void add(Node node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == Node::Kind::list) {
      if (node.kind == Node::Kind::null) node.place = place_of_dash(lines_, node.place);
      parent.node.children.push_back(std::move(node));
    } else if (!parent.key) {
      parent.key = std::move(node);
    } else {
      add_entry(parent, *std::exchange(parent.key, std::nullopt), std::move(node));
    }
  }

  void add_entry(Open& map, const Node& key, Node value) {
    if (key.kind == Node::Kind::broken) return;
    if (key.kind != Node::Kind::scalar) {
      findings_.error_at(key.place, "", "a key must be a word, this is " + key.shown(),
                         "quote IPv6 addresses inside [ ], as in [\"[::1]:53\"]");
      return;
    }
    auto [first, is_new] = map.seen.emplace(key.text, key.place);
    if (!is_new) {
      findings_.error_at(key.place, path_here() + key.text,
                         "written twice, first in line " + std::to_string(first->second.line), "keep one of the two");
      return;
    }
    if (value.kind == Node::Kind::null) value.place = key.place;  // yaml-cpp puts it where the next token is
    value.key = key.text;
    value.key_place = key.place;
    map.node.children.push_back(std::move(value));
  }

  // The path of what is being read, with what goes between it and the next key.
  std::string path_here() const {
    std::string path;
    for (std::size_t i = 0; i + 1 < open_.size(); ++i) {
      const Open& open = open_[i];
      if (open.node.kind == Node::Kind::list) {
        path += "[" + std::to_string(open.node.children.size()) + "]";
      } else if (open.key) {
        path += (path.empty() ? "" : ".") + open.key->text;
      }
    }
    return path.empty() ? path : path + ".";
  }

  std::string_view text_;
  const Lines& lines_;
  Findings& findings_;
  bool is_swallowed_ = false;
  std::vector<Open> open_;
  std::optional<Node> root_;
};

void set_paths(Node& node) {
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    Node& child = node.children[i];
    if (node.kind == Node::Kind::list) {
      child.path = node.path + "[" + std::to_string(i) + "]";
    } else {
      child.path = node.path.empty() ? child.key : node.path + "." + child.key;
    }
    set_paths(child);
  }
}

// What yaml-cpp says, and what people need to hear.
struct Diagnosis {
  std::string_view from_yaml;
  const char* text;
  const char* fix;
};
const std::array<Diagnosis, 9> diagnoses{{
    {YAML::ErrorMsg::END_OF_SEQ_FLOW, "this [ is not closed by a ]", "close the list with ]"},
    {YAML::ErrorMsg::END_OF_MAP_FLOW, "this { is not closed by a }", "close it with }"},
    {YAML::ErrorMsg::FLOW_END, "a ] or } that nothing has opened", "remove it"},
    {YAML::ErrorMsg::END_OF_MAP, "the indentation does not fit the lines above", "indent the keys of a section alike"},
    {YAML::ErrorMsg::END_OF_SEQ, "the indentation does not fit the lines above", "indent the entries of a list alike"},
    {YAML::ErrorMsg::MAP_VALUE, "a second `: ` in one value, or a line that is indented wrongly",
     "indent the keys of a section alike; quote a value that holds `: `"},
    {YAML::ErrorMsg::BLOCK_ENTRY, "a list entry cannot begin here", "put each `- ` on a line of its own"},
    {YAML::ErrorMsg::UNKNOWN_TOKEN, "a value cannot begin with this character", "quote the value"},
    {YAML::ErrorMsg::UNKNOWN_ANCHOR, "aliases (*name) are not supported", "write the value out; quote a leading *"},
}};

void report(const YAML::Exception& exception, const Lines& lines, const TreeBuilder& builder, Findings& findings) {
  std::string what = exception.msg;
  std::string fix = "see YAML's rules for this construct";
  for (const Diagnosis& diagnosis : diagnoses) {
    if (!exception.msg.starts_with(diagnosis.from_yaml)) continue;
    what = diagnosis.text;
    fix = diagnosis.fix;
  }
  Place place = place_of(exception.mark);
  if (exception.msg == YAML::ErrorMsg::END_OF_SEQ_FLOW) place = builder.place_of_open(Node::Kind::list).value_or(place);
  if (exception.msg == YAML::ErrorMsg::END_OF_MAP_FLOW) place = builder.place_of_open(Node::Kind::map).value_or(place);
  std::string_view line = lines[place.line];
  bool has_address = line.find("://[") != std::string_view::npos || line.find("::") != std::string_view::npos;
  if (has_address && line.find('[') != std::string_view::npos) {
    what += "; quote IPv6 addresses inside [ ]";
    fix = "write [\"dns://[::]:53\"], or a list with one `- ` line per entry";
  }
  findings.error_at(place, "", what, fix);
}

// Tabs in the indentation: refused by YAML, but not everywhere by yaml-cpp.
bool has_tabs(const Lines& lines, Findings& findings) {
  bool found = false;
  for (int number = 1; number <= lines.count(); ++number) {
    std::string_view line = lines[number];
    std::size_t content = line.find_first_not_of(" \t\r");
    std::size_t tab = line.find('\t');
    if (content == std::string_view::npos || line[content] == '#' || tab > content) continue;
    findings.error_at({number, static_cast<int>(tab) + 1}, "", "a tab in the indentation", "indent with spaces");
    found = true;
  }
  return found;
}

}  // namespace

const Node* Node::find(std::string_view name) const {
  auto child = std::find_if(children.begin(), children.end(), [&](const Node& node) { return node.key == name; });
  return kind == Kind::map && child != children.end() ? &*child : nullptr;
}

const Node& Node::nearest(std::string_view wanted_path) const {
  for (const Node& child : children) {
    bool leads_there = wanted_path.starts_with(child.path);
    std::string_view rest = leads_there ? wanted_path.substr(child.path.size()) : std::string_view();
    if (leads_there && (rest.empty() || rest[0] == '.' || rest[0] == '[')) return child.nearest(wanted_path);
  }
  return *this;
}

std::string Node::shown() const {
  switch (kind) {
    case Kind::null:
      return "empty";
    case Kind::list:
      return "a list";
    case Kind::map:
      return "a section";
    case Kind::broken:
      return "unreadable";
    case Kind::scalar:
      break;
  }
  if (substituted) return "the value put in for ${...}";
  std::string out = "`";
  for (char c : text.substr(0, longest_shown)) out += static_cast<unsigned char>(c) < ' ' || c == '\x7f' ? '?' : c;
  return out + (text.size() > longest_shown ? "...`" : "`");
}

std::optional<Node> parse_yaml(const std::string& text, Findings& findings) {
  Lines lines(text);
  if (has_tabs(lines, findings)) return std::nullopt;
  TreeBuilder builder(text, lines, findings);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) {
      findings.error_at({}, "", "the file is empty", "begin with `listen:`, as config/minimal.yaml does");
      return std::nullopt;
    }
    std::optional<Node> root = builder.take_root();
    if (parser.HandleNextDocument(builder)) {
      Place place = builder.take_root().value_or(Node()).place;
      findings.error_at(place, "", "a second document begins here", "remove the `---` line before it");
    }
    if (!root || builder.is_swallowed()) return std::nullopt;
    set_paths(*root);
    return root;
  } catch (const YAML::Exception& exception) {
    if (!builder.is_swallowed()) report(exception, lines, builder, findings);
  }
  return std::nullopt;
}

}  // namespace dragoman::config
