// What tests of packets stand on: a packet in memory with its head- and tailroom and guards around them, octets written
// as text, and the Internet checksum as RFC 1071 words it, to judge the fast one by.
#pragma once

#include <gtest/gtest.h>

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/base/bytes.h"
#include "dragoman/nat64/packet.h"

namespace dragoman::nat64::test {

using Octets = std::vector<std::uint8_t>;

// "45 00", "4500", and "3*61" for 61 61 61.
inline Octets octets(std::string_view text) {
  Octets result;
  const auto digits = [&](std::string_view pair) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(pair.data(), pair.data() + pair.size(), value, 16);
    if (error != std::errc{} || end != pair.data() + pair.size()) ADD_FAILURE() << "not octets: " << pair;
    return static_cast<std::uint8_t>(value);
  };
  while (!text.empty()) {
    const std::size_t start = text.find_first_not_of(' ');
    if (start == std::string_view::npos) break;
    std::string_view token = text.substr(start, text.find(' ', start) - start);
    text.remove_prefix(start + token.size());
    if (const std::size_t star = token.find('*'); star != std::string_view::npos) {
      std::size_t count = 0;
      std::from_chars(token.data(), token.data() + star, count);
      result.insert(result.end(), count, digits(token.substr(star + 1)));
      continue;
    }
    for (; token.size() >= 2; token.remove_prefix(2)) result.push_back(digits(token.substr(0, 2)));
    if (!token.empty()) ADD_FAILURE() << "half an octet: " << token;
  }
  return result;
}

inline std::string hex(Bytes bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (std::uint8_t octet : bytes) {
    text += digits[octet >> 4];
    text += digits[octet & 15];
  }
  return text;
}

// One word after the other, carries added at once.
inline std::uint32_t slow_sum(Bytes bytes, std::uint32_t sum = 0) {
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    sum += static_cast<std::uint32_t>(bytes[i] << 8 | (i + 1 < bytes.size() ? bytes[i + 1] : 0));
    if (sum > 0xffff) sum -= 0xffff;
  }
  return sum;
}

// The sum of a whole packet's pseudo-header; `protocol` as it is in there. An IPv6 packet has no extension headers
// here.
inline std::uint32_t slow_pseudo_header(Bytes packet, std::uint8_t protocol, std::size_t transport_size) {
  const bool is_v6 = packet[0] >> 4 == 6;
  const Bytes addresses = is_v6 ? packet.subspan(8, 32) : packet.subspan(12, 8);
  const Octets rest{0, protocol, static_cast<std::uint8_t>(transport_size >> 8),
                    static_cast<std::uint8_t>(transport_size)};
  return slow_sum(rest, slow_sum(addresses));
}

// In memory of exactly the size that a packet may use, so that the address sanitizer sees every octet beyond. Behind it
// lie guards that verify() looks at, for builds without.
class PacketBuffer {
 public:
  explicit PacketBuffer(Bytes octets, const Offload& offload = {})
      : memory_(Packet::headroom + octets.size() + Packet::tailroom, 0xa5) {
    std::copy(octets.begin(), octets.end(), memory_.begin() + Packet::headroom);
    packet.data = memory_.data() + Packet::headroom;
    packet.size = octets.size();
    packet.offload = offload;
  }
  PacketBuffer(const PacketBuffer&) = delete;
  PacketBuffer& operator=(const PacketBuffer&) = delete;

  Bytes bytes() const { return {packet.data, packet.size}; }
  // What was there at first, however the packet was changed.
  Bytes memory() const { return memory_; }
  bool is_inside() const {
    return packet.data >= memory_.data() && packet.data + packet.size <= memory_.data() + memory_.size();
  }

  Packet packet;

 private:
  std::vector<std::uint8_t> memory_;
};

}  // namespace dragoman::nat64::test
