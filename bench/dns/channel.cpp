// The ways to the server: UDP in batches, streams with two octets of length before each message (RFC 7766, RFC 7858),
// and the least of HTTP/2 that DNS over HTTPS needs (RFC 9113, RFC 8484). Everything is called from one thread.
#include "channel.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <unordered_map>

namespace dragoman::bench {
namespace {

void put_u16(std::uint8_t* at, std::size_t value) {
  at[0] = static_cast<std::uint8_t>(value >> 8);
  at[1] = static_cast<std::uint8_t>(value);
}
std::size_t get_u16(const std::uint8_t* at) { return std::size_t{at[0]} << 8 | at[1]; }
std::uint32_t get_u32(const std::uint8_t* at) {
  return static_cast<std::uint32_t>(get_u16(at) << 16 | get_u16(at + 2));
}

int keep_ticket(SSL* ssl, SSL_SESSION* session) {
  static_cast<Server*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)))->keep(session);
  return 1;
}

// -- UDP: a connected socket, datagrams in batches --
class UdpChannel final : public Channel {
 public:
  UdpChannel(Server& server, Answers& answers, std::uint32_t source) : Channel(server, answers, SOCK_DGRAM, source) {
    is_open_ = true;
    for (std::size_t i = 0; i < most; ++i) {
      in_parts_[i] = {in_[i].data(), in_[i].size()};
      in_headers_[i].msg_hdr.msg_iov = &in_parts_[i];
      in_headers_[i].msg_hdr.msg_iovlen = 1;
      out_headers_[i].msg_hdr.msg_iov = &out_parts_[i];
      out_headers_[i].msg_hdr.msg_iovlen = 1;
    }
  }
  void ask(const Octets& query, std::uint16_t id) override {
    if (queued_ == most) flush();
    std::memcpy(out_[queued_].data(), query.data(), query.size());
    put_u16(out_[queued_].data(), id);
    out_parts_[queued_] = {out_[queued_].data(), query.size()};
    ++queued_;
  }
  // What the kernel does not take is lost, as on the way.
  void flush() override {
    if (queued_ > 0) ::sendmmsg(fd_, out_headers_.data(), static_cast<unsigned>(queued_), MSG_DONTWAIT);
    queued_ = 0;
  }
  void on_ready() override {
    for (;;) {
      const int count = ::recvmmsg(fd_, in_headers_.data(), most, MSG_DONTWAIT, nullptr);
      for (int i = 0; i < count; ++i) {
        const auto at = static_cast<std::size_t>(i);
        answers_.answered(*this, {in_[at].data(), in_headers_[at].msg_len});
      }
      if (count < static_cast<int>(most)) return;
    }
  }

 private:
  static constexpr std::size_t most = 32;
  std::array<std::array<std::uint8_t, 1500>, most> in_, out_;
  std::array<iovec, most> in_parts_{}, out_parts_{};
  std::array<mmsghdr, most> in_headers_{}, out_headers_{};
  std::size_t queued_ = 0;
};

// -- Streams: TCP, with TLS over it when the protocol has it --
class StreamChannel : public Channel {
 public:
  StreamChannel(Server& server, Answers& answers, const Options& options)
      : Channel(server, answers, SOCK_STREAM, options.source) {
    const int one = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (server.tls() == nullptr) return;
    ssl_.reset(SSL_new(server.tls()));
    SSL_set_fd(ssl_.get(), fd_);
    SSL_set_connect_state(ssl_.get());
    if (options.resumes && server.ticket() != nullptr) SSL_set_session(ssl_.get(), server.ticket());
  }
  bool was_resumed() const override { return ssl_ && SSL_session_reused(ssl_.get()) == 1; }

  void flush() override {
    while (sent_ < out_.size() && !is_dead_) {
      const auto left = static_cast<int>(out_.size() - sent_);
      const int count = ssl_ ? SSL_write(ssl_.get(), out_.data() + sent_, left)
                             : static_cast<int>(::send(fd_, out_.data() + sent_, left, MSG_DONTWAIT | MSG_NOSIGNAL));
      if (count <= 0) {
        if (!would_block(count)) die();
        return;
      }
      sent_ += static_cast<std::size_t>(count);
    }
    out_.clear();
    sent_ = 0;
  }

