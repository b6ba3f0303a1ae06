// One line of the binding log read back, JSON or syslog. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "binding_words.h"
#include "dragoman/base/wall_time.h"

namespace dragoman::gateway {

// Views into the line, or into `unescaped` for what syslog escapes: do not copy it. Empty: not there.
struct LogLine {
  Line line = Line::lost;
  WallTime time{};
  std::string_view host;  // of syslog each line has it, of JSON the start alone
  std::string_view subscriber, address, addresses, ports, protocol, inside, outside, remote, since, lost;
  std::string unescaped;

  LogLine() = default;
  LogLine(const LogLine&) = delete;
  LogLine& operator=(const LogLine&) = delete;
};

enum class Reading : std::uint8_t {
  line,     // of the binding log
  foreign,  // of something else, or of a later version
  damaged,  // it was meant to be of the binding log
};
Reading read_line(std::string_view text, LogLine& out);

// What can be told without reading the whole line, for those that are written as here and not by other tools.
struct LineHead {
  std::string_view stamp;  // the time, as text; empty: not known, read the line
  std::string_view word;   // begins with the word of the event
};
LineHead head_of(std::string_view text);

}  // namespace dragoman::gateway
