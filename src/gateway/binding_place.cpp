// From "udp://192.0.2.10", "unix:///dev/log" or a path to where it leads. Pure; any thread.
#include "binding_place.h"

namespace dragoman::gateway {
namespace {

constexpr std::string_view udp_scheme = "udp://", unix_scheme = "unix://";
constexpr std::uint16_t syslog_port = 514, ipfix_port = 4739;

Error bad_target(const char* what, std::string_view target, const char* example) {
  return {ErrorCode::invalid_argument, what, std::string(target) + " (for example " + example + ")"};
}

Result<BindingPlace> udp_place(const BindingTarget& target) {
  const bool is_ipfix = target.format == BindingFormat::ipfix;
  const char* example = is_ipfix ? "udp://192.0.2.10:4739" : "udp://192.0.2.10:514";
  const std::string_view authority = std::string_view(target.target).substr(udp_scheme.size());
  std::string_view host = authority;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (const auto alone = ip::Address::from_text(host); alone && alone->is_v6() == (host != authority)) {
    return BindingPlace(ip::Endpoint{*alone, is_ipfix ? ipfix_port : syslog_port});
  }
  const auto endpoint = ip::Endpoint::from_text(authority);
  if (!endpoint) return bad_target("a collector is named by its IP address", target.target, example);
  if (endpoint->port == 0) return bad_target("the port must be a number from 1 to 65535", target.target, example);
  return BindingPlace(*endpoint);
}

}  // namespace

Result<BindingPlace> place_of(const BindingTarget& target) {
  const std::string_view text = target.target;
  switch (target.format) {
    case BindingFormat::json:
      if (!text.empty() && text.find("://") == text.npos) return BindingPlace(FilePlace{target.target});
      return bad_target("JSON lines go to a file", text, "/var/log/dragoman/bindings.jsonl");
    case BindingFormat::syslog:
      if (text.starts_with(udp_scheme)) return udp_place(target);
      if (text.starts_with(unix_scheme) && text.substr(unix_scheme.size()).starts_with('/')) {
        return BindingPlace(UnixPlace{target.target.substr(unix_scheme.size())});
      }
      return bad_target("syslog goes to udp://ADDRESS or unix:///PATH", text, "unix:///dev/log");
    case BindingFormat::ipfix:
      break;
  }
  if (text.starts_with(udp_scheme)) return udp_place(target);
  return bad_target("IPFIX goes to udp://ADDRESS", text, "udp://192.0.2.10:4739");
}

}  // namespace dragoman::gateway
