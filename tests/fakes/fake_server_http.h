// A DoH upstream in the test's own event loop: HTTP/2 with nghttp2, memory to memory. The script gets each request and
// answers with status, fields and body, now or later, or with GOAWAY, or never.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "fakes/fake_server_stream.h"

namespace dragoman::fakes {

struct HttpRequest {
  std::map<std::string, std::string> fields;  // pseudo-headers too
  Octets body;
};

struct HttpResponse {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> fields{{"content-type", "application/dns-message"}};
  Octets body{};
};

class FakeHttpServer;

class FakeHttpConnection final : public FakeConnection {
 public:
  FakeHttpConnection(net::EventLoop& loop, net::Stream stream, FakeListener<FakeHttpConnection>& server);
  ~FakeHttpConnection() override { nghttp2_session_del(session_); }

  void respond(std::int32_t stream, const HttpResponse& response) {
    std::vector<std::pair<std::string, std::string>> all{{":status", std::to_string(response.status)}};
    all.insert(all.end(), response.fields.begin(), response.fields.end());
    std::vector<nghttp2_nv> fields;
    for (auto& [name, value] : all) {
      fields.push_back({reinterpret_cast<std::uint8_t*>(name.data()), reinterpret_cast<std::uint8_t*>(value.data()),
                        name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
    }
    bodies_[stream] = {response.body, 0};
    nghttp2_data_provider body{};
    body.source.ptr = &bodies_[stream];
    body.read_callback = read_body;
    nghttp2_submit_response(session_, stream, fields.data(), fields.size(), &body);
    push();
  }
  // Says that streams above `last` were not and will not be processed (RFC 9113 6.8).
  void go_away(std::int32_t last) {
    nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, last, NGHTTP2_NO_ERROR, nullptr, 0);
    push();
  }
  void reset(std::int32_t stream, std::uint32_t code) {
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream, code);
    push();
  }
  void push() { write({}); }
  std::size_t pings() const { return pings_; }
  std::size_t streams_reset_by_client() const { return resets_; }

 private:
  struct Body {
    Octets octets;
    std::size_t sent = 0;
  };

  static ssize_t read_body(nghttp2_session*, std::int32_t, std::uint8_t* out, std::size_t room, std::uint32_t* flags,
                           nghttp2_data_source* source, void*) {
    auto& body = *static_cast<Body*>(source->ptr);
    const std::size_t length = std::min(room, body.octets.size() - body.sent);
    if (length != 0) std::memcpy(out, body.octets.data() + body.sent, length);
    body.sent += length;
    if (body.sent == body.octets.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(length);
  }

  void received(Bytes octets) override;
  void before_write() override {
    const std::uint8_t* octets = nullptr;
    for (;;) {
      const ssize_t length = nghttp2_session_mem_send(session_, &octets);
      if (length <= 0) return;
      queue({octets, static_cast<std::size_t>(length)});
    }
  }
  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_length,
                       const std::uint8_t* value, std::size_t value_length, std::uint8_t, void* self) {
    HttpRequest& request = static_cast<FakeHttpConnection*>(self)->requests_[frame->hd.stream_id];
    request.fields[std::string(name, name + name_length)] = std::string(value, value + value_length);
    return 0;
  }
  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t* octets,
                     std::size_t length, void* self) {
    Octets& body = static_cast<FakeHttpConnection*>(self)->requests_[stream].body;
    body.insert(body.end(), octets, octets + length);
    return 0;
  }
  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    auto& connection = *static_cast<FakeHttpConnection*>(self);
    if (frame->hd.type == NGHTTP2_PING && (frame->hd.flags & NGHTTP2_FLAG_ACK) == 0) ++connection.pings_;
    if (frame->hd.type == NGHTTP2_RST_STREAM) ++connection.resets_;
    const bool has_body = frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS;
    if (has_body && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) connection.whole_.push_back(frame->hd.stream_id);
    return 0;
  }

  FakeHttpServer& server_;
  nghttp2_session* session_ = nullptr;
  std::map<std::int32_t, HttpRequest> requests_;
  std::map<std::int32_t, Body> bodies_;
  std::vector<std::int32_t> whole_;
  std::size_t pings_ = 0;
  std::size_t resets_ = 0;
};

class FakeHttpServer final : public FakeListener<FakeHttpConnection> {
 public:
  using Script = std::function<void(FakeHttpConnection& connection, std::int32_t stream, const HttpRequest& request)>;

  FakeHttpServer(net::EventLoop& loop, std::shared_ptr<const net::ServerTls> tls, Script script = {},
                 std::uint32_t max_streams = 100)
      : FakeListener(loop, std::move(tls), net::Alpn::doh, 0), script_(std::move(script)), max_streams_(max_streams) {}

  std::string url(const std::string& name) const {
    return "https://127.0.0.1:" + std::to_string(port()) + "/dns-query#" + name;
  }
  std::uint32_t max_streams() const { return max_streams_; }
  const std::vector<HttpRequest>& asked() const { return asked_; }
  void answer(FakeHttpConnection& connection, std::int32_t stream, const HttpRequest& request) {
    asked_.push_back(request);
    script_ ? script_(connection, stream, request) : connection.respond(stream, {.body = reply_to(request.body)});
  }

 private:
  Script script_;
  std::uint32_t max_streams_;
  std::vector<HttpRequest> asked_;
};

inline FakeHttpConnection::FakeHttpConnection(net::EventLoop& loop, net::Stream stream,
                                              FakeListener<FakeHttpConnection>& server)
    : FakeConnection(loop, std::move(stream)), server_(static_cast<FakeHttpServer&>(server)) {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
  nghttp2_session_server_new(&session_, callbacks, this);
  nghttp2_session_callbacks_del(callbacks);
  const nghttp2_settings_entry settings{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, server_.max_streams()};
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, &settings, 1);
}

inline void FakeHttpConnection::received(Bytes octets) {
  if (nghttp2_session_mem_recv(session_, octets.data(), octets.size()) < 0) return close();
  for (const std::int32_t stream : std::exchange(whole_, {})) server_.answer(*this, stream, requests_[stream]);
  push();
}

}  // namespace dragoman::fakes
