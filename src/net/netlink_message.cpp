// Netlink messages: see netlink_message.h.
#include "netlink_message.h"

namespace dragoman::net {
namespace {

constexpr std::size_t aligned(std::size_t size) { return (size + 3) & ~std::size_t{3}; }

// The attribute at the front of `octets`; nullopt: there is no whole one.
std::optional<nlattr> first_attribute(Bytes octets) {
  nlattr header;
  if (octets.size() < sizeof header) return std::nullopt;
  std::memcpy(&header, octets.data(), sizeof header);
  if (header.nla_len < sizeof header || header.nla_len > octets.size()) return std::nullopt;
  return header;
}

}  // namespace

void NetlinkRequest::append(Bytes octets) {
  octets_.insert(octets_.end(), octets.begin(), octets.end());
  octets_.resize(aligned(octets_.size()));
}

void NetlinkRequest::add(std::uint16_t type, Bytes value) {
  const nlattr header{static_cast<std::uint16_t>(sizeof header + value.size()), type};
  append({reinterpret_cast<const std::uint8_t*>(&header), sizeof header});
  append(value);
}

void NetlinkRequest::add_text(std::uint16_t type, std::string_view text) {
  std::vector<std::uint8_t> value(text.begin(), text.end());
  value.push_back(0);
  add(type, value);
}

void NetlinkRequest::add_nested(std::uint16_t type, FunctionRef<void()> inside) {
  const std::size_t start = octets_.size();
  add(type, {});
  inside();
  const auto size = static_cast<std::uint16_t>(octets_.size() - start);
  std::memcpy(&octets_[start], &size, sizeof size);
}

Bytes NetlinkRequest::finish(std::uint32_t sequence) {
  nlmsghdr header;
  std::memcpy(&header, octets_.data(), sizeof header);
  header.nlmsg_len = static_cast<std::uint32_t>(octets_.size());
  header.nlmsg_seq = sequence;
  std::memcpy(octets_.data(), &header, sizeof header);
  return octets_;
}

Bytes NetlinkAttributes::find(std::uint16_t type) const {
  Bytes rest = octets_;
  while (const std::optional<nlattr> header = first_attribute(rest)) {
    if ((header->nla_type & NLA_TYPE_MASK) == type)
      return rest.subspan(sizeof *header, header->nla_len - sizeof *header);
    rest = rest.subspan(std::min(rest.size(), aligned(header->nla_len)));
  }
  return {};
}

bool NetlinkAttributes::has(std::uint16_t type) const { return find(type).data() != nullptr; }

std::string_view NetlinkAttributes::text(std::uint16_t type) const {
  const Bytes octets = find(type);
  const std::string_view text(reinterpret_cast<const char*>(octets.data()), octets.size());
  return text.substr(0, text.find('\0'));
}

}  // namespace dragoman::net
