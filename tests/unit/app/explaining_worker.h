// A resolver with a scripted upstream, and an explainer beside it as a worker has them.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "dragoman/net/event_loop.h"
#include "dragoman/resolve/metrics.h"
#include "dragoman/resolve/resolver.h"
#include "explainer.h"
#include "fakes/fake_upstream.h"

namespace dragoman::app {

class ExplainingWorker : public testing::Test {
 protected:
  ExplainingWorker() {
    auto settings = std::make_shared<resolve::Settings>();
    settings->acl = resolve::make_acl({});
    dns64::Policy policy;
    policy.mappings = {{.prefixes = {*ip::Pref64::from_text("64:ff9b::/96")}}};
    settings->dns64.policies = {policy};
    settings->lookup_deadline = milliseconds(200);
    resolver_ = std::make_unique<resolve::Resolver>(loop_, cache_, upstream_, settings, metrics_);
    for (const char* url : {"dns://127.0.0.1:53", "tls://127.0.0.1:853", "https://127.0.0.1:443/dns-query"}) {
      listen_.push_back(*serve::ListenOptions::from_url(url));
    }
    upstream_.answer("v4.test.", dns::Type::a, {"v4.test. 60 A 198.51.100.1"});
    upstream_.answer("v4.test.", dns::Type::aaaa, {"!test. 300 SOA ns.test. host.test. 1 2 3 4 300"});
  }

  static ExplainRequest request(const char* name, std::string listener = {}) {
    return {
        .name = *dns::Name::from_text(name), .client = *ip::Address::from_text("::1"), .listener = std::move(listener)};
  }

  void begin(const ExplainRequest& asked) {
    explainer_.explain(*resolver_, listen_, asked, [this](Result<std::shared_ptr<const Explained>> result) {
      results_.push_back(std::move(result));
    });
  }
  // Asks, and turns the loop until there is a result.
  Result<std::shared_ptr<const Explained>> explain(const ExplainRequest& asked) {
    begin(asked);
    const auto limit = Clock::now() + seconds(5);
    while (results_.empty() && Clock::now() < limit) loop_.run_once(milliseconds(5));
    auto result = results_.at(0);
    results_.clear();
    return result;
  }

  net::EventLoop loop_;
  cache::AnswerCache cache_{cache::Options{.size = 1 << 20}};
  fakes::FakeUpstream upstream_;
  resolve::Metrics metrics_;
  std::vector<serve::ListenOptions> listen_;
  std::vector<Result<std::shared_ptr<const Explained>>> results_;
  Explainer explainer_;
  std::unique_ptr<resolve::Resolver> resolver_;
};

}  // namespace dragoman::app