  void on_ready() override {
    if (!is_open_ && !open_up()) return;
    for (;;) {
      if (in_.size() < filled_ + room) in_.resize(filled_ + room);
      const int count = ssl_ ? SSL_read(ssl_.get(), in_.data() + filled_, room)
                             : static_cast<int>(::recv(fd_, in_.data() + filled_, room, MSG_DONTWAIT));
      if (count <= 0) {
        if (!would_block(count)) die();
        break;
      }
      filled_ += static_cast<std::size_t>(count);
      const std::size_t used = read({in_.data(), filled_});
      std::memmove(in_.data(), in_.data() + used, filled_ - used);
      filled_ -= used;
      if (!ssl_ && count < room) break;
    }
    if (!out_.empty()) flush();
  }

  void finish() override {
    if (ssl_ && is_open_) SSL_shutdown(ssl_.get());
  }

 protected:
  // Takes whole messages out of what came; returns how much of it was used.
  virtual std::size_t read(std::span<const std::uint8_t> octets) = 0;
  virtual void begin() {}
  Octets out_;

 private:
  static constexpr int room = 16384;

  // True once the handshake is done.
  bool open_up() {
    if (ssl_) {
      const int done = SSL_do_handshake(ssl_.get());
      if (done != 1) {
        if (!would_block(done)) die();
        return false;
      }
    } else {
      int error = 0;
      socklen_t length = sizeof error;
      getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &length);
      if (error != 0) {
        die();
        return false;
      }
    }
    is_open_ = true;
    begin();
    answers_.opened(*this);
    return !is_dead_;
  }
  bool would_block(int count) const {
    if (!ssl_) return count < 0 && (errno == EAGAIN || errno == EINPROGRESS || errno == ENOTCONN);
    const int error = SSL_get_error(ssl_.get(), count);
    ERR_clear_error();
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ||
           (error == SSL_ERROR_SYSCALL && (errno == EAGAIN || errno == ENOTCONN));
  }

  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, SSL_free};
  Octets in_;
  std::size_t filled_ = 0, sent_ = 0;
};

// RFC 7766 8, RFC 7858 3.3: two octets of length before each message.
class LengthChannel final : public StreamChannel {
 public:
  using StreamChannel::StreamChannel;
  void ask(const Octets& query, std::uint16_t id) override {
    const std::size_t at = out_.size();
    out_.resize(at + 2 + query.size());
    put_u16(out_.data() + at, query.size());
    std::memcpy(out_.data() + at + 2, query.data(), query.size());
    put_u16(out_.data() + at + 2, id);
  }

 private:
  std::size_t read(std::span<const std::uint8_t> octets) override {
    std::size_t at = 0;
    while (octets.size() - at >= 2) {
      const std::size_t length = get_u16(octets.data() + at);
      if (octets.size() - at - 2 < length) break;
      answers_.answered(*this, octets.subspan(at + 2, length));
      at += 2 + length;
    }
    return at;
  }
};

// RFC 9113 and RFC 8484 4.1, the client's least: POST, no dynamic table, no priorities.
class Http2Channel final : public StreamChannel {
 public:
  using StreamChannel::StreamChannel;
  bool has_room() const override {
    return StreamChannel::has_room() && !is_going_away_ && window_ > 4096 && open_streams_ < most_streams_;
  }

  void ask(const Octets& query, std::uint16_t id) override {
    Octets headers{0x83, 0x87};  // :method POST, :scheme https
    field(headers, 1, "127.0.0.1");
    field(headers, 4, "/dns-query");
    field(headers, 31, "application/dns-message");
    field(headers, 19, "application/dns-message");
    field(headers, 28, std::to_string(query.size()));
    frame(type_headers, end_headers, next_stream_, headers);
    frame(type_data, end_stream, next_stream_, query);
    put_u16(out_.data() + out_.size() - query.size(), id);
    next_stream_ += 2;
    ++open_streams_;
    window_ -= static_cast<std::int64_t>(query.size());
  }

