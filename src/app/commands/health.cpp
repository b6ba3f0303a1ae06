// The word of /healthz or /readyz as an exit code.
#include "health.h"

#include <iostream>

#include "../cli.h"
#include "admin_client.h"

namespace dragoman::app {

int run_health(const HealthArguments& arguments) {
  const Result<ip::Endpoint> server = admin_endpoint(arguments.url);
  if (!server) {
    std::cerr << "dragoman health: " << server.error().text() << "\nWrite an address and a port, as in "
              << HealthArguments().url << "\n";
    return exit_usage;
  }
  const char* path = arguments.ready ? "/readyz" : "/healthz";
  const Result<AdminReply> reply = admin_send(*server, path, arguments.timeout);
  if (reply && reply->is_ok()) {
    std::cout << (arguments.ready ? "ready\n" : "healthy\n");
    return exit_ok;
  }
  const bool is_http = reply && !reply->status.empty();
  const std::string reason = !reply ? reply.error().text() : is_http ? reply->status : "the answer is no HTTP";
  std::cerr << "dragoman health: " << arguments.url << path << ": " << reason << "\n";
  if (reply) std::cerr << reply->body;
  return exit_failed;
}

}  // namespace dragoman::app
