// An upstream server over TCP or TLS in the test's own event loop: messages with a two-octet length. The script gets
// each query with the connection that it came by, and may answer now, later, in any order, in pieces or never.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dragoman/net/event_loop.h"
#include "dragoman/net/socket.h"
#include "dragoman/net/stream.h"
#include "dragoman/net/tls.h"
#include "fakes/fake_server_message.h"

namespace dragoman::fakes {

// One accepted connection, whatever is spoken on it.
class FakeConnection : public net::Watcher {
 public:
  FakeConnection(net::EventLoop& loop, net::Stream stream) : loop_(loop), stream_(std::move(stream)) {
    loop_.watch(stream_.fd(), *this);
  }
  virtual ~FakeConnection() { close(); }

  void write(Bytes octets) {
    queue(octets);
    flush();
  }
  void close() {
    if (!std::exchange(is_open_, false)) return;
    loop_.unwatch(stream_.fd(), *this);
    stream_.close();
    stream_ = net::Stream(net::UniqueFd());
  }
  bool is_open() const { return is_open_; }
  bool was_closed_by_client() const { return closed_by_client_; }

  void on_ready(net::Ready) override {
    if (is_open_ && !greeted_) {
      const net::IoState state = stream_.handshake().state;
      if (state == net::IoState::would_block) return;
      if (state != net::IoState::ok) return close();
      greeted_ = true;
    }
    read();
    if (is_open_) flush();
  }

 protected:
  virtual void received(Bytes octets) = 0;
  // To queue what is only made when it can be written.
  virtual void before_write() {}
  void queue(Bytes octets) { out_.insert(out_.end(), octets.begin(), octets.end()); }

 private:
  void read() {
    Octets buffer(16384);
    while (is_open_) {
      const net::IoResult result = stream_.read(buffer);
      if (result.state == net::IoState::would_block) return;
      if (result.state != net::IoState::ok) {
        closed_by_client_ = true;
        return close();
      }
      received(Bytes(buffer).first(result.count));
    }
  }
  void flush() {
    if (!greeted_) return;
    before_write();
    while (is_open_ && !out_.empty()) {
      const net::IoResult result = stream_.write(out_);
      if (result.state != net::IoState::ok) return;
      out_.erase(out_.begin(), out_.begin() + static_cast<std::ptrdiff_t>(result.count));
    }
  }

  net::EventLoop& loop_;
  net::Stream stream_;
  Octets out_;
  bool is_open_ = true;
  bool greeted_ = false;
  bool closed_by_client_ = false;
};

// Accepts connections of one kind: `Connection(loop, stream, server)`.
template <class Connection>
class FakeListener : public net::Watcher {
 public:
  // `tls` null: plain TCP.
  FakeListener(net::EventLoop& loop, std::shared_ptr<const net::ServerTls> tls, net::Alpn alpn, std::uint16_t port)
      : loop_(loop),
        tls_(std::move(tls)),
        alpn_(alpn),
        fd_(*net::listen_tcp({ip::Address(ip::Ipv4Octets{127, 0, 0, 1}), port}, false)) {
    loop_.watch(fd_.get(), *this);
  }
  virtual ~FakeListener() { loop_.unwatch(fd_.get(), *this); }

  std::uint16_t port() const { return net::local_endpoint(fd_.get()).port; }
  const std::vector<std::unique_ptr<Connection>>& connections() const { return connections_; }

  void on_ready(net::Ready) override {
    for (;;) {
      Result<std::optional<net::Accepted>> accepted = net::accept_tcp(fd_.get());
      if (!accepted || !*accepted) return;
      net::UniqueFd fd = std::move((*accepted)->fd);
      net::Stream stream =
          tls_ ? net::Stream(std::move(fd), tls_->new_session(alpn_), true) : net::Stream(std::move(fd));
      connections_.push_back(std::make_unique<Connection>(loop_, std::move(stream), *this));
    }
  }

 private:
  net::EventLoop& loop_;
  std::shared_ptr<const net::ServerTls> tls_;
  net::Alpn alpn_;
  net::UniqueFd fd_;
  std::vector<std::unique_ptr<Connection>> connections_;
};

class FakeStreamServer;

class FakeDnsConnection final : public FakeConnection {
 public:
  FakeDnsConnection(net::EventLoop& loop, net::Stream stream, FakeListener<FakeDnsConnection>& server);
  void send(const Octets& message) { write(framed(message)); }
  static Octets framed(const Octets& message) {
    Octets frame(2);
    store_u16(frame.data(), static_cast<std::uint16_t>(message.size()));
    frame.insert(frame.end(), message.begin(), message.end());
    return frame;
  }

 private:
  void received(Bytes octets) override;
  FakeStreamServer& server_;
  Octets in_;
};

class FakeStreamServer final : public FakeListener<FakeDnsConnection> {
 public:
  using Script = std::function<void(FakeDnsConnection& connection, const Octets& query)>;

  explicit FakeStreamServer(net::EventLoop& loop, Script script = {}, std::shared_ptr<const net::ServerTls> tls = {},
                            std::uint16_t port = 0)
      : FakeListener(loop, tls, net::Alpn::dot, port), script_(std::move(script)), scheme_(tls ? "tls" : "tcp") {}

  std::string url(const std::string& name = {}) const {
    return scheme_ + "://127.0.0.1:" + std::to_string(port()) + (name.empty() ? "" : "#" + name);
  }
  const std::vector<Octets>& asked() const { return asked_; }
  void answer(FakeDnsConnection& connection, const Octets& query) {
    asked_.push_back(query);
    script_ ? script_(connection, query) : connection.send(reply_to(query));
  }

 private:
  Script script_;
  std::string scheme_;
  std::vector<Octets> asked_;
};

inline FakeDnsConnection::FakeDnsConnection(net::EventLoop& loop, net::Stream stream,
                                            FakeListener<FakeDnsConnection>& server)
    : FakeConnection(loop, std::move(stream)), server_(static_cast<FakeStreamServer&>(server)) {}

inline void FakeDnsConnection::received(Bytes octets) {
  in_.insert(in_.end(), octets.begin(), octets.end());
  while (in_.size() >= 2 && in_.size() >= 2u + load_u16(in_.data())) {
    const auto end = in_.begin() + 2 + load_u16(in_.data());
    const Octets query(in_.begin() + 2, end);
    in_.erase(in_.begin(), end);
    server_.answer(*this, query);
  }
}

}  // namespace dragoman::fakes
