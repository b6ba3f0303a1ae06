// The command line client: words to a question, the question to the server, the answer to the terminal.
#include "query.h"

#include <algorithm>
#include <iostream>

#include "../cli.h"
#include "dragoman/upstream/client.h"
#include "explain.h"
#include "query_output.h"

namespace dragoman::app {
namespace {

constexpr const char* default_server = "dns://127.0.0.1:53";

// "192.0.2.1" and "2001:db8::1" are as good as dns://192.0.2.1 and dns://[2001:db8::1].
std::string as_url(const std::string& server) {
  if (server.empty()) return default_server;
  if (server.find("://") != std::string::npos) return server;
  const Result<ip::Address> address = ip::Address::from_text(server);
  return address && address->is_v6() ? "dns://[" + server + "]" : "dns://" + server;
}

// RFC 1035 3.5, RFC 3596 2.5.
std::string reverse_name(const ip::Address& address) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string name;
  for (std::size_t i = address.bit_length() / 8; i-- > 0;) {
    const std::uint8_t octet = address.octets()[i];
    name +=
        address.is_v6() ? std::string{digits[octet & 15], '.', digits[octet >> 4], '.'} : std::to_string(octet) + ".";
  }
  return name + (address.is_v6() ? "ip6.arpa." : "in-addr.arpa.");
}

Result<upstream::Lookup> lookup_of(const QueryArguments& arguments) {
  Result<dns::Name> name = dns::Name::from_text(name_to_ask(arguments));
  if (!name) return name.error();
  const std::string type_text = type_to_ask(arguments, "A");
  const std::optional<dns::Type> type = dns::type_from_text(type_text);
  if (!type) {
    return Error{ErrorCode::invalid_argument, "unknown type (as in A, AAAA, HTTPS or TYPE65)", type_text};
  }
  upstream::Lookup lookup;
  lookup.name = *name;
  lookup.type = *type;
  lookup.dnssec_ok = arguments.dnssec_ok;
  lookup.checking_disabled = arguments.checking_disabled;
  return lookup;
}

upstream::Options options_of(const QueryArguments& arguments) {
  upstream::Options options;
  options.ca_file = arguments.ca_file;
  options.timeout = milliseconds(static_cast<long>(arguments.timeout_s * 1000));
  options.connect_timeout = options.timeout;
  options.silence_timeout = options.timeout;
  options.attempt_timeout = std::min(options.timeout, milliseconds(2000));
  options.use_0x20 = false;  // people want to see what they typed
  options.cookies = false;   // one question, which has nothing to show yet
  return options;
}

int refuse(const Error& error) {
  std::cerr << "dragoman query: " << error.text() << "\n";
  return exit_usage;
}

int fail(const QueryArguments& arguments, const Asked& asked, const upstream::Heard& heard) {
  if (arguments.json) {
    std::cout << failure_as_json(asked, heard);
  } else {
    std::cerr << "dragoman query: " << failure_as_text(asked, heard);
  }
  return exit_failed;
}

}  // namespace

std::string name_to_ask(const QueryArguments& arguments) {
  const Result<ip::Address> address = ip::Address::from_text(arguments.name);
  return address ? reverse_name(*address) : arguments.name;
}

std::string type_to_ask(const QueryArguments& arguments, const char* usual) {
  if (!arguments.type.empty()) return arguments.type;
  return ip::Address::from_text(arguments.name) ? "PTR" : usual;
}

int run_query(const QueryArguments& arguments) {
  if (arguments.explain) return run_explain(arguments);
  const Result<upstream::ServerOptions> server = upstream::ServerOptions::from_url(as_url(arguments.server_url));
  if (!server) return refuse(server.error());
  const Result<upstream::Lookup> lookup = lookup_of(arguments);
  if (!lookup) return refuse(lookup.error());

  const Asked asked{lookup->name.to_text(), dns::to_text(lookup->type), server->url};
  upstream::Heard heard = upstream::ask_server(*server, options_of(arguments), *lookup);
  if (heard.failure != upstream::Failure::none) return fail(arguments, asked, heard);
  dns::MessageView message;
  if (dns::MessageView::parse(heard.message, message) != dns::MessageView::Fault::none) {
    heard.failure = upstream::Failure::malformed;
    return fail(arguments, asked, heard);
  }
  std::cout << (arguments.json ? answer_as_json(asked, heard, message) : answer_as_text(asked, heard, message));
  const bool has_data = message.rcode() == dns::Rcode::noerror && message.header().answers != 0;
  return has_data ? exit_ok : exit_failed;
}

}  // namespace dragoman::app
