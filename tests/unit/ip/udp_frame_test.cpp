// Frames as they are read, and the replies that are made of them: judged by slow code (fakes/packets.h, seen_packet.h)
// and by octets that Scapy made.
#include "dragoman/ip/udp_frame.h"

#include <gtest/gtest.h>

#include <random>

#include "fakes/packets.h"
#include "fakes/seen_packet.h"

namespace dragoman::ip {
namespace {

using fakes::endpoint;
using fakes::Octets;

const Octets our_mac{2, 0, 0, 0, 0, 1}, their_mac{2, 0, 0, 0, 0, 2};

Octets operator+(Octets front, const Octets& back) {
  front.insert(front.end(), back.begin(), back.end());
  return front;
}

Octets frame_of(const Octets& packet) {
  const bool is_v6 = packet[0] >> 4 == 6;
  return our_mac + their_mac + (is_v6 ? Octets{0x86, 0xdd} : Octets{0x08, 0x00}) + packet;
}

const Endpoint client4 = endpoint("192.0.2.7:40000"), server4 = endpoint("198.51.100.1:53");
const Endpoint client6 = endpoint("[2001:db8::7]:40000"), server6 = endpoint("[2001:db8::53]:53");

Octets frame4(std::string_view payload = "question") { return frame_of(fakes::udp(client4, server4, payload)); }
Octets frame6(std::string_view payload = "question") { return frame_of(fakes::udp(client6, server6, payload)); }

constexpr std::size_t ip_at = 14, udp4_at = 34, udp6_at = 54;

void refresh_ipv4_checksum(Octets& frame) {
  Octets packet(frame.begin() + ip_at, frame.end());
  fakes::detail::refresh_ipv4_checksum(packet);
  std::copy(packet.begin(), packet.end(), frame.begin() + ip_at);
}

// The reply with this payload, whose frame begins where that of the query did.
Octets reply_to(Octets frame, std::string_view payload) {
  const auto query = read_udp_frame(frame);
  EXPECT_TRUE(query);
  if (!query) return {};
  frame.resize(2048, 0xee);
  std::copy(payload.begin(), payload.end(), frame.begin() + query->payload_offset);
  const std::size_t size = reply_in_place(frame.data(), *query, payload.size());
  EXPECT_EQ(size, reply_frame_size(*query, payload.size()));
  frame.resize(size);
  return frame;
}

// Of the packet, without what fills the frame up.
std::string seen_in(const Octets& frame) {
  const Bytes packet = Bytes(frame).subspan(ip_at);
  const std::size_t size = packet[0] >> 4 == 6 ? 40 + load_u16(&packet[4]) : load_u16(&packet[2]);
  return fakes::look(Octets(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(size))).text();
}

TEST(UdpFrame, tells_who_asked_whom_what) {
  for (const bool is_v6 : {false, true}) {
    const Octets frame = is_v6 ? frame6() : frame4();
    const auto read = read_udp_frame(frame);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->source, is_v6 ? client6 : client4);
    EXPECT_EQ(read->destination, is_v6 ? server6 : server4);
    EXPECT_EQ(std::string(frame.begin() + read->payload_offset, frame.end()), "question");
    EXPECT_EQ(read->payload_size, 8);
  }
}

TEST(UdpFrame, is_turned_round_into_a_sound_reply) {
  for (const std::string& payload : {std::string("a"), std::string("an answer"), std::string(1232, 'x')}) {
    EXPECT_EQ(seen_in(reply_to(frame4(), payload)), "udp 198.51.100.1:53 > 192.0.2.7:40000 " + payload);
    EXPECT_EQ(seen_in(reply_to(frame6(), payload)), "udp [2001:db8::53]:53 > [2001:db8::7]:40000 " + payload);
  }
}

TEST(UdpFrame, becomes_these_octets) {
  const Octets query{// Ethernet
                     2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x00,
                     // IPv4: TOS 16, 31 octets, identification 0x1234, DF, TTL 3
                     0x45, 0x10, 0x00, 0x1f, 0x12, 0x34, 0x40, 0x00, 0x03, 0x11, 0x79, 0x4e, 192, 0, 2, 7, 198, 51, 100,
                     1,
                     // UDP without a checksum
                     0x9c, 0x40, 0x00, 0x35, 0x00, 0x0b, 0x00, 0x00, 'a', 'b', 'c'};
  const Octets reply = reply_to(query, "xyz!");
  const Octets expected{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x08, 0x00,
                        // TOS 0, 32 octets, the same identification, no DF, TTL 64
                        0x45, 0x00, 0x00, 0x20, 0x12, 0x34, 0x00, 0x00, 0x40, 0x11, 0x7c, 0x5d, 198, 51, 100, 1, 192, 0,
                        2, 7,
                        // UDP
                        0x00, 0x35, 0x9c, 0x40, 0x00, 0x0c, 0x84, 0x89, 'x', 'y', 'z', '!',
                        // up to the least size of a frame
                        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  EXPECT_EQ(reply, expected);
}

TEST(UdpFrame, is_never_sent_without_a_checksum) {
  // The payload that makes the sum ffff, whose complement would mean that there is none.
  Octets reply = reply_to(frame6(), std::string("\0\0", 2));
  const std::uint16_t complement = load_u16(&reply[udp6_at + 6]);
  std::string payload(2, '\0');
  store_u16(reinterpret_cast<std::uint8_t*>(payload.data()), complement);
  reply = reply_to(frame6(), payload);
  EXPECT_EQ(load_u16(&reply[udp6_at + 6]), 0xffff);
}

TEST(UdpFrame, may_have_something_behind_the_packet_and_the_datagram) {
  const auto padded = read_udp_frame(frame4() + Octets(10));
  ASSERT_TRUE(padded);
  EXPECT_EQ(padded->payload_size, 8);

  Octets shorter = frame4();  // RFC 768 does not forbid a datagram that ends before its packet
  store_u16(&shorter[udp4_at + 4], 12);
  store_u16(&shorter[udp4_at + 6], 0);
  const auto read = read_udp_frame(shorter);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->payload_size, 4);
}

TEST(UdpFrame, is_refused_when_it_is_cut_anywhere) {
  for (const Octets& frame : {frame4(), frame6()}) {
    for (std::size_t size = 0; size < frame.size(); ++size) {
      EXPECT_FALSE(read_udp_frame(Bytes(frame).first(size))) << size;
    }
  }
}

TEST(UdpFrame, is_refused_when_any_bit_that_a_checksum_covers_is_wrong) {
  for (const Octets& sound : {frame4(), frame6()}) {
    const bool is_v6 = sound[12] == 0x86;
    for (std::size_t bit = ip_at * 8; bit < sound.size() * 8; ++bit) {
      const std::size_t octet = bit / 8;
      // IPv6 has no checksum over its traffic class, flow label and hop limit (RFC 8200 8.1).
      if (is_v6 && ((octet == ip_at && bit % 8 < 4) || (octet > ip_at && octet < ip_at + 4) || octet == ip_at + 7)) {
        continue;
      }
      Octets damaged = sound;
      damaged[octet] = static_cast<std::uint8_t>(damaged[octet] ^ 1U << bit % 8);
      EXPECT_FALSE(read_udp_frame(damaged)) << "bit " << bit;
    }
  }
}

TEST(UdpFrame, needs_a_checksum_in_ipv6_alone) {
  Octets four = frame4(), six = frame6();
  store_u16(&four[udp4_at + 6], 0);
  store_u16(&six[udp6_at + 6], 0);
  EXPECT_TRUE(read_udp_frame(four));
  EXPECT_FALSE(read_udp_frame(six));
}

// As the kernel leaves it to a device that computes checksums.
TEST(UdpFrame, may_have_the_sum_of_the_pseudo_header_alone) {
  for (const bool is_v6 : {false, true}) {
    Octets frame = is_v6 ? frame6() : frame4();
    const std::uint32_t sum = fakes::detail::pseudo_header(is_v6 ? client6.address : client4.address,
                                                           is_v6 ? server6.address : server4.address, 17, 16);
    std::uint8_t* field = &frame[(is_v6 ? udp6_at : udp4_at) + 6];
    store_u16(field, static_cast<std::uint16_t>(sum));
    EXPECT_TRUE(read_udp_frame(frame));
    store_u16(field, static_cast<std::uint16_t>(sum + 1));
    EXPECT_FALSE(read_udp_frame(frame));
  }
}

TEST(UdpFrame, is_refused_from_those_who_cannot_be_answered) {
  for (const char* source : {"0.0.0.1", "127.0.0.1", "224.0.0.1", "255.255.255.255"}) {
    EXPECT_FALSE(read_udp_frame(frame_of(fakes::udp(endpoint(source, 40000), server4)))) << source;
  }
  for (const char* source : {"::", "::1", "ff02::1", "::ffff:192.0.2.1"}) {
    EXPECT_FALSE(read_udp_frame(frame_of(fakes::udp(endpoint(source, 40000), server6)))) << source;
  }
  EXPECT_FALSE(read_udp_frame(frame_of(fakes::udp(endpoint("192.0.2.7:0"), server4))));
  EXPECT_TRUE(read_udp_frame(frame_of(fakes::udp(endpoint("[::1:0:0:1]:40000"), server6))));
  EXPECT_TRUE(read_udp_frame(frame_of(fakes::udp(endpoint("[fe80::1]:40000"), server6))));
}

TEST(UdpFrame, is_refused_when_it_is_something_else) {
  EXPECT_FALSE(read_udp_frame(frame_of(fakes::tcp(client4, server4, "S", "1234567890123456"))));
  EXPECT_FALSE(read_udp_frame(frame_of(fakes::tcp(client6, server6, "S", "1234567890123456"))));
  for (const Octets& fragment : fakes::fragments_of(fakes::udp(client4, server4, std::string(40, 'x')), 1)) {
    EXPECT_FALSE(read_udp_frame(frame_of(fragment)));
  }
  for (const Octets& fragment : fakes::fragments_of(fakes::udp(client6, server6, std::string(40, 'x')), 1)) {
    EXPECT_FALSE(read_udp_frame(frame_of(fragment)));
  }
  Octets tagged =
      our_mac + their_mac + Octets{0x81, 0x00, 0x00, 0x05} + Octets{0x08, 0x00} + fakes::udp(client4, server4);
  EXPECT_FALSE(read_udp_frame(tagged));
  Octets options = frame4();
  options[ip_at] = 0x46;
  refresh_ipv4_checksum(options);
  EXPECT_FALSE(read_udp_frame(options));
}

TEST(UdpFrame, of_chance_is_read_without_harm) {
  std::mt19937 random(1);
  for (int i = 0; i < 20000; ++i) {
    Octets frame = i % 2 == 0 ? frame4() : frame6();
    for (int change = 0; change < 3; ++change) frame[random() % frame.size()] = static_cast<std::uint8_t>(random());
    frame.resize(random() % (frame.size() + 1));
    const auto read = read_udp_frame(frame);
    if (!read) continue;
    EXPECT_LE(read->payload_offset + read->payload_size, frame.size());
  }
}

}  // namespace
}  // namespace dragoman::ip
