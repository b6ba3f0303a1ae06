// HTTP/1.1 for the admin pages, with Boost.Beast (the only file that includes it here), one coroutine a connection.
// Runs on a thread and an io_context of its own. Hostile input: a bounded header, body, time and number of connections.
#include "dragoman/admin/server.h"

#include <pthread.h>
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cstring>
#include <exception>
#include <optional>
#include <thread>
#include <utility>

#include "dragoman/base/log.h"
#include "pages.h"

namespace dragoman::admin {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::uint32_t max_header = 8 * 1024;
constexpr std::uint64_t max_body = 1024;
constexpr std::size_t max_discarded = 64 * 1024;
constexpr auto result_and_error = asio::as_tuple(asio::use_awaitable);

tcp::endpoint to_asio(const ip::Endpoint& endpoint) {
  sockaddr_storage storage;
  const unsigned length = endpoint.to_sockaddr(&storage);
  tcp::endpoint converted;
  converted.resize(length);
  std::memcpy(converted.data(), &storage, length);
  return converted;
}

ErrorCode to_code(const error_code& error) {
  if (error == asio::error::address_in_use) return ErrorCode::in_use;
  if (error == asio::error::access_denied) return ErrorCode::permission;
  return ErrorCode::invalid_argument;
}

// Alone on its address, unlike the DNS listeners: a second instance must learn that the port is taken.
Result<tcp::acceptor> listen_on(asio::io_context& io, const ip::Endpoint& endpoint) {
  const tcp::endpoint address = to_asio(endpoint);
  tcp::acceptor acceptor(io);
  error_code error;
  acceptor.open(address.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && endpoint.address.is_v6()) {
    acceptor.set_option(asio::ip::v6_only(!endpoint.address.is_unspecified()), error);
  }
  if (!error) acceptor.bind(address, error);
  if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
  if (error) return Error{to_code(error), "cannot listen for HTTP", endpoint.to_text() + ": " + error.message()};
  return acceptor;
}

// The status that tells a client why its request was not understood; nothing when there is nobody to tell.
std::optional<http::status> refusal(const error_code& error) {
  if (error == http::error::end_of_stream || error == http::error::partial_message) return std::nullopt;
  if (error == http::error::header_limit) return http::status::request_header_fields_too_large;
  if (error == http::error::body_limit) return http::status::payload_too_large;
  if (error.category() == make_error_code(http::error::bad_method).category()) return http::status::bad_request;
  return std::nullopt;
}

using Message = http::response<http::string_body>;

Message to_message(Response page, const http::request<http::string_body>& request) {
  const beast::string_view allow(page.allow.data(), page.allow.size());
  Message message(static_cast<http::status>(page.status), request.version(), std::move(page.body));
  message.set(http::field::server, "dragoman");
  message.set(http::field::content_type, beast::string_view(page.content_type.data(), page.content_type.size()));
  message.set(http::field::cache_control, "no-store");
  if (!allow.empty()) message.set(http::field::allow, allow);
  message.keep_alive(request.keep_alive());
  message.prepare_payload();
  if (request.method() == http::verb::head) message.body().clear();  // Content-Length stays (RFC 9110 9.3.2)
  return message;
}

// A page that is being made, perhaps by another thread. Owned by the request's coroutine, and by replies on their way
// to this thread.
struct Waiting {
  explicit Waiting(asio::io_context& io) : given_up(io) {}
  asio::steady_timer given_up;  // cancelled when the response is there
  std::optional<Response> response;
};

Reply reply_to(const std::shared_ptr<Waiting>& waiting) {
  return [weak = std::weak_ptr(waiting)](Response response) {
    const auto known = weak.lock();
    if (!known) return;  // given up
    asio::post(known->given_up.get_executor(), [known, response = std::move(response)]() mutable {
      if (!known->response) known->response = std::move(response);
      known->given_up.cancel();
    });
  };
}

std::string_view to_std(beast::string_view text) { return {text.data(), text.size()}; }

// Only running out of memory gets here.
void report(const std::exception_ptr& thrown) {
  if (thrown) log::error("admin_failed", "the admin server lost a connection or a listener to an exception");
}

}  // namespace

struct Server::State {
  State(const Options& chosen, Pages shown) : options(chosen), pages(std::move(shown)) {}

  asio::awaitable<void> accept_all(tcp::acceptor& acceptor);
  asio::awaitable<void> serve(tcp::socket socket);
  asio::awaitable<bool> answer(beast::tcp_stream& stream, beast::flat_buffer& buffer);
  asio::awaitable<Response> make(const http::request<http::string_body>& request);
  asio::awaitable<void> refuse(beast::tcp_stream& stream, http::status status);

  const Options options;
  const Pages pages;
  asio::io_context io{1};
  std::vector<tcp::acceptor> acceptors;
  std::size_t connections = 0;
  std::thread thread;
};