 private:
  static constexpr std::uint8_t type_data = 0, type_headers = 1, type_reset = 3, type_settings = 4, type_ping = 6,
                                type_goaway = 7, type_window = 8;
  static constexpr std::uint8_t end_stream = 1, end_headers = 4, ack = 1, padded = 8;
  static constexpr std::size_t head_length = 9;

  // Without indexing, the name from the static table (RFC 7541 6.2.2).
  static void field(Octets& block, std::uint8_t name, const std::string& value) {
    if (name < 15) {
      block.push_back(name);
    } else {
      block.push_back(15);
      block.push_back(static_cast<std::uint8_t>(name - 15));
    }
    block.push_back(static_cast<std::uint8_t>(value.size()));
    block.insert(block.end(), value.begin(), value.end());
  }
  void frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, std::span<const std::uint8_t> payload) {
    const std::size_t at = out_.size();
    out_.resize(at + head_length + payload.size());
    std::uint8_t* head = out_.data() + at;
    head[0] = 0;
    put_u16(head + 1, payload.size());
    head[3] = type;
    head[4] = flags;
    put_u16(head + 5, stream >> 16);
    put_u16(head + 7, stream & 0xffff);
    std::copy(payload.begin(), payload.end(), head + head_length);
  }
  void begin() override {
    const std::string preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    out_.insert(out_.begin(), preface.begin(), preface.end());
    frame(type_settings, 0, 0, {});
    open_window(1 << 30);
  }
  void open_window(std::uint32_t octets) {
    std::array<std::uint8_t, 4> increment;
    put_u16(increment.data(), octets >> 16);
    put_u16(increment.data() + 2, octets & 0xffff);
    frame(type_window, 0, 0, increment);
  }

  std::size_t read(std::span<const std::uint8_t> octets) override {
    std::size_t at = 0;
    while (octets.size() - at >= head_length) {
      const std::uint8_t* head = octets.data() + at;
      const std::size_t length = std::size_t{head[0]} << 16 | get_u16(head + 1);
      if (octets.size() - at - head_length < length) break;
      take(head[3], head[4], get_u32(head + 5) & 0x7fffffff, octets.subspan(at + head_length, length));
      at += head_length + length;
    }
    return at;
  }
  void take(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, std::span<const std::uint8_t> payload) {
    switch (type) {
      case type_data:
        return take_data(flags, stream, payload);
      case type_headers:
        if ((flags & end_stream) != 0) refused();  // a status without a message
        return;
      case type_settings:
        if ((flags & ack) == 0) take_settings(payload);
        return;
      case type_ping:
        if ((flags & ack) == 0) frame(type_ping, ack, 0, payload);
        return;
      case type_window:
        if (stream == 0 && payload.size() == 4) window_ += get_u32(payload.data());
        return;
      case type_reset:
        return refused();
      case type_goaway:  // what is under way is still answered (RFC 9113 6.8)
        is_going_away_ = true;
        return die_when_left();
      default:
        return;
    }
  }
  // How many streams may be open at once; what else the server wants does not concern us (RFC 9113 6.5.2).
  void take_settings(std::span<const std::uint8_t> payload) {
    constexpr std::size_t setting_length = 6, max_concurrent_streams = 3;
    for (; payload.size() >= setting_length; payload = payload.subspan(setting_length)) {
      if (get_u16(payload.data()) == max_concurrent_streams) most_streams_ = get_u32(payload.data() + 2);
    }
    frame(type_settings, ack, 0, {});
  }
  void refused() {
    if (open_streams_ > 0) --open_streams_;  // a stream may be reset behind its answer
    answers_.failed(*this);
    die_when_left();
  }
  void answered(std::span<const std::uint8_t> message) {
    if (open_streams_ > 0) --open_streams_;
    answers_.answered(*this, message);
    die_when_left();
  }
  void die_when_left() {
    if (is_going_away_ && open_streams_ == 0) die();
  }
  void take_data(std::uint8_t flags, std::uint32_t stream, std::span<const std::uint8_t> payload) {
    received_ += payload.size();
    if (received_ > 1 << 28) {
      open_window(static_cast<std::uint32_t>(received_));
      received_ = 0;
    }
    if ((flags & padded) != 0 && !payload.empty() && payload[0] < payload.size()) {
      payload = payload.subspan(1, payload.size() - 1 - payload[0]);
    }
    const bool is_last = (flags & end_stream) != 0;
    const auto begun = parts_.find(stream);
    if (is_last && begun == parts_.end()) return answered(payload);
    Octets& body = parts_[stream];
    body.insert(body.end(), payload.begin(), payload.end());
    if (!is_last) return;
    const Octets whole = std::move(body);
    parts_.erase(stream);
    answered(whole);
  }

  std::uint32_t next_stream_ = 1, open_streams_ = 0, most_streams_ = 100;  // until it says otherwise
  bool is_going_away_ = false;
  std::int64_t window_ = 65535;  // what the server takes of our bodies (RFC 9113 6.9.2)
  std::size_t received_ = 0;
  std::unordered_map<std::uint32_t, Octets> parts_;  // bodies in more than one frame
};

}  // namespace

