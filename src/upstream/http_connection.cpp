// The HTTP/2 client; see http_connection.h.
#include "http_connection.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <string>

#include "connection_pool.h"
#include "dragoman/dns/message_view.h"

namespace dragoman::upstream {
namespace {

constexpr std::uint16_t query_padding = 128;    // RFC 8467 4.1
constexpr std::size_t write_size = 16 * 1024;   // gathered for one write
constexpr std::uint32_t stream_window = 65535;  // a response is no longer
constexpr std::int32_t connection_window = 1 << 20;
constexpr std::size_t max_queued_frames = 16384;       // toward a server that does not read
constexpr std::uint32_t ids_are_used_up = 0x7fff0000;  // stream ids: a new connection in good time

std::string_view view_of(const std::uint8_t* text, std::size_t length) {
  return {reinterpret_cast<const char*>(text), length};
}

nghttp2_nv field(std::string_view name, std::string_view value) {
  // nghttp2 takes pointers to non-const and copies what they point to.
  auto* name_at = reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data()));
  auto* value_at = reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data()));
  return {name_at, value_at, name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

template <class Number>
Number number_in(std::string_view text) {
  Number number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// The media type without parameters, whatever its case (RFC 9110 8.3.1).
bool is_dns_message(std::string_view content_type) {
  static constexpr std::string_view wanted = "application/dns-message";
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return type.size() == wanted.size() &&
         std::equal(type.begin(), type.end(), wanted.begin(), [](char a, char b) { return (a | 0x20) == (b | 0x20); });
}

}  // namespace

// Each only notes what came. `user` is the connection, the stream's user data the request.
struct HttpConnection::Callbacks {
  static Request* request_of(nghttp2_session* session, std::int32_t stream) {
    return static_cast<Request*>(nghttp2_session_get_stream_user_data(session, stream));
  }

  static int header(nghttp2_session* session, const nghttp2_frame* frame, const std::uint8_t* name,
                    std::size_t name_length, const std::uint8_t* value, std::size_t value_length, std::uint8_t, void*) {
    Request* request = request_of(session, frame->hd.stream_id);
    if (request == nullptr) return 0;
    const std::string_view key = view_of(name, name_length);
    const std::string_view text = view_of(value, value_length);
    if (key == ":status") request->status = number_in<int>(text);
    if (key == "age") request->age = number_in<std::uint32_t>(text);
    if (key == "content-type") request->is_dns_message = dragoman::upstream::is_dns_message(text);
    return 0;
  }

  static int data(nghttp2_session* session, std::uint8_t, std::int32_t stream, const std::uint8_t* octets,
                  std::size_t length, void*) {
    Request* request = request_of(session, stream);
    if (request == nullptr) return 0;
    request->is_too_large |= request->body.size() + length > dns::max_message_length;
    if (!request->is_too_large) request->body.insert(request->body.end(), octets, octets + length);
    return 0;
  }

  static int stream_closed(nghttp2_session* session, std::int32_t stream, std::uint32_t error_code, void* user) {
    Request* request = request_of(session, stream);
    if (request == nullptr) return 0;
    request->error_code = error_code;
    static_cast<HttpConnection*>(user)->closed_.append(*request);
    return 0;
  }

  static int frame_received(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    if (frame->hd.type == NGHTTP2_GOAWAY) static_cast<HttpConnection*>(user)->going_away_ = true;
    return 0;
  }

  static ssize_t request_body(nghttp2_session*, std::int32_t, std::uint8_t* out, std::size_t room, std::uint32_t* flags,
                              nghttp2_data_source* source, void*) {
    auto& request = *static_cast<Request*>(source->ptr);
    const std::size_t length = std::min(room, request.query_length - request.query_sent);
    std::memcpy(out, request.query.data() + request.query_sent, length);
    request.query_sent += length;
    if (request.query_sent == request.query_length) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(length);
  }

  static nghttp2_session_callbacks* table() {
    static nghttp2_session_callbacks* const callbacks = [] {
      nghttp2_session_callbacks* made = nullptr;
      nghttp2_session_callbacks_new(&made);
      nghttp2_session_callbacks_set_on_header_callback(made, header);
      nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, data);
      nghttp2_session_callbacks_set_on_stream_close_callback(made, stream_closed);
      nghttp2_session_callbacks_set_on_frame_recv_callback(made, frame_received);
      return made;
    }();
    return callbacks;
  }
};

HttpConnection::HttpConnection(Context& context, ConnectionPool& pool, net::UniqueFd fd)
    : Connection(context, pool, std::move(fd)) {
  nghttp2_session_client_new(&session_, Callbacks::table(), this);
  // No push (RFC 9113 6.5.2); room for one whole response per stream.
  const std::array<nghttp2_settings_entry, 2> settings{
      {{NGHTTP2_SETTINGS_ENABLE_PUSH, 0}, {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, stream_window}}};
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, connection_window);
}

HttpConnection::~HttpConnection() {
  end_all(Ending::lost);
  nghttp2_session_del(session_);
}

