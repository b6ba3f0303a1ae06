// The least that a DNS server can do over the same sockets and the same TLS library: every question gets a constant
// AAAA record. What Dragoman costs beyond this is ours; what this costs is the kernel's and OpenSSL's.
//
// udp answers one datagram at a time, udp-batched many a call; doh frames HTTP/2 by hand and reads of a request no more
// than where its body is.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace {

using Octets = std::vector<std::uint8_t>;

struct Options {
  std::string protocol, address = "127.0.0.1", certificate, key;
  std::uint16_t port = 0;
};

// -- DNS: header and question as they came, one record behind them --
constexpr std::array<std::uint8_t, 28> record{0xc0, 12,   0, 28, 0, 1, 0, 1, 0x51, 0x80, 0,   16, 0, 0x64,
                                              0xff, 0x9b, 0, 0,  0, 0, 0, 0, 0,    0,    198, 18, 0, 1};

std::size_t answer(const std::uint8_t* query, std::size_t length, std::uint8_t* out) {
  std::size_t at = 12;
  while (at < length && query[at] != 0) at += query[at] + std::size_t{1};
  const std::size_t question_end = at + 5;
  if (question_end > length) return 0;
  std::memcpy(out, query, question_end);
  out[2] |= 0x80;
  out[3] = 0x80;
  out[7] = 1;
  std::memset(out + 8, 0, 4);
  std::memcpy(out + question_end, record.data(), record.size());
  return question_end + record.size();
}

int listen_at(const Options& options, int type) {
  const int fd = ::socket(AF_INET, type | SOCK_CLOEXEC, 0), one = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(options.port);
  inet_pton(AF_INET, options.address.c_str(), &address.sin_addr);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    std::perror("bind");
    std::exit(1);
  }
  const int buffer = 4 << 20;
  if (type == SOCK_DGRAM) setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
  if (type != SOCK_DGRAM) ::listen(fd, 4096);
  return fd;
}

// -- UDP --
[[noreturn]] void serve_udp(int fd) {
  std::array<std::uint8_t, 1500> query, reply;
  for (;;) {
    sockaddr_in from;
    socklen_t length = sizeof from;
    const ssize_t got = ::recvfrom(fd, query.data(), query.size(), 0, reinterpret_cast<sockaddr*>(&from), &length);
    const std::size_t size = got > 0 ? answer(query.data(), static_cast<std::size_t>(got), reply.data()) : 0;
    if (size > 0) ::sendto(fd, reply.data(), size, 0, reinterpret_cast<const sockaddr*>(&from), length);
  }
}

[[noreturn]] void serve_udp_batched(int fd) {
  constexpr std::size_t most = 64;
  static std::array<std::array<std::uint8_t, 1500>, most> queries, replies;
  static std::array<sockaddr_in, most> from;
  static std::array<iovec, most> query_parts, reply_parts;
  static std::array<mmsghdr, most> in, out;
  for (;;) {
    for (std::size_t i = 0; i < most; ++i) {
      query_parts[i] = {queries[i].data(), queries[i].size()};
      in[i].msg_hdr = {.msg_name = &from[i],
                       .msg_namelen = sizeof from[i],
                       .msg_iov = &query_parts[i],
                       .msg_iovlen = 1,
                       .msg_control = nullptr,
                       .msg_controllen = 0,
                       .msg_flags = 0};
    }
    const int count = ::recvmmsg(fd, in.data(), most, MSG_WAITFORONE, nullptr);
    unsigned ready = 0;
    for (std::size_t i = 0; static_cast<int>(i) < count; ++i) {
      const std::size_t size = answer(queries[i].data(), in[i].msg_len, replies[ready].data());
      if (size == 0) continue;
      reply_parts[ready] = {replies[ready].data(), size};
      out[ready].msg_hdr = in[i].msg_hdr;
      out[ready].msg_hdr.msg_iov = &reply_parts[ready];
      ++ready;
    }
    if (ready > 0) ::sendmmsg(fd, out.data(), ready, 0);
  }
}

// -- Streams --
struct Connection {
  int fd = -1;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl{nullptr, SSL_free};
  bool has_greeted = false;  // doh: the preface was read
  Octets in, out;            // what is not a whole message, what the socket has not taken
};

