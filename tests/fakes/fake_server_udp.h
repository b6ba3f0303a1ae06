// An upstream server over UDP in the test's own event loop. The script decides what is sent for each query; without one
// every question is answered. Remembers what was asked and from where.
#pragma once

#include <sys/socket.h>

#include <functional>
#include <vector>

#include "dragoman/net/event_loop.h"
#include "dragoman/net/socket.h"
#include "fakes/fake_server_message.h"

namespace dragoman::fakes {

class FakeUdpServer final : public net::Watcher {
 public:
  // Gets a query and its number from 0, gives the datagrams to send for it.
  using Script = std::function<std::vector<Octets>(const Octets& query, std::size_t number)>;

  struct Asked {
    Octets query;
    ip::Endpoint client;
  };

  FakeUdpServer(net::EventLoop& loop, Script script) : FakeUdpServer(loop) { script_ = std::move(script); }
  explicit FakeUdpServer(net::EventLoop& loop, std::uint16_t port = 0)
      : loop_(loop), fd_(*net::bind_udp({ip::Address(ip::Ipv4Octets{127, 0, 0, 1}), port})) {
    loop_.watch(fd_.get(), *this);
  }
  ~FakeUdpServer() { loop_.unwatch(fd_.get(), *this); }

  void set_script(Script script) { script_ = std::move(script); }
  std::uint16_t port() const { return net::local_endpoint(fd_.get()).port; }
  std::string url() const { return "dns://127.0.0.1:" + std::to_string(port()); }
  const std::vector<Asked>& asked() const { return asked_; }

  void send(const Octets& datagram, const ip::Endpoint& to) {
    sockaddr_storage address;
    const unsigned length = to.to_sockaddr(&address);
    ::sendto(fd_.get(), datagram.data(), datagram.size(), 0, reinterpret_cast<sockaddr*>(&address), length);
  }

  void on_ready(net::Ready) override {
    Octets buffer(4096);
    sockaddr_storage from;
    for (;;) {
      socklen_t length = sizeof from;
      const ssize_t count =
          ::recvfrom(fd_.get(), buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&from), &length);
      if (count < 0) return;
      const auto end = buffer.begin() + count;
      asked_.push_back({Octets(buffer.begin(), end), ip::Endpoint::from_sockaddr(reinterpret_cast<sockaddr*>(&from))});
      const Asked asked = asked_.back();
      const auto replies =
          script_ ? script_(asked.query, asked_.size() - 1) : std::vector<Octets>{reply_to(asked.query)};
      for (const Octets& datagram : replies) send(datagram, asked.client);
    }
  }

 private:
  net::EventLoop& loop_;
  net::UniqueFd fd_;
  Script script_;
  std::vector<Asked> asked_;
};

}  // namespace dragoman::fakes
