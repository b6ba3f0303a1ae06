// Who may ask when nobody said so, and the ACL as one set of prefixes.
#include "dragoman/resolve/settings.h"

namespace dragoman::resolve {

std::vector<ip::Prefix> default_allow() {
  std::vector<ip::Prefix> allow;
  // Loopback; private (RFC 1918, RFC 6598, RFC 4193); link-local (RFC 3927, RFC 4291).
  for (const char* text : {"127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10",
                           "169.254.0.0/16", "::1/128", "fc00::/7", "fe80::/10"}) {
    if (auto prefix = ip::Prefix::from_text(text)) allow.push_back(*prefix);
  }
  return allow;
}

ip::PrefixSet make_acl(const AclOptions& options) {
  ip::PrefixSet acl;
  const bool unset = options.allow.empty() && options.deny.empty();
  for (const ip::Prefix& prefix : unset ? default_allow() : options.allow) acl.add(prefix, true);
  for (const ip::Prefix& prefix : options.deny) acl.add(prefix, false);
  return acl;
}

}  // namespace dragoman::resolve
