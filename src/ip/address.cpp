// Addresses as text (RFC 5952) and as the socket interface has them. Pure: inet_pton and inet_ntop only convert. Any
// thread.
#include "dragoman/ip/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace dragoman::ip {
namespace {

Error malformed(const char* what, std::string_view text) { return {ErrorCode::malformed, what, std::string(text)}; }

// The whole of `text` as a decimal number of at most `limit`, without sign or space.
bool parse_number(std::string_view text, unsigned limit, unsigned& value) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && value <= limit;
}

template <class T>
T copy_as(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

}  // namespace

Result<Address> Address::from_text(std::string_view text) {
  char terminated[INET6_ADDRSTRLEN];
  if (text.size() >= sizeof terminated || text.find('\0') != text.npos) return malformed("not an IP address", text);
  terminated[text.copy(terminated, text.size())] = '\0';

  Ipv4Octets v4;
  if (inet_pton(AF_INET, terminated, v4.data()) == 1) return Address(v4);
  Ipv6Octets v6;
  if (inet_pton(AF_INET6, terminated, v6.data()) == 1) return Address(v6);
  return malformed("not an IP address", text);
}

Address Address::without_mapping() const {
  static constexpr std::uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (!is_v6_ || std::memcmp(octets_.data(), mapped, sizeof mapped) != 0) return *this;
  return Address(Ipv4Octets{octets_[12], octets_[13], octets_[14], octets_[15]});
}

Address Address::with_mapping() const {
  if (is_v6_) return *this;
  return Address(Ipv6Octets{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, octets_[0], octets_[1], octets_[2], octets_[3]});
}

bool Address::is_loopback() const {
  if (!is_v6_) return octets_[0] == 127;
  return *this == Address(Ipv6Octets{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
}

bool Address::is_unspecified() const { return octets_ == Ipv6Octets{}; }

std::string Address::to_text() const {
  char text[INET6_ADDRSTRLEN];
  return inet_ntop(is_v6_ ? AF_INET6 : AF_INET, octets_.data(), text, sizeof text);
}

Result<Endpoint> Endpoint::from_text(std::string_view text) {
  std::size_t colon = text.rfind(':');
  if (colon == text.npos) return malformed("no port", text);
  std::string_view host = text.substr(0, colon);
  bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);

  Result<Address> address = Address::from_text(host);
  if (!address) return address.error();
  if (address->is_v6() != bracketed) return malformed("not an endpoint: write 192.0.2.1:53 or [2001:db8::1]:53", text);
  unsigned port = 0;
  if (!parse_number(text.substr(colon + 1), 65535, port)) return malformed("not a port from 0 to 65535", text);
  return Endpoint{*address, static_cast<std::uint16_t>(port)};
}

Endpoint Endpoint::from_sockaddr(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    auto v4 = copy_as<sockaddr_in>(address);
    return {Address(copy_as<Ipv4Octets>(&v4.sin_addr)), ntohs(v4.sin_port)};
  }
  if (address->sa_family != AF_INET6) return {};
  auto v6 = copy_as<sockaddr_in6>(address);
  return {Address(copy_as<Ipv6Octets>(&v6.sin6_addr)).without_mapping(), ntohs(v6.sin6_port)};
}

unsigned Endpoint::to_sockaddr(void* storage) const {
  if (!address.is_v6()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&v4.sin_addr, address.octets(), sizeof v4.sin_addr);
    std::memcpy(storage, &v4, sizeof v4);
    return sizeof v4;
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  std::memcpy(&v6.sin6_addr, address.octets(), sizeof v6.sin6_addr);
  std::memcpy(storage, &v6, sizeof v6);
  return sizeof v6;
}

std::string Endpoint::to_text() const {
  std::string host = address.is_v6() ? '[' + address.to_text() + ']' : address.to_text();
  return host + ':' + std::to_string(port);
}

Result<Prefix> Prefix::from_text(std::string_view text) {
  std::size_t slash = text.find('/');
  Result<Address> network = Address::from_text(text.substr(0, slash));
  if (!network) return malformed("not a prefix", text);
  unsigned limit = static_cast<unsigned>(network->bit_length());
  unsigned length = limit;
  if (slash != text.npos && !parse_number(text.substr(slash + 1), limit, length)) {
    return malformed("not a prefix length", text);
  }

  for (unsigned bit = length; bit < limit; ++bit) {
    if ((network->octets()[bit / 8] & (0x80 >> bit % 8)) != 0) return malformed("bits behind the prefix are set", text);
  }
  return Prefix{*network, static_cast<std::uint8_t>(length)};
}

bool Prefix::contains(const Address& address) const {
  if (address.is_v6() != network.is_v6()) return false;
  std::size_t whole = length / 8;
  if (std::memcmp(address.octets(), network.octets(), whole) != 0) return false;
  unsigned rest = length % 8;
  return rest == 0 || ((address.octets()[whole] ^ network.octets()[whole]) >> (8 - rest)) == 0;
}

std::string Prefix::to_text() const { return network.to_text() + '/' + std::to_string(length); }

void PrefixSet::add(const Prefix& prefix, bool allow) {
  auto same = std::find_if(rules_.begin(), rules_.end(), [&](const Rule& rule) { return rule.prefix == prefix; });
  if (same != rules_.end()) {
    same->allow = same->allow && allow;
    return;
  }
  auto shorter = [&](const Rule& rule) { return rule.prefix.length < prefix.length; };
  rules_.insert(std::find_if(rules_.begin(), rules_.end(), shorter), {prefix, allow});
}

bool PrefixSet::allows(const Address& address, bool otherwise) const {
  for (const Rule& rule : rules_) {
    if (rule.prefix.contains(address)) return rule.allow;
  }
  return otherwise;
}

}  // namespace dragoman::ip
