// From the lines about one port to who held it when. Pure; one thread.
#pragma once

#include <string>
#include <vector>

#include "binding_words.h"
#include "dragoman/gateway/binding_history.h"

namespace dragoman::gateway {

// One line that bears on the port.
struct Evidence {
  WallTime time{};
  Line line = Line::lost;
  std::string source;  // whose log: the host of syslog lines, empty for JSON lines
  Holding holding;     // of lines about the port: kind, holder, protocol, remote and ports
  WallTime since{};    // of `lost`
  std::uint64_t lost = 0;
  WallTime seen = WallTime::min();  // of `started`: the line before it in its file
};

// What one file covers.
struct Coverage {
  WallTime first{}, last{};
};

// All of them, in order of their begin, and what else there is to know for an answer.
struct Holdings {
  struct Anchor {  // from here on it is known who has the port, until something is lost
    WallTime time{};
    std::string source;
  };
  struct Doubtful {
    BindingDoubt doubt;
    std::string source;
  };
  struct Held {
    Holding holding;
    std::string source;
  };
  std::vector<Held> held;
  std::vector<Anchor> anchors;
  std::vector<Doubtful> doubtful;  // gaps, and times when the NAT64 was down
};

// `evidence` in any order.
Holdings holdings_of(std::vector<Evidence> evidence, const std::vector<Coverage>& files);

}  // namespace dragoman::gateway
