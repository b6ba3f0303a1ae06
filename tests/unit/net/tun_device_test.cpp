// The TUN device of the real kernel, in a network of the test's own; skipped where there is none.
#include "dragoman/net/tun_device.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <chrono>

#include "dragoman/net/bpf.h"
#include "dragoman/net/netlink.h"
#include "dragoman/net/privileges.h"
#include "fakes/network_namespace.h"

namespace dragoman::net {
namespace {

using testing::HasSubstr;

constexpr uid_t nobody = 65534;

// As the kernel writes it.
struct OffloadHeader {
  std::uint8_t flags;
  std::uint8_t kind;
  std::uint16_t header_size, segment_size, checksum_start, checksum_offset;
};

void run(const std::string& command) { ASSERT_EQ(system(command.c_str()), 0) << command; }

const ip::Ipv4Octets here{10, 64, 0, 1};   // the machine, on the TUN device
const ip::Ipv4Octets there{10, 64, 0, 2};  // anybody behind it

// Opens a device and makes it a link to 10.64.0.0/24.
void with_device(const TunOptions& options, FunctionRef<void(TunDevice&)> test) {
  test::in_own_network([&] {
    Result<TunDevice> device = TunDevice::open(options);
    if (!device) GTEST_SKIP() << device.error().text();
    Result<Netlink> netlink = Netlink::open();
    ASSERT_TRUE(netlink);
    ASSERT_TRUE(netlink->set_no_link_local(device->index()));
    ASSERT_TRUE(netlink->set_up(device->index()));
    ASSERT_TRUE(netlink->add_address({device->index(), ip::Address(here), 24}));
    test(*device);
  });
}

// A packet in a buffer large enough for any.
struct Received {
  OffloadHeader header{};
  std::vector<std::uint8_t> buffer = std::vector<std::uint8_t>(65536 + 64);
  MutableBytes room = MutableBytes(buffer).subspan(TunQueue::header_size);
  TunQueue::Read read{};

