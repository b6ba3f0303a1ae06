// RFC 5424 6: HEADER SP STRUCTURED-DATA SP MSG. All of it is ASCII, so MSG needs no BOM.
#include "binding_syslog.h"

namespace dragoman::gateway {
namespace {

constexpr unsigned severity_warning = 4;  // RFC 5424 6.2.1
constexpr unsigned severity_info = 6;

bool is_warning(Line line) {
  return line == Line::lost || line == Line::pool_exhausted || line == Line::quota_exceeded;
}

}  // namespace

SyslogEncoder::SyslogEncoder(const Writer& writer)
    : TextEncoder(writer), sender_(" " + writer.host + " dragoman " + std::to_string(writer.process) + " ") {}

void SyslogEncoder::begin(Line line, WallTime time) {
  const unsigned severity = is_warning(line) ? severity_warning : severity_info;
  line_ += '<';
  line_ += std::to_string(writer_.options.syslog_facility * 8u + severity);
  line_ += ">1 ";
  append_timestamp(line_, time);
  line_ += sender_;
  line_ += word_of(line);
  line_ += " [";
  line_ += structured_data_id;
}

void SyslogEncoder::text(std::string_view name, std::string_view value) {
  line_ += ' ';
  line_ += name;
  line_ += "=\"";
  for (const char c : value) {
    if (c == ']') line_ += '\\';  // RFC 5424 6.3.3; quotes and backslashes do not occur
    line_ += c;
  }
  line_ += '"';
  message_ += ' ';
  message_ += value;
}

void SyslogEncoder::number(std::string_view name, std::uint64_t value) { text(name, std::to_string(value)); }

void SyslogEncoder::end() {
  line_ += ']';
  line_ += message_;
  message_.clear();
}

}  // namespace dragoman::gateway
