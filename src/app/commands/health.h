// `dragoman health`: asks the admin listener of a running dragoman, so that probes need neither curl nor dig.
#pragma once

#include <string>

#include "dragoman/base/time.h"

namespace dragoman::app {

struct HealthArguments {
  std::string url = "http://127.0.0.1:9153";  // an address and a port
  bool ready = false;                         // /readyz instead of /healthz
  milliseconds timeout{2000};
};

// Exit code of cli.h: ok when the answer is 200.
int run_health(const HealthArguments& arguments);

}  // namespace dragoman::app
