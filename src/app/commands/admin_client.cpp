// The request, the reply until the server closes, and what to do when there is none.
#include "admin_client.h"

#include <iostream>

#include "../cli.h"
#include "dragoman/net/event_loop.h"
#include "dragoman/net/stream.h"

namespace dragoman::app {
namespace {

constexpr std::size_t longest_reply = 8 * 1024 * 1024;

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

// "HTTP/1.1 200 OK" gives "200 OK"; empty when it is no HTTP.
AdminReply reply_of(const std::string& octets) {
  AdminReply reply;
  const std::string line = octets.substr(0, octets.find("\r\n"));
  const std::size_t space = line.find(' ');
  if (line.starts_with("HTTP/1.") && space != std::string::npos) reply.status = line.substr(space + 1);
  const std::size_t end = octets.find("\r\n\r\n");
  if (end != std::string::npos) reply.body = octets.substr(end + 4);
  return reply;
}

std::string request_text(const AdminRequest& request, const ip::Endpoint& server) {
  const bool is_post = request.method == admin::Method::post;
  return (is_post ? "POST " : "GET ") + request.target + " HTTP/1.1\r\nHost: " + server.to_text() + "\r\n" +
         (is_post ? "Content-Length: 0\r\n" : "") + "Connection: close\r\n\r\n";
}

}  // namespace

Result<ip::Endpoint> admin_endpoint(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  if (!url.starts_with(scheme))
    return Error{ErrorCode::invalid_argument, "the URL must begin with http://", std::string(url)};
  url.remove_prefix(scheme.size());
  if (url.ends_with('/')) url.remove_suffix(1);
  return ip::Endpoint::from_text(url);
}

Result<AdminReply> admin_send(const ip::Endpoint& server, const AdminRequest& request, milliseconds timeout) {
  net::EventLoop loop;
  Result<net::UniqueFd> fd = net::connect_tcp(server);
  if (!fd) return fd.error();
  Exchange exchange(*std::move(fd), request_text(request, server));
  loop.watch(exchange.fd(), exchange);
  TimePoint deadline = Clock::now() + timeout;
  while (!exchange.done() && Clock::now() < deadline) loop.run_once(deadline - Clock::now());
  loop.unwatch(exchange.fd(), exchange);
  if (!exchange.reply().empty()) return reply_of(exchange.reply());
  if (exchange.done()) return Error{ErrorCode::unreachable, "no answer", exchange.error_text()};
  return Error{ErrorCode::timeout, "no answer in time", server.to_text()};
}

int admin_ask(const char* command, const std::string& url, const AdminRequest& request, milliseconds timeout,
              std::string& body) {
  const Result<ip::Endpoint> server = admin_endpoint(url);
  if (!server) {
    std::cerr << "dragoman " << command << ": " << server.error().text() << "\nWrite an address and a port, as in "
              << default_admin_url << "\n";
    return exit_usage;
  }
  Result<AdminReply> reply = admin_send(*server, request, timeout);
  if (reply && reply->is_ok()) {
    body = std::move(reply->body);
    return exit_ok;
  }
  std::cerr << "dragoman " << command << ": " << url << ": ";
  if (!reply) {
    std::cerr << reply.error().text() << "\nThe running dragoman is asked through its admin listener (`http.listen` in "
              << "its configuration); --admin says where that is.\n";
    return exit_failed;
  }
  const bool is_told = reply->is_bad_request() && !reply->body.empty();
  if (!is_told) std::cerr << (reply->status.empty() ? "the answer is no HTTP" : reply->status) << "\n";
  std::cerr << reply->body;
  return reply->is_bad_request() ? exit_usage : exit_failed;
}

}  // namespace dragoman::app
