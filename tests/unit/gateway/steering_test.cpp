// Steering in the real kernel: packets that are sent into a device of four queues arrive at the queue that the rule
// says (the rule itself: tests/unit/nat64/steering_test.cpp). Skipped where there is no TUN device or no BPF.
#include "steering.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "dragoman/nat64/packet.h"
#include "dragoman/nat64/steering.h"
#include "dragoman/net/netlink.h"
#include "fakes/network_namespace.h"

namespace dragoman::gateway {
namespace {

constexpr unsigned workers = 4;

using Octets = std::vector<std::uint8_t>;

Octets operator+(Octets front, const Octets& back) {
  front.insert(front.end(), back.begin(), back.end());
  return front;
}

constexpr ip::Ipv4Octets remote{192, 0, 2, 80};
constexpr ip::Ipv4Octets outside{198, 51, 100, 7};

// -- Packets; checksums are nobody's concern here --

Octets ports(std::uint16_t source, std::uint16_t destination) {
  Octets header(20);
  store_u16(&header[0], source);
  store_u16(&header[2], destination);
  return header;
}

Octets icmp(std::uint8_t type, std::uint16_t identifier) {
  Octets header{type, 0, 0, 0, 0, 0, 0, 0};
  store_u16(&header[4], identifier);
  return header;
}

struct Ipv4 {
  ip::Ipv4Octets source = remote;
  ip::Ipv4Octets destination = outside;
  std::uint8_t protocol = 17;
  std::uint16_t id = 0;
  std::uint16_t fragment = 0;
  std::size_t options = 0;  // octets

  Octets with(const Octets& payload) const {
    Octets header(20 + options, 1);  // options: no operation
    header[0] = static_cast<std::uint8_t>(0x40 | header.size() / 4);
    header[1] = 0;
    store_u16(&header[2], static_cast<std::uint16_t>(header.size() + payload.size()));
    store_u16(&header[4], id);
    store_u16(&header[6], fragment);
    header[8] = 64;
    header[9] = protocol;
    std::copy(source.begin(), source.end(), &header[12]);
    std::copy(destination.begin(), destination.end(), &header[16]);
    return header + payload;
  }
};

const ip::Ipv6Octets server = ip::Pref64().embed(remote);

Octets ipv6(const ip::Ipv6Octets& source, const ip::Ipv6Octets& destination, std::uint8_t next, const Octets& payload) {
  Octets header(40);
  header[0] = 0x60;
  store_u16(&header[4], static_cast<std::uint16_t>(payload.size()));
  header[6] = next;
  header[7] = 64;
  std::copy(source.begin(), source.end(), &header[8]);
  std::copy(destination.begin(), destination.end(), &header[24]);
  return header + payload;
}

// A host of the subscriber of this number.
ip::Ipv6Octets host(std::uint8_t subscriber, std::uint8_t number = 1) {
  return {0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, subscriber, 0, 0, 0, 0, 0, 0, 0, number};
}

unsigned owner_of(const ip::Ipv6Octets& address) { return nat64::subscriber_worker(address.data(), 64, workers); }

// -- The device, with its routes and its steering --

struct Scene {
  nat64::Options options;
  net::TunDevice device;
  Steering steering;
  nat64::PortPool pool;

  // The queue that a packet arrives at; 99: at none, or at several.
  unsigned queue_of(const Octets& packet) {
    send(packet);
    return arrival().queue;
  }

  struct Arrival {
    unsigned queue = 99;
    nat64::Offload offload;
  };
  Arrival arrival() {
    Arrival found;
    unsigned count = 0;
    Octets buffer(nat64::Packet::headroom + nat64::Packet::max_size + 1);
    const MutableBytes room = MutableBytes(buffer).subspan(nat64::Packet::headroom);
    for (unsigned queue = 0; queue < workers; ++queue) {
      nat64::Offload offload;
      while (device.queue(queue).read(offload, room).result == net::TunResult::ok) {
        found = {queue, offload};
        ++count;
      }
    }
    EXPECT_EQ(count, 1u);
    return count == 1 ? found : Arrival{};
  }

