// The program in the kernel's own test bench (BPF_PROG_TEST_RUN): what it says of frames. Skipped where BPF is not
// permitted.
#include "xdp_program.h"

#include <gtest/gtest.h>
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dragoman/net/bpf.h"
#include "dragoman/net/netlink.h"
#include "dragoman/net/xdp_socket.h"
#include "fakes/network_namespace.h"
#include "fakes/packets.h"

namespace dragoman::net {
namespace {

using fakes::endpoint;
using fakes::Octets;

constexpr MacAddress our_mac{2, 0, 0, 0x80, 0, 0xfe};  // octets that a sign would be extended from
constexpr std::uint16_t max_frame = 600;
constexpr std::size_t smallest_run = 14;  // that the test bench takes

Octets operator+(Octets front, const Octets& back) {
  front.insert(front.end(), back.begin(), back.end());
  return front;
}

Octets frame_of(const Octets& packet, const MacAddress& to = our_mac) {
  Octets frame(to.begin(), to.end());
  const bool is_v6 = packet[0] >> 4 == 6;
  return frame + Octets{2, 0, 0, 0, 0, 2} + (is_v6 ? Octets{0x86, 0xdd} : Octets{0x08, 0x00}) + packet;
}

template <class Value>
Bytes octets_of(const Value& value) {
  return {reinterpret_cast<const std::uint8_t*>(&value), sizeof value};
}

// The program with its maps, and a socket of the loopback interface's queue.
class Bench {
 public:
  static constexpr const char* listeners[] = {"192.0.2.1:53", "[2001:db8::1]:53", "[2001:db8::1]:5353"};

  // Empty: this may not use BPF or AF_XDP.
  static std::optional<Bench> make() {
    auto netlink = Netlink::open();
    if (!netlink || !netlink->set_up(netlink->link("lo")->index)) return std::nullopt;
    auto known = BpfMap::make("test", {BpfMap::Kind::hash, sizeof(XdpListenerKey), 4, 16});
    auto sockets = BpfMap::make("test", {BpfMap::Kind::xdp_sockets, 4, 4, 4});
    auto socket = XdpSocket::open("lo", 0, XdpHook::generic);
    if (!known || !sockets || !socket) return std::nullopt;
    for (const char* listener : listeners) {
      EXPECT_TRUE(known->update(octets_of(xdp_listener_key(endpoint(listener))), octets_of(1)));
    }
    EXPECT_TRUE(sockets->update(octets_of(0), octets_of(socket->fd())));
    auto program = load_xdp("test", xdp_program({our_mac, max_frame}, {known->fd(), sockets->fd()}));
    EXPECT_TRUE(program) << program.error().text();
    if (!program) return std::nullopt;
    return Bench{*std::move(known), *std::move(sockets), *std::move(socket), *std::move(program)};
  }

  bool takes(const Octets& frame) {
    bpf_attr attributes;
    std::memset(&attributes, 0, sizeof attributes);
    attributes.test.prog_fd = static_cast<std::uint32_t>(program_.get());
    attributes.test.data_in = reinterpret_cast<std::uintptr_t>(frame.data());
    attributes.test.data_size_in = static_cast<std::uint32_t>(frame.size());
    EXPECT_EQ(::syscall(SYS_bpf, BPF_PROG_TEST_RUN, &attributes, sizeof attributes), 0) << std::strerror(errno);
    EXPECT_TRUE(attributes.test.retval == XDP_REDIRECT || attributes.test.retval == XDP_PASS);
    return attributes.test.retval == XDP_REDIRECT;
  }

  void close_queue() { EXPECT_TRUE(sockets_.remove(octets_of(0))); }

