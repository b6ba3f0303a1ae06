// A reader of flat JSON objects and one of RFC 5424, just as far as the binding log goes.
#include "binding_line.h"

#include <algorithm>
#include <array>
#include <optional>

namespace dragoman::gateway {
namespace {

constexpr std::string_view element_start = "[binding@32473";
static_assert(element_start.substr(1) == structured_data_id);
constexpr std::string_view json_start = R"({"time":")", json_event = R"(","event":")";

struct FieldName {
  std::string_view name;
  std::string_view LogLine::*field;
};
constexpr std::array<FieldName, 11> field_names{{{"subscriber", &LogLine::subscriber},
                                                 {"address", &LogLine::address},
                                                 {"addresses", &LogLine::addresses},
                                                 {"ports", &LogLine::ports},
                                                 {"protocol", &LogLine::protocol},
                                                 {"inside", &LogLine::inside},
                                                 {"outside", &LogLine::outside},
                                                 {"remote", &LogLine::remote},
                                                 {"since", &LogLine::since},
                                                 {"lost", &LogLine::lost},
                                                 {"host", &LogLine::host}}};

void set_field(LogLine& out, std::string_view name, std::string_view value) {
  for (const FieldName& known : field_names) {
    if (known.name == name) out.*known.field = value;
  }
}

// Eats text from the front.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}
  bool is_at_end() const { return rest_.empty(); }
  bool eat(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void skip_spaces() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r"), rest_.size())); }
  // Up to the next of `marks`, which stays; all of it, if there is none.
  std::string_view until(std::string_view marks) {
    const std::string_view eaten = rest_.substr(0, rest_.find_first_of(marks));
    rest_.remove_prefix(eaten.size());
    return eaten;
  }
  // Up to a quote that no backslash escapes, which is eaten, too. Nullopt: there is none.
  std::optional<std::string_view> quoted() {
    for (std::size_t at = 0; at < rest_.size(); ++at) {
      if (rest_[at] == '\\') {
        ++at;
      } else if (rest_[at] == '"') {
        const std::string_view eaten = rest_.substr(0, at);
        rest_.remove_prefix(at + 1);
        return eaten;
      }
    }
    return {};
  }

 private:
  std::string_view rest_;
};

// RFC 8259, of values that are strings, numbers and literals. False: it is not such an object.
template <class Use>
bool read_object(std::string_view text, Use use) {
  Cursor cursor(text);
  if (!cursor.eat('{')) return false;
  for (;;) {
    cursor.skip_spaces();
    if (!cursor.eat('"')) return false;
    const auto name = cursor.quoted();
    cursor.skip_spaces();
    if (!name || !cursor.eat(':')) return false;
    cursor.skip_spaces();
    const bool is_text = cursor.eat('"');
    const auto value = is_text ? cursor.quoted() : cursor.until(" ,}");
    if (!value) return false;
    use(*name, *value);
    cursor.skip_spaces();
    if (cursor.eat('}')) break;
    if (!cursor.eat(',')) return false;
  }
  cursor.skip_spaces();
  return cursor.is_at_end();
}

Reading finish(std::optional<WallTime> time, std::string_view word, LogLine& out) {
  if (!time) return Reading::damaged;
  const auto line = line_from_word(word);
  if (!line) return Reading::foreign;
  out.time = *time;
  out.line = *line;
  return Reading::line;
}

Reading read_json(std::string_view text, LogLine& out) {
  std::string_view time, word;
  const bool is_whole = read_object(text, [&](std::string_view name, std::string_view value) {
    if (name == "time") time = value;
    if (name == "event") word = value;
    set_field(out, name, value);
  });
  if (!is_whole) return Reading::damaged;
  if (word.empty()) return Reading::foreign;
  return finish(wall_time_from_text(time), word, out);
}

// RFC 5424 6.3.3. What was unescaped before stays where it is: `storage` has room for the whole line.
std::string_view unescape(std::string_view value, std::string& storage) {
  if (value.find('\\') == value.npos) return value;
  const std::size_t start = storage.size();
  for (std::size_t at = 0; at < value.size(); ++at) {
    if (value[at] == '\\' && at + 1 < value.size()) ++at;
    storage += value[at];
  }
  return std::string_view(storage).substr(start);
}

struct SyslogHeader {
  std::string_view stamp, host, word;
  std::string_view rest;  // from the structured data on
};

// Collectors may leave the priority out.
bool is_syslog(std::string_view text) { return text.starts_with('<') || text.starts_with("1 "); }

// <PRI>1 SP TIMESTAMP SP HOSTNAME SP APP-NAME SP PROCID SP MSGID SP ...
bool read_header(std::string_view text, SyslogHeader& header) {
  std::array<std::string_view, 6> tokens;
  for (std::string_view& token : tokens) {
    const std::size_t space = text.find(' ');
    if (space == text.npos) return false;
    token = text.substr(0, space);
    text.remove_prefix(space + 1);
  }
  header = {tokens[1], tokens[2], tokens[5], text};
  return tokens[0] == "1" || tokens[0].ends_with(">1");
}

Reading read_syslog(std::string_view text, LogLine& out) {
  SyslogHeader header;
  if (!read_header(text, header)) return Reading::foreign;
  if (!header.rest.starts_with('[')) return Reading::foreign;
  const std::size_t element = header.rest.find(element_start);
  if (element == header.rest.npos) return Reading::foreign;
  Cursor cursor(header.rest.substr(element + element_start.size()));
  out.host = header.host;
  out.unescaped.clear();
  out.unescaped.reserve(text.size());
  while (!cursor.eat(']')) {
    if (!cursor.eat(' ')) return Reading::damaged;
    const std::string_view name = cursor.until("=");
    if (!cursor.eat('=') || !cursor.eat('"')) return Reading::damaged;
    const auto value = cursor.quoted();
    if (!value) return Reading::damaged;
    set_field(out, name, unescape(*value, out.unescaped));
  }
  return finish(wall_time_from_text(header.stamp), header.word, out);
}

}  // namespace

Reading read_line(std::string_view text, LogLine& out) {
  if (is_syslog(text)) return read_syslog(text, out);
  const std::size_t object = text.find('{');  // behind what a collector put in front
  return object == text.npos ? Reading::foreign : read_json(text.substr(object), out);
}

LineHead head_of(std::string_view text) {
  constexpr std::size_t event_at = json_start.size() + timestamp_length;
  if (text.starts_with(json_start)) {
    if (text.substr(std::min(event_at, text.size())).starts_with(json_event)) {
      return {text.substr(json_start.size(), timestamp_length), text.substr(event_at + json_event.size())};
    }
    return {};
  }
  SyslogHeader header;
  if (!is_syslog(text) || !read_header(text, header) || !header.rest.starts_with(element_start)) return {};
  return {header.stamp, header.word};
}

}  // namespace dragoman::gateway
