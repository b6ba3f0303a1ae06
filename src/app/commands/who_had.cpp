// From words to a question, every log to the history, and its answer to the terminal.
#include "who_had.h"

#include <charconv>
#include <iostream>

#include "../cli.h"
#include "asked_time.h"
#include "dragoman/config/config.h"
#include "dragoman/gateway/binding_history.h"
#include "log_pieces.h"
#include "who_had_output.h"

namespace dragoman::app {
namespace {

Error bad(const char* what, const std::string& text) { return {ErrorCode::invalid_argument, what, text}; }

Result<std::uint16_t> port_from(const std::string& text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size())
    return bad("the port is a number from 0 to 65535", text);
  return port;
}

Result<std::optional<nat64::Protocol>> protocol_from(const std::string& text) {
  if (text.empty()) return std::optional<nat64::Protocol>();
  if (text == "tcp") return std::optional(nat64::Protocol::tcp);
  if (text == "udp") return std::optional(nat64::Protocol::udp);
  if (text == "icmp") return std::optional(nat64::Protocol::icmp);
  return bad("the protocol is tcp, udp or icmp", text);
}

Result<gateway::BindingQuestion> question_of(const WhoHadArguments& arguments) {
  const auto address = ip::Address::from_text(arguments.address);
  if (!address || address->is_v6()) return bad("the address is an IPv4 address of the pool", arguments.address);
  const auto port = port_from(arguments.port);
  if (!port) return port.error();
  const auto protocol = protocol_from(arguments.protocol);
  if (!protocol) return protocol.error();
  const auto time = asked_time(arguments.time);
  if (!time) return time.error();
  return gateway::BindingQuestion{address->v4(), *port, *protocol, time->from, time->to};
}

// The files that the configuration has JSON lines written to.
Result<std::vector<std::string>> configured_logs(const std::string& config_file) {
  const config::Loaded loaded = config::load_file(config_file);
  if (!loaded.config) {
    return bad("without --log the configuration says where the log is, but it has mistakes (`dragoman check`)",
               loaded.problems.empty() ? config_file : loaded.problems.front().to_text());
  }
  std::vector<std::string> logs;
  if (loaded.config->nat64) {
    for (const gateway::BindingTarget& target : loaded.config->nat64->binding_log.targets) {
      if (target.format == gateway::BindingFormat::json) logs.push_back(target.target);
    }
  }
  if (logs.empty()) return bad("the configuration writes no JSON lines to a file: name a log by --log", config_file);
  return logs;
}

Result<void> read_logs(const std::vector<std::string>& logs, gateway::BindingHistory& history) {
  for (const std::string& log : logs) {
    for (const std::string& file : log == "-" ? std::vector{log} : with_rotated(log)) {
      const auto read = read_pieces(file, [&](std::string_view piece) { history.read(piece); });
      if (!read) return read;
      history.end_file();
    }
  }
  return {};
}

int refuse(const Error& error) {
  std::cerr << "dragoman nat64 who-had: " << error.text() << "\n";
  return exit_usage;
}

}  // namespace

int run_who_had(const WhoHadArguments& arguments) {
  const auto question = question_of(arguments);
  if (!question) return refuse(question.error());
  const auto logs = arguments.logs.empty() ? configured_logs(arguments.config_file) : arguments.logs;
  if (!logs) return refuse(logs.error());
  gateway::BindingHistory history(*question);
  if (const auto read = read_logs(*logs, history); !read) return refuse(read.error());
  const gateway::BindingAnswer answer = history.answer();
  if (answer.lines == 0) {
    return refuse(
        bad("there is no line of a binding log (JSON lines, or RFC 5424 with its structured data)", logs->front()));
  }
  std::cout << (arguments.json ? holdings_as_json(*question, answer) : holdings_as_text(*question, answer));
  return answer.holdings.empty() ? exit_failed : exit_ok;
}

}  // namespace dragoman::app
