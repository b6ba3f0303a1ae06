// What another thread may tell a worker. A closed list: the visitor in worker.cpp fails to compile until a new one is
// handled.
#pragma once

#include <memory>
#include <variant>

#include "dragoman/config/config.h"
#include "dragoman/net/tls.h"
#include "dragoman/resolve/ipv4_only.h"
#include "dragoman/resolve/settings.h"
#include "dragoman/upstream/forwarder.h"
#include "explainer.h"
#include "gathering.h"

namespace dragoman::app {

struct NewConfiguration {
  std::shared_ptr<const config::Config> config;
  std::shared_ptr<const resolve::Settings> settings;
};
struct NewCertificates {
  std::shared_ptr<const net::ServerTls> tls;
};
// Stop accepting, finish what is under way, then end.
struct Drain {};

// Ask this as if a client had, and say why the answer is what it is.
struct Explain {
  ExplainRequest request;
  ExplainDone done;
};
// Say how your upstream servers are.
using UpstreamStates = std::vector<upstream::ServerState>;
struct TellUpstreams {
  std::shared_ptr<Gathering<UpstreamStates>> parts;
};
// Say what was synthesized most.
struct TellIpv4Only {
  std::shared_ptr<Gathering<resolve::Ipv4OnlyReport>> parts;
};

using WorkerEvent = std::variant<NewConfiguration, NewCertificates, Drain, Explain, TellUpstreams, TellIpv4Only>;

}  // namespace dragoman::app
