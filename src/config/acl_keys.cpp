// acl: the rows of who may ask.
#include "values.h"

namespace dragoman::config {
namespace {

// An empty list would fall back to the default, which is the opposite of what it looks like.
Value<resolve::AclOptions> allowed_sources() {
  Value<resolve::AclOptions> out = prefixes(&resolve::AclOptions::allow);
  out.read = [read = out.read](const Node& node, resolve::AclOptions& options, Reading& reading) {
    read(node, options, reading);
    if (node.kind == Node::Kind::list && node.children.empty()) {
      reading.findings.error(node, "an empty list allows nobody",
                             "name the clients, or remove the key for the default");
    }
  };
  return out;
}

}  // namespace

Keys<resolve::AclOptions> acl_keys() {
  return {
      {"allow", allowed_sources(), Reload::live,
       "Clients that may ask, on every transport; everybody else is REFUSED. Without `acl`: loopback, private and "
       "link-local sources."},
      {"deny", prefixes(&resolve::AclOptions::deny), Reload::live,
       "Clients that may not; of `allow` and `deny` the longest match decides."},
  };
}

}  // namespace dragoman::config
