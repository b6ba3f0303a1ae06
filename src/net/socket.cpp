// Sockets for streams and datagrams: opening, binding, accepting, connecting; see socket.h. Batches are in
// udp_batch.cpp. Options are tables: what a kind of socket gets is read off one list.
#include "dragoman/net/socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace dragoman::net {
namespace {

struct Option {
  int level;
  int name;
  int value;
};

constexpr int backlog = 4096;  // the kernel takes the smaller of this and net.core.somaxconn
constexpr int udp_buffer = 4 * 1024 * 1024;
constexpr int defer_accept_s = 5;

// A peer that vanished is noticed within 10 s when something is unacknowledged, else within about 2 minutes.
constexpr Option stream_options[] = {
    {IPPROTO_TCP, TCP_NODELAY, 1},   {IPPROTO_TCP, TCP_USER_TIMEOUT, 10'000}, {SOL_SOCKET, SO_KEEPALIVE, 1},
    {IPPROTO_TCP, TCP_KEEPIDLE, 60}, {IPPROTO_TCP, TCP_KEEPINTVL, 15},        {IPPROTO_TCP, TCP_KEEPCNT, 4},
};

// RFC 9715 3.1 and its appendix: OMIT sends without DF and ignores path MTU news that anybody can forge; replies of at
// most 1232 octets are not fragmented on any sane path.
constexpr Option datagram_v4_options[] = {
    {IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT},
};
constexpr Option datagram_v6_options[] = {
    {IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_OMIT},
};

template <std::size_t N>
void set_options(int fd, const Option (&options)[N]) {
  // Best effort: each improves something, none is needed for answering.
  for (const Option& option : options) setsockopt(fd, option.level, option.name, &option.value, sizeof option.value);
}

void set_option(int fd, int level, int name, int value) { setsockopt(fd, level, name, &value, sizeof value); }

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length;
  explicit SocketAddress(const ip::Endpoint& endpoint) : length(endpoint.to_sockaddr(&storage)) {}
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

struct BindFailure {
  int error;
  ErrorCode code;
  const char* what;
};
constexpr BindFailure bind_failures[] = {
    {EACCES, ErrorCode::permission,
     "not allowed to use this port (it needs CAP_NET_BIND_SERVICE, or a port from 1024)"},
    {EPERM, ErrorCode::permission, "the system forbids this socket (a firewall or container policy)"},
    {EADDRINUSE, ErrorCode::in_use, "another program uses this address and port"},
    {EADDRNOTAVAIL, ErrorCode::not_found, "no interface of this machine has this address"},
    {EAFNOSUPPORT, ErrorCode::not_found, "this machine has no such address family (IPv6 is switched off?)"},
    {EMFILE, ErrorCode::too_large, "no descriptors left (raise LimitNOFILE or ulimit -n)"},
    {ENFILE, ErrorCode::too_large, "no descriptors left in this system (raise fs.file-max)"},
    {ENETUNREACH, ErrorCode::unreachable, "no route to this address"},
    {EHOSTUNREACH, ErrorCode::unreachable, "no route to this address"},
};

Error socket_error(int error, const ip::Endpoint& endpoint) {
  for (const BindFailure& failure : bind_failures) {
    if (failure.error == error) return {failure.code, failure.what, endpoint.to_text()};
  }
  return {ErrorCode::internal, "the socket cannot be opened", endpoint.to_text() + ": " + std::strerror(error)};
}

UniqueFd open_socket(const ip::Endpoint& endpoint, int type) {
  const int family = endpoint.address.is_v6() ? AF_INET6 : AF_INET;
  return UniqueFd(::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

bool is_dual_stack(const ip::Endpoint& endpoint) {
  return endpoint.address.is_v6() && endpoint.address.is_unspecified();
}

enum class Sharing { exclusive, between_workers };

// A socket of `type` bound to `endpoint`.
Result<UniqueFd> open_bound(const ip::Endpoint& endpoint, int type, Sharing sharing) {
  UniqueFd fd = open_socket(endpoint, type);
  if (!fd) return socket_error(errno, endpoint);
  if (endpoint.address.is_v6()) set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, is_dual_stack(endpoint) ? 0 : 1);
  // For TCP: bind although connections of a former process linger in TIME_WAIT.
  if (type == SOCK_STREAM) set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (sharing == Sharing::between_workers) set_option(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  const SocketAddress address(endpoint);
  if (::bind(fd.get(), address.get(), address.length) != 0) return socket_error(errno, endpoint);
  return fd;
}

Result<UniqueFd> open_connected(const ip::Endpoint& server, int type) {
  UniqueFd fd = open_socket(server, type);
  if (!fd) return socket_error(errno, server);
  if (type == SOCK_STREAM) {
    set_options(fd.get(), stream_options);
  } else {
    set_options(fd.get(), datagram_v4_options);
    if (server.address.is_v6()) set_options(fd.get(), datagram_v6_options);
  }
  const SocketAddress address(server);
  if (::connect(fd.get(), address.get(), address.length) != 0 && errno != EINPROGRESS)
    return socket_error(errno, server);
  return fd;
}

// For a socket that is bound to all addresses. One that is bound to a single one answers from it anyway, and is spared
// the kernel's telling and being told, in every datagram.
void ask_for_path(int fd, bool is_v6) {
  // On a dual-stack socket IPV6_PKTINFO tells of IPv4 datagrams too, as mapped addresses.
  if (is_v6) {
    set_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
  } else {
    set_option(fd, IPPROTO_IP, IP_PKTINFO, 1);
  }
}

}  // namespace

UniqueFd::~UniqueFd() {
  if (fd_ >= 0) ::close(fd_);
}

Result<UniqueFd> listen_tcp(const ip::Endpoint& endpoint, bool defer_accept) {
  auto fd = open_bound(endpoint, SOCK_STREAM, Sharing::between_workers);
  if (!fd) return fd;
  set_options(fd->get(), stream_options);
  if (defer_accept) set_option(fd->get(), IPPROTO_TCP, TCP_DEFER_ACCEPT, defer_accept_s);
  if (::listen(fd->get(), backlog) != 0) return socket_error(errno, endpoint);
  return fd;
}

Result<UniqueFd> bind_udp(const ip::Endpoint& endpoint) {
  auto fd = open_bound(endpoint, SOCK_DGRAM, Sharing::between_workers);
  if (!fd) return fd;
  const bool is_v6 = endpoint.address.is_v6();
  if (endpoint.address.is_unspecified()) ask_for_path(fd->get(), is_v6);
  set_option(fd->get(), SOL_SOCKET, SO_RXQ_OVFL, 1);
  set_options(fd->get(), datagram_v4_options);
  if (is_v6) set_options(fd->get(), datagram_v6_options);
  // A burst must fit while the worker does something else. FORCE may exceed net.core.rmem_max, with CAP_NET_ADMIN.
  if (setsockopt(fd->get(), SOL_SOCKET, SO_RCVBUFFORCE, &udp_buffer, sizeof udp_buffer) != 0) {
    set_option(fd->get(), SOL_SOCKET, SO_RCVBUF, udp_buffer);
  }
  return fd;
}

Result<void> can_bind(const ip::Endpoint& endpoint, bool udp) {
  auto fd = open_bound(endpoint, udp ? SOCK_DGRAM : SOCK_STREAM, Sharing::exclusive);
  if (!fd) return fd.error();
  if (!udp && ::listen(fd->get(), 1) != 0) return socket_error(errno, endpoint);
  return {};
}

ip::Endpoint local_endpoint(int fd) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &length);
  return ip::Endpoint::from_sockaddr(reinterpret_cast<const sockaddr*>(&storage));
}

Result<std::optional<Accepted>> accept_tcp(int listener) {
  for (;;) {
    sockaddr_storage storage;
    socklen_t length = sizeof storage;
    UniqueFd fd(::accept4(listener, reinterpret_cast<sockaddr*>(&storage), &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd) {
      return std::optional(Accepted{std::move(fd), ip::Endpoint::from_sockaddr(reinterpret_cast<sockaddr*>(&storage))});
    }
    switch (errno) {
      case EAGAIN:
        return std::optional<Accepted>();
      case EMFILE:
      case ENFILE:
      case ENOBUFS:
      case ENOMEM:
        return Error{ErrorCode::too_large, "a connection cannot be accepted: no descriptors or memory left"};
      case EBADF:
      case EINVAL:
      case ENOTSOCK:
      case EOPNOTSUPP:
        return Error{ErrorCode::internal, "a connection cannot be accepted: the socket does not listen"};
      default:
        break;  // that connection is gone already (accept(2), "Error handling"): the next one
    }
  }
}

Result<UniqueFd> connect_tcp(const ip::Endpoint& server) { return open_connected(server, SOCK_STREAM); }

Result<UniqueFd> connect_udp(const ip::Endpoint& server) { return open_connected(server, SOCK_DGRAM); }

Connecting connect_tcp_noting_icmp(const ip::Endpoint& server) {
  UniqueFd fd = open_socket(server, SOCK_STREAM);
  if (!fd) return {{}, errno};
  if (server.address.is_v6()) {
    set_option(fd.get(), IPPROTO_IPV6, IPV6_RECVERR, 1);
  } else {
    set_option(fd.get(), IPPROTO_IP, IP_RECVERR, 1);
  }
  const SocketAddress address(server);
  const bool failed = ::connect(fd.get(), address.get(), address.length) != 0 && errno != EINPROGRESS;
  return {std::move(fd), failed ? errno : 0};
}

bool had_icmp_error(int fd) {
  msghdr header{};
  return ::recvmsg(fd, &header, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0;
}

int connect_error(int fd) {
  int error = 0;
  socklen_t length = sizeof error;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) return errno;
  return error;
}

}  // namespace dragoman::net
