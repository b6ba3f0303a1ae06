// From the configuration to what the resolver obeys.
#pragma once

#include <memory>

#include "dragoman/config/config.h"
#include "dragoman/gateway/prefixes.h"
#include "dragoman/resolve/settings.h"

namespace dragoman::app {

// `prefixes` is what was found out about prefixes so far. `former`: the settings that these will replace, of which
// cookies and the state of the rate limits go on. `resolved` is what the NAT64 reads of answers; null without one.
// `anchors`: those that hold now; null when nothing is validated.
std::shared_ptr<const resolve::Settings> make_settings(const config::Config& config,
                                                       const gateway::PrefixState& prefixes = {},
                                                       const resolve::Settings* former = nullptr,
                                                       std::shared_ptr<nat64::ResolvedAddresses> resolved = {},
                                                       std::shared_ptr<const dnssec::TrustAnchors> anchors = {});

// What the NAT64 will read of answers; null unless this is a resolver and a NAT64 at once.
std::shared_ptr<nat64::ResolvedAddresses> make_resolved(const config::Config& config);

}  // namespace dragoman::app