 private:
  Bench(BpfMap known, BpfMap sockets, XdpSocket socket, UniqueFd program)
      : known_(std::move(known)),
        sockets_(std::move(sockets)),
        socket_(std::move(socket)),
        program_(std::move(program)) {}
  BpfMap known_, sockets_;
  XdpSocket socket_;
  UniqueFd program_;
};

void with_bench(FunctionRef<void(Bench&)> test) {
  test::in_own_network([&] {
    auto bench = Bench::make();
    if (!bench) GTEST_SKIP() << "no BPF or no AF_XDP here";
    test(*bench);
  });
}

Octets query4(const char* to = "192.0.2.1:53") { return fakes::udp(endpoint("192.0.2.7:4000"), endpoint(to)); }
Octets query6(const char* to = "[2001:db8::1]:53") { return fakes::udp(endpoint("[2001:db8::7]:4000"), endpoint(to)); }

TEST(XdpProgram, takes_queries_to_listeners) {
  with_bench([](Bench& bench) {
    EXPECT_TRUE(bench.takes(frame_of(query4())));
    EXPECT_TRUE(bench.takes(frame_of(query6())));
    EXPECT_TRUE(bench.takes(frame_of(query6("[2001:db8::1]:5353"))));
  });
}

TEST(XdpProgram, leaves_other_addresses_and_ports) {
  with_bench([](Bench& bench) {
    for (const char* other : {"192.0.2.2:53", "192.0.2.1:54", "192.0.2.1:5353"}) {
      EXPECT_FALSE(bench.takes(frame_of(query4(other)))) << other;
    }
    for (const char* other : {"[2001:db8::2]:53", "[2001:db8::1]:54", "[::ffff:192.0.2.9]:53"}) {
      EXPECT_FALSE(bench.takes(frame_of(query6(other)))) << other;
    }
  });
}

TEST(XdpProgram, leaves_what_is_not_a_whole_datagram) {
  with_bench([](Bench& bench) {
    EXPECT_FALSE(bench.takes(frame_of(fakes::tcp(endpoint("192.0.2.7:4000"), endpoint("192.0.2.1:53"), "S"))));
    EXPECT_FALSE(bench.takes(frame_of(fakes::tcp(endpoint("[2001:db8::7]:4000"), endpoint("[2001:db8::1]:53"), "S"))));
    EXPECT_FALSE(bench.takes(frame_of(fakes::ping(fakes::address("192.0.2.7"), fakes::address("192.0.2.1"), 53))));
    for (const Octets& fragment : fakes::fragments_of(query4(), 1, 8)) EXPECT_FALSE(bench.takes(frame_of(fragment)));
    for (const Octets& fragment : fakes::fragments_of(query6(), 1, 8)) EXPECT_FALSE(bench.takes(frame_of(fragment)));
    Octets options = query4();
    options[0] = 0x46;
    EXPECT_FALSE(bench.takes(frame_of(options)));
    EXPECT_TRUE(bench.takes(frame_of(fakes::with_dont_fragment(query4()))));
  });
}

TEST(XdpProgram, leaves_other_kinds_of_frames) {
  with_bench([](Bench& bench) {
    Octets tagged = frame_of(query4());
    const Octets tag{0x81, 0x00, 0x00, 0x05};
    tagged.insert(tagged.begin() + 12, tag.begin(), tag.end());
    EXPECT_FALSE(bench.takes(tagged));
    Octets arp = frame_of(query4());
    arp[13] = 0x06;
    EXPECT_FALSE(bench.takes(arp));
  });
}

TEST(XdpProgram, leaves_frames_for_others) {
  with_bench([](Bench& bench) {
    for (std::size_t octet = 0; octet < our_mac.size(); ++octet) {
      MacAddress other = our_mac;
      other[octet] ^= 1;
      EXPECT_FALSE(bench.takes(frame_of(query4(), other))) << octet;
    }
    EXPECT_FALSE(bench.takes(frame_of(query4(), {0xff, 0xff, 0xff, 0xff, 0xff, 0xff})));
  });
}

TEST(XdpProgram, leaves_frames_that_end_too_early_or_are_too_long) {
  with_bench([](Bench& bench) {
    for (const Octets& whole : {frame_of(query4()), frame_of(query6())}) {
      const std::size_t headers = whole[12] == 0x08 ? 42 : 62;
      for (std::size_t size = smallest_run; size < headers; ++size) {
        EXPECT_FALSE(bench.takes(Octets(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)))) << size;
      }
      Octets longest = whole;
      longest.resize(max_frame);
      EXPECT_TRUE(bench.takes(longest));
      longest.resize(max_frame + 1);
      EXPECT_FALSE(bench.takes(longest));
    }
  });
}

TEST(XdpProgram, leaves_queues_without_a_socket) {
  with_bench([](Bench& bench) {
    bench.close_queue();
    EXPECT_FALSE(bench.takes(frame_of(query4())));
  });
}

}  // namespace
}  // namespace dragoman::net
