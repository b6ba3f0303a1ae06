// The tables of RFC 7915 4.2 and 5.2 and of RFC 1191 7.1.
#include "icmp_mapping.h"

#include <algorithm>
#include <array>

#include "wire_headers.h"

namespace dragoman::nat64 {
namespace {

constexpr std::uint8_t no_counterpart = 255;

std::optional<IcmpError> to(std::uint8_t type, std::uint8_t code, std::uint32_t argument = 0) {
  return IcmpError{type, code, argument};
}

// RFC 7915 5.2 figure 6: octets of the IPv6 header to those of the IPv4 header.
std::uint8_t pointer_six_to_four(std::uint32_t pointer) {
  constexpr std::array<std::uint8_t, 8> head{0, 1, no_counterpart, no_counterpart, 2, 2, 9, 8};
  if (pointer < head.size()) return head[pointer];
  if (pointer < 24) return 12;  // source
  if (pointer < 40) return 16;  // destination
  return no_counterpart;
}

// RFC 7915 4.2 figure 3.
std::uint8_t pointer_four_to_six(std::uint32_t pointer) {
  constexpr std::array<std::uint8_t, 12> head{
      0, 1, 4, 4, no_counterpart, no_counterpart, no_counterpart, no_counterpart, 7, 6, no_counterpart, no_counterpart};
  if (pointer < head.size()) return head[pointer];
  if (pointer < 16) return 8;
  if (pointer < 20) return 24;
  return no_counterpart;
}

std::optional<IcmpError> unreachable_six_to_four(std::uint8_t code) {
  switch (code) {
    case 0:  // no route
    case 2:  // beyond scope of source address
    case 3:  // address unreachable
      return to(icmp4::destination_unreachable, icmp4::host_unreachable);
    case icmp6::administratively_prohibited:
      return to(icmp4::destination_unreachable, icmp4::host_prohibited);
    case icmp6::port_unreachable:
      return to(icmp4::destination_unreachable, icmp4::port_unreachable);
    default:
      return {};
  }
}

std::optional<IcmpError> parameter_problem_six_to_four(const IcmpError& error) {
  if (error.code == icmp6::unrecognized_next_header) {
    return to(icmp4::destination_unreachable, icmp4::protocol_unreachable);
  }
  if (error.code != icmp6::erroneous_field) return {};
  const std::uint8_t pointer = pointer_six_to_four(error.argument);
  if (pointer == no_counterpart) return {};
  return to(icmp4::parameter_problem, 0, pointer);
}

std::optional<IcmpError> unreachable_four_to_six(const IcmpError& error) {
  constexpr std::uint32_t next_header_field = 6;
  switch (error.code) {
    case 0:   // network
    case 1:   // host
    case 5:   // source route failed
    case 6:   // destination network unknown
    case 7:   // destination host unknown
    case 8:   // source host isolated
    case 11:  // network, for this type of service
    case 12:  // host, for this type of service
      return to(icmp6::destination_unreachable, icmp6::no_route);
    case icmp4::protocol_unreachable:
      return to(icmp6::parameter_problem, icmp6::unrecognized_next_header, next_header_field);
    case icmp4::port_unreachable:
      return to(icmp6::destination_unreachable, icmp6::port_unreachable);
    case icmp4::fragmentation_needed:
      return to(icmp6::packet_too_big, 0, error.argument);
    case 9:   // network prohibited
    case 10:  // host prohibited
    case 13:  // communication prohibited
    case 15:  // precedence cutoff
      return to(icmp6::destination_unreachable, icmp6::administratively_prohibited);
    default:
      return {};
  }
}

std::optional<IcmpError> parameter_problem_four_to_six(const IcmpError& error) {
  if (error.code != 0 && error.code != 2) return {};  // 1: required option missing
  const std::uint8_t pointer = pointer_four_to_six(error.argument);
  if (pointer == no_counterpart) return {};
  return to(icmp6::parameter_problem, icmp6::erroneous_field, pointer);
}

// RFC 1191 7.1: the largest of these below the length of the packet that did not fit.
std::uint16_t plateau_below(std::uint16_t total_length) {
  constexpr std::array<std::uint16_t, 11> plateaus{65535, 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68};
  const auto* found = std::find_if(plateaus.begin(), plateaus.end(), [&](std::uint16_t p) { return p < total_length; });
  return found == plateaus.end() ? plateaus.back() : *found;
}

}  // namespace

std::optional<std::uint8_t> icmp4_query_of(std::uint8_t type) {
  if (type == icmp6::echo_request) return icmp4::echo_request;
  if (type == icmp6::echo_reply) return icmp4::echo_reply;
  return {};
}

std::optional<std::uint8_t> icmp6_query_of(std::uint8_t type) {
  if (type == icmp4::echo_request) return icmp6::echo_request;
  if (type == icmp4::echo_reply) return icmp6::echo_reply;
  return {};
}

std::optional<IcmpError> icmp4_error_of(const IcmpError& error) {
  switch (error.type) {
    case icmp6::destination_unreachable:
      return unreachable_six_to_four(error.code);
    case icmp6::packet_too_big:
      return to(icmp4::destination_unreachable, icmp4::fragmentation_needed, error.argument);
    case icmp6::time_exceeded:
      return to(icmp4::time_exceeded, error.code);
    case icmp6::parameter_problem:
      return parameter_problem_six_to_four(error);
    default:
      return {};
  }
}

std::optional<IcmpError> icmp6_error_of(const IcmpError& error) {
  switch (error.type) {
    case icmp4::destination_unreachable:
      return unreachable_four_to_six(error);
    case icmp4::time_exceeded:
      return to(icmp6::time_exceeded, error.code);
    case icmp4::parameter_problem:
      return parameter_problem_four_to_six(error);
    default:
      return {};
  }
}

std::uint16_t icmp4_mtu_of(std::uint32_t advertised, const Options& options) {
  constexpr std::uint32_t lowest_ipv4_mtu = 68;  // RFC 791 3.2
  const std::uint32_t link = std::min<std::uint32_t>(options.mtu4, options.mtu6 - 20U);
  const std::uint32_t path = advertised > 20 ? advertised - 20 : 0;
  return static_cast<std::uint16_t>(std::max(lowest_ipv4_mtu, std::min(path, link)));
}

std::uint32_t icmp6_mtu_of(std::uint16_t advertised, std::uint16_t total_length, const Options& options) {
  const std::uint32_t path = (advertised != 0 ? advertised : plateau_below(total_length)) + 20U;
  const std::uint32_t link = std::min<std::uint32_t>(options.mtu6, options.mtu4 + 20U);
  return std::max<std::uint32_t>(lowest_ipv6_mtu, std::min(path, link));
}

}  // namespace dragoman::nat64
