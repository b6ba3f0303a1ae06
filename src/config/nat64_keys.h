// The parts of the section `nat64`: nat64_lists.cpp reads lists whose entries are sections, binding_log_keys.cpp what
// is logged, nat64_keys.cpp the rest.
#pragma once

#include "dragoman/gateway/nat64_options.h"
#include "values.h"

namespace dragoman::config {

Value<nat64::Options> pool4_value();
Value<nat64::Options> static_bindings_value();
Value<gateway::Nat64Options> binding_log_value();

}  // namespace dragoman::config
