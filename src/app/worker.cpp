// What a worker is made of, and what it does when another thread tells it something.
#include "worker.h"

#include "dragoman/net/thread_priority.h"
#include "routing.h"

namespace dragoman::app {
namespace {

constexpr milliseconds drain_look{20};

}  // namespace

Worker::Worker(const Shared& shared)
    : config_(shared.config),
      cache_(shared.cache),
      upstream_(loop_, make_routing(*shared.config), upstream_metrics_),
      resolver_(loop_, shared.cache, upstream_, shared.settings, resolve_metrics_),
      server_(loop_, resolver_, shared.limits, shared.config->limits, serve_metrics_) {
  if (shared.tls) server_.use(shared.tls, shared.config->tls.handshake_timeout);
  drain_timer_.bind([](void* self) { static_cast<Worker*>(self)->look_whether_drained(); }, this);
}

Worker::~Worker() { join(); }

Result<void> Worker::listen() {
  for (const serve::ListenOptions& listen : config_->listen) {
    if (auto opened = server_.listen(listen); !opened) return opened.error();
  }
  return {};
}

std::vector<ip::Endpoint> Worker::endpoints() const { return server_.endpoints(); }

void Worker::start() {
  thread_ = std::thread([this] {
    net::ask_for_short_slices();
    loop_.run();
  });
}

void Worker::join() {
  if (thread_.joinable()) thread_.join();
}

void Worker::post(WorkerEvent event) {
  loop_.post([this, event = std::move(event)] { std::visit([this](const auto& known) { handle(known); }, event); });
}

void Worker::handle(const NewConfiguration& event) {
  resolver_.apply(event.settings);
  upstream_.apply(make_routing(*event.config));
  // Each worker empties it for all: the last one does so when nobody goes by the former routes any more.
  if (leads_elsewhere(*config_, *event.config)) cache_.clear();
  config_ = event.config;
}

void Worker::handle(const NewCertificates& event) { server_.use(event.tls, config_->tls.handshake_timeout); }

void Worker::handle(const Drain&) {
  server_.drain();
  look_whether_drained();
}

void Worker::handle(const Explain& event) { explainer_.explain(resolver_, config_->listen, event.request, event.done); }

void Worker::handle(const TellUpstreams& event) { event.parts->add(upstream_.servers()); }

void Worker::handle(const TellIpv4Only& event) { event.parts->add(resolver_.ipv4_only()); }

void Worker::look_whether_drained() {
  if (server_.connections() == 0 && resolver_.in_flight() == 0) {
    drained_.store(true, std::memory_order_release);
    return;
  }
  loop_.set_after(drain_timer_, drain_look);
}

}  // namespace dragoman::app
