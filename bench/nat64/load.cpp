// The UDP load of the NAT64 benchmark: a paced source and a sink that counts. Both print JSON; the benchmark compares
// what was sent with what arrived, so nothing of that travels with the packets.
//     nat64_load sink PORT --ports N [--greet ADDRESS]   counts; a line on its input is answered with the count so far
//     nat64_load send ADDRESS PORT ...                   datagrams of one flow from a socket, several in one with
//     --segments nat64_load answer PORT ...                         the same, to the first who writes to PORT
//     nat64_load flows ADDRESS PORT ...                  whole frames: each of another source address and port
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "dragoman/base/bytes.h"

namespace {

using namespace std::chrono_literals;
using dragoman::load_u16;
using dragoman::store_u16;
using Clock = std::chrono::steady_clock;

constexpr std::size_t batch = 32;
constexpr std::size_t ethernet_header = 14;
constexpr std::size_t udp_header = 8;

struct Arguments {
  std::string address;
  std::uint16_t port = 7000;
  unsigned size = 64;         // octets of a datagram's payload
  std::uint64_t rate = 1000;  // datagrams a second
  std::chrono::milliseconds time{1000};
  unsigned segments = 1;  // datagrams in one super-packet
  unsigned ports = 1;     // destinations PORT, PORT + 1, ...
  std::string greet;      // whom a sink makes itself known to
  std::string device, router, sources;
  std::uint32_t hosts = 1;
  std::uint64_t first = 0;  // number of the first flow
  std::uint64_t distinct = ~std::uint64_t{0};
};

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

Address address_of(const std::string& text, std::uint16_t port) {
  Address made;
  if (text.find(':') != std::string::npos) {
    auto& six = reinterpret_cast<sockaddr_in6&>(made.storage);
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    made.size = sizeof six;
    if (inet_pton(AF_INET6, text.c_str(), &six.sin6_addr) != 1) fail(text.c_str());
  } else {
    auto& four = reinterpret_cast<sockaddr_in&>(made.storage);
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    made.size = sizeof four;
    if (inet_pton(AF_INET, text.c_str(), &four.sin_addr) != 1) fail(text.c_str());
  }
  return made;
}

// Large buffers: what is lost is to be lost on the way, not at the ends.
int open_socket(int family, int kind) {
  const int made = socket(family, kind | SOCK_CLOEXEC, 0);
  if (made < 0) fail("socket");
  const int octets = 32 << 20;
  for (const int buffer : {SO_RCVBUFFORCE, SO_SNDBUFFORCE})
    setsockopt(made, SOL_SOCKET, buffer, &octets, sizeof octets);
  return made;
}

// Takes datagrams of both families.
int bind_port(std::uint16_t port) {
  const int made = open_socket(AF_INET6, SOCK_DGRAM);
  const int no = 0;
  setsockopt(made, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
  const Address any = address_of("::", port);
  if (bind(made, any.get(), any.size) != 0) fail("bind");
  return made;
}

// -- The sink --
std::uint64_t drain(int socket) {
  static std::array<std::array<char, 2048>, 64> buffers;
  static std::array<iovec, buffers.size()> parts;
  static std::array<mmsghdr, buffers.size()> messages;
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    parts[i] = {buffers[i].data(), buffers[i].size()};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  const int count = recvmmsg(socket, messages.data(), messages.size(), MSG_DONTWAIT, nullptr);
  return count > 0 ? static_cast<std::uint64_t>(count) : 0;
}

// Ends with its input.
int sink(const Arguments& arguments) {
  const int waiting = epoll_create1(EPOLL_CLOEXEC);
  const auto watch = [waiting](int descriptor) {
    epoll_event event{.events = EPOLLIN, .data = {.fd = descriptor}};
    if (epoll_ctl(waiting, EPOLL_CTL_ADD, descriptor, &event) != 0) fail("epoll");
  };
  int bound = -1;
  for (unsigned i = arguments.ports; i-- > 0;) watch(bound = bind_port(static_cast<std::uint16_t>(arguments.port + i)));
  watch(STDIN_FILENO);
  const Address friendly = arguments.greet.empty() ? Address{} : address_of(arguments.greet, arguments.port);
  std::uint64_t received = 0;
  for (;;) {
    std::array<epoll_event, 16> events;
    const int count = epoll_wait(waiting, events.data(), events.size(), friendly.size != 0 ? 100 : -1);
    if (count == 0) sendto(bound, "here", 4, 0, friendly.get(), friendly.size);
    for (int i = 0; i < count; ++i) {
      if (events[static_cast<std::size_t>(i)].data.fd != STDIN_FILENO) {
        received += drain(events[static_cast<std::size_t>(i)].data.fd);
        continue;
      }
      char line[16];
      if (read(STDIN_FILENO, line, sizeof line) <= 0) return 0;
      std::printf("%llu\n", static_cast<unsigned long long>(received));
      std::fflush(stdout);
    }
  }
}

// -- The source --
// Sends what is due, up to a batch at a time, and sleeps a little when nothing is: so a sink on the same CPU gets its
// turn. `emit(first, count)`: how many were sent.
template <class Emit>
void pace(const Arguments& arguments, Emit emit) {
  const Clock::time_point start = Clock::now();
  std::uint64_t sent = 0;
  Clock::duration passed{};
  while ((passed = Clock::now() - start) < arguments.time) {
    const auto us = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(passed).count());
    const std::uint64_t due = us * arguments.rate / 1000000;
    if (due <= sent) {
      std::this_thread::sleep_for(150us);
      continue;
    }
    sent += emit(sent, std::min<std::uint64_t>(due - sent, batch));
  }
  std::printf("{\"sent\": %llu, \"seconds\": %.6f}\n", static_cast<unsigned long long>(sent),
              std::chrono::duration<double>(passed).count());
}

struct Messages {
  std::array<mmsghdr, batch> headers{};
  std::array<iovec, batch> parts{};
  // How many of the first `count` were sent.
  std::uint64_t send(int socket, std::uint64_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      headers[i].msg_hdr.msg_iov = &parts[i];
      headers[i].msg_hdr.msg_iovlen = 1;
    }
    const int sent = sendmmsg(socket, headers.data(), static_cast<unsigned>(count), 0);
    return sent > 0 ? static_cast<std::uint64_t>(sent) : 0;
  }
};

