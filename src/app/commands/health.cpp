// One HTTP/1.1 GET over the program's own sockets and loop, with one deadline for all of it.
#include "health.h"

#include <iostream>

#include "../cli.h"
#include "dragoman/net/event_loop.h"
#include "dragoman/net/stream.h"

namespace dragoman::app {
namespace {

constexpr std::size_t longest_reply = 64 * 1024;

Result<ip::Endpoint> endpoint_of(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  if (!url.starts_with(scheme))
    return Error{ErrorCode::invalid_argument, "the URL must begin with http://", std::string(url)};
  url.remove_prefix(scheme.size());
  if (url.ends_with('/')) url.remove_suffix(1);
  return ip::Endpoint::from_text(url);
}

// Sends the request when the connection is there and gathers the reply until the server closes.
class Exchange final : public net::Watcher {
 public:
  Exchange(net::UniqueFd fd, std::string request) : stream_(std::move(fd)), request_(std::move(request)) {}

  int fd() const { return stream_.fd(); }
  bool done() const { return done_; }
  const std::string& reply() const { return reply_; }
  std::string error_text() const { return stream_.error_text(); }

  void on_ready(net::Ready) override {
    while (!request_.empty() && send()) {
    }
    while (!done_ && request_.empty() && receive()) {
    }
  }

 private:
  bool send() {
    net::IoResult result = stream_.write({reinterpret_cast<const std::uint8_t*>(request_.data()), request_.size()});
    if (result.state == net::IoState::ok) request_.erase(0, result.count);
    return goes_on(result.state);
  }
  bool receive() {
    std::uint8_t buffer[4096];
    net::IoResult result = stream_.read(buffer);
    if (result.state == net::IoState::ok) reply_.append(reinterpret_cast<const char*>(buffer), result.count);
    return goes_on(result.state) && reply_.size() < longest_reply;
  }
  bool goes_on(net::IoState state) {
    done_ = state == net::IoState::closed || state == net::IoState::failed;
    return state == net::IoState::ok;
  }

  net::Stream stream_;
  std::string request_;
  std::string reply_;
  bool done_ = false;
};

// The whole reply; an error when nobody answers.
Result<std::string> get(const ip::Endpoint& server, const std::string& path, milliseconds timeout) {
  net::EventLoop loop;
  Result<net::UniqueFd> fd = net::connect_tcp(server);
  if (!fd) return fd.error();
  Exchange exchange(*std::move(fd),
                    "GET " + path + " HTTP/1.1\r\nHost: " + server.to_text() + "\r\nConnection: close\r\n\r\n");
  loop.watch(exchange.fd(), exchange);
  TimePoint deadline = Clock::now() + timeout;
  while (!exchange.done() && Clock::now() < deadline) loop.run_once(deadline - Clock::now());
  loop.unwatch(exchange.fd(), exchange);
  if (!exchange.reply().empty()) return exchange.reply();
  if (exchange.done()) return Error{ErrorCode::unreachable, "no answer", exchange.error_text()};
  return Error{ErrorCode::timeout, "no answer in time", server.to_text()};
}

// "HTTP/1.1 200 OK" gives "200 OK"; empty when it is no HTTP.
std::string status_of(const std::string& reply) {
  std::string line = reply.substr(0, reply.find("\r\n"));
  std::size_t space = line.find(' ');
  return line.starts_with("HTTP/1.") && space != std::string::npos ? line.substr(space + 1) : std::string();
}

}  // namespace

int run_health(const HealthArguments& arguments) {
  Result<ip::Endpoint> server = endpoint_of(arguments.url);
  if (!server) {
    std::cerr << "dragoman health: " << server.error().text() << "\nWrite an address and a port, as in "
              << HealthArguments().url << "\n";
    return exit_usage;
  }
  const char* path = arguments.ready ? "/readyz" : "/healthz";
  Result<std::string> reply = get(*server, path, arguments.timeout);
  std::string status = reply ? status_of(*reply) : std::string();
  if (status.starts_with("200")) {
    std::cout << (arguments.ready ? "ready\n" : "healthy\n");
    return exit_ok;
  }
  std::string reason = !reply ? reply.error().text() : status.empty() ? "the answer is no HTTP" : status;
  std::cerr << "dragoman health: " << arguments.url << path << ": " << reason << "\n";
  if (reply) std::cerr << reply->substr(std::min(reply->find("\r\n\r\n"), reply->size() - 4) + 4);
  return exit_failed;
}

}  // namespace dragoman::app
