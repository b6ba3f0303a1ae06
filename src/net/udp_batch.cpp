// Datagrams in batches: recvmmsg and sendmmsg over buffers that are laid out once, and the addresses of a datagram in
// the form in which the reply needs them: to the client, from the address that was asked (RFC 2181 4.1).
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "dragoman/net/socket.h"

namespace dragoman::net {
namespace {

union ClientAddress {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

// What UdpBatch::Path stores. `local` is meant by the family of `client`; on a dual-stack socket both are IPv6.
struct PathFields {
  ClientAddress client;
  union {
    in_pktinfo v4;
    in6_pktinfo v6;
  } local;
  bool has_local;
};
static_assert(sizeof(PathFields) <= sizeof(UdpBatch::Path));

// Room for the control messages of one datagram: IPV6_PKTINFO and SO_RXQ_OVFL.
struct alignas(cmsghdr) Control {
  unsigned char octets[CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(std::uint32_t))];
};

socklen_t length_of(const ClientAddress& client) {
  return client.any.sa_family == AF_INET6 ? sizeof client.v6 : sizeof client.v4;
}

// Learns from the control messages which address was asked. The interface is kept for link-local addresses only:
// elsewhere the way back is for the routing table to choose.
void read_control(const msghdr& header, PathFields& path, std::uint64_t& dropped) {
  path.has_local = false;
  for (cmsghdr* at = CMSG_FIRSTHDR(&header); at != nullptr; at = CMSG_NXTHDR(const_cast<msghdr*>(&header), at)) {
    if (at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_PKTINFO) {
      std::memcpy(&path.local.v4, CMSG_DATA(at), sizeof path.local.v4);
      path.local.v4.ipi_ifindex = 0;
      path.has_local = true;
    } else if (at->cmsg_level == IPPROTO_IPV6 && at->cmsg_type == IPV6_PKTINFO) {
      std::memcpy(&path.local.v6, CMSG_DATA(at), sizeof path.local.v6);
      if (!IN6_IS_ADDR_LINKLOCAL(&path.local.v6.ipi6_addr)) path.local.v6.ipi6_ifindex = 0;
      path.has_local = true;
    } else if (at->cmsg_level == SOL_SOCKET && at->cmsg_type == SO_RXQ_OVFL) {
      std::uint32_t count;
      std::memcpy(&count, CMSG_DATA(at), sizeof count);
      dropped = count;
    }
  }
}

// Addresses `header` along `path`; `control` holds what it points to.
void address_reply(msghdr& header, const PathFields& path, Control& control) {
  header.msg_name = const_cast<sockaddr*>(&path.client.any);
  header.msg_namelen = length_of(path.client);
  header.msg_control = nullptr;
  header.msg_controllen = 0;
  if (!path.has_local) return;
  const bool is_v6 = path.client.any.sa_family == AF_INET6;
  const std::size_t size = is_v6 ? sizeof path.local.v6 : sizeof path.local.v4;
  header.msg_control = control.octets;
  header.msg_controllen = CMSG_SPACE(size);
  cmsghdr* message = CMSG_FIRSTHDR(&header);
  message->cmsg_level = is_v6 ? IPPROTO_IPV6 : IPPROTO_IP;
  message->cmsg_type = is_v6 ? IPV6_PKTINFO : IP_PKTINFO;
  message->cmsg_len = CMSG_LEN(size);
  std::memcpy(CMSG_DATA(message), &path.local, size);
}

}  // namespace

struct UdpBatch::State {
  std::array<mmsghdr, capacity> queries;
  std::array<iovec, capacity> query_parts;
  std::array<Control, capacity> query_control;
  std::array<PathFields, capacity> paths;
  std::size_t received = capacity;  // how many entries of `queries` the kernel may have changed
  std::uint64_t dropped = 0;

  std::array<mmsghdr, capacity> replies;
  std::array<iovec, capacity> reply_parts;
  std::array<Control, capacity> reply_control;
  std::size_t queued = 0;

  std::array<std::array<std::uint8_t, max_query>, capacity> query_octets;
  std::array<std::array<std::uint8_t, max_reply>, capacity> reply_octets;