int send_from(int socket, const Address& to, const Arguments& arguments) {
  const int segment = static_cast<int>(arguments.size);
  if (arguments.segments > 1 && setsockopt(socket, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof segment) != 0) {
    fail("UDP_SEGMENT");
  }
  if (connect(socket, to.get(), to.size) != 0) fail("connect");
  std::vector<char> payload(std::size_t{arguments.size} * arguments.segments);
  Messages messages;
  messages.parts.fill({payload.data(), payload.size()});
  pace(arguments, [&](std::uint64_t, std::uint64_t count) {
    const std::uint64_t whole = (count + arguments.segments - 1) / arguments.segments;
    return messages.send(socket, whole) * arguments.segments;
  });
  return 0;
}

int send(const Arguments& arguments) {
  const Address to = address_of(arguments.address, arguments.port);
  return send_from(open_socket(to.get()->sa_family, SOCK_DGRAM), to, arguments);
}

int answer(const Arguments& arguments) {
  const int socket = bind_port(arguments.port);
  pollfd greeted{.fd = socket, .events = POLLIN, .revents = 0};
  if (poll(&greeted, 1, 3000) != 1) fail("nobody wrote");
  Address whom;
  whom.size = sizeof whom.storage;
  char octets[64];
  if (recvfrom(socket, octets, sizeof octets, 0, whom.get(), &whom.size) < 0) fail("receiving");
  return send_from(socket, whom, arguments);
}

