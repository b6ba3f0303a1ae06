// One HTTP/1.1 request to the admin listener of a running dragoman, over the program's own sockets and loop.
#pragma once

#include <string>
#include <string_view>

#include "dragoman/admin/page.h"
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

struct AdminRequest {
  AdminRequest(std::string path, admin::Method how = admin::Method::get) : target(std::move(path)), method(how) {}
  AdminRequest(const char* path) : AdminRequest(std::string(path)) {}

  std::string target;  // a path with its parameters
  admin::Method method;
};

// One time-out for all of it; an error when nobody answers.
Result<AdminReply> admin_send(const ip::Endpoint& server, const AdminRequest& request, milliseconds timeout);

// The same for `dragoman COMMAND`, with everything that may go wrong said on standard error. An exit code of cli.h;
// `body` is set when it is exit_ok.
int admin_ask(const char* command, const std::string& url, const AdminRequest& request, milliseconds timeout,
              std::string& body);

}  // namespace dragoman::app
