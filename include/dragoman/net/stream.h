// A byte stream over a connected descriptor, plain or TLS, non-blocking. Holds a transport; nobody inherits from it.
// TLS works straight on the descriptor, and gives its buffers back when there is nothing in them. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "dragoman/base/bytes.h"
#include "dragoman/net/socket.h"

struct ssl_st;

namespace dragoman::net {

enum class IoState : std::uint8_t {
  ok,           // `count` octets went through (handshake: done)
  would_block,  // wait for on_ready()
  closed,       // the other side ended the stream (close_notify or FIN): what was read before is all
  failed,       // reset, TLS error: give up; error_text() says why
};

struct IoResult {
  IoState state = IoState::ok;
  std::size_t count = 0;
};

// How a TLS handshake ended; also metric labels.
enum class TlsVersion : std::uint8_t { tls12, tls13, other };
struct HandshakeFacts {
  TlsVersion version = TlsVersion::other;
  bool resumed = false;
  bool alpn_h2 = false;         // "h2" was chosen
  std::string_view alpn;        // what was chosen; empty for none
};

class Stream {
 public:
  explicit Stream(UniqueFd fd) : fd_(std::move(fd)) {}   // plain
  Stream(UniqueFd fd, ssl_st* session, bool is_server);  // TLS; takes the session
  ~Stream();
  Stream(Stream&& other) noexcept;
  Stream& operator=(Stream&& other) noexcept;

  int fd() const { return fd_.get(); }
  bool is_tls() const { return session_ != nullptr; }

  // TLS: one step, to be repeated when ready. Plain: ok at once. Server side: more than 16 KiB without a finished
  // handshake is a failure.
  IoResult handshake();
  HandshakeFacts facts() const;   // after the handshake

  // Reads what is there, at most buffer.size() octets.
  IoResult read(MutableBytes buffer);
  // Writes from the front of `octets`; `count` says how much was taken. One call, at best one segment or record.
  IoResult write(Bytes octets);
  // Sends close_notify and FIN, without waiting.
  void close();

  std::string error_text() const;

 private:
  UniqueFd fd_;
  ssl_st* session_ = nullptr;
  int last_errno_ = 0;
  unsigned long last_tls_error_ = 0;
};

}  // namespace dragoman::net