// -- New flows --
// Frames of a batch, complete but for source, ports and checksums.
class Frames {
 public:
  explicit Frames(const Arguments& arguments)
      : arguments_(arguments),
        source_(address_of(arguments.sources, 0)),
        destination_(address_of(arguments.address, arguments.port)),
        is_ipv6_(source_.get()->sa_family == AF_INET6) {
    const std::size_t payload = udp_header + arguments.size;
    for (std::vector<std::uint8_t>& frame : frames_) {
      frame.resize(ethernet_header + ip_header() + payload);
      write_ethernet(frame.data());
      (is_ipv6_ ? write_ipv6(&frame[ethernet_header], payload) : write_ipv4(&frame[ethernet_header], payload));
      store_u16(&frame[ethernet_header + ip_header() + 4], static_cast<std::uint16_t>(payload));
    }
  }

  // The host varies fastest, so that each flow is a new mapping; destination ports go round.
  void number(std::size_t index, std::uint64_t flow) {
    flow %= arguments_.distinct;
    std::uint8_t* ip = &frames_[index][ethernet_header];
    std::uint8_t* udp = ip + ip_header();
    const std::uint64_t host = flow % arguments_.hosts + 1;
    std::uint8_t* source = ip + (is_ipv6_ ? 8 : 12);
    store_u16(source + address_size() - 2, static_cast<std::uint16_t>(host));
    store_u16(udp, static_cast<std::uint16_t>(1024 + flow / arguments_.hosts % 60000));
    store_u16(udp + 2, static_cast<std::uint16_t>(arguments_.port + flow % arguments_.ports));
    const std::size_t length = frames_[index].size() - ethernet_header - ip_header();
    store_u16(udp + 6, 0);
    const std::uint64_t total = sum(source, 2 * address_size()) + IPPROTO_UDP + length + sum(udp, length);
    store_u16(udp + 6, complement(total) == 0 ? 0xFFFF : complement(total));
    if (is_ipv6_) return;
    store_u16(ip + 10, 0);
    store_u16(ip + 10, complement(sum(ip, ip_header())));
  }

  iovec part(std::size_t index) { return {frames_[index].data(), frames_[index].size()}; }

 private:
  std::size_t ip_header() const { return is_ipv6_ ? 40 : 20; }
  std::size_t address_size() const { return is_ipv6_ ? 16 : 4; }

  static std::uint64_t sum(const std::uint8_t* at, std::size_t octets) {
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < octets; i += 2) total += load_u16(at + i);
    return total;
  }
  static std::uint16_t complement(std::uint64_t total) {
    while (total >> 16 != 0) total = (total & 0xFFFF) + (total >> 16);
    return static_cast<std::uint16_t>(~total);
  }

  void write_ethernet(std::uint8_t* at) const {
    std::array<unsigned, 6> octets{};
    if (std::sscanf(arguments_.router.c_str(), "%x:%x:%x:%x:%x:%x", &octets[0], &octets[1], &octets[2], &octets[3],
                    &octets[4], &octets[5]) != 6) {
      fail("--router");
    }
    for (std::size_t i = 0; i < 6; ++i) at[i] = static_cast<std::uint8_t>(octets[i]);
    at[6] = 2;  // from a locally administered address that nobody has
    store_u16(at + 12, is_ipv6_ ? ETHERTYPE_IPV6 : ETHERTYPE_IP);
  }

  void write_ipv6(std::uint8_t* at, std::size_t payload) const {
    at[0] = 0x60;
    store_u16(at + 4, static_cast<std::uint16_t>(payload));
    at[6] = IPPROTO_UDP;
    at[7] = 64;
    std::memcpy(at + 8, &reinterpret_cast<const sockaddr_in6&>(source_.storage).sin6_addr, 16);
    std::memcpy(at + 24, &reinterpret_cast<const sockaddr_in6&>(destination_.storage).sin6_addr, 16);
  }

  void write_ipv4(std::uint8_t* at, std::size_t payload) const {
    at[0] = 0x45;
    store_u16(at + 2, static_cast<std::uint16_t>(20 + payload));
    at[6] = 0x40;
    at[8] = 64;
    at[9] = IPPROTO_UDP;
    std::memcpy(at + 12, &reinterpret_cast<const sockaddr_in&>(source_.storage).sin_addr, 4);
    std::memcpy(at + 16, &reinterpret_cast<const sockaddr_in&>(destination_.storage).sin_addr, 4);
  }

  const Arguments& arguments_;
  Address source_, destination_;
  bool is_ipv6_;
  std::array<std::vector<std::uint8_t>, batch> frames_;
};

