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
  paused,       // handshake(), after allow_pauses(): nothing is missing, call it again when others had their turn
  closed,       // the other side ended the stream (close_notify or FIN): what was read before is all
  failed,       // reset, TLS error: give up; error_text() says why
};

struct IoResult {
  IoState state = IoState::ok;
  std::size_t count = 0;
  // read(): the socket was empty afterwards, so the next read would only say would_block. Leaving it out saves 0.5 us
  // per wake-up. Never after expect_end().
  bool drained = false;
};

// How a TLS handshake ended; also metric labels.
enum class TlsVersion : std::uint8_t { tls12, tls13, other };
struct HandshakeFacts {
  TlsVersion version = TlsVersion::other;
  bool resumed = false;
  bool alpn_h2 = false;   // "h2" was chosen
  std::string_view alpn;  // what was chosen; empty for none
};

class Stream {
 public:
  explicit Stream(UniqueFd fd) : fd_(std::move(fd)) {}   // plain
  Stream(UniqueFd fd, ssl_st* session, bool is_server);  // TLS; takes the session
  ~Stream();
  Stream(Stream&& other) noexcept;
  Stream& operator=(Stream&& other) noexcept;  // swaps

  int fd() const { return fd_.get(); }
  bool is_tls() const { return session_ != nullptr; }

  // TLS: one step, to be repeated when ready. Plain: ok at once. Server side: more than 16 KiB without a finished
  // handshake is a failure. Octets of the application that came along are read by read(): call it at once.
  IoResult handshake();
  // Before the first handshake(), server side: it pauses when it has taken some 40 us, instead of 300 at a stretch.
  void allow_pauses();
  // Whether handshake() waits for room to write, not for input.
  bool wants_output() const;
  // The other side hung up (Ready::hung_up), of which nothing else will tell: read until the end.
  void expect_end();
  HandshakeFacts facts() const;  // after the handshake
  // The server's side, after the handshake: the name that the client sent (RFC 6066 3), as it wrote it; empty for none.
  // A session that was resumed over TLS 1.2 has the name that it began with, over TLS 1.3 clients send it again.
  std::string_view server_name() const;

  // Reads what is there, at most buffer.size() octets, several records if they are small. Edge-triggered: call until
  // would_block. A FIN without close_notify counts as closed: DNS and HTTP/2 messages carry their lengths.
  IoResult read(MutableBytes buffer);
  // Writes from the front of `octets`; `count` says how much was taken. One call, at best one segment or record.
  // After would_block the next call must begin with the same octets (TLS has sealed them already); the buffer may move
  // and grow.
  IoResult write(Bytes octets);
  // Sends close_notify and FIN, in one segment, without waiting. The descriptor stays until the destructor.
  void close();

  // Why the last call failed, for people.
  std::string error_text() const;

 private:
  IoResult failed(int error);
  IoResult tls_outcome(int returned);
  IoResult read_tls(MutableBytes buffer);
  bool is_greedy_before_handshake() const;
  void finish_what_paused();

  UniqueFd fd_;
  ssl_st* session_ = nullptr;
  bool expects_end_ = false;
  int last_errno_ = 0;
  unsigned long last_tls_error_ = 0;
};

}  // namespace dragoman::net