Server::Server(const std::string& address, std::uint16_t port, Protocol protocol) : protocol_(protocol) {
  address_.sin_family = AF_INET;
  address_.sin_port = htons(port);
  if (inet_pton(AF_INET, address.c_str(), &address_.sin_addr) != 1 || ntohl(address_.sin_addr.s_addr) >> 24 != 127) {
    throw std::runtime_error(address + " is no loopback address: this loads nobody else");
  }
  if (protocol != Protocol::dot && protocol != Protocol::doh) return;
  tls_.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_app_data(tls_.get(), this);
  SSL_CTX_set_min_proto_version(tls_.get(), TLS1_3_VERSION);
  SSL_CTX_set_mode(tls_.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(tls_.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(tls_.get(), keep_ticket);
  const std::string alpn = protocol == Protocol::doh ? "\2h2" : "\3dot";
  SSL_CTX_set_alpn_protos(tls_.get(), reinterpret_cast<const unsigned char*>(alpn.data()),
                          static_cast<unsigned>(alpn.size()));
}

std::unique_ptr<Channel> Channel::open(Server& server, Answers& answers, const Options& options) {
  switch (server.protocol()) {
    case Protocol::udp:
      return std::make_unique<UdpChannel>(server, answers, options.source);
    case Protocol::doh:
      return std::make_unique<Http2Channel>(server, answers, options);
    default:
      return std::make_unique<LengthChannel>(server, answers, options);
  }
}

Channel::Channel(Server& server, Answers& answers, int type, std::uint32_t source)
    : server_(server), answers_(answers), fd_(::socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
  if (fd_ < 0) throw std::runtime_error(std::string("no socket: ") + std::strerror(errno));
  if (source != 0) {
    const int one = 1;
    setsockopt(fd_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    sockaddr_in from{};
    from.sin_family = AF_INET;
    from.sin_addr.s_addr = htonl(127u << 24 | source);
    if (::bind(fd_, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0) {
      throw std::runtime_error(std::string("no source address: ") + std::strerror(errno));
    }
  }
  const auto* to = reinterpret_cast<const sockaddr*>(&server.address());
  if (::connect(fd_, to, sizeof(sockaddr_in)) != 0 && errno != EINPROGRESS) {
    throw std::runtime_error(std::string("no connection: ") + std::strerror(errno));
  }
}

Channel::~Channel() { ::close(fd_); }

void Channel::die() {
  if (is_dead_) return;
  is_dead_ = true;
  answers_.failed(*this);
}

}  // namespace dragoman::bench
