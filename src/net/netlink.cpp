// Interfaces and their addresses: see netlink.h. Routes are in netlink_routes.cpp.
#include "dragoman/net/netlink.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <net/if.h>

#include "netlink_message.h"
#include "netlink_socket.h"

namespace dragoman::net {
namespace {

constexpr std::uint16_t one = NLM_F_ACK;
constexpr std::uint16_t all = NLM_F_DUMP;
constexpr std::uint8_t no_link_local_address = 1;  // IN6_ADDR_GEN_MODE_NONE
constexpr std::uint8_t tun_mode = 1;               // IFLA_TUN_TYPE: IFF_TUN; 2 is IFF_TAP

ifinfomsg link_header(LinkIndex link) {
  ifinfomsg header{};
  header.ifi_family = AF_UNSPEC;
  header.ifi_index = static_cast<int>(link);
  return header;
}

std::string subject_of(LinkIndex link) {
  char name[IF_NAMESIZE];
  return if_indextoname(link, name) != nullptr ? "interface " + std::string(name)
                                               : "interface number " + std::to_string(link);
}

Link::Tun read_tun(const NetlinkAttributes& data) {
  Link::Tun tun;
  tun.is_tap = data.value<std::uint8_t>(IFLA_TUN_TYPE) != tun_mode;
  tun.is_multi_queue = data.value<std::uint8_t>(IFLA_TUN_MULTI_QUEUE).value_or(0) != 0;
  tun.is_persistent = data.value<std::uint8_t>(IFLA_TUN_PERSIST).value_or(0) != 0;
  tun.queues = data.value<std::uint32_t>(IFLA_TUN_NUM_QUEUES).value_or(0);
  tun.owner = data.value<std::uint32_t>(IFLA_TUN_OWNER);
  return tun;
}

void read_link(std::vector<Link>& links, Bytes payload) {
  ifinfomsg header;
  NetlinkAttributes attributes;
  if (!read_fixed(payload, header, attributes)) return;
  Link link;
  link.index = static_cast<LinkIndex>(header.ifi_index);
  link.is_up = (header.ifi_flags & IFF_UP) != 0;
  link.is_loopback = (header.ifi_flags & IFF_LOOPBACK) != 0;
  link.name = attributes.text(IFLA_IFNAME);
  link.hardware_address = attributes.value<std::array<std::uint8_t, 6>>(IFLA_ADDRESS).value_or(link.hardware_address);
  link.mtu = attributes.value<std::uint32_t>(IFLA_MTU).value_or(0);
  link.queue_length = attributes.value<std::uint32_t>(IFLA_TXQLEN).value_or(0);
  if (const auto statistics = attributes.value<rtnl_link_stats64>(IFLA_STATS64)) link.dropped = statistics->tx_dropped;
  const NetlinkAttributes info = attributes.nested(IFLA_LINKINFO);
  link.kind = info.text(IFLA_INFO_KIND);
  if (link.kind == "tun") link.tun = read_tun(info.nested(IFLA_INFO_DATA));
  links.push_back(std::move(link));
}

void read_address(std::vector<LinkAddress>& addresses, Bytes payload) {
  ifaddrmsg header;
  NetlinkAttributes attributes;
  if (!read_fixed(payload, header, attributes)) return;
  LinkAddress address{header.ifa_index, {}, header.ifa_prefixlen};
  // IPv4 of a point-to-point link: IFA_ADDRESS is the other end.
  if (const auto v4 = attributes.value<ip::Ipv4Octets>(IFA_LOCAL); v4 && header.ifa_family == AF_INET) {
    address.address = ip::Address(*v4);
  } else if (const auto v6 = attributes.value<ip::Ipv6Octets>(attributes.has(IFA_LOCAL) ? IFA_LOCAL : IFA_ADDRESS)) {
    address.address = ip::Address(*v6);
  } else {
    return;
  }
  addresses.push_back(address);
}

std::string subject_of(const LinkAddress& address) {
  return "address " + address.address.to_text() + "/" + std::to_string(address.prefix_length) + " of " +
         subject_of(address.link);
}

NetlinkRequest address_request(std::uint16_t type, std::uint16_t flags, const LinkAddress& address) {
  const bool is_v6 = address.address.is_v6();
  ifaddrmsg header{};
  header.ifa_family = is_v6 ? AF_INET6 : AF_INET;
  header.ifa_prefixlen = address.prefix_length;
  header.ifa_flags = is_v6 ? IFA_F_NODAD : 0;
  header.ifa_index = address.link;
  NetlinkRequest request(type, flags | one, header);
  const Bytes octets(address.address.octets(), address.address.bit_length() / 8);
  request.add(IFA_LOCAL, octets);
  request.add(IFA_ADDRESS, octets);
  return request;
}

}  // namespace

Netlink::Netlink(std::unique_ptr<NetlinkSocket> socket) : socket_(std::move(socket)) {}
Netlink::Netlink(Netlink&&) noexcept = default;
Netlink& Netlink::operator=(Netlink&&) noexcept = default;
Netlink::~Netlink() = default;

Result<Netlink> Netlink::open() {
  Result<NetlinkSocket> socket = NetlinkSocket::open();
  if (!socket) return socket.error();
  return Netlink(std::make_unique<NetlinkSocket>(*std::move(socket)));
}

Result<Link> Netlink::link(const std::string& name) {
  const std::string subject = "interface " + name;
  const Error no_such{ErrorCode::not_found, "there is no such interface", subject};
  if (name.empty() || name.size() >= IF_NAMESIZE) return no_such;
  NetlinkRequest request(RTM_GETLINK, one, link_header(0));
  request.add_text(IFLA_IFNAME, name);
  std::vector<Link> found;
  const Result<bool> done =
      socket_->exchange(request, subject, [&](std::uint16_t, Bytes payload) { read_link(found, payload); });
  if (!done) return done.error();
  if (found.empty()) return no_such;
  return std::move(found.front());
}

Result<std::vector<Link>> Netlink::links() {
  NetlinkRequest request(RTM_GETLINK, all, link_header(0));
  return socket_->list<Link>(request, "interfaces", read_link);
}

Result<void> Netlink::set_up(LinkIndex link) {
  ifinfomsg header = link_header(link);
  header.ifi_flags = IFF_UP;
  header.ifi_change = IFF_UP;
  NetlinkRequest request(RTM_NEWLINK, one, header);
  return socket_->change(request, subject_of(link));
}

Result<void> Netlink::set_mtu(LinkIndex link, std::uint32_t mtu) {
  NetlinkRequest request(RTM_NEWLINK, one, link_header(link));
  request.add_value(IFLA_MTU, mtu);
  return socket_->change(request, "MTU " + std::to_string(mtu) + " of " + subject_of(link));
}

Result<void> Netlink::set_queue_length(LinkIndex link, std::uint32_t packets) {
  NetlinkRequest request(RTM_NEWLINK, one, link_header(link));
  request.add_value(IFLA_TXQLEN, packets);
  return socket_->change(request, "queue length " + std::to_string(packets) + " of " + subject_of(link));
}

Result<void> Netlink::set_no_link_local(LinkIndex link) {
  NetlinkRequest request(RTM_NEWLINK, one, link_header(link));
  request.add_nested(IFLA_AF_SPEC, [&] {
    request.add_nested(AF_INET6, [&] { request.add_value(IFLA_INET6_ADDR_GEN_MODE, no_link_local_address); });
  });
  return socket_->change(request, "link-local addresses of " + subject_of(link));
}

Result<std::vector<LinkAddress>> Netlink::addresses() {
  NetlinkRequest request(RTM_GETADDR, all, ifaddrmsg{});
  return socket_->list<LinkAddress>(request, "addresses", read_address);
}

Result<void> Netlink::add_address(const LinkAddress& address) {
  NetlinkRequest request = address_request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, address);
  return socket_->change(request, subject_of(address));
}

Result<void> Netlink::remove_address(const LinkAddress& address) {
  NetlinkRequest request = address_request(RTM_DELADDR, 0, address);
  return socket_->change(request, subject_of(address));
}

}  // namespace dragoman::net
