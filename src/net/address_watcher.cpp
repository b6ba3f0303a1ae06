// A netlink socket in the multicast groups of addresses: see net/address_watcher.h. That something came is all that
// counts, so messages are thrown away unread, and a flood that the socket lost (ENOBUFS) counts, too.
#include "dragoman/net/address_watcher.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace dragoman::net {

AddressWatcher::AddressWatcher(EventLoop& loop, std::function<void()> changed)
    : loop_(loop), changed_(std::move(changed)) {}

AddressWatcher::~AddressWatcher() {
  if (fd_) loop_.unwatch(fd_.get(), *this);
}

Result<void> AddressWatcher::start() {
  if (fd_) return {};
  UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
  if (!fd || ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return Error{ErrorCode::internal, "the kernel does not tell of addresses that change", std::strerror(errno)};
  }
  fd_ = std::move(fd);
  loop_.watch_input(fd_.get(), *this);
  return {};
}

void AddressWatcher::on_ready(Ready) {
  std::array<char, 8192> message;
  bool came = false;
  while (::recv(fd_.get(), message.data(), message.size(), 0) >= 0 || errno == ENOBUFS || errno == EINTR) came = true;
  if (came) changed_();
}

}  // namespace dragoman::net
