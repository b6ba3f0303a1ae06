// The log of the control plane: start, reload, certificates, upstreams going and coming. Never per query or packet.
// Any thread. On a terminal lines are for people, elsewhere text or JSON, one event a line, to standard error.
//
//   log::info("upstream_down", "an upstream server stopped answering", {{"server", url}, {"reason", text}});
//
// The first word names the event and never changes; texts may. Values are escaped: names come from the wire.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace dragoman {

enum class LogLevel : unsigned char { debug, info, warn, error };
enum class LogFormat : unsigned char { automatic, text, json };  // automatic: text

struct LogOptions {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::automatic;
};

namespace log {

using Field = std::pair<std::string_view, std::string>;
using Fields = std::initializer_list<Field>;

void configure(const LogOptions& options);
void debug(std::string_view event, std::string_view text, Fields fields = {});
void info(std::string_view event, std::string_view text, Fields fields = {});
void warn(std::string_view event, std::string_view text, Fields fields = {});
void error(std::string_view event, std::string_view text, Fields fields = {});

}  // namespace log
}  // namespace dragoman