  void lay_out();
  void make_ready_to_receive();
};

UdpBatch::UdpBatch() : state_(new State) { state_->lay_out(); }
UdpBatch::~UdpBatch() = default;

void UdpBatch::State::lay_out() {
  for (std::size_t i = 0; i < capacity; ++i) {
    query_parts[i] = {.iov_base = query_octets[i].data(), .iov_len = max_query};
    queries[i] = {};
    queries[i].msg_hdr.msg_name = &paths[i].client;
    queries[i].msg_hdr.msg_iov = &query_parts[i];
    queries[i].msg_hdr.msg_iovlen = 1;
    queries[i].msg_hdr.msg_control = query_control[i].octets;
    replies[i] = {};
    replies[i].msg_hdr.msg_iov = &reply_parts[i];
    replies[i].msg_hdr.msg_iovlen = 1;
  }
}

// The kernel writes lengths into the headers: put back those of the last batch.
void UdpBatch::State::make_ready_to_receive() {
  for (std::size_t i = 0; i < received; ++i) {
    queries[i].msg_hdr.msg_namelen = sizeof(ClientAddress);
    queries[i].msg_hdr.msg_controllen = sizeof(Control);
  }
}

std::size_t UdpBatch::receive(int fd) {
  State& state = *state_;
  state.make_ready_to_receive();
  state.queued = 0;
  int count;
  do {
    count = ::recvmmsg(fd, state.queries.data(), capacity, MSG_DONTWAIT, nullptr);
  } while (count < 0 && errno == EINTR);
  state.received = count > 0 ? static_cast<std::size_t>(count) : 0;
  for (std::size_t i = 0; i < state.received; ++i) {
    read_control(state.queries[i].msg_hdr, state.paths[i], state.dropped);
    if ((state.queries[i].msg_hdr.msg_flags & MSG_TRUNC) != 0) state.queries[i].msg_len = 0;
  }
  return state.received;
}

Bytes UdpBatch::query(std::size_t index) const {
  return {state_->query_octets[index].data(), state_->queries[index].msg_len};
}

ip::Address UdpBatch::client(std::size_t index) const {
  return ip::Endpoint::from_sockaddr(&state_->paths[index].client.any).address;
}

std::uint64_t UdpBatch::dropped() const { return state_->dropped; }

MutableBytes UdpBatch::reply_buffer(std::size_t index) { return state_->reply_octets[index]; }

void UdpBatch::set_reply(std::size_t index, std::size_t length) {
  State& state = *state_;
  const std::size_t at = state.queued++;
  state.reply_parts[at] = {.iov_base = state.reply_octets[index].data(), .iov_len = length};
  address_reply(state.replies[at].msg_hdr, state.paths[index], state.reply_control[at]);
}

std::size_t UdpBatch::send(int fd) {
  State& state = *state_;
  std::size_t refused = 0;
  for (std::size_t at = 0; at < state.queued;) {
    const int count = ::sendmmsg(fd, &state.replies[at], static_cast<unsigned>(state.queued - at), MSG_DONTWAIT);
    if (count > 0) {
      at += static_cast<std::size_t>(count);
    } else if (errno == EAGAIN || errno == ENOBUFS) {
      refused += state.queued - at;  // the way out is full: datagrams are dropped, not queued
      break;
    } else if (errno != EINTR) {
      ++refused;  // the error is that of the first one alone: no route, a filter, a forged source
      ++at;
    }
  }
  state.queued = 0;
  return refused;
}

UdpBatch::Path UdpBatch::path(std::size_t index) const {
  Path path;
  std::memcpy(path.storage, &state_->paths[index], sizeof(PathFields));
  return path;
}

// On a dual-stack socket both addresses are IPv6 (RFC 3493 3.7). The interface counts as in read_control().
UdpBatch::Path UdpBatch::path_between(const Ends& ends, bool is_v6_socket) {
  PathFields fields{};
  fields.has_local = true;
  const ip::Address client = is_v6_socket ? ends.client.address.with_mapping() : ends.client.address;
  ip::Endpoint{client, ends.client.port}.to_sockaddr(&fields.client);
  if (is_v6_socket) {
    if (IN6_IS_ADDR_LINKLOCAL(&fields.client.v6.sin6_addr)) fields.client.v6.sin6_scope_id = ends.link_index;
    std::memcpy(&fields.local.v6.ipi6_addr, ends.local.with_mapping().octets(), sizeof fields.local.v6.ipi6_addr);
    if (IN6_IS_ADDR_LINKLOCAL(&fields.local.v6.ipi6_addr)) fields.local.v6.ipi6_ifindex = ends.link_index;
  } else {
    std::memcpy(&fields.local.v4.ipi_spec_dst, ends.local.octets(), sizeof fields.local.v4.ipi_spec_dst);
  }
  Path path;
  std::memcpy(path.storage, &fields, sizeof fields);
  return path;
}

bool UdpBatch::send_later(int fd, const Path& path, Bytes reply) {
  PathFields fields;
  std::memcpy(&fields, path.storage, sizeof fields);
  iovec part{.iov_base = const_cast<std::uint8_t*>(reply.data()), .iov_len = reply.size()};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  Control control;
  address_reply(header, fields, control);
  ssize_t sent;
  do {
    sent = ::sendmsg(fd, &header, MSG_DONTWAIT);
  } while (sent < 0 && errno == EINTR);
  return sent >= 0;
}

}  // namespace dragoman::net
