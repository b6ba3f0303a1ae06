// Beast parses, from memory; its headers are in this file only. Replies are put together by hand: they have four lines.
#include "h1_session.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/vector_body.hpp>
#include <charconv>

#include "http_status.h"

namespace dragoman::serve {

namespace http = boost::beast::http;

struct H1Session::Parser {
  http::request_parser<http::vector_body<std::uint8_t>> http;
  bool is_head_judged = false;

  RequestHead head() {
    const auto& message = http.get();
    const auto text = [](boost::beast::string_view view) { return std::string_view(view.data(), view.size()); };
    RequestHead head;
    head.method = http_method(text(message.method_string()));
    head.target = text(message.target());
    head.has_dns_message = is_dns_message(text(message[http::field::content_type]));
    if (const auto length = http.content_length()) head.content_length = *length;
    return head;
  }
};

namespace {

// What a parse error means to the client (RFC 9110 15.5).
HttpStatus status_of(const boost::system::error_code& error) {
  if (error == http::error::header_limit) return HttpStatus::header_too_large;
  if (error == http::error::body_limit) return HttpStatus::content_too_large;
  if (error == http::error::bad_version) return HttpStatus::version_not_supported;
  return HttpStatus::bad_request;
}

}  // namespace

H1Session::H1Session(const Listeners& listeners, Metrics& metrics) : listeners_(listeners), metrics_(metrics) {}

H1Session::~H1Session() = default;

bool H1Session::receive(Bytes bytes, TimePoint) {
  if (closing_) return !failed_;
  input_.insert(input_.end(), bytes.begin(), bytes.end());
  if (state_ == State::reading) parse();
  return !failed_;
}

void H1Session::parse() {
  std::size_t taken = 0;
  while (taken < input_.size()) {
    if (!parser_) {
      parser_ = std::make_unique<Parser>();
      parser_->http.header_limit(max_header);
      parser_->http.body_limit(max_body);
      parser_->http.eager(true);
    }
    boost::system::error_code error;
    const std::size_t count =
        parser_->http.put(boost::asio::buffer(input_.data() + taken, input_.size() - taken), error);
    taken += count;
    if (error == http::error::need_more) error = {};
    if (error) return fail(status_of(error));
    if (parser_->http.is_header_done() && !parser_->is_head_judged) judge_head();
    if (closing_) return;
    if (parser_->http.is_done()) {
      state_ = State::complete;
      break;
    }
    if (count == 0) break;
  }
  input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(taken));
}

// Before the body: what it would be for nothing, and whether the client waits for leave to send it (RFC 9110 10.1.1).
void H1Session::judge_head() {
  parser_->is_head_judged = true;
  const auto& message = parser_->http.get();
  method_ = parser_->head().method;
  is_http10_ = message.version() < 11;
  keep_alive_ = message.keep_alive();
  std::size_t fields = 0;
  for (auto field = message.begin(); field != message.end(); ++field) ++fields;
  if (fields > max_fields) return fail(HttpStatus::header_too_large);
  if (parser_->http.is_done()) return;
  std::size_t listener;
  const HttpStatus status = check_head(parser_->head(), listeners_, listener);
  if (status != HttpStatus::ok) return fail(status);
  if (!is_http10_ && boost::beast::iequals(message[http::field::expect], "100-continue")) {
    append("HTTP/1.1 100 Continue\r\n\r\n");
  }
}

// Ends the connection too: where the next request would begin is not known, or not worth reading on for.
void H1Session::fail(HttpStatus status) {
  keep_alive_ = false;
  failed_ = true;
  respond_error(status);
}

bool H1Session::next_request(Request& request) {
  while (!closing_ && state_ != State::in_flight) {
    if (state_ == State::reading) parse();
    if (state_ != State::complete) return false;
    const RequestHead head = parser_->head();
    HttpStatus status = check_head(head, listeners_, request.listener);
    if (status == HttpStatus::ok) {
      if (!decoded_) decoded_ = std::make_unique<DecodedQuery>();
      status = read_query(head, parser_->http.get().body(), *decoded_, request.message);
    }
    if (status == HttpStatus::ok) {
      state_ = State::in_flight;
      request.ticket = 0;
      return true;
    }
    respond_error(status);
  }
  return false;
}

void H1Session::reply(std::uint64_t, Bytes message, const resolve::ReplyFacts& facts) {
  std::array<char, 32> room;
  constexpr std::string_view prefix = "max-age=";
  char* at = std::copy(prefix.begin(), prefix.end(), room.data());
  const char* end = std::to_chars(at, room.data() + room.size(), facts.fresh_s).ptr;
  write_head(HttpStatus::ok, {room.data(), end}, message.size());
  if (method_ != HttpMethod::head) output_.insert(output_.end(), message.begin(), message.end());
  end_request();
}

void H1Session::no_reply(std::uint64_t) { respond_error(HttpStatus::bad_request); }

void H1Session::respond_error(HttpStatus status) {
  const std::string_view text = row_of(status).body;
  write_head(status, "no-store", text.size());
  if (method_ != HttpMethod::head) append(text);
  end_request();
}

void H1Session::write_head(HttpStatus status, std::string_view cache_control, std::size_t length) {
  metrics_.http_requests(HttpVersion::http1, method_, status).add();
  std::array<char, 24> digits;
  const char* end = std::to_chars(digits.data(), digits.data() + digits.size(), length).ptr;
  if (draining_) keep_alive_ = false;
  append("HTTP/1.1 ");
  append(row_of(status).code);
  append(" ");
  append(row_of(status).reason);
  append("\r\ncontent-type: ");
  append(status == HttpStatus::ok ? dns_message_type : error_type);
  append("\r\ncontent-length: ");
  append({digits.data(), end});
  append("\r\ncache-control: ");
  append(cache_control);
  if (status == HttpStatus::method_not_allowed) {
    append("\r\nallow: ");
    append(allowed_methods);
  }
  if (!keep_alive_) {
    append("\r\nconnection: close");
  } else if (is_http10_) {
    append("\r\nconnection: keep-alive");
  }
  append("\r\n\r\n");
}

void H1Session::append(std::string_view text) { output_.insert(output_.end(), text.begin(), text.end()); }

void H1Session::end_request() {
  parser_.reset();
  method_ = HttpMethod::other;
  state_ = State::reading;
  if (!keep_alive_) closing_ = true;
}

bool H1Session::write_output(std::vector<std::uint8_t>& out, std::size_t limit) {
  if (out.size() >= limit) return waiting() > 0;
  const std::size_t count = std::min(limit - out.size(), waiting());
  const auto from = output_.begin() + static_cast<std::ptrdiff_t>(output_taken_);
  out.insert(out.end(), from, from + static_cast<std::ptrdiff_t>(count));
  output_taken_ += count;
  if (waiting() > 0) return true;
  output_.clear();
  output_taken_ = 0;
  return false;
}

void H1Session::drain() {
  draining_ = true;
  if (state_ == State::reading && !parser_) closing_ = true;  // between two requests
}

bool H1Session::finished() const { return closing_ && state_ == State::reading; }

void H1Session::trim() {
  if (input_.empty()) input_ = {};
  if (waiting() == 0) output_ = {};
  decoded_.reset();
}

}  // namespace dragoman::serve
