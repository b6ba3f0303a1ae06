// Questions of the operator to one worker: what would this client be answered, and why? Worker thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "dragoman/base/result.h"
#include "dragoman/dns/name.h"
#include "dragoman/dns/types.h"
#include "dragoman/ip/address.h"
#include "dragoman/resolve/resolver.h"
#include "dragoman/resolve/trace.h"
#include "dragoman/serve/options.h"

namespace dragoman::app {

// A question, and as whom and through which door it is asked.
struct ExplainRequest {
  dns::Name name;
  dns::Type type = dns::Type::aaaa;
  ip::Address client;
  std::string listener{};  // as the configuration writes it; empty: the first
  std::string path{};      // https: empty: the listener's
  std::string tls_name{};  // tls, https
  bool dnssec_ok = false;
  bool checking_disabled = false;
};

struct Explained {
  ExplainRequest request;  // what was left out is filled in
  resolve::Protocol protocol{};
  resolve::Trace trace;
  std::vector<std::uint8_t> reply;  // the message
  Duration elapsed{};
};

// Called once, on the worker's thread; not at all when the worker ends before. Errors are the request's.
using ExplainDone = std::function<void(Result<std::shared_ptr<const Explained>>)>;

// Holds the traces of queries that wait, so it must outlive the resolver.
class Explainer final : private resolve::ReplyTarget {
 public:
  void explain(resolve::Resolver& resolver, const std::vector<serve::ListenOptions>& listen,
               const ExplainRequest& request, const ExplainDone& done);

 private:
  struct Waiting {
    std::shared_ptr<Explained> explained;
    ExplainDone done;
  };
  void deliver(std::uint64_t ticket, Bytes message, const resolve::ReplyFacts& facts) override;

  std::uint64_t last_ticket_ = 0;
  std::unordered_map<std::uint64_t, Waiting> waiting_;
};

}  // namespace dragoman::app
