// EDNS(0), RFC 6891: the OPT pseudo-record of a message, its options read in place, and building one.
// Pure; any thread. An Edns is valid as long as the message it was read from.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "dragoman/base/bytes.h"
#include "dragoman/dns/types.h"

namespace dragoman::dns {

inline constexpr std::uint16_t default_udp_payload = 1232;  // RFC 9715
inline constexpr std::size_t max_edns_options = 32;         // more in one OPT is malformed: they only cost work

struct EdnsOption {
  EdnsOptionCode code{};
  Bytes data;
};

// What an OPT said. `options` was checked: option lengths add up.
struct Edns {
  std::uint16_t udp_payload = 0;    // as received; below 512 counts as 512
  std::uint8_t extended_rcode = 0;  // the upper eight bits of the RCODE
  std::uint8_t version = 0;
  bool dnssec_ok = false;  // DO
  Bytes options;

  // The first option with this code.
  std::optional<Bytes> find(EdnsOptionCode code) const;
};

// Walks options in order: for (EdnsOption option : EdnsOptions(edns.options)).
class EdnsOptions {
 public:
  explicit EdnsOptions(Bytes options) : options_(options) {}
  class Iterator {
   public:
    explicit Iterator(Bytes rest) : rest_(rest) {}
    EdnsOption operator*() const;
    Iterator& operator++();
    bool operator!=(const Iterator& other) const { return rest_.size() != other.rest_.size(); }

   private:
    Bytes rest_;
  };
  Iterator begin() const { return Iterator(options_); }
  Iterator end() const { return Iterator(options_.last(0)); }

 private:
  Bytes options_;
};

// The OPT that a message of ours carries. Cookie (RFC 7873), EDE (RFC 8914) and keepalive (RFC 7828) go in when set;
// padding (RFC 7830) is written by MessageWriter::finish, last, to a multiple of `pad_to`.
struct EdnsReply {
  std::uint16_t udp_payload = default_udp_payload;
  Rcode rcode = Rcode::noerror;  // its upper bits
  bool dnssec_ok = false;
  Bytes cookie{};  // Client Cookie and Server Cookie; empty: none
  std::optional<Ede> ede;
  std::string_view ede_text;               // short, UTF-8, nothing secret
  std::optional<Ede> further_ede{};        // without text; only beside `ede`
  std::optional<std::uint16_t> keepalive;  // units of 100 ms
  std::uint16_t pad_to = 0;                // 0: no padding option; 468 for replies, 128 for queries (RFC 8467)
};

}  // namespace dragoman::dns