  // With the header as it is: from whomever it says.
  static void send(const Octets& packet) {
    const bool is_v6 = packet[0] >> 4 == 6;
    const net::UniqueFd socket(::socket(is_v6 ? AF_INET6 : AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
    sockaddr_storage address{};
    ip::Ipv6Octets v6{};
    ip::Ipv4Octets v4{};
    std::copy_n(&packet[is_v6 ? 24 : 16], is_v6 ? v6.size() : v4.size(), is_v6 ? v6.begin() : v4.begin());
    const ip::Endpoint to{is_v6 ? ip::Address(v6) : ip::Address(v4), 0};
    const unsigned size = to.to_sockaddr(&address);
    EXPECT_EQ(::sendto(socket.get(), packet.data(), packet.size(), 0, reinterpret_cast<sockaddr*>(&address), size),
              static_cast<ssize_t>(packet.size()))
        << std::strerror(errno);
  }

  // A port of a block that this worker has.
  std::uint16_t port_of(unsigned worker) {
    const nat64::BlockNumber block = pool.take(*pool.index_of(outside), worker, false, worker);
    return static_cast<std::uint16_t>(pool.first_port(block) + 17);
  }
};

void with_steering(const nat64::Options& options, FunctionRef<void(Scene&)> test) {
  test::in_own_network([&] {
    auto device = net::TunDevice::open({.name = "nat64", .queues = workers});
    if (!device) GTEST_SKIP() << device.error().text();
    auto netlink = net::Netlink::open();
    ASSERT_TRUE(netlink);
    ASSERT_TRUE(netlink->set_no_link_local(device->index()));
    ASSERT_TRUE(netlink->set_up(device->index()));
    ASSERT_TRUE(netlink->set_up(netlink->link("lo")->index));
    for (const char* destination : {"198.51.100.0/24", "64:ff9b::/96"}) {
      net::Route route;
      route.destination = *ip::Prefix::from_text(destination);
      route.link = device->index();
      ASSERT_TRUE(netlink->add_route(route));
    }
    auto steering = Steering::make(options);
    if (!steering) GTEST_SKIP() << steering.error().text();
    const nat64::OwnerWords owners = steering->owners();
    Scene scene{options, *std::move(device), *std::move(steering), nat64::PortPool(options, owners)};
    const Result<void> learnt = scene.steering.learn(options, scene.pool, workers);
    ASSERT_TRUE(learnt) << learnt.error().text();
    const Result<void> attached = scene.steering.attach(options, scene.device);
    ASSERT_TRUE(attached) << attached.error().text();
    test(scene);
  });
}

nat64::Options options_with_pool() {
  nat64::Options options;
  options.pool4.push_back({{198, 51, 100, 0}, {198, 51, 100, 15}});
  return options;
}

void with_steering(FunctionRef<void(Scene&)> test) { with_steering(options_with_pool(), test); }

// -- From IPv6 --

TEST(Steering, brings_packets_of_a_subscriber_to_its_worker) {
  with_steering([](Scene& scene) {
    for (std::uint8_t subscriber = 0; subscriber < 32; ++subscriber) {
      const unsigned owner = owner_of(host(subscriber));
      const Octets echo = icmp(128, 1);
      const Octets fragment{17, 0, 0, 8, 0, 0, 0, 1, 0, 0};
      EXPECT_EQ(scene.queue_of(ipv6(host(subscriber, 1), server, 6, ports(40000, 443))), owner);
      EXPECT_EQ(scene.queue_of(ipv6(host(subscriber, 2), server, 17, ports(40001, 443))), owner);
      EXPECT_EQ(scene.queue_of(ipv6(host(subscriber, 3), server, 58, echo)), owner);
      EXPECT_EQ(scene.queue_of(ipv6(host(subscriber, 4), server, 44, fragment)), owner);
    }
  });
}

TEST(Steering, brings_icmpv6_errors_to_the_worker_of_whom_they_are_for) {
  with_steering([](Scene& scene) {
    for (std::uint8_t subscriber = 0; subscriber < 16; ++subscriber) {
      const Octets embedded = ipv6(server, host(subscriber), 17, ports(443, 40000));
      const ip::Ipv6Octets router = host(static_cast<std::uint8_t>(100 + subscriber));
      for (std::uint8_t type = 1; type <= 4; ++type) {
        EXPECT_EQ(scene.queue_of(ipv6(router, server, 58, icmp(type, 0) + embedded)), owner_of(host(subscriber)));
      }
    }
  });
}

TEST(Steering, reads_headers_of_super_packets) {
  with_steering([](Scene& scene) {
    if (!scene.device.offloads().uso) GTEST_SKIP() << "this kernel has no USO for TUN devices";
    auto netlink = net::Netlink::open();
    ASSERT_TRUE(netlink);
    for (std::uint8_t subscriber = 0; subscriber < 8; ++subscriber) {
      ASSERT_TRUE(netlink->add_address({netlink->link("lo")->index, ip::Address(host(subscriber)), 128}));
      const auto socket = net::bind_udp({ip::Address(host(subscriber)), 0});
      ASSERT_TRUE(socket);
      const int segment_size = 1000;
      ASSERT_EQ(::setsockopt(socket->get(), IPPROTO_UDP, 103 /* UDP_SEGMENT */, &segment_size, sizeof segment_size), 0);
      sockaddr_storage address{};
      const unsigned size = ip::Endpoint{ip::Address(server), 443}.to_sockaddr(&address);
      const Octets content(40'000);
      ASSERT_EQ(::sendto(socket->get(), content.data(), content.size(), 0, reinterpret_cast<sockaddr*>(&address), size),
                40'000);
      const Scene::Arrival arrival = scene.arrival();
      EXPECT_EQ(arrival.queue, owner_of(host(subscriber)));
      EXPECT_EQ(arrival.offload.kind, nat64::Offload::udp);
    }
  });
}

// -- From IPv4 --

TEST(Steering, brings_packets_from_ipv4_to_the_holder_of_the_block) {
  with_steering([](Scene& scene) {
    for (unsigned worker = 0; worker < workers; ++worker) {
      const std::uint16_t port = scene.port_of(worker);
      for (const std::size_t options : {0u, 8u, 40u}) {
        EXPECT_EQ(scene.queue_of(Ipv4{.protocol = 6, .options = options}.with(ports(443, port))), worker);
        EXPECT_EQ(scene.queue_of(Ipv4{.protocol = 17, .options = options}.with(ports(443, port))), worker);
        EXPECT_EQ(scene.queue_of(Ipv4{.protocol = 1, .options = options}.with(icmp(0, port))), worker);
        EXPECT_EQ(scene.queue_of(Ipv4{.protocol = 1, .options = options}.with(icmp(8, port))), worker);
      }
    }
  });
}

TEST(Steering, brings_icmp_errors_to_the_holder_of_the_embedded_source) {
  with_steering([](Scene& scene) {
    for (unsigned worker = 0; worker < workers; ++worker) {
      const std::uint16_t port = scene.port_of(worker);
      for (const std::uint8_t protocol : {std::uint8_t{1}, std::uint8_t{6}, std::uint8_t{17}}) {
        const Octets sent = protocol == 1 ? icmp(8, port) : ports(port, 443);
        const Ipv4 embedded{
            .source = outside, .destination = remote, .protocol = protocol, .options = protocol == 6 ? 12u : 0u};
        EXPECT_EQ(scene.queue_of(Ipv4{.protocol = 1, .options = 4}.with(icmp(3, 0) + embedded.with(sent))), worker);
        EXPECT_EQ(scene.queue_of(Ipv4{.protocol = 1}.with(icmp(11, 0) + embedded.with(sent))), worker);
      }
    }
  });
}

TEST(Steering, lets_fragments_follow_the_first_one) {
  with_steering([](Scene& scene) {
    std::uint16_t id = 100;
    for (unsigned worker = 0; worker < workers; ++worker) {
      const std::uint16_t port = scene.port_of(worker);
      for (int datagram = 0; datagram < 8; ++datagram, ++id) {
        const Ipv4 first{.id = id, .fragment = 0x2000}, later{.id = id, .fragment = 0x2003},
            last{.id = id, .fragment = 6};
        const unsigned meeting = nat64::fragment_worker(remote.data(), outside.data(), id, workers);
        EXPECT_EQ(scene.queue_of(last.with(Octets(24))), meeting) << "before the first one has come";
        EXPECT_EQ(scene.queue_of(first.with(ports(443, port) + Octets(4))), worker);
        EXPECT_EQ(scene.queue_of(later.with(Octets(24))), worker);
        EXPECT_EQ(scene.queue_of(last.with(Octets(24))), worker);
      }
    }
  });
}

TEST(Steering, is_taken_by_the_kernel_whatever_the_options) {
  with_steering([](Scene& scene) {
    for (const int prefix : {48, 64, 65, 128}) {
      for (const std::uint16_t block : {std::uint16_t{64}, std::uint16_t{256}, std::uint16_t{4096}}) {
        nat64::Options options = scene.options;
        options.subscriber_prefix = static_cast<std::uint8_t>(prefix);
        options.port_block_size = block;
        const Result<void> attached = scene.steering.attach(options, scene.device);
        EXPECT_TRUE(attached) << prefix << " " << block << ": " << attached.error().text();
      }
    }
    // That of the last one is in force.
    const ip::Ipv6Octets address = host(1, 77);
    EXPECT_EQ(scene.queue_of(ipv6(address, server, 17, ports(1, 2))),
              nat64::subscriber_worker(address.data(), 128, workers));
  });
}

TEST(Steering, moves_with_the_holder_of_a_block) {
  with_steering([](Scene& scene) {
    const std::uint16_t port = scene.port_of(1);
    const Octets packet = Ipv4{}.with(ports(443, port));
    EXPECT_EQ(scene.queue_of(packet), 1u);
    const nat64::BlockNumber block = scene.pool.block_of(*scene.pool.index_of(outside), port);
    for (const unsigned worker : {3u, 0u, 2u}) {
      scene.steering.owners()[block].store(worker + 1);
      EXPECT_EQ(scene.queue_of(packet), worker) << "the next packet already";
    }
  });
}

TEST(Steering, leaves_what_belongs_to_nobody_to_the_first_worker) {
  with_steering([](Scene& scene) {
    EXPECT_EQ(scene.queue_of(Ipv4{}.with(ports(443, 50'000))), 0u) << "a block that nobody has";
    EXPECT_EQ(scene.queue_of(Ipv4{.destination = {198, 51, 100, 200}}.with(ports(443, 50'000))), 0u)
        << "not of the pool";
    EXPECT_EQ(scene.queue_of(Ipv4{.protocol = 47}.with(Octets(24))), 0u);
  });
}

TEST(Steering, knows_the_worker_of_a_static_binding) {
  nat64::Options options = options_with_pool();
  options.pool4.front().first_port = 4096;
  for (std::uint8_t subscriber = 0; subscriber < 4; ++subscriber) {
    options.static_bindings.push_back({nat64::Protocol::tcp,
                                       {ip::Address(host(subscriber)), 443},
                                       {ip::Address(outside), static_cast<std::uint16_t>(256 * (subscriber + 1))}});
  }
  with_steering(options, [](Scene& scene) {
    for (std::uint8_t subscriber = 0; subscriber < 4; ++subscriber) {
      const auto port = static_cast<std::uint16_t>(256 * (subscriber + 1));
      EXPECT_EQ(scene.queue_of(Ipv4{.protocol = 6}.with(ports(40'000, port))), owner_of(host(subscriber)));
    }
  });
}

}  // namespace
}  // namespace dragoman::gateway
