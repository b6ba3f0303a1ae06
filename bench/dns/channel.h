// A way to the server: a UDP socket, or a connection by TCP, TLS or HTTPS. Queries gather until flush(); answers come
// back through Answers. One thread, non-blocking.
#pragma once

#include <netinet/in.h>
#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "questions.h"

namespace dragoman::bench {

enum class Protocol : std::uint8_t { udp, tcp, dot, doh };

class Channel;

class Answers {
 public:
  // A whole DNS message.
  virtual void answered(Channel& channel, std::span<const std::uint8_t> message) = 0;
  // The connection is up, its handshake done.
  virtual void opened(Channel& channel) = 0;
  // It ended, or a stream of it was refused.
  virtual void failed(Channel& channel) = 0;

 protected:
  ~Answers() = default;
};

// What channels share: where the server is, and how TLS is spoken.
class Server {
 public:
  Server(const std::string& address, std::uint16_t port, Protocol protocol);
  const sockaddr_in& address() const { return address_; }
  Protocol protocol() const { return protocol_; }
  SSL_CTX* tls() const { return tls_.get(); }
  // The ticket that came last; null: none yet. Its owner stays this.
  SSL_SESSION* ticket() const { return ticket_.get(); }
  void keep(SSL_SESSION* ticket) { ticket_.reset(ticket); }

 private:
  sockaddr_in address_{};
  Protocol protocol_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> tls_{nullptr, SSL_CTX_free};
  std::unique_ptr<SSL_SESSION, decltype(&SSL_SESSION_free)> ticket_{nullptr, SSL_SESSION_free};
};

class Channel {
 public:
  struct Options {
    bool resumes = false;
    std::uint32_t source = 0;  // the host part of 127.0.0.0/8; 0: whichever
  };
  static std::unique_ptr<Channel> open(Server& server, Answers& answers, const Options& options);
  virtual ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  int fd() const { return fd_; }
  bool is_open() const { return is_open_; }
  bool is_dead() const { return is_dead_; }
  virtual bool was_resumed() const { return false; }
  // Whether one more query may be asked now.
  virtual bool has_room() const { return is_open_ && !is_dead_; }
  // Queues a query under this ID.
  virtual void ask(const Octets& query, std::uint16_t id) = 0;
  virtual void flush() = 0;
  virtual void on_ready() = 0;
  // Says goodbye; the destructor closes.
  virtual void finish() {}

  std::uint32_t place = 0;  // the caller's

 protected:
  Channel(Server& server, Answers& answers, int type, std::uint32_t source);
  void die();

  Server& server_;
  Answers& answers_;
  int fd_;
  bool is_open_ = false, is_dead_ = false;
};

}  // namespace dragoman::bench
