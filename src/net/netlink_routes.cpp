// Routes: see netlink.h.
#include <sys/socket.h>

#include "dragoman/net/netlink.h"
#include "netlink_message.h"
#include "netlink_socket.h"

namespace dragoman::net {
namespace {

constexpr std::uint16_t one = NLM_F_ACK;
constexpr std::uint8_t families[] = {AF_INET, AF_INET6};

std::uint8_t family_of(const ip::Address& address) { return address.is_v6() ? AF_INET6 : AF_INET; }

Bytes octets_of(const ip::Address& address) { return {address.octets(), address.bit_length() / 8}; }

std::optional<ip::Address> address_of(Bytes octets) {
  if (octets.size() == sizeof(ip::Ipv4Octets)) {
    ip::Ipv4Octets v4;
    std::copy(octets.begin(), octets.end(), v4.begin());
    return ip::Address(v4);
  }
  if (octets.size() == sizeof(ip::Ipv6Octets)) {
    ip::Ipv6Octets v6;
    std::copy(octets.begin(), octets.end(), v6.begin());
    return ip::Address(v6);
  }
  return std::nullopt;
}

// RTA_GATEWAY, or RTA_VIA: a router of the other family.
std::optional<ip::Address> gateway_of(const NetlinkAttributes& attributes) {
  if (const auto gateway = address_of(attributes.find(RTA_GATEWAY))) return gateway;
  const Bytes via = attributes.find(RTA_VIA);
  return via.size() < sizeof(rtvia) ? std::nullopt : address_of(via.subspan(sizeof(rtvia)));
}

// A route of several next hops is given as several routes.
void read_next_hops(std::vector<Route>& routes, Route route, Bytes next_hops) {
  rtnexthop header;
  while (next_hops.size() >= sizeof header) {
    std::memcpy(&header, next_hops.data(), sizeof header);
    if (header.rtnh_len < sizeof header || header.rtnh_len > next_hops.size()) return;
    route.link = static_cast<LinkIndex>(header.rtnh_ifindex);
    route.gateway = gateway_of(NetlinkAttributes(next_hops.subspan(sizeof header, header.rtnh_len - sizeof header)));
    routes.push_back(route);
    next_hops = next_hops.subspan(std::min<std::size_t>(next_hops.size(), RTNH_ALIGN(header.rtnh_len)));
  }
}

void read_route(std::vector<Route>& routes, Bytes payload) {
  rtmsg header;
  NetlinkAttributes attributes;
  if (!read_fixed(payload, header, attributes)) return;
  if (header.rtm_family != AF_INET && header.rtm_family != AF_INET6) return;
  if (header.rtm_type != RTN_UNICAST && header.rtm_type != RTN_LOCAL) return;
  if ((header.rtm_flags & RTM_F_CLONED) != 0) return;
  Route route;
  route.destination.network =
      address_of(attributes.find(RTA_DST))
          .value_or(header.rtm_family == AF_INET6 ? ip::Address(ip::Ipv6Octets{}) : ip::Address());
  route.destination.length = header.rtm_dst_len;
  route.link = attributes.value<std::uint32_t>(RTA_OIF).value_or(0);
  route.gateway = gateway_of(attributes);
  route.metric = attributes.value<std::uint32_t>(RTA_PRIORITY).value_or(0);
  route.protocol = header.rtm_protocol;
  route.table = attributes.value<std::uint32_t>(RTA_TABLE).value_or(header.rtm_table);
  route.is_local = header.rtm_type == RTN_LOCAL;
  if (const Bytes next_hops = attributes.find(RTA_MULTIPATH); !next_hops.empty()) {
    read_next_hops(routes, route, next_hops);
  } else {
    routes.push_back(route);
  }
}

std::string subject_of(const Route& route) { return "route to " + route.destination.to_text(); }

std::uint8_t scope_of(const Route& route) {
  if (route.is_local) return RT_SCOPE_HOST;
  return route.gateway ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
}

rtmsg route_header(const Route& route) {
  rtmsg header{};
  header.rtm_family = family_of(route.destination.network);
  header.rtm_dst_len = route.destination.length;
  header.rtm_table = route.table < 256 ? static_cast<std::uint8_t>(route.table) : std::uint8_t{RT_TABLE_UNSPEC};
  header.rtm_protocol = route.protocol;
  header.rtm_scope = scope_of(route);
  header.rtm_type = route.is_local ? RTN_LOCAL : RTN_UNICAST;
  return header;
}

NetlinkRequest route_request(std::uint16_t type, std::uint16_t flags, const Route& route) {
  rtmsg header = route_header(route);
  if (type == RTM_DELROUTE) header.rtm_scope = RT_SCOPE_NOWHERE;  // of any scope
  NetlinkRequest request(type, flags | one, header);
  if (route.destination.length != 0) request.add(RTA_DST, octets_of(route.destination.network));
  request.add_value(RTA_TABLE, route.table);
  request.add_value(RTA_OIF, std::uint32_t{route.link});
  if (route.gateway) request.add(RTA_GATEWAY, octets_of(*route.gateway));
  if (route.metric != 0) request.add_value(RTA_PRIORITY, route.metric);
  return request;
}

// The kernel has four errors for "it does not go there": none such, unreachable, prohibit and blackhole routes.
Error as_unreachable(const Error& error) {
  const bool is_about_route = error.code == ErrorCode::invalid_argument || error.code == ErrorCode::permission;
  return is_about_route ? Error{ErrorCode::unreachable, "no route to this address", error.detail} : error;
}

}  // namespace

Result<std::vector<Route>> Netlink::routes() {
  NetlinkRequest request(RTM_GETROUTE, NLM_F_DUMP, rtmsg{});
  return socket_->list<Route>(request, "routes", read_route);
}

Result<void> Netlink::add_route(const Route& route) {
  NetlinkRequest request = route_request(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, route);
  return socket_->change(request, subject_of(route));
}

Result<void> Netlink::replace_route(const Route& route) {
  NetlinkRequest request = route_request(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, route);
  return socket_->change(request, subject_of(route));
}

Result<void> Netlink::remove_route(const Route& route) {
  NetlinkRequest request = route_request(RTM_DELROUTE, 0, route);
  return socket_->change(request, subject_of(route));
}

Result<void> Netlink::remove_own_routes(LinkIndex link) {
  Result<void> first{};
  for (const std::uint8_t family : families) {
    // The kernel leaves out the others: there may be a million of them.
    rtmsg header{};
    header.rtm_family = family;
    header.rtm_protocol = Route::own_protocol;
    NetlinkRequest request(RTM_GETROUTE, NLM_F_DUMP, header);
    request.add_value(RTA_OIF, std::uint32_t{link});
    const Result<std::vector<Route>> routes = socket_->list<Route>(request, "routes", read_route);
    if (!routes) return routes.error();
    for (const Route& route : *routes) {
      if (route.protocol != Route::own_protocol || route.link != link) continue;  // a kernel before 4.20
      const Result<void> removed = remove_route(route);
      if (!removed && first) first = removed;
    }
  }
  return first;
}

Result<Netlink::Path> Netlink::path_to(const ip::Address& destination) {
  rtmsg header{};
  header.rtm_family = family_of(destination);
  header.rtm_dst_len = static_cast<std::uint8_t>(destination.bit_length());
  NetlinkRequest request(RTM_GETROUTE, one, header);
  request.add(RTA_DST, octets_of(destination));
  Path path;
  const Result<bool> done = socket_->exchange(request, destination.to_text(), [&](std::uint16_t, Bytes payload) {
    rtmsg found;
    NetlinkAttributes attributes;
    if (!read_fixed(payload, found, attributes)) return;
    path.link = attributes.value<std::uint32_t>(RTA_OIF).value_or(0);
    path.source = address_of(attributes.find(RTA_PREFSRC)).value_or(ip::Address());
    path.gateway = gateway_of(attributes);
    path.mtu = attributes.nested(RTA_METRICS).value<std::uint32_t>(RTAX_MTU).value_or(0);
    path.is_local = found.rtm_type == RTN_LOCAL;
  });
  if (!done) return as_unreachable(done.error());
  if (path.link == 0) return Error{ErrorCode::unreachable, "no route to this address", destination.to_text()};
  return path;
}

}  // namespace dragoman::net
