// Client-side datagrams; see net/datagram.h.
#include "dragoman/net/datagram.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>

namespace dragoman::net {

bool send_datagram(int fd, Bytes datagram) {
  return ::send(fd, datagram.data(), datagram.size(), MSG_DONTWAIT | MSG_NOSIGNAL) ==
         static_cast<ssize_t>(datagram.size());
}

struct DatagramReader::Buffers {
  std::array<mmsghdr, capacity> headers{};
  std::array<iovec, capacity> vectors{};
  std::array<std::array<std::uint8_t, max_length>, capacity> octets;
};

DatagramReader::DatagramReader() : buffers_(new Buffers) {
  for (std::size_t i = 0; i < capacity; ++i) {
    buffers_->vectors[i] = {buffers_->octets[i].data(), max_length};
    buffers_->headers[i].msg_hdr.msg_iov = &buffers_->vectors[i];
    buffers_->headers[i].msg_hdr.msg_iovlen = 1;
  }
}

DatagramReader::~DatagramReader() = default;

DatagramReader::State DatagramReader::receive(int fd) {
  count_ = 0;
  const int received = ::recvmmsg(fd, buffers_->headers.data(), capacity, MSG_DONTWAIT, nullptr);
  if (received < 0) {
    const bool nothing = errno == EAGAIN || errno == EINTR;
    return nothing ? State::drained : State::refused;
  }
  count_ = static_cast<std::size_t>(received);
  return count_ == capacity ? State::more : State::drained;
}

Bytes DatagramReader::datagram(std::size_t index) const {
  const mmsghdr& header = buffers_->headers[index];
  if ((header.msg_hdr.msg_flags & MSG_TRUNC) != 0) return {};
  return {buffers_->octets[index].data(), header.msg_len};
}

}  // namespace dragoman::net
