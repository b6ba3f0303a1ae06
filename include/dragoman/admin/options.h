// The admin listener: /metrics, /healthz, /readyz. Plain values.
#pragma once

#include <vector>

#include "dragoman/ip/address.h"

namespace dragoman::admin {

struct Options {
  std::vector<ip::Endpoint> listen;   // http://; empty: none
};

}  // namespace dragoman::admin