asio::awaitable<void> Server::State::accept_all(tcp::acceptor& acceptor) {
  for (;;) {
    auto [error, socket] = co_await acceptor.async_accept(result_and_error);
    if (error) {  // out of descriptors: give others time to close some
      asio::steady_timer pause(io, milliseconds(100));
      co_await pause.async_wait(result_and_error);
      continue;
    }
    if (connections >= options.connections) continue;
    ++connections;
    asio::co_spawn(io, serve(std::move(socket)), [this](std::exception_ptr thrown) {
      --connections;
      report(thrown);
    });
  }
}

asio::awaitable<void> Server::State::serve(tcp::socket socket) {
  beast::tcp_stream stream(std::move(socket));
  beast::flat_buffer buffer(max_header + max_body);
  while (co_await answer(stream, buffer)) continue;
}

// One request and its answer; false when the connection is to be closed.
asio::awaitable<bool> Server::State::answer(beast::tcp_stream& stream, beast::flat_buffer& buffer) {
  http::request_parser<http::string_body> parser;
  parser.header_limit(max_header);
  parser.body_limit(max_body);
  stream.expires_after(options.timeout);
  const auto [read_error, read] = co_await http::async_read(stream, buffer, parser, result_and_error);
  if (read_error) {
    if (const auto status = refusal(read_error)) co_await refuse(stream, *status);
    co_return false;
  }

  const auto& request = parser.get();
  const Message message = to_message(co_await make(request), request);
  stream.expires_after(options.timeout);
  const auto [write_error, written] = co_await http::async_write(stream, message, result_and_error);
  co_return !write_error && message.keep_alive();
}

asio::awaitable<Response> Server::State::make(const http::request<http::string_body>& request) {
  const bool is_get_or_head = request.method() == http::verb::get || request.method() == http::verb::head;
  const auto waiting = std::make_shared<Waiting>(io);
  const bool is_post = request.method() == http::verb::post;
  respond({is_get_or_head, is_post, to_std(request.target()), to_std(request[http::field::accept]),
           to_std(request[http::field::host]), to_std(request["Sec-Fetch-Site"])},
          pages, reply_to(waiting));
  // A response, even one that is there already, comes through the io_context: it finds the timer set.
  waiting->given_up.expires_after(options.timeout);
  co_await waiting->given_up.async_wait(result_and_error);
  if (waiting->response) co_return std::move(*waiting->response);
  co_return Response{.status = 504, .body = "no worker answered in time\n"};
}

// Says why, then reads on a little: closing over unread octets would reset the connection and lose the answer.
asio::awaitable<void> Server::State::refuse(beast::tcp_stream& stream, http::status status) {
  Message message(status, 11, std::string(to_std(http::obsolete_reason(status))) + "\n");
  message.set(http::field::content_type, "text/plain; charset=utf-8");
  message.keep_alive(false);
  message.prepare_payload();
  stream.expires_after(options.timeout);
  const auto [write_error, written] = co_await http::async_write(stream, message, result_and_error);
  if (write_error) co_return;

  error_code ignored;
  stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
  std::array<char, 4096> discarded;
  for (std::size_t total = 0; total < max_discarded;) {
    const auto [read_error, read] = co_await stream.async_read_some(asio::buffer(discarded), result_and_error);
    if (read_error) co_return;
    total += read;
  }
}

Server::Server(const Options& options, Pages pages) : state_(std::make_unique<State>(options, std::move(pages))) {}

Server::~Server() { stop(); }

Result<void> Server::listen() {
  for (const ip::Endpoint& endpoint : state_->options.listen) {
    auto acceptor = listen_on(state_->io, endpoint);
    if (!acceptor) {
      state_->acceptors.clear();
      return acceptor.error();
    }
    state_->acceptors.push_back(std::move(*acceptor));
  }
  return {};
}

Result<void> Server::start() {
  if (state_->acceptors.empty()) {
    if (auto bound = listen(); !bound) return bound;
  }
  if (state_->acceptors.empty()) return {};
  for (tcp::acceptor& acceptor : state_->acceptors) {
    asio::co_spawn(state_->io, state_->accept_all(acceptor), [](std::exception_ptr thrown) { report(thrown); });
  }
  state_->thread = std::thread([io = &state_->io] { io->run(); });
  pthread_setname_np(state_->thread.native_handle(), "admin");
  return {};
}

std::vector<ip::Endpoint> Server::endpoints() const {
  std::vector<ip::Endpoint> bound;
  for (const tcp::acceptor& acceptor : state_->acceptors) {
    error_code ignored;
    const tcp::endpoint local = acceptor.local_endpoint(ignored);
    bound.push_back(ip::Endpoint::from_sockaddr(local.data()));
  }
  return bound;
}

void Server::stop() {
  state_->io.stop();
  if (state_->thread.joinable()) state_->thread.join();
}

}  // namespace dragoman::admin