  bool from(const TunQueue& queue) {
    read = queue.read(header, room);
    return read.result == TunResult::ok;
  }
  MutableBytes packet() { return room.first(read.size); }
  // What makes the machine its own correspondent: checksums stay what they are.
  void swap_addresses() { std::swap_ranges(&room[12], &room[16], &room[16]); }
};

ip::Endpoint endpoint(const ip::Ipv4Octets& address, std::uint16_t port) { return {ip::Address(address), port}; }

UniqueFd udp_socket(const ip::Ipv4Octets& address) {
  Result<UniqueFd> socket = bind_udp(endpoint(address, 0));
  EXPECT_TRUE(socket);
  return *std::move(socket);
}

ssize_t send_to(int fd, const ip::Endpoint& destination, Bytes octets) {
  sockaddr_storage address{};
  const unsigned size = destination.to_sockaddr(&address);
  return ::sendto(fd, octets.data(), octets.size(), 0, reinterpret_cast<sockaddr*>(&address), size);
}

TEST(TunDevice, is_made_and_vanishes_with_the_program) {
  test::in_own_network([] {
    Result<Netlink> netlink = Netlink::open();
    ASSERT_TRUE(netlink);
    {
      Result<TunDevice> device = TunDevice::open({.name = "nat64", .queues = 4});
      if (!device) GTEST_SKIP() << device.error().text();
      EXPECT_TRUE(device->was_made());
      EXPECT_EQ(device->queue_count(), 4u);
      EXPECT_EQ(device->name(), "nat64");
      EXPECT_EQ(netlink->link("nat64")->index, device->index());
      const TunQueue* queue = &device->queue(2);
      TunDevice moved = *std::move(device);
      EXPECT_EQ(&moved.queue(2), queue);
    }
    EXPECT_EQ(netlink->link("nat64").error().code, ErrorCode::not_found);
  });
}

TEST(TunDevice, carries_packets_both_ways) {
  with_device({}, [](TunDevice& device) {
    TunQueue& queue = device.queue(0);
    Received packet;
    EXPECT_FALSE(packet.from(queue));
    EXPECT_EQ(packet.read.result, TunResult::again);

    // To port P of the other side; that comes back from there to port P here, so to the sender itself.
    const UniqueFd socket = udp_socket(here);
    const std::uint16_t port = local_endpoint(socket.get()).port;
    const std::uint8_t content[] = {'d', 'r', 'a', 'g', 'o', 'm', 'a', 'n'};
    ASSERT_EQ(send_to(socket.get(), endpoint(there, port), content), 8);
    ASSERT_TRUE(packet.from(queue));
    ASSERT_EQ(packet.read.size, 20u + 8 + 8);
    EXPECT_EQ(packet.room[0], 0x45);
    EXPECT_EQ(packet.header.kind, 0);
    packet.swap_addresses();
    ASSERT_EQ(queue.write(packet.header, packet.packet()), TunResult::ok);
    std::uint8_t received[16];
    ASSERT_EQ(::recv(socket.get(), received, sizeof received, 0), 8);
    EXPECT_TRUE(std::equal(content, content + 8, received));
  });
}

// Sends a megabyte over TCP to itself, with every packet of both directions going through the device. Returns how many
// were super-packets.
std::size_t super_packets_of_a_transfer(TunQueue& queue) {
  const Result<UniqueFd> listener = listen_tcp(endpoint(here, 0), false);
  const Result<UniqueFd> sender = connect_tcp(endpoint(there, local_endpoint(listener->get()).port));
  std::optional<Accepted> receiver;
  const std::vector<std::uint8_t> content(1 << 20, 'x');
  std::size_t sent = 0, received = 0, super_packets = 0;
  std::vector<std::uint8_t> buffer(1 << 16);
  Received packet;
  while (received < content.size()) {
    pollfd wait[] = {{queue.fd(), POLLIN, 0}, {receiver ? receiver->fd.get() : -1, POLLIN, 0}};
    if (::poll(wait, 2, 5000) <= 0) break;
    while (packet.from(queue)) {
      super_packets += packet.header.kind != 0;
      packet.swap_addresses();
      EXPECT_EQ(queue.write(packet.header, packet.packet()), TunResult::ok);
    }
    if (!receiver) receiver = std::move(*accept_tcp(listener->get()));
    const ssize_t more = ::send(sender->get(), &content[sent], content.size() - sent, MSG_NOSIGNAL);
    if (more > 0) sent += static_cast<std::size_t>(more);
    if (!receiver) continue;
    for (ssize_t size; (size = ::recv(receiver->fd.get(), buffer.data(), buffer.size(), 0)) > 0;) {
      received += static_cast<std::size_t>(size);
    }
  }
  EXPECT_EQ(received, content.size());
  return super_packets;
}

TEST(TunDevice, gives_super_packets_of_tcp) {
  with_device({.tso = OffloadSwitch::on}, [](TunDevice& device) {
    EXPECT_TRUE(device.offloads().tso);
    EXPECT_GT(super_packets_of_a_transfer(device.queue(0)), 10u);
  });
}

TEST(TunDevice, gives_none_with_tso_off) {
  with_device({.tso = OffloadSwitch::off}, [](TunDevice& device) {
    EXPECT_FALSE(device.offloads().tso);
    EXPECT_EQ(super_packets_of_a_transfer(device.queue(0)), 0u);
  });
}

TEST(TunDevice, changes_its_offloads_while_it_works) {
  with_device({}, [](TunDevice& device) {
    if (!device.offloads().tso) GTEST_SKIP() << "this kernel has no TSO for TUN devices";
    EXPECT_GT(super_packets_of_a_transfer(device.queue(0)), 10u);
    ASSERT_TRUE(device.set_offloads({}));
    EXPECT_EQ(device.offloads(), TunOffloads{});
    EXPECT_EQ(super_packets_of_a_transfer(device.queue(0)), 0u);
  });
}

// Ten datagrams of 100 octets in one call. Returns what comes out of the device.
std::vector<OffloadHeader> headers_of_ten_datagrams(TunQueue& queue) {
  const UniqueFd socket = udp_socket(here);
  const int segment_size = 100;
  EXPECT_EQ(::setsockopt(socket.get(), SOL_UDP, 103 /* UDP_SEGMENT */, &segment_size, sizeof segment_size), 0);
  const std::vector<std::uint8_t> content(1000);
  EXPECT_EQ(send_to(socket.get(), endpoint(there, 9), content), 1000);
  std::vector<OffloadHeader> headers;
  for (Received packet; packet.from(queue);) headers.push_back(packet.header);
  return headers;
}

TEST(TunDevice, gives_super_packets_of_udp) {
  with_device({.tso = OffloadSwitch::off}, [](TunDevice& device) {
    if (!device.offloads().uso) GTEST_SKIP() << "this kernel has no USO for TUN devices";
    const std::vector<OffloadHeader> headers = headers_of_ten_datagrams(device.queue(0));
    ASSERT_EQ(headers.size(), 1u);
    EXPECT_EQ(headers[0].kind, 5);
    EXPECT_EQ(headers[0].segment_size, 100);
    EXPECT_EQ(headers[0].checksum_start, 20);
    EXPECT_EQ(headers[0].checksum_offset, 6);
  });
}

TEST(TunDevice, gives_datagrams_with_uso_off) {
  with_device({.uso = OffloadSwitch::off}, [](TunDevice& device) {
    EXPECT_FALSE(device.offloads().uso);
    const std::vector<OffloadHeader> headers = headers_of_ten_datagrams(device.queue(0));
    ASSERT_EQ(headers.size(), 10u);
    for (const OffloadHeader& header : headers) EXPECT_EQ(header.kind, 0);
  });
}

TEST(TunDevice, tells_what_became_of_a_packet) {
  with_device({}, [](TunDevice& device) {
    const TunQueue& queue = device.queue(0);
    std::array<std::uint8_t, TunQueue::header_size + 20> octets{};
    const MutableBytes packet = MutableBytes(octets).subspan(TunQueue::header_size);
    packet[0] = 0x45;
    packet[3] = 20;
    const OffloadHeader plain{};
    EXPECT_EQ(queue.write(plain, packet), TunResult::ok);
    const OffloadHeader nonsense{
        .flags = 1, .kind = 1, .header_size = 20, .segment_size = 0, .checksum_start = 60000, .checksum_offset = 16};
    EXPECT_EQ(queue.write(nonsense, packet), TunResult::rejected);
    packet[0] = 0x75;
    EXPECT_EQ(queue.write(plain, packet), TunResult::rejected) << "neither IPv4 nor IPv6";
    packet[0] = 0x45;
    run("ip link set nat64 down");
    EXPECT_EQ(queue.write(plain, packet), TunResult::down);
    run("ip link del nat64");
    EXPECT_EQ(queue.write(plain, packet), TunResult::gone);
    Received received;
    EXPECT_FALSE(received.from(queue));
    EXPECT_EQ(received.read.result, TunResult::gone);
  });
}

TEST(TunDevice, tells_when_a_packet_may_have_been_cut) {
  with_device({}, [](TunDevice& device) {
    const UniqueFd socket = udp_socket(here);
    const std::vector<std::uint8_t> content(100);
    OffloadHeader header;
    for (const std::size_t room : {127u, 128u, 129u}) {
      ASSERT_EQ(send_to(socket.get(), endpoint(there, 9), content), 100);
      std::vector<std::uint8_t> buffer(TunQueue::header_size + room);
      EXPECT_EQ(device.queue(0).read(header, MutableBytes(buffer).subspan(TunQueue::header_size)).result,
                room == 129 ? TunResult::ok : TunResult::too_long)
          << room;
    }
  });
}

TEST(TunDevice, counts_packets_that_found_no_room) {
  with_device({}, [](TunDevice& device) {
    Result<Netlink> netlink = Netlink::open();
    ASSERT_TRUE(netlink->set_queue_length(device.index(), 2));
    const UniqueFd socket = udp_socket(here);
    const std::uint8_t content[] = {1};
    const std::uint64_t before = *device.dropped();
    for (int i = 0; i < 10; ++i) send_to(socket.get(), endpoint(there, 9), content);
    EXPECT_EQ(*device.dropped() - before, 8u);
  });
}

TEST(TunDevice, gives_the_packets_of_a_detached_queue_to_the_others) {
  with_device({.queues = 2}, [](TunDevice& device) {
    ASSERT_TRUE(device.queue(0).detach());
    const UniqueFd socket = udp_socket(here);
    const std::uint8_t content[] = {1};
    for (std::uint16_t port = 1; port <= 20; ++port) send_to(socket.get(), endpoint(there, port), content);
    std::size_t received = 0;
    for (Received packet; packet.from(device.queue(1));) ++received;
    EXPECT_EQ(received, 20u);
    EXPECT_FALSE(device.queue(0).detach()) << "it has no part in the device any more";
  });
}

TEST(TunDevice, waits_in_the_kernel_when_told_to) {
  with_device({}, [](TunDevice& device) {
    const TunQueue& queue = device.queue(0);
    EXPECT_NE(::fcntl(queue.fd(), F_GETFL) & O_NONBLOCK, 0);
    queue.set_blocking(true);
    EXPECT_EQ(::fcntl(queue.fd(), F_GETFL) & O_NONBLOCK, 0);
    queue.set_blocking(false);
    Received packet;
    EXPECT_FALSE(packet.from(queue));
  });
}

// -- Devices that were prepared --

TEST(TunDevice, attaches_to_a_device_that_is_there_and_leaves_it) {
  test::in_own_network([] {
    if (system("ip tuntap add dev nat64 mode tun multi_queue vnet_hdr") != 0) GTEST_SKIP() << "no TUN devices";
    {
      const Result<TunDevice> device = TunDevice::open({.name = "nat64", .queues = 2});
      ASSERT_TRUE(device) << device.error().text();
      EXPECT_FALSE(device->was_made());
    }
    EXPECT_TRUE(Netlink::open()->link("nat64"));
    EXPECT_TRUE(TunDevice::open({.name = "nat64", .queues = 2})) << "and again";
  });
}

// How many of twenty flows come to each of two queues. A device whose carrier came up a moment ago may drop: the kernel
// makes it ready on another thread (linkwatch). Then they are sent again.
std::array<std::size_t, 2> flows_of_queues(TunDevice& device) {
  const UniqueFd socket = udp_socket(here);
  const std::uint8_t content[] = {1};
  std::array<std::size_t, 2> received{};
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (received[0] + received[1] == 0 && std::chrono::steady_clock::now() < deadline) {
    for (std::uint16_t port = 1; port <= 20; ++port) send_to(socket.get(), endpoint(there, port), content);
    for (unsigned queue = 0; queue < 2; ++queue) {
      // The kernel greets the link by IPv6.
      for (Received packet; packet.from(device.queue(queue));) received[queue] += packet.room[0] == 0x45 ? 1 : 0;
    }
  }
  return received;
}

TEST(TunDevice, has_no_steering_left_from_the_program_before) {
  test::in_own_network([] {
    if (system("ip tuntap add dev nat64 mode tun multi_queue vnet_hdr && ip link set nat64 up && "
               "ip addr add 10.64.0.1/24 dev nat64") != 0) {
      GTEST_SKIP() << "no TUN devices";
    }
    BpfAssembler always_one;
    always_one.apply(BpfOperation::move, BpfRegister::r0, 1);
    always_one.end();
    const Result<UniqueFd> program = load_socket_filter("one", always_one.take());
    if (!program) GTEST_SKIP() << program.error().text();
    {
      Result<TunDevice> device = TunDevice::open({.name = "nat64", .queues = 2});
      ASSERT_TRUE(device);
      ASSERT_TRUE(device->set_steering(program->get()));
      const auto [first, second] = flows_of_queues(*device);
      EXPECT_EQ(first, 0u);
      EXPECT_GT(second, 0u);
    }
    Result<TunDevice> device = TunDevice::open({.name = "nat64", .queues = 2});
    ASSERT_TRUE(device);
    EXPECT_GT(flows_of_queues(*device)[0], 0u);
  });
}

// As an ordinary user has it: /dev/net/tun for everybody.
void let_everybody_use_tun() {
  ASSERT_EQ(::mount("tmpfs", "/dev/net", "tmpfs", 0, nullptr), 0);
  ASSERT_EQ(::mknod("/dev/net/tun", S_IFCHR | 0666, makedev(10, 200)), 0);
  ASSERT_EQ(::chmod("/dev/net/tun", 0666), 0);
}

// This thread alone.
void become_nobody() {
  ASSERT_EQ(::syscall(SYS_setresuid, nobody, nobody, nobody), 0);
  ASSERT_TRUE(reduce_privileges({}));
}

TEST(TunDevice, attaches_without_any_capability_to_a_device_of_its_user) {
  test::in_own_network([] {
    if (::geteuid() != 0) GTEST_SKIP() << "not root: cannot prepare a device for somebody else";
    if (system("ip tuntap add dev nat64 mode tun user nobody multi_queue vnet_hdr") != 0) GTEST_SKIP();
    let_everybody_use_tun();
    become_nobody();
    Result<TunDevice> device = TunDevice::open({.name = "nat64", .queues = 2});
    ASSERT_TRUE(device) << device.error().text();
    EXPECT_TRUE(device->offloads().tso);
    EXPECT_TRUE(device->reset_steering());
  });
}

TEST(TunDevice, tells_how_to_prepare_a_device_when_it_may_not_make_one) {
  test::in_own_network([] {
    if (::geteuid() != 0) GTEST_SKIP() << "not root: cannot become nobody";
    let_everybody_use_tun();
    become_nobody();
    const Result<TunDevice> device = TunDevice::open({.name = "nat64"});
    ASSERT_FALSE(device);
    EXPECT_EQ(device.error().code, ErrorCode::permission);
    EXPECT_EQ(
        device.error().text(),
        "not allowed to make a TUN device: nat64 (give this program CAP_NET_ADMIN, or prepare the device, as root: "
        "ip tuntap add dev nat64 mode tun user nobody multi_queue vnet_hdr)");
  });
}

TEST(TunDevice, tells_when_tun_devices_are_for_root_alone) {
  test::in_own_network([] {
    if (::geteuid() != 0) GTEST_SKIP() << "not root: cannot become nobody";
    let_everybody_use_tun();
    ASSERT_EQ(::chmod("/dev/net/tun", 0600), 0);
    become_nobody();
    const Result<TunDevice> device = TunDevice::open({.name = "nat64"});
    ASSERT_FALSE(device);
    EXPECT_EQ(device.error().code, ErrorCode::permission);
    EXPECT_THAT(device.error().text(), HasSubstr("not readable and writable for user nobody (as root: chmod 0666"));
  });
}

TEST(TunDevice, tells_when_a_device_belongs_to_another_user) {
  test::in_own_network([] {
    if (::geteuid() != 0) GTEST_SKIP() << "not root: cannot become nobody";
    if (system("ip tuntap add dev nat64 mode tun user daemon multi_queue vnet_hdr") != 0) GTEST_SKIP();
    let_everybody_use_tun();
    become_nobody();
    const Result<TunDevice> device = TunDevice::open({.name = "nat64"});
    ASSERT_FALSE(device);
    EXPECT_EQ(device.error().code, ErrorCode::permission);
    EXPECT_THAT(device.error().text(), HasSubstr("ip tuntap del dev nat64 mode tun && ip tuntap add dev nat64 mode tun "
                                                 "user nobody multi_queue vnet_hdr"));
  });
}

// -- What cannot work --

struct Impossible {
  std::string preparation;
  TunOptions options;
  ErrorCode code;
  std::string text;
  friend void PrintTo(const Impossible& param, std::ostream* out) { *out << param.text; }
};

class TunDeviceErrors : public testing::TestWithParam<Impossible> {};

TEST_P(TunDeviceErrors, say_what_to_do) {
  test::in_own_network([] {
    const Impossible& param = GetParam();
    if (!TunDevice::open({.name = "probe"})) GTEST_SKIP() << "no TUN devices";
    if (!param.preparation.empty()) run(param.preparation);
    const Result<TunDevice> device = TunDevice::open(param.options);
    ASSERT_FALSE(device);
    EXPECT_EQ(device.error().code, param.code);
    EXPECT_THAT(device.error().text(), HasSubstr(param.text));
  });
}

const Impossible impossible[] = {
    {"", {.name = ""}, ErrorCode::invalid_argument, "not a name for an interface"},
    {"", {.name = "a-name-of-16-oct"}, ErrorCode::invalid_argument, "1 to 15 characters"},
    {"", {.name = "nat%d"}, ErrorCode::invalid_argument, "percent sign"},
    {"", {.name = "nat64", .queues = 0}, ErrorCode::invalid_argument, "1 to 256 queues"},
    {"", {.name = "nat64", .queues = 257}, ErrorCode::invalid_argument, "1 to 256 queues"},
    {"", {.name = "lo"}, ErrorCode::invalid_argument, "an interface of this name exists and is not a TUN device: lo"},
    {"ip link add v0 type veth peer name v1", {.name = "v0"}, ErrorCode::invalid_argument, "v0 is of kind veth"},
    {"ip tuntap add dev t0 mode tap multi_queue", {.name = "t0"}, ErrorCode::invalid_argument, "t0 is a TAP device"},
    {"ip tuntap add dev t0 mode tun vnet_hdr",
     {.name = "t0", .queues = 2},
     ErrorCode::invalid_argument,
     "has one queue, and every worker needs its own: t0 (as root: ip tuntap del dev t0 mode tun && ip tuntap add dev "
     "t0"},
    {"mount -t tmpfs tmpfs /dev/net", {}, ErrorCode::not_found, "modprobe tun"},
};
INSTANTIATE_TEST_SUITE_P(Each, TunDeviceErrors, testing::ValuesIn(impossible));

TEST(TunDevice, attaches_to_a_device_of_one_queue_with_one_worker) {
  test::in_own_network([] {
    if (system("ip tuntap add dev t0 mode tun") != 0) GTEST_SKIP() << "no TUN devices";
    const Result<TunDevice> device = TunDevice::open({.name = "t0", .queues = 1});
    ASSERT_TRUE(device) << device.error().text();
    EXPECT_TRUE(device->offloads().tso) << "whoever attaches says whether there are offload headers";
  });
}

// Two programs on one multi-queue device would each get a part of the packets.
TEST(TunDevice, is_for_one_program_alone) {
  test::in_own_network([] {
    const Result<TunDevice> first = TunDevice::open({.name = "nat64"});
    if (!first) GTEST_SKIP() << first.error().text();
    const Result<TunDevice> second = TunDevice::open({.name = "nat64"});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::in_use);
    EXPECT_EQ(second.error().text(), "another program uses this TUN device: nat64");
  });
}

TEST(TunDevice, of_one_queue_is_for_one_program_alone) {
  test::in_own_network([] {
    if (system("ip tuntap add dev t0 mode tun") != 0) GTEST_SKIP() << "no TUN devices";
    const Result<TunDevice> first = TunDevice::open({.name = "t0"});
    ASSERT_TRUE(first);
    const Result<TunDevice> second = TunDevice::open({.name = "t0"});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().text(), "another program uses this TUN device: t0");
  });
}

TEST(TunDevice, refuses_what_is_no_program) {
  with_device({}, [](TunDevice& device) {
    const Result<void> refused = device.set_steering(device.queue(0).fd());
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().text(), HasSubstr("the kernel refuses the steering program: nat64"));
    EXPECT_TRUE(device.reset_steering());
  });
}

}  // namespace
}  // namespace dragoman::net
