// The tables of RFC 7915 4.2 and 5.2: which ICMP message of one family is which of the other. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "dragoman/nat64/options.h"
#include "refusal.h"

namespace dragoman::nat64 {

namespace icmp4 {  // RFC 792, RFC 1191, RFC 1812
enum Type : std::uint8_t {
  echo_reply = 0,
  destination_unreachable = 3,
  echo_request = 8,
  time_exceeded = 11,
  parameter_problem = 12
};
enum UnreachableCode : std::uint8_t {
  host_unreachable = 1,
  protocol_unreachable = 2,
  port_unreachable = 3,
  fragmentation_needed = 4,
  source_route_failed = 5,
  host_prohibited = 10
};
}  // namespace icmp4

namespace icmp6 {  // RFC 4443, RFC 8883
enum Type : std::uint8_t {
  destination_unreachable = 1,
  packet_too_big = 2,
  time_exceeded = 3,
  parameter_problem = 4,
  echo_request = 128,
  echo_reply = 129
};
enum UnreachableCode : std::uint8_t { no_route = 0, administratively_prohibited = 1, port_unreachable = 4 };
enum ParameterProblemCode : std::uint8_t {
  erroneous_field = 0,
  unrecognized_next_header = 1,
  too_many_extension_headers = 8
};
}  // namespace icmp6

// Echo alone; nullopt for all else.
std::optional<std::uint8_t> icmp4_query_of(std::uint8_t type);
std::optional<std::uint8_t> icmp6_query_of(std::uint8_t type);

// Errors. An MTU is passed on as it is: see below. Nullopt: there is no counterpart, the message is dropped in silence.
std::optional<IcmpError> icmp4_error_of(const IcmpError& error);
std::optional<IcmpError> icmp6_error_of(const IcmpError& error);

// The MTU that the other family is told (RFC 7915 5.2, 4.2).
std::uint16_t icmp4_mtu_of(std::uint32_t advertised, const Options& options);
// `total_length`: of the embedded packet, which routers that advertise nothing leave to guess from (RFC 1191 7.1).
std::uint32_t icmp6_mtu_of(std::uint16_t advertised, std::uint16_t total_length, const Options& options);

}  // namespace dragoman::nat64
