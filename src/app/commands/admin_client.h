// One HTTP/1.1 GET to the admin listener of a running dragoman, over the program's own sockets and loop.
#pragma once

#include <string>
#include <string_view>

#include "dragoman/base/result.h"
#include "dragoman/base/time.h"
#include "dragoman/ip/address.h"

namespace dragoman::app {

inline constexpr const char* default_admin_url = "http://127.0.0.1:9153";

struct AdminReply {
  std::string status;  // "200 OK"; empty when what came is no HTTP
  std::string body;

  bool is_ok() const { return status.starts_with("200"); }
  bool is_bad_request() const { return status.starts_with("400"); }
};

// The address and port of "http://127.0.0.1:9153".
Result<ip::Endpoint> admin_endpoint(std::string_view url);

// `target` is a path with its parameters. One time-out for all of it; an error when nobody answers.
Result<AdminReply> admin_get(const ip::Endpoint& server, const std::string& target, milliseconds timeout);

// The same for `dragoman COMMAND`, with everything that may go wrong said on standard error. An exit code of cli.h;
// `body` is set when it is exit_ok.
int admin_ask(const char* command, const std::string& url, const std::string& target, milliseconds timeout,
              std::string& body);

}  // namespace dragoman::app
