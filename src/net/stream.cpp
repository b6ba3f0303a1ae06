// Streams, plain and TLS; see stream.h. OpenSSL reads and writes the descriptor itself (socket_bio.h).
// Its error queue is per thread and must be empty when a call begins, or SSL_get_error() blames the wrong connection:
// every failure here empties it, and so does every other user of OpenSSL in this program.
#include "dragoman/net/stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "pauses.h"
#include "socket_bio.h"

namespace dragoman::net {
namespace {

// A ClientHello with post-quantum shares, and the client's last flight, stay well below this.
constexpr std::uint64_t max_octets_before_handshake = 16 * 1024;

}  // namespace

Stream::Stream(UniqueFd fd, ssl_st* session, bool is_server) : fd_(std::move(fd)), session_(session) {
  BIO* const socket = new_socket_bio(fd_.get());
  SSL_set_bio(session_, socket, socket);
  is_server ? SSL_set_accept_state(session_) : SSL_set_connect_state(session_);
}

Stream::~Stream() {
  if (!is_tls()) return;
  finish_what_paused();
  // Else OpenSSL takes a connection without close_notify for an attack, forbids to resume its session, and locks the
  // context that all workers share for that.
  SSL_set_shutdown(session_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  SSL_free(session_);
}

Stream::Stream(Stream&& other) noexcept
    : fd_(std::move(other.fd_)),
      session_(std::exchange(other.session_, nullptr)),
      expects_end_(other.expects_end_),
      last_errno_(other.last_errno_),
      last_tls_error_(other.last_tls_error_) {}

Stream& Stream::operator=(Stream&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(session_, other.session_);
  std::swap(expects_end_, other.expects_end_);
  std::swap(last_errno_, other.last_errno_);
  std::swap(last_tls_error_, other.last_tls_error_);
  return *this;
}

IoResult Stream::handshake() {
  if (!is_tls()) return {};
  take_emptied(SSL_get_rbio(session_));
  int returned;
  {
    const MayPause pieces;
    returned = SSL_do_handshake(session_);
  }
  if (returned == 1) {
    SSL_clear_mode(session_, SSL_MODE_ASYNC);  // what comes now is short
    return {};
  }
  const IoResult result = tls_outcome(returned);
  if (result.state == IoState::would_block && is_greedy_before_handshake()) return failed(EMSGSIZE);
  return result;
}

void Stream::allow_pauses() {
  if (is_tls()) SSL_set_mode(session_, SSL_MODE_ASYNC);
}

// A job that is under way has a stack, which goes when it ends.
void Stream::finish_what_paused() {
  if (SSL_waiting_for_async(session_) == 0) return;
  while (SSL_waiting_for_async(session_)) SSL_do_handshake(session_);
  ERR_clear_error();
}

bool Stream::is_greedy_before_handshake() const {
  return SSL_is_server(session_) && BIO_number_read(SSL_get_rbio(session_)) > max_octets_before_handshake;
}

bool Stream::wants_output() const { return is_tls() && SSL_want_write(session_); }

void Stream::expect_end() {
  expects_end_ = true;
  if (is_tls()) net::expect_end(SSL_get_rbio(session_));
}

HandshakeFacts Stream::facts() const {
  HandshakeFacts facts;
  if (!is_tls()) return facts;
  const int version = SSL_version(session_);
  facts.version = version == TLS1_3_VERSION   ? TlsVersion::tls13
                  : version == TLS1_2_VERSION ? TlsVersion::tls12
                                              : TlsVersion::other;
  facts.resumed = SSL_session_reused(session_) == 1;
  const unsigned char* alpn = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(session_, &alpn, &length);
  facts.alpn = {reinterpret_cast<const char*>(alpn), length};
  facts.alpn_h2 = facts.alpn == "h2";
  return facts;
}

std::string_view Stream::server_name() const {
  const char* name = is_tls() ? SSL_get_servername(session_, TLSEXT_NAMETYPE_host_name) : nullptr;
  return name != nullptr ? std::string_view(name) : std::string_view();
}

IoResult Stream::read(MutableBytes buffer) {
  if (is_tls()) return read_tls(buffer);
  const ssize_t count = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
  if (count > 0) {
    const auto taken = static_cast<std::size_t>(count);
    return {IoState::ok, taken, taken < buffer.size() && !expects_end_};
  }
  if (count == 0) return {buffer.empty() ? IoState::ok : IoState::closed};
  return failed(errno);
}

// One SSL_read gives at most one record. Clients send a record per query, so go on while records are at hand.
IoResult Stream::read_tls(MutableBytes buffer) {
  BIO* const socket = SSL_get_rbio(session_);
  take_emptied(socket);
  std::size_t total = 0;
  bool has_more = true;
  while (has_more && total < buffer.size()) {
    std::size_t count = 0;
    const int returned = SSL_read_ex(session_, buffer.data() + total, buffer.size() - total, &count);
    if (returned != 1) {
      // What was read comes first; the next call meets the same end again.
      if (total > 0) return ERR_clear_error(), IoResult{IoState::ok, total};
      return tls_outcome(returned);
    }
    total += count;
    has_more = SSL_has_pending(session_) == 1;
  }
  return {IoState::ok, total, !has_more && take_emptied(socket)};
}

IoResult Stream::write(Bytes octets) {
  if (octets.empty()) return {};
  if (is_tls()) {
    std::size_t count = 0;
    const int returned = SSL_write_ex(session_, octets.data(), octets.size(), &count);
    return returned == 1 ? IoResult{IoState::ok, count} : tls_outcome(returned);
  }
  const ssize_t count = ::send(fd_.get(), octets.data(), octets.size(), MSG_NOSIGNAL);
  return count >= 0 ? IoResult{IoState::ok, static_cast<std::size_t>(count)} : failed(errno);
}

void Stream::close() {
  // RFC 8446 6.1: close_notify ends what we send. After a failure OpenSSL must not be asked for one.
  if (is_tls() && last_tls_error_ == 0 && SSL_is_init_finished(session_)) {
    hold_next_write(SSL_get_wbio(session_));
    SSL_shutdown(session_);
    ERR_clear_error();
  }
  ::shutdown(fd_.get(), SHUT_WR);
}

IoResult Stream::failed(int error) {
  if (error == EAGAIN || error == EINTR) return {IoState::would_block};
  last_errno_ = error;
  return {IoState::failed};
}

// What a call that did not succeed means. SSL_ERROR_WANT_* means would_block for reads and writes alike: registration
// is for both directions, and both are tried when either is ready.
IoResult Stream::tls_outcome(int returned) {
  const int error = errno;  // before anything else touches it
  const int kind = SSL_get_error(session_, returned);
  if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE) return {IoState::would_block};
  if (kind == SSL_ERROR_WANT_ASYNC || kind == SSL_ERROR_WANT_ASYNC_JOB) return {IoState::paused};
  if (kind == SSL_ERROR_ZERO_RETURN) return {IoState::closed};
  const unsigned long reason = ERR_peek_error();
  ERR_clear_error();
  if (ERR_GET_LIB(reason) == ERR_LIB_SSL && ERR_GET_REASON(reason) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    return {IoState::closed};
  }
  last_tls_error_ = reason;
  last_errno_ = kind == SSL_ERROR_SYSCALL ? error : 0;
  if (kind == SSL_ERROR_SYSCALL && reason == 0 && error == 0) return {IoState::closed};
  return {IoState::failed};
}

std::string Stream::error_text() const {
  const bool verifies = is_tls() && SSL_get_verify_mode(session_) != SSL_VERIFY_NONE;
  if (verifies && SSL_get_verify_result(session_) != X509_V_OK) {
    return std::string("the certificate cannot be trusted: ") +
           X509_verify_cert_error_string(SSL_get_verify_result(session_));
  }
  if (last_errno_ == EMSGSIZE) return "too much before the handshake was finished";
  if (last_errno_ != 0) return std::strerror(last_errno_);
  if (last_tls_error_ == 0) return {};
  const char* reason = ERR_reason_error_string(last_tls_error_);
  return std::string("TLS: ") + (reason != nullptr ? reason : "unknown error");
}

}  // namespace dragoman::net
