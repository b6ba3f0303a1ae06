// Frames of anybody: what is read lies within the frame, and the reply that is made of it is read back as what it is.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "check.h"
#include "dragoman/ip/udp_frame.h"

using namespace dragoman;
using fuzz::check;

namespace {

// The same words as may_be_answered(): a reply to somebody who is not a host has a source that is none.
bool may_be_a_source(const ip::Endpoint& endpoint) {
  const std::uint8_t* octets = endpoint.address.octets();
  if (endpoint.port == 0) return false;
  if (!endpoint.address.is_v6()) return octets[0] != 0 && octets[0] != 127 && octets[0] < 224;
  return octets[0] != 0xff && std::any_of(octets, octets + 10, [](std::uint8_t octet) { return octet != 0; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::uint8_t> frame(data, data + size);
  const auto query = ip::read_udp_frame(frame);
  if (!query) return 0;
  check(query->payload_offset + query->payload_size <= size, "a payload is in its frame");
  const auto payload = frame.begin() + query->payload_offset;
  std::vector<std::uint8_t> reply(payload, payload + query->payload_size);
  std::reverse(reply.begin(), reply.end());
  reply.push_back(0x5a);

  frame.resize(ip::reply_frame_size(*query, reply.size()));
  std::copy(reply.begin(), reply.end(), frame.begin() + query->payload_offset);
  check(ip::reply_in_place(frame.data(), *query, reply.size()) == frame.size(), "a reply is as long as was said");
  const auto again = ip::read_udp_frame(frame);
  if (!again) {
    check(!may_be_a_source(query->destination), "a reply is a sound frame");
    return 0;
  }
  check(again->source == query->destination && again->destination == query->source, "a reply goes back");
  check(std::equal(reply.begin(), reply.end(), frame.begin() + again->payload_offset) &&
            again->payload_size == reply.size(),
        "a reply has the payload that it was given");
  return 0;
}
