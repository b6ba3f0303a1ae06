// The log over spdlog, which brings the time, the colour on terminals and the lock. A line is built here, because
// values come from the wire: nothing in them may end a line, move a cursor or break JSON.
#include "dragoman/base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>

namespace dragoman {
namespace {

// Both patterns end where the line that is built here goes on. Times are UTC.
constexpr const char* text_pattern = "%Y-%m-%dT%H:%M:%S.%eZ %^%-7l%$ %v";
constexpr const char* json_pattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})";

std::atomic<bool> writes_json{false};

spdlog::logger& logger() {
  static const auto instance = [] {
    auto made = std::make_shared<spdlog::logger>("dragoman", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
    made->set_pattern(text_pattern, spdlog::pattern_time_type::utc);
    return made;
  }();
  return *instance;
}

constexpr spdlog::level::level_enum levels[] = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                                spdlog::level::err};

spdlog::level::level_enum spdlog_level(LogLevel level) { return levels[static_cast<std::size_t>(level)]; }

void append_hex(std::string& out, const char* prefix, unsigned char octet) {
  constexpr char digits[] = "0123456789abcdef";
  out += prefix;
  out += digits[octet >> 4];
  out += digits[octet & 15];
}

// RFC 8259 7, with DEL and everything from 0x80 escaped too: the bytes of a name need not be UTF-8.
void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (octet < 0x20 || octet >= 0x7f) {
      append_hex(out, "\\u00", octet);
    } else {
      out += c;
    }
  }
  out += '"';
}

bool is_plain(std::string_view text) {
  constexpr std::string_view marks = ".,:;/_-+@#*()[]%<>";
  for (const char c : text) {
    const bool is_word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!is_word && marks.find(c) == std::string_view::npos) return false;
  }
  return !text.empty();
}

std::string json_line(std::string_view event, std::string_view text, log::Fields fields) {
  std::string line = "\"event\":";
  append_quoted(line, event);
  line += ",\"text\":";
  append_quoted(line, text);
  for (const auto& [name, value] : fields) {
    line += ',';
    append_quoted(line, name);
    line += ':';
    append_quoted(line, value);
  }
  return line;
}

std::string text_line(std::string_view event, std::string_view text, log::Fields fields) {
  std::string line(event);
  line += ": ";
  line += text;
  for (const auto& [name, value] : fields) {
    line += ' ';
    line += name;
    line += '=';
    if (is_plain(value)) {
      line += value;
    } else {
      append_quoted(line, value);
    }
  }
  return line;
}

void write(LogLevel level, std::string_view event, std::string_view text, log::Fields fields) {
  const auto wanted = spdlog_level(level);
  if (!logger().should_log(wanted)) return;
  const bool as_json = writes_json.load(std::memory_order_relaxed);
  logger().log(wanted,
               spdlog::string_view_t(as_json ? json_line(event, text, fields) : text_line(event, text, fields)));
}

}  // namespace

void log::configure(const LogOptions& options) {
  const bool as_json = options.format == LogFormat::json;
  writes_json.store(as_json, std::memory_order_relaxed);
  logger().set_pattern(as_json ? json_pattern : text_pattern, spdlog::pattern_time_type::utc);
  logger().set_level(spdlog_level(options.level));
}

void log::debug(std::string_view event, std::string_view text, Fields fields) {
  write(LogLevel::debug, event, text, fields);
}
void log::info(std::string_view event, std::string_view text, Fields fields) {
  write(LogLevel::info, event, text, fields);
}
void log::warn(std::string_view event, std::string_view text, Fields fields) {
  write(LogLevel::warn, event, text, fields);
}
void log::error(std::string_view event, std::string_view text, Fields fields) {
  write(LogLevel::error, event, text, fields);
}

}  // namespace dragoman
