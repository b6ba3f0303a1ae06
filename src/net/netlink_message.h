// The octets of a netlink message (netlink(7), RFC 3549 2): a header, a fixed structure, and attributes that may nest.
// All of it in the byte order of the host, padded to four octets.
#pragma once

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

#include "dragoman/base/bytes.h"
#include "dragoman/base/function_ref.h"

namespace dragoman::net {

// Written from front to back.
class NetlinkRequest {
 public:
  template <class Fixed>
  NetlinkRequest(std::uint16_t type, std::uint16_t flags, const Fixed& fixed) {
    const nlmsghdr header{0, type, static_cast<std::uint16_t>(NLM_F_REQUEST | flags), 0, 0};
    append({reinterpret_cast<const std::uint8_t*>(&header), sizeof header});
    append({reinterpret_cast<const std::uint8_t*>(&fixed), sizeof fixed});
  }

  void add(std::uint16_t type, Bytes value);
  template <class Value>
  void add_value(std::uint16_t type, Value value) {
    static_assert(std::is_integral_v<Value>);
    add(type, {reinterpret_cast<const std::uint8_t*>(&value), sizeof value});
  }
  void add_text(std::uint16_t type, std::string_view text);  // with a zero behind
  // The attributes that `inside` adds lie in one of this type.
  void add_nested(std::uint16_t type, FunctionRef<void()> inside);

  // The whole message, valid until something is added.
  Bytes finish(std::uint32_t sequence);

 private:
  void append(Bytes octets);
  std::vector<std::uint8_t> octets_;
};

// A run of attributes, in a buffer of whoever received it. What does not fit the buffer ends the run.
class NetlinkAttributes {
 public:
  explicit NetlinkAttributes(Bytes octets = {}) : octets_(octets) {}

  // The value of the first attribute of this type; empty when there is none.
  Bytes find(std::uint16_t type) const;
  bool has(std::uint16_t type) const;
  NetlinkAttributes nested(std::uint16_t type) const { return NetlinkAttributes(find(type)); }
  std::string_view text(std::uint16_t type) const;  // without the zero; empty when there is none
  template <class Value>
  std::optional<Value> value(std::uint16_t type) const {
    const Bytes octets = find(type);
    if (octets.size() < sizeof(Value)) return std::nullopt;
    Value value;
    std::memcpy(&value, octets.data(), sizeof value);
    return value;
  }

 private:
  Bytes octets_;
};

// What is left of a message behind its fixed structure, and that structure; false: the message is too short.
template <class Fixed>
bool read_fixed(Bytes payload, Fixed& fixed, NetlinkAttributes& attributes) {
  if (payload.size() < sizeof fixed) return false;
  std::memcpy(&fixed, payload.data(), sizeof fixed);
  attributes = NetlinkAttributes(payload.subspan(std::min<std::size_t>(payload.size(), NLMSG_ALIGN(sizeof fixed))));
  return true;
}

}  // namespace dragoman::net