bool HttpConnection::has_room() const {
  return !is_dead() && !going_away_ && waiting_ < context_.options.max_in_flight &&
         nghttp2_session_get_outbound_queue_size(session_) < max_queued_frames &&
         nghttp2_session_get_next_stream_id(session_) < ids_are_used_up;
}

void HttpConnection::send(Exchange& exchange) {
  auto request = std::make_unique<Request>();
  exchange.id = 0;  // RFC 8484 4.1: the same question is the same request
  const QueryForm form{.edns = !exchange.without_edns, .pad_to = query_padding};
  request->query_length = write_query(exchange, form, request->query).size();
  request->exchange = &exchange;
  if (!submit(*request)) return context_.agenda.finish(exchange, Ending::lost);

  exchange.carrier = this;
  exchange.ticket = request.get();
  requests_.append(*request.release());
  ++waiting_;
  // Whether a connection that was long silent still lives is learned faster from a PING than from an answer.
  if (is_open() && context_.loop.now() - last_heard() > context_.options.ping_after) seems_silent();
  started_waiting();
  context_.agenda.flush(*this);
}

bool HttpConnection::submit(Request& request) {
  const ConnectionPlan& plan = pool_.plan();
  const std::string length = std::to_string(request.query_length);
  const std::array<nghttp2_nv, 7> fields{
      field(":method", "POST"),
      field(":scheme", "https"),
      field(":authority", plan.authority),
      field(":path", plan.path),
      field("accept", "application/dns-message"),
      field("content-type", "application/dns-message"),
      field("content-length", length),
  };
  nghttp2_data_provider body{};
  body.source.ptr = &request;
  body.read_callback = Callbacks::request_body;
  // Beyond the server's MAX_CONCURRENT_STREAMS, nghttp2 keeps requests back until streams end.
  const std::int32_t stream = nghttp2_submit_request(session_, nullptr, fields.data(), fields.size(), &body, &request);
  request.stream = stream;
  return stream > 0;
}

void HttpConnection::abandon(Exchange& exchange) {
  auto& request = *static_cast<Request*>(exchange.ticket);
  request.exchange = nullptr;
  exchange.carrier = nullptr;
  --waiting_;
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, request.stream, NGHTTP2_CANCEL);
  context_.agenda.flush(*this);
}

void HttpConnection::opened() {
  if (facts().alpn_h2) return;
  pool_.set_trouble("the server does not speak HTTP/2");
  die(Ending::tls);
}

bool HttpConnection::received(Bytes octets) {
  const ssize_t used = nghttp2_session_mem_recv(session_, octets.data(), octets.size());
  drain();
  if (used < 0) return false;
  if (!nghttp2_session_want_read(session_) && !nghttp2_session_want_write(session_)) {
    die(Ending::lost);
  } else {
    context_.agenda.flush(*this);  // acknowledgements and window updates
  }
  return true;
}

void HttpConnection::fill(std::vector<std::uint8_t>& out) {
  while (out.size() < write_size) {
    const std::uint8_t* octets = nullptr;
    const ssize_t length = nghttp2_session_mem_send(session_, &octets);
    if (length <= 0) break;
    out.insert(out.end(), octets, octets + length);
  }
  drain();  // streams that were reset before they began
}

void HttpConnection::seems_silent() {
  nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr);
  context_.agenda.flush(*this);
}

// The one place where streams that nghttp2 has closed are looked at.
void HttpConnection::drain() {
  while (closed_.is_linked()) {
    const std::unique_ptr<Request> request(static_cast<Request*>(closed_.next()));
    request->unlink();
    conclude(*request);
  }
}

void HttpConnection::conclude(Request& request) {
  if (request.exchange == nullptr) return;
  --waiting_;
  Exchange& exchange = *request.exchange;
  // Not processed, so it may be asked again (RFC 9113 8.7): beyond a GOAWAY's last stream, or refused.
  if (request.error_code == NGHTTP2_REFUSED_STREAM) return context_.agenda.finish(exchange, Ending::lost);
  if (request.error_code != NGHTTP2_NO_ERROR) return context_.agenda.finish(exchange, Ending::http);
  context_.agenda.finish(exchange, read_response(request));
}

Ending HttpConnection::read_response(Request& request) {
  if (request.status == 429 || request.status == 503) return Ending::overloaded;
  if (request.status != 200 || !request.is_dns_message) return Ending::http;
  Exchange& exchange = *request.exchange;
  if (request.is_too_large || match(request.body, exchange) == Match::no) return Ending::malformed;
  if (exchange.transcript != nullptr) exchange.transcript->facts = facts();
  ServerHints hints;
  const Ending ending = read_answer(request.body, exchange, hints);
  // RFC 8484 5.1: the answer aged in HTTP caches.
  if (ending == Ending::answered) dns::age_records(exchange.answer.records, exchange.answer.head, request.age);
  return ending;
}

void HttpConnection::end_all(Ending ending) {
  while (requests_.is_linked()) {
    const std::unique_ptr<Request> request(static_cast<Request*>(requests_.next()));
    request->unlink();
    if (request->exchange != nullptr) context_.agenda.finish(*request->exchange, ending);
  }
  waiting_ = 0;
}

}  // namespace dragoman::upstream