int flows(const Arguments& arguments) {
  Address out;
  auto& link = reinterpret_cast<sockaddr_ll&>(out.storage);
  link.sll_family = AF_PACKET;
  link.sll_ifindex = static_cast<int>(if_nametoindex(arguments.device.c_str()));
  out.size = sizeof link;
  const int socket = open_socket(AF_PACKET, SOCK_RAW);
  if (bind(socket, out.get(), out.size) != 0) fail(arguments.device.c_str());
  Frames frames(arguments);
  Messages messages;
  for (std::size_t i = 0; i < batch; ++i) messages.parts[i] = frames.part(i);
  pace(arguments, [&](std::uint64_t sent, std::uint64_t count) {
    for (std::size_t i = 0; i < count; ++i) frames.number(i, arguments.first + sent + i);
    return messages.send(socket, count);
  });
  return 0;
}

// -- The command line --
void declare_pace(CLI::App& command, Arguments& arguments) {
  command.add_option("--size", arguments.size, "octets of payload")->check(CLI::Range(1, 1472));
  command.add_option("--rate", arguments.rate, "datagrams a second");
  command.add_option_function<int>("--ms", [&](int value) { arguments.time = std::chrono::milliseconds(value); });
}

void declare_flows(CLI::App& command, Arguments& arguments) {
  command.add_option("--device", arguments.device)->required();
  command.add_option("--router", arguments.router, "its Ethernet address")->required();
  command.add_option("--sources", arguments.sources, "the network that hosts are counted in")->required();
  command.add_option("--hosts", arguments.hosts)->check(CLI::Range(1, 65000));
  command.add_option("--first", arguments.first, "number of the first flow");
  command.add_option("--distinct", arguments.distinct, "so many flows, over and over");
  command.add_option("--ports", arguments.ports);
}

}  // namespace

int main(int count, char** words) {
  prctl(PR_SET_TIMERSLACK, 1);
  Arguments arguments;
  CLI::App app("UDP load for the NAT64 benchmark");
  app.require_subcommand(1);
  CLI::App* to_sink = app.add_subcommand("sink");
  CLI::App* to_send = app.add_subcommand("send");
  CLI::App* to_answer = app.add_subcommand("answer");
  CLI::App* to_flows = app.add_subcommand("flows");
  for (CLI::App* command : {to_send, to_flows}) command->add_option("ADDRESS", arguments.address)->required();
  for (CLI::App* command : {to_sink, to_send, to_answer, to_flows}) {
    command->add_option("PORT", arguments.port)->required();
    if (command != to_sink) declare_pace(*command, arguments);
  }
  for (CLI::App* command : {to_send, to_answer}) {
    command->add_option("--segments", arguments.segments)->check(CLI::Range(1, 64));
  }
  to_sink->add_option("--ports", arguments.ports);
  to_sink->add_option("--greet", arguments.greet, "an address, on the same port");
  declare_flows(*to_flows, arguments);
  CLI11_PARSE(app, count, words);
  if (*to_sink) return sink(arguments);
  if (*to_answer) return answer(arguments);
  return *to_flows ? flows(arguments) : send(arguments);
}
