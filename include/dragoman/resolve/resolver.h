// The answer to every query, whatever protocol it came by: one per worker, worker thread only.
// src/resolve/pipeline.cpp is the table of contents of a query's life.
#pragma once

#include <memory>

#include "dragoman/cache/answer_cache.h"
#include "dragoman/net/event_loop.h"
#include "dragoman/resolve/ipv4_only.h"
#include "dragoman/resolve/query.h"
#include "dragoman/resolve/settings.h"
#include "dragoman/upstream/forwarder.h"

namespace dragoman::resolve {

struct Metrics;

class Resolver final : public QueryHandler {
 public:
  // The loop gives time and timers; cache and upstream are shared with nobody who is not on this thread, but for the
  // cache, which locks by itself.
  Resolver(net::EventLoop& loop, cache::AnswerCache& cache, upstream::Upstream& upstream,
           std::shared_ptr<const Settings> settings, Metrics& metrics);
  ~Resolver();

  HandleResult handle(const Query& query, ReplyTarget& target, std::uint64_t ticket, MutableBytes reply) override;

  // The same for a question that no client asked: every step is told to query.trace, which must live until the reply is
  // there, and nothing is counted as a client's. The cache and the lookups are the real ones: what is learned is kept.
  HandleResult explain(const Query& query, ReplyTarget& target, std::uint64_t ticket, MutableBytes reply);

  // Takes effect with the next query.
  void apply(std::shared_ptr<const Settings> settings);

  // What was synthesized most, of this worker.
  Ipv4OnlyReport ipv4_only() const;

  // Lookups that are on their way; a drain waits for 0.
  std::size_t in_flight() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dragoman::resolve