class StreamServer {
 public:
  StreamServer(const Options& options, int listener) : is_doh_(options.protocol == "doh"), listener_(listener) {
    if (options.protocol != "tcp") make_tls(options);
    watch(listener_, EPOLLIN, nullptr);
  }
  [[noreturn]] void serve();

 private:
  void make_tls(const Options& options);
  void watch(int fd, std::uint32_t events, Connection* connection) {
    epoll_event event{.events = events, .data = {.ptr = connection}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }
  void accept_all();
  bool go_on(Connection& connection);
  bool would_block(const Connection& connection, int count) const;
  std::size_t read(Connection& connection, const std::uint8_t* octets, std::size_t length);
  std::size_t read_messages(Connection& connection, const std::uint8_t* octets, std::size_t length);
  std::size_t read_frames(Connection& connection, const std::uint8_t* octets, std::size_t length);
  bool flush(Connection& connection);

  bool is_doh_;
  int listener_, epoll_ = epoll_create1(EPOLL_CLOEXEC);
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> tls_{nullptr, SSL_CTX_free};
  std::array<std::uint8_t, 65536> room_;
};

int choose_alpn(SSL*, const unsigned char** out, unsigned char* length, const unsigned char* in, unsigned in_length,
                void*) {
  if (in_length < 1) return SSL_TLSEXT_ERR_NOACK;
  *out = in + 1;
  *length = in[0];
  return SSL_TLSEXT_ERR_OK;
}

void StreamServer::make_tls(const Options& options) {
  tls_.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* const tls = tls_.get();
  SSL_CTX_set_min_proto_version(tls, TLS1_3_VERSION);
  SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(tls, 1);  // one system call a record and not two, one for its header
  SSL_CTX_set_num_tickets(tls, 1);
  SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(tls, choose_alpn, nullptr);
  if (SSL_CTX_use_certificate_chain_file(tls, options.certificate.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(tls, options.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    ERR_print_errors_fp(stderr);
    std::exit(1);
  }
}

void StreamServer::accept_all() {
  for (;;) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC), one = 1;
    if (fd < 0) return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    auto* connection = new Connection;
    connection->fd = fd;
    if (tls_) {
      connection->ssl.reset(SSL_new(tls_.get()));
      SSL_set_fd(connection->ssl.get(), fd);
      SSL_set_accept_state(connection->ssl.get());
    }
    watch(fd, EPOLLIN | EPOLLRDHUP, connection);
  }
}

bool StreamServer::would_block(const Connection& connection, int count) const {
  if (!connection.ssl) return count < 0 && errno == EAGAIN;
  const int error = SSL_get_error(connection.ssl.get(), count);
  ERR_clear_error();
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

// False when the connection is over.
bool StreamServer::go_on(Connection& connection) {
  for (;;) {
    const std::size_t kept = connection.in.size();
    std::copy(connection.in.begin(), connection.in.end(), room_.begin());
    const auto space = static_cast<int>(room_.size() - kept);
    const int count = connection.ssl
                          ? SSL_read(connection.ssl.get(), room_.data() + kept, space)
                          : static_cast<int>(::recv(connection.fd, room_.data() + kept, space, MSG_DONTWAIT));
    if (count <= 0) return would_block(connection, count) && flush(connection);
    const std::size_t length = kept + static_cast<std::size_t>(count);
    const std::size_t used = read(connection, room_.data(), length);
    connection.in.assign(room_.data() + used, room_.data() + length);
    if (!connection.ssl) return flush(connection);  // level-triggered: what is left comes again
    if (SSL_has_pending(connection.ssl.get()) == 0) return flush(connection);
  }
}

std::size_t StreamServer::read(Connection& connection, const std::uint8_t* octets, std::size_t length) {
  return is_doh_ ? read_frames(connection, octets, length) : read_messages(connection, octets, length);
}

std::size_t StreamServer::read_messages(Connection& connection, const std::uint8_t* octets, std::size_t length) {
  std::size_t at = 0;
  std::array<std::uint8_t, 1500> reply;
  while (length - at >= 2) {
    const std::size_t size = std::size_t{octets[at]} << 8 | octets[at + 1];
    if (length - at - 2 < size) break;
    const std::size_t replied = answer(octets + at + 2, std::min(size, std::size_t{1400}), reply.data());
    connection.out.push_back(static_cast<std::uint8_t>(replied >> 8));
    connection.out.push_back(static_cast<std::uint8_t>(replied));
    connection.out.insert(connection.out.end(), reply.data(), reply.data() + replied);
    at += 2 + size;
  }
  return at;
}

void put_frame(Octets& out, std::uint8_t type, std::uint8_t flags, const std::uint8_t* stream,
               const std::uint8_t* payload, std::size_t length) {
  const std::uint8_t head[] = {0, static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length), type,
                               flags};
  out.insert(out.end(), std::begin(head), std::end(head));
  out.insert(out.end(), stream, stream + 4);
  out.insert(out.end(), payload, payload + length);
}

// RFC 9113 in outline: a request is over with its DATA; answers are :status 200, content-type, and a body.
std::size_t StreamServer::read_frames(Connection& connection, const std::uint8_t* octets, std::size_t length) {
  constexpr std::size_t preface = 24, head = 9;
  constexpr std::uint8_t none[4] = {0, 0, 0, 0}, wide[4] = {0x3f, 0, 0, 0};
  static const std::string type = "application/dns-message";
  std::size_t at = 0;
  if (!connection.has_greeted) {
    if (length < preface) return 0;
    at = preface;
    connection.has_greeted = true;
    put_frame(connection.out, 4, 0, none, none, 0);
    put_frame(connection.out, 8, 0, none, wide, 4);
  }
  while (length - at >= head) {
    const std::uint8_t* frame = octets + at;
    const std::size_t size = std::size_t{frame[0]} << 16 | std::size_t{frame[1]} << 8 | frame[2];
    if (length - at - head < size) break;
    if (frame[3] == 4 && (frame[4] & 1) == 0) put_frame(connection.out, 4, 1, none, none, 0);
    if (frame[3] == 6 && (frame[4] & 1) == 0) put_frame(connection.out, 6, 1, none, frame + head, size);
    if (frame[3] == 0) {
      std::array<std::uint8_t, 1500> reply;
      const std::size_t replied = answer(frame + head, std::min(size, std::size_t{1400}), reply.data());
      Octets headers{0x88, 15, 16, static_cast<std::uint8_t>(type.size())};
      headers.insert(headers.end(), type.begin(), type.end());
      put_frame(connection.out, 1, 4, frame + 5, headers.data(), headers.size());
      put_frame(connection.out, 0, 1, frame + 5, reply.data(), replied);
    }
    at += head + size;
  }
  return at;
}

// This server stops reading nobody who does not read: its clients do.
bool StreamServer::flush(Connection& connection) {
  Octets& out = connection.out;
  if (out.empty()) return true;
  const auto length = static_cast<int>(out.size());
  const int count = connection.ssl ? SSL_write(connection.ssl.get(), out.data(), length)
                                   : static_cast<int>(::send(connection.fd, out.data(), out.size(), MSG_NOSIGNAL));
  if (count <= 0) return would_block(connection, count);
  out.erase(out.begin(), out.begin() + count);
  return true;
}

void StreamServer::serve() {
  std::array<epoll_event, 128> events;
  for (;;) {
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      auto* connection = static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (connection == nullptr) {
        accept_all();
      } else if (!go_on(*connection)) {
        ::close(connection->fd);
        delete connection;
      }
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  Options options;
  CLI::App app{"The least that a DNS server can do, to measure others against."};
  app.add_option("--protocol", options.protocol)
      ->required()
      ->check(CLI::IsMember({"udp", "udp-batched", "tcp", "dot", "doh"}));
  app.add_option("--address", options.address);
  app.add_option("--port", options.port)->required();
  app.add_option("--cert", options.certificate);
  app.add_option("--key", options.key);
  CLI11_PARSE(app, argc, argv);
  if (options.protocol == "udp") serve_udp(listen_at(options, SOCK_DGRAM));
  if (options.protocol == "udp-batched") serve_udp_batched(listen_at(options, SOCK_DGRAM));
  const int listener = listen_at(options, SOCK_STREAM | SOCK_NONBLOCK);
  StreamServer(options, listener).serve();
}
