// sendmmsg(2) with its two ways of telling that something went wrong.
//
// The refusal of one datagram (ICMP) is told to the next one, which is not sent then. As the first of a call it makes
// the call fail; behind others it only cuts the call short, and the error is gone. So when one datagram can be sent
// after a call that was cut short, that was a refusal.
#include "dragoman/net/datagram_sender.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace dragoman::net {

Result<DatagramSender> DatagramSender::to_udp(const ip::Endpoint& receiver) {
  Result<UniqueFd> fd = connect_udp(receiver);
  if (!fd) return fd.error();
  return DatagramSender(std::move(*fd));
}

Result<DatagramSender> DatagramSender::to_unix(const std::string& path) {
  sockaddr_un address{};
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return Error{ErrorCode::invalid_argument, "not the path of a socket", path};
  }
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd || ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return Error{ErrorCode::unreachable, "nobody listens on this socket", path + ": " + std::strerror(errno)};
  }
  return DatagramSender(std::move(fd));
}

DatagramSender::Sent DatagramSender::send(std::span<const Bytes> datagrams) {
  std::array<mmsghdr, batch> headers{};
  std::array<iovec, batch> vectors;
  Sent sent;
  bool was_cut = false;
  while (sent.count < datagrams.size()) {
    const std::size_t wanted = was_cut ? 1 : std::min(datagrams.size() - sent.count, batch);
    for (std::size_t i = 0; i < wanted; ++i) {
      const Bytes datagram = datagrams[sent.count + i];
      vectors[i] = {const_cast<std::uint8_t*>(datagram.data()), datagram.size()};
      headers[i].msg_hdr.msg_iov = &vectors[i];
      headers[i].msg_hdr.msg_iovlen = 1;
    }
    const int taken = ::sendmmsg(fd_.get(), headers.data(), static_cast<unsigned>(wanted), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (taken < 0 && errno == EINTR) continue;
    sent.count += static_cast<std::size_t>(std::max(taken, 0));
    if (taken < 0 || was_cut) {
      sent.error = taken < 0 ? errno : ECONNREFUSED;
      break;
    }
    was_cut = static_cast<std::size_t>(taken) < wanted;
  }
  return sent;
}

bool DatagramSender::take_refusal() { return connect_error(fd_.get()) != 0; }

}  // namespace dragoman::net
