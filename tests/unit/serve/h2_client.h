// An HTTP/2 client in memory for tests: nghttp2's client session for what is regular, and raw frames for what is not.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dragoman::serve {

using Fields = std::vector<std::pair<std::string, std::string>>;

struct H2Reply {
  Fields fields;
  std::string body;
  bool is_complete = false;
  std::uint32_t error = 0;  // of RST_STREAM

  std::string field(std::string_view name) const {
    for (const auto& [key, value] : fields) {
      if (key == name) return value;
    }
    return {};
  }
  std::string status() const { return field(":status"); }
};

class H2Client {
 public:
  explicit H2Client(std::vector<nghttp2_settings_entry> settings = {}) {
    nghttp2_session_callbacks* callbacks;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_client_new(&session_, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  }
  ~H2Client() { nghttp2_session_del(session_); }
  H2Client(const H2Client&) = delete;
  H2Client& operator=(const H2Client&) = delete;

  static Fields get_fields(const std::string& target) {
    return {{":method", "GET"}, {":scheme", "https"}, {":authority", "dns.example"}, {":path", target}};
  }
  // As Chromium sends them.
  static Fields post_fields(std::size_t length) {
    return {{":method", "POST"},
            {":authority", "dns.example"},
            {":scheme", "https"},
            {":path", "/dns-query"},
            {"content-length", std::to_string(length)},
            {"accept", "application/dns-message"},
            {"accept-language", "*"},
            {"user-agent", "Chrome"},
            {"accept-encoding", "identity"},
            {"content-type", "application/dns-message"},
            {"priority", "u=4, i"}};
  }

  std::int32_t get(const std::string& target) { return request(get_fields(target), nullptr); }
  std::int32_t post(const std::string& body) { return post(post_fields(body.size()), body); }
  std::int32_t post(const Fields& fields, const std::string& body) {
    bodies_.push_back(std::make_unique<Body>(Body{body, 0}));
    return request(fields, bodies_.back().get());
  }
  void reset(std::int32_t id) { nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL); }
  void ping() { nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr); }

  // What the client has to send.
  std::string output() {
    std::string all;
    const std::uint8_t* octets;
    for (ssize_t count; (count = nghttp2_session_mem_send(session_, &octets)) > 0;) {
      all.append(reinterpret_cast<const char*>(octets), static_cast<std::size_t>(count));
    }
    return all;
  }
  // False: what the server sent breaks HTTP/2.
  bool give(std::string_view octets) {
    const auto* data = reinterpret_cast<const std::uint8_t*>(octets.data());
    return nghttp2_session_mem_recv(session_, data, octets.size()) == static_cast<ssize_t>(octets.size());
  }

  const H2Reply& reply(std::int32_t id) { return replies_[id]; }
  bool has_goaway() const { return goaways_ > 0; }
  std::uint32_t goaway_error() const { return goaway_error_; }
  std::int32_t goaway_last_stream() const { return goaway_last_stream_; }
  int pings_acknowledged() const { return pings_; }

 private:
  struct Body {
    std::string octets;
    std::size_t taken;
  };

  std::int32_t request(const Fields& fields, Body* body) {
    std::vector<nghttp2_nv> list;
    for (const auto& [name, value] : fields) {
      list.push_back({reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data())),
                      reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data())), name.size(), value.size(),
                      NGHTTP2_NV_FLAG_NONE});
    }
    nghttp2_data_provider provider{{.ptr = body}, read_body};
    return nghttp2_submit_request(session_, nullptr, list.data(), list.size(), body != nullptr ? &provider : nullptr,
                                  nullptr);
  }

  static ssize_t read_body(nghttp2_session*, std::int32_t, std::uint8_t* room, std::size_t length, std::uint32_t* flags,
                           nghttp2_data_source* source, void*) {
    Body& body = *static_cast<Body*>(source->ptr);
    const std::size_t count = std::min(length, body.octets.size() - body.taken);
    std::memcpy(room, body.octets.data() + body.taken, count);
    body.taken += count;
    if (body.taken == body.octets.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(count);
  }
  static H2Client& self(void* user_data) { return *static_cast<H2Client*>(user_data); }
  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_length,
                       const std::uint8_t* value, std::size_t value_length, std::uint8_t, void* user_data) {
    self(user_data).replies_[frame->hd.stream_id].fields.emplace_back(
        std::string(reinterpret_cast<const char*>(name), name_length),
        std::string(reinterpret_cast<const char*>(value), value_length));
    return 0;
  }
  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* octets, std::size_t length,
                     void* user_data) {
    self(user_data).replies_[id].body.append(reinterpret_cast<const char*>(octets), length);
    return 0;
  }
  static int on_close(nghttp2_session*, std::int32_t id, std::uint32_t error, void* user_data) {
    self(user_data).replies_[id].is_complete = true;
    self(user_data).replies_[id].error = error;
    return 0;
  }
  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
    H2Client& client = self(user_data);
    if (frame->hd.type == NGHTTP2_GOAWAY) {
      ++client.goaways_;
      client.goaway_error_ = frame->goaway.error_code;
      client.goaway_last_stream_ = frame->goaway.last_stream_id;
    }
    if (frame->hd.type == NGHTTP2_PING && (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0) ++client.pings_;
    return 0;
  }

  nghttp2_session* session_ = nullptr;
  std::map<std::int32_t, H2Reply> replies_;
  std::vector<std::unique_ptr<Body>> bodies_;
  int goaways_ = 0;
  int pings_ = 0;
  std::uint32_t goaway_error_ = 0;
  std::int32_t goaway_last_stream_ = 0;
};

// -- Raw frames (RFC 9113 4.1) --

inline std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, std::string_view payload) {
  std::string all(9, '\0');
  all[0] = static_cast<char>(payload.size() >> 16);
  all[1] = static_cast<char>(payload.size() >> 8);
  all[2] = static_cast<char>(payload.size());
  all[3] = static_cast<char>(type);
  all[4] = static_cast<char>(flags);
  for (int i = 0; i < 4; ++i) all[static_cast<std::size_t>(5 + i)] = static_cast<char>(stream >> (24 - 8 * i));
  return all.append(payload);
}

inline const std::string preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
inline const std::string empty_settings = frame(NGHTTP2_SETTINGS, 0, 0, "");

// A GET of the query of RFC 8484 4.1.1, with HPACK literals only: :method GET, :scheme https, :path, :authority.
inline std::string get_section() {
  const std::string path = "/dns-query?dns=AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB";
  return std::string("\x82\x87\x04") + static_cast<char>(path.size()) + path + "\x01\x0b" + "dns.example";
}

}  // namespace dragoman::serve
