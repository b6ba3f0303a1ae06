// The load of ./dev bench xdp: queries over UDP at a fixed rate, in bursts, as a network card hands them over when it
// gathers frames for an interrupt. Says how many were answered.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using Octets = std::vector<std::uint8_t>;

constexpr std::size_t most_in_burst = 64;
constexpr std::uint16_t port = 53;
constexpr int buffer_size = 8 * 1024 * 1024;
constexpr std::chrono::milliseconds last_wait{200};

struct Options {
  std::string server, queries;
  std::uint64_t rate = 50000;
  std::size_t burst = 16, sockets = 16;
  double seconds = 3;
};

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

// A question of type AAAA with RD; lines are those of dnsperf, "name. AAAA".
Octets message_of(const std::string& line) {
  Octets message{0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0};
  const std::string name = line.substr(0, line.find(' '));
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t dot = std::min(name.find('.', at), name.size());
    message.push_back(static_cast<std::uint8_t>(dot - at));
    message.insert(message.end(), name.begin() + static_cast<std::ptrdiff_t>(at),
                   name.begin() + static_cast<std::ptrdiff_t>(dot));
    at = dot + 1;
  }
  message.insert(message.end(), {0, 0, 28, 0, 1});
  return message;
}

std::vector<Octets> read_queries(const std::string& path) {
  std::vector<Octets> messages;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) messages.push_back(message_of(line));
  if (messages.empty()) fail(path.c_str());
  return messages;
}

int connect_to(const std::string& server) {
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  const bool is_v6 = ::inet_pton(AF_INET6, server.c_str(), &v6.sin6_addr) == 1;
  if (!is_v6 && ::inet_pton(AF_INET, server.c_str(), &v4.sin_addr) != 1) fail(server.c_str());
  v4.sin_family = AF_INET;
  v6.sin6_family = AF_INET6;
  v4.sin_port = v6.sin6_port = htons(port);
  const int fd = ::socket(is_v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  ::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer_size, sizeof buffer_size);
  const auto* address = is_v6 ? reinterpret_cast<const sockaddr*>(&v6) : reinterpret_cast<const sockaddr*>(&v4);
  if (fd < 0 || ::connect(fd, address, is_v6 ? sizeof v6 : sizeof v4) != 0) fail("connect");
  return fd;
}

class Load {
 public:
  explicit Load(const Options& options) : options_(options), messages_(read_queries(options.queries)) {
    for (std::size_t i = 0; i < options.sockets; ++i) sockets_.push_back(connect_to(options.server));
    for (std::size_t i = 0; i < most_in_burst; ++i) {
      parts_[i] = {rooms_[i].data(), rooms_[i].size()};
      replies_[i].msg_hdr.msg_iov = &parts_[i];
      replies_[i].msg_hdr.msg_iovlen = 1;
    }
  }

  void run() {
    const auto gap =
        std::chrono::nanoseconds(static_cast<std::int64_t>(1e9 * double(options_.burst) / double(options_.rate)));
    const auto begin = Clock::now(),
               end = begin + std::chrono::nanoseconds(static_cast<std::int64_t>(options_.seconds * 1e9));
    for (auto next = begin; next < end; next += gap) {
      std::this_thread::sleep_until(next);
      send_burst();
      receive();
    }
    std::this_thread::sleep_for(last_wait);
    receive();
    std::printf("sent %zu answered %zu seconds %.3f\n", sent_, answered_,
                std::chrono::duration<double>(Clock::now() - begin - last_wait).count());
  }

 private:
  // All from one socket; the next burst is another's.
  void send_burst() {
    for (std::size_t i = 0; i < options_.burst; ++i) {
      Octets& message = messages_[next_message_++ % messages_.size()];
      queries_[i].msg_hdr = {};
      query_parts_[i] = {message.data(), message.size()};
      queries_[i].msg_hdr.msg_iov = &query_parts_[i];
      queries_[i].msg_hdr.msg_iovlen = 1;
    }
    const int count = ::sendmmsg(sockets_[next_socket_++ % sockets_.size()], queries_.data(),
                                 static_cast<unsigned>(options_.burst), 0);
    if (count > 0) sent_ += static_cast<std::size_t>(count);
  }

  void receive() {
    for (const int fd : sockets_) {
      for (int count; (count = ::recvmmsg(fd, replies_.data(), most_in_burst, MSG_DONTWAIT, nullptr)) > 0;) {
        for (int i = 0; i < count; ++i) answered_ += is_answer(rooms_[static_cast<std::size_t>(i)]) ? 1 : 0;
      }
    }
  }

  // NOERROR or NXDOMAIN.
  static bool is_answer(const std::array<std::uint8_t, 2048>& reply) {
    return (reply[2] & 0x80) != 0 && ((reply[3] & 15) == 0 || (reply[3] & 15) == 3);
  }

  Options options_;
  std::vector<Octets> messages_;
  std::vector<int> sockets_;
  std::size_t next_message_ = 0, next_socket_ = 0, sent_ = 0, answered_ = 0;
  std::array<mmsghdr, most_in_burst> queries_{}, replies_{};
  std::array<iovec, most_in_burst> query_parts_{}, parts_{};
  std::array<std::array<std::uint8_t, 2048>, most_in_burst> rooms_{};
};

}  // namespace

int main(int count, char** words) {
  Options options;
  CLI::App app("Queries over UDP at a fixed rate, in bursts.");
  app.add_option("--server", options.server, "its address; port 53")->required();
  app.add_option("--queries", options.queries, "a file of dnsperf, AAAA alone")->required();
  app.add_option("--rate", options.rate, "queries a second");
  app.add_option("--burst", options.burst, "queries at once")->check(CLI::Range(std::size_t{1}, most_in_burst));
  app.add_option("--seconds", options.seconds, "how long");
  CLI11_PARSE(app, count, words);
  Load(options).run();
  return 0;
}
