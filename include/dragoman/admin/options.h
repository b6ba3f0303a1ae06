// The admin listener: /metrics, /healthz, /readyz. Plain values.
#pragma once

#include <cstdint>
#include <vector>

#include "dragoman/base/time.h"
#include "dragoman/ip/address.h"

namespace dragoman::admin {

struct Options {
  std::vector<ip::Endpoint> listen;  // http://; empty: none
  std::uint32_t connections = 64;    // in all; more are closed as they come
  milliseconds timeout{10'000};      // for a request to arrive, for an answer to be taken, and between two requests
};

}  // namespace dragoman::admin
