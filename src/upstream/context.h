// What all transports of one forwarder share: the loop, the options, and buffers that are only used within one call.
// Worker thread.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "agenda.h"
#include "dragoman/net/datagram.h"
#include "dragoman/net/event_loop.h"
#include "dragoman/upstream/options.h"
#include "random.h"

namespace dragoman::upstream {

struct Context {
  Context(net::EventLoop& event_loop, const Options& configured)
      : loop(event_loop), options(configured), agenda(event_loop) {}

  net::EventLoop& loop;
  const Options options;
  Agenda agenda;
  Random random;
  net::DatagramReader datagrams;
  std::array<std::uint8_t, 16384> octets;  // where streams read to
};

}  // namespace dragoman::upstream
