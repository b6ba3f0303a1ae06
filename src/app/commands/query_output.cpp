// Responses for people and for programs; see query_output.h. The keys of the JSON are stable.
#include "query_output.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "../message_parts.h"
#include "json_text.h"

namespace dragoman::app {
namespace {

std::string milliseconds_of(Duration elapsed) {
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%.1f", std::chrono::duration<double, std::milli>(elapsed).count());
  return text.data();
}

const char* name_of(upstream::Transport transport) {
  switch (transport) {
    case upstream::Transport::udp:
      return "udp";
    case upstream::Transport::tcp:
      return "tcp";
    case upstream::Transport::tls:
      return "tls";
    case upstream::Transport::https:
      return "https";
  }
  return "";
}

bool has_tls(const upstream::Heard& heard) {
  return heard.transport == upstream::Transport::tls || heard.transport == upstream::Transport::https;
}

const char* name_of(net::TlsVersion version) {
  switch (version) {
    case net::TlsVersion::tls12:
      return "TLS 1.2";
    case net::TlsVersion::tls13:
      return "TLS 1.3";
    case net::TlsVersion::other:
      return "TLS";
  }
  return "";
}

const char* name_of(upstream::Failure failure) {
  switch (failure) {
    case upstream::Failure::timeout:
      return "timeout";
    case upstream::Failure::network:
      return "network";
    case upstream::Failure::tls:
      return "tls";
    case upstream::Failure::overloaded:
      return "overloaded";
    case upstream::Failure::malformed:
      return "malformed";
    case upstream::Failure::none:
      return "none";
  }
  return "";
}

const char* explain(upstream::Failure failure) {
  switch (failure) {
    case upstream::Failure::timeout:
      return "nobody answered in time";
    case upstream::Failure::network:
      return "the server cannot be reached";
    case upstream::Failure::tls:
      return "no trusted TLS connection could be made";
    case upstream::Failure::overloaded:
      return "the server has no room for more questions";
    case upstream::Failure::malformed:
      return "what came back is not a DNS answer";
    case upstream::Failure::none:
      return "";
  }
  return "";
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

std::string via(const upstream::Heard& heard) {
  std::string text = name_of(heard.transport);
  if (has_tls(heard)) text += std::string(", ") + name_of(heard.tls) + (heard.resumed ? ", resumed" : "");
  return text;
}

// The records of a section under its name, in columns.
std::string section_as_text(const std::vector<RecordLine>& lines, dns::Section section) {
  std::string text;
  std::size_t name_width = 0, ttl_width = 0, type_width = 0;
  for (const RecordLine& line : lines) {
    name_width = std::max(name_width, line.name.size());
    ttl_width = std::max(ttl_width, line.ttl.size());
    type_width = std::max(type_width, line.type.size());
  }
  for (const RecordLine& line : lines) {
    if (line.section != section) continue;
    text += padded(line.name, name_width) + "  " + padded(line.ttl, ttl_width) + "  " + line.klass + "  " +
            padded(line.type, type_width) + "  " + line.rdata + "\n";
  }
  if (text.empty()) return text;
  return std::string("\n;; ") + to_text(section) + "\n" + text;
}

std::string section_as_json(const std::vector<RecordLine>& lines, dns::Section section) {
  std::vector<std::string> records;
  for (const RecordLine& line : lines) {
    if (line.section != section) continue;
    records.push_back("{\"name\":" + json_text(line.name) + ",\"ttl\":" + line.ttl +
                      ",\"class\":" + json_text(line.klass) + ",\"type\":" + json_text(line.type) +
                      ",\"rdata\":" + json_text(line.rdata) + "}");
  }
  return json_text(to_text(section)) + ":[" + joined(records, ",") + "]";
}

std::string question_as_json(const Asked& asked) {
  return "\"question\":{\"name\":" + json_text(asked.name) + ",\"type\":" + json_text(asked.type) +
         "},\"server\":" + json_text(asked.server);
}

std::string transport_as_json(const upstream::Heard& heard) {
  std::string text = "\"transport\":" + json_text(name_of(heard.transport));
  text += ",\"time_ms\":" + milliseconds_of(heard.elapsed) + ",\"tls\":";
  if (!has_tls(heard)) return text + "null";
  return text + "{\"version\":" + json_text(name_of(heard.tls)) + ",\"resumed\":" + (heard.resumed ? "true" : "false") +
         "}";
}

}  // namespace

std::string answer_as_text(const Asked& asked, const upstream::Heard& heard, const dns::MessageView& message) {
  std::string text = ";; " + dns::to_text(message.rcode()) + ", flags " + joined(flags_of(message.header()), " ") +
                     ", " + milliseconds_of(heard.elapsed) + " ms, " + std::to_string(message.bytes().size()) +
                     " octets, from " + asked.server + " (" + via(heard) + ")\n";
  for (const ExtendedError& error : errors_of(message)) {
    text += ";; EDE " + std::to_string(error.code) + " " + std::string(dns::to_text(static_cast<dns::Ede>(error.code)));
    // The server chose the text: escaped like any other that comes from the wire.
    text += error.text.empty() ? "\n" : ": " + json_text(error.text) + "\n";
  }
  text += "\n;; question\n" + asked.name + "  IN  " + asked.type + "\n";
  const std::vector<RecordLine> lines = lines_of(message);
  for (const dns::Section section : {dns::Section::answer, dns::Section::authority, dns::Section::additional}) {
    text += section_as_text(lines, section);
  }
  return text;
}

std::string answer_as_json(const Asked& asked, const upstream::Heard& heard, const dns::MessageView& message) {
  std::vector<std::string> names, errors;
  for (const std::string& flag : flags_of(message.header())) names.push_back(json_text(flag));
  for (const ExtendedError& error : errors_of(message)) {
    errors.push_back("{\"code\":" + std::to_string(error.code) +
                     ",\"purpose\":" + json_text(dns::to_text(static_cast<dns::Ede>(error.code))) +
                     ",\"text\":" + json_text(error.text) + "}");
  }
  const std::vector<RecordLine> lines = lines_of(message);
  std::string text = "{" + question_as_json(asked) + "," + transport_as_json(heard);
  text += ",\"size\":" + std::to_string(message.bytes().size());
  text += ",\"rcode\":" + json_text(dns::to_text(message.rcode()));
  text += ",\"flags\":[" + joined(names, ",") + "],\"ede\":[" + joined(errors, ",") + "]";
  for (const dns::Section section : {dns::Section::answer, dns::Section::authority, dns::Section::additional}) {
    text += "," + section_as_json(lines, section);
  }
  return text + "}\n";
}

std::string failure_as_text(const Asked& asked, const upstream::Heard& heard) {
  std::string text = asked.server + ": " + explain(heard.failure);
  if (!heard.reason.empty()) text += " (" + heard.reason + ")";
  return text + "\n";
}

std::string failure_as_json(const Asked& asked, const upstream::Heard& heard) {
  return "{" + question_as_json(asked) + "," + transport_as_json(heard) +
         ",\"error\":" + json_text(name_of(heard.failure)) + ",\"reason\":" + json_text(heard.reason) + "}\n";
}

}  // namespace dragoman::app
