// A case of tests/golden/nat64: one packet in, and what becomes of it. README.md there says how to write one.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "packet_buffer.h"
#include "translation.h"

namespace dragoman::nat64::test {

struct Image {
  Octets packet;
  Offload offload;
};

struct GoldenCase {
  std::string title;
  Options options;
  Image in;
  std::optional<Image> out;
  std::optional<Refusal> refusal;
  ip::Endpoint source, destination;                    // of the tuple
  ip::Endpoint embedded_source, embedded_destination;  // of the embedded tuple
  std::optional<ip::Ipv6Octets> router;
};

std::vector<std::filesystem::path> golden_files();
GoldenCase read_golden(const std::filesystem::path& path);

// Reads the packet and translates it with the tuples of `test`, as whatever it is: to the other family, an ICMP error
// or not. Identification begins at 0x1000.
Step translate(Packet& packet, const GoldenCase& test);

}  // namespace dragoman::nat64::test
