// Start, reload, renewal and the end of a server, and the metrics that belong to the process as a whole.
#include "supervisor.h"

#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <ctime>

#include "api.h"
#include "dragoman/base/log.h"
#include "dragoman/config/reference.h"
#include "dragoman/net/privileges.h"
#include "dragoman/net/thread_priority.h"
#include "dragoman/telemetry/collector.h"
#include "nat64_metrics.h"
#include "prefixes.h"
#include "settings.h"
#include "trust.h"
#include "version.h"

namespace dragoman::app {
namespace {

constexpr milliseconds drain_look{20};
constexpr milliseconds nat64_look{1000};

// The CPUs that this process may use, not those that the machine has.
unsigned usable_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<unsigned>(std::max(CPU_COUNT(&set), 1));
}

bool wants_tls(const config::Config& config) {
  for (const serve::ListenOptions& listen : config.listen) {
    if (listen.scheme != serve::Scheme::dns) return true;
  }
  return false;
}

enum class ReloadResult : std::uint8_t { success, failure };

}  // namespace
}  // namespace dragoman::app

namespace dragoman::telemetry {
template <>
struct LabelValues<app::ReloadResult> {
  static constexpr std::array<const char*, 2> values{"success", "failure"};
};
}  // namespace dragoman::telemetry

namespace dragoman::app {

// What is known of the NAT64 here alone.
struct Nat64Facts {
  std::string description;
  std::vector<ip::Pref64> prefixes;
  nat64::SubscriberLimits limits;
  std::vector<nat64::PoolEntry> pool;
};

// What the admin thread reads while this one goes on.
struct Supervisor::Status {
  std::atomic<bool> draining{false};
  std::atomic<bool> has_prefixes{true};  // that discovery has come to an answer, if it is asked for
  telemetry::ConfigStatus config;
  telemetry::Counters<ReloadResult> certificate_reloads;
  Guarded<std::vector<net::CertificateInfo>> certificates;
  Guarded<Nat64Facts> nat64;

  template <class Visitor>
  void describe(Visitor& visit) const {
    config.describe(visit);
    visit(certificate_reloads, "dragoman_tls_certificate_reloads_total", "Attempts to load renewed certificates.",
          "result");
    for (const net::CertificateInfo& certificate : certificates.with([](const auto& known) { return known; })) {
      auto row = visit.with("file", certificate.file).with("cn", certificate.common_name);
      row.gauge(static_cast<double>(certificate.not_after), "dragoman_tls_certificate_not_after_timestamp_seconds",
                "When the certificate expires.");
      row.gauge(static_cast<double>(certificate.not_before), "dragoman_tls_certificate_not_before_timestamp_seconds",
                "When the certificate began.");
    }
  }
};

Supervisor::Supervisor(std::shared_ptr<const config::Config> config, std::optional<unsigned> workers)
    : config_(std::move(config)),
      worker_count_(workers),
      signals_(loop_, {SIGTERM, SIGINT, SIGHUP}, [this](int signal) { on_signal(signal); }),
      watcher_(loop_, [this] { renew_certificates(); }),
      prefixes_(loop_, [this] { renew_settings(); }),
      anchors_(loop_, [this] { renew_settings(); }),
      nat64_watch_(loop_, [this](gateway::Nat64State state) { prefixes_.note_nat64(state); }),
      resolved_(make_resolved(*config_)),
      cache_(config_->cache),
      xdp_ports_(loop_),
      status_(std::make_unique<Status>()) {
  drain_timer_.bind([](void* self) { static_cast<Supervisor*>(self)->look_whether_drained(); }, this);
}

Supervisor::~Supervisor() {
  if (admin_) admin_->stop();
  for (auto& worker : workers_) worker->stop();
  for (auto& worker : workers_) worker->join();
  nat64_.reset();
}

Result<void> Supervisor::start() {
  if (auto loaded = load_certificates(); !loaded) return loaded;
  prefixes_.apply(gateway_options(*config_));
  anchors_.apply(trust_options(*config_));
  status_->has_prefixes.store(prefixes_.is_ready(), std::memory_order_release);
  // What takes privileges comes first, then they go, then the threads: the kernel has privileges for each thread.
  if (auto opened = open_workers(); !opened) return opened;
  if (auto opened = open_admin(); !opened) return opened;
  if (auto opened = open_nat64(); !opened) return opened;
  if (auto started = start_nat64(); !started) return started;
  for (auto& worker : workers_) worker->start();
  // A reload here and a scrape in the admin thread, which begins below, cost milliseconds of CPU that are some query's.
  net::lower_thread_priority();
  describe_metrics();
  if (admin_) {
    if (auto started = admin_->start(); !started) return started;
  }
  status_->config.applied(config_->hash, std::time(nullptr));
  announce();
  return {};
}

void Supervisor::run() { loop_.run(); }

Result<void> Supervisor::load_certificates() {
  if (!wants_tls(*config_)) return {};
  tickets_ = std::make_shared<net::TicketKeys>(config_->tls.ticket_rotation);
  auto loaded = net::ServerTls::load(config_->tls, tickets_);
  if (!loaded) return loaded.error();
  tls_ = *loaded;
  for (const std::string& warning : tls_->warnings()) log::warn("certificate_warning", warning);
  status_->certificates.with([&](auto& known) { known = tls_->certificates(); });
  watch_certificates();
  return {};
}

void Supervisor::watch_certificates() {
  std::vector<std::string> files;
  for (const net::CertificateFiles& pair : config_->tls.certificates) {
    files.push_back(pair.cert);
    files.push_back(pair.key);
  }
  if (auto watched = watcher_.watch(std::move(files)); !watched) {
    log::warn("certificate_watch_failed", "renewed certificates need a SIGHUP", {{"reason", watched.error().text()}});
  }
}

Result<void> Supervisor::open_workers() {
  const unsigned configured = worker_count_.value_or(config_->workers);
  const unsigned count = configured != 0 ? configured : usable_cpus();
  settings_ = make_settings(*config_, prefixes_.state(), nullptr, resolved_, anchors_.current());
  const Shared shared{config_, settings_, tls_, std::make_shared<serve::ConnectionLimits>(config_->limits), cache_};
  for (unsigned i = 0; i < count; ++i) workers_.push_back(std::make_unique<Worker>(shared));
  for (auto& worker : workers_) {
    if (auto opened = worker->listen(); !opened) return opened;
  }
  return xdp_ports_.open(*config_, workers_);
}

Result<void> Supervisor::open_nat64() {
  if (!config_->nat64) return {};
  auto opened = gateway::Nat64::open(*config_->nat64, static_cast<unsigned>(workers_.size()), resolved_.get());
  if (!opened) return opened.error();
  nat64_ = std::move(*opened);
  return {};
}

// A NAT64 is reached by everybody's packets: what it does not need any more it gives away.
Result<void> Supervisor::start_nat64() {
  if (!nat64_) return {};
  if (auto done = net::reduce_privileges({{}, config_->nat64->user, config_->nat64->group}); !done) return done;
  if (auto started = nat64_->start(); !started) return started;
  nat64_timer_.bind([](void* self) { static_cast<Supervisor*>(self)->look_after_nat64(); }, this);
  look_after_nat64();
  nat64_watch_.begin([this] { return nat64_signs(); });
  log::info("nat64_started", nat64_->description());
  return {};
}

void Supervisor::look_after_nat64() {
  nat64_->look_after();
  Nat64Facts facts{nat64_->description(), {}, {}, {}};
  if (config_->nat64) {  // a reload without it needs a restart
    facts.prefixes = config_->nat64->nat64.prefixes;
    facts.limits = config_->nat64->nat64.subscriber;
    facts.pool = config_->nat64->nat64.pool4;
  }
  status_->nat64.with([&](Nat64Facts& known) { known = std::move(facts); });
  loop_.set_after(nat64_timer_, nat64_look);
}

gateway::Nat64Signs Supervisor::nat64_signs() const {
  gateway::Nat64Signs signs;
  signs.pool = nat64_->pool().usage();
  for (unsigned i = 0; i < nat64_->worker_count(); ++i) {
    for (const auto protocol : {nat64::Protocol::tcp, nat64::Protocol::udp, nat64::Protocol::icmp}) {
      signs.sessions += static_cast<std::size_t>(nat64_->metrics(i).sessions(protocol).value());
    }
  }
  signs.max_sessions = static_cast<std::size_t>(nat64_->session_limit());
  signs.is_up = nat64_->is_alive();
  signs.is_ending = status_->draining.load(std::memory_order_acquire);
  return signs;
}

// For the admin thread, which begins when the NAT64 has, and ends before it.
Nat64Questions Supervisor::nat64_questions() {
  if (!config_->nat64) return {};
  return {.workers = [this] { return static_cast<unsigned>(nat64_->worker_count()); },
          .post = [this](unsigned worker, Nat64Questions::Work work) { nat64_->post(worker, std::move(work)); },
          .metrics = [this](unsigned worker) -> const nat64::Metrics& { return nat64_->metrics(worker); },
          .pool = [this]() -> const nat64::PortPool& { return nat64_->pool(); },
          .session_limit = [this] { return nat64_->session_limit(); },
          .state = [this] { return nat64_watch_.state(); },
          .description = [this] { return status_->nat64.with([](const auto& facts) { return facts.description; }); },
          .prefixes = [this] { return status_->nat64.with([](const auto& facts) { return facts.prefixes; }); },
          .limits = [this] { return status_->nat64.with([](const auto& facts) { return facts.limits; }); }};
}

Result<void> Supervisor::open_admin() {
  if (config_->http.listen.empty()) return {};
  const ApiSources sources{workers_.size(),
                           [this](const WorkerEvent& event) { workers_.front()->post(event); },
                           [this](const WorkerEvent& event) { tell_workers(event); },
                           [this] { return health(); },
                           Clock::now(),
                           nat64_questions(),
                           [this](std::function<void(trust::Anchors&)> work) {
                             loop_.post([this, work = std::move(work)] { work(anchors_); });
                           }};
  admin_.emplace(config_->http, admin::Pages{catalogue_, [this] { return health(); }, api_pages(sources)});
  return admin_->listen();
}

void Supervisor::describe_metrics() {
  telemetry::add_process_metrics(catalogue_, version);
  catalogue_.add(status_.get());
  catalogue_.add(&prefixes_.metrics());
  catalogue_.add(&anchors_.metrics());
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    Worker& worker = *workers_[i];
    catalogue_.add(&worker.resolve_metrics());
    catalogue_.add(&worker.serve_metrics());
    catalogue_.add(&worker.upstream_metrics());
    catalogue_.add_callback([&worker, i](telemetry::Collector& visit) {
      visit.with("worker", std::to_string(i))
          .gauge(static_cast<double>(worker.take_longest_turn_us()) / 1e6, "dragoman_worker_loop_lag_seconds",
                 "Longest turn of a worker's loop since the last scrape: how long a query may have waited.");
    });
  }
  catalogue_.add_callback([this](telemetry::Collector& visit) { xdp_ports_.describe(visit); });
  if (nat64_) describe_nat64();
  catalogue_.add_callback([this](telemetry::Collector& visit) {
    const cache::Stats stats = cache_.stats();
    visit.gauge(static_cast<double>(stats.entries), "dragoman_cache_entries", "Answers in the cache.");
    visit.gauge(static_cast<double>(stats.bytes + stats.index_bytes), "dragoman_cache_bytes", "Memory in use.");
    visit.gauge(static_cast<double>(stats.capacity), "dragoman_cache_bytes_limit", "Memory that answers may use.");
    visit.counter(static_cast<double>(stats.insertions), "dragoman_cache_insertions_total", "Answers kept.");
    visit.counter(static_cast<double>(stats.evictions), "dragoman_cache_evictions_total",
                  "Answers dropped for want of room.");
    visit.counter(static_cast<double>(stats.lock_waits), "dragoman_cache_lock_waits_total",
                  "Times that a worker found its part of the cache held by another one.");
  });
}

void Supervisor::describe_nat64() {
  for (unsigned i = 0; i < nat64_->worker_count(); ++i) {
    catalogue_.add(&nat64_->metrics(i));
    catalogue_.add(&nat64_->tun_metrics(i));
  }
  if (const auto* log_metrics = nat64_->log_metrics()) catalogue_.add(log_metrics);
  catalogue_.add_callback([this, questions = nat64_questions()](telemetry::Collector& visit) {
    describe_nat64_process(questions, status_->nat64.with([](const auto& facts) { return facts.pool; }), visit);
    visit.counter(static_cast<double>(nat64_->queue_drops()), "dragoman_nat64_tun_queue_drops_total",
                  "Packets that found a queue of the device full: the workers did not keep up.");
  });
}

admin::Health Supervisor::health() const {
  admin::Health health;
  if (status_->draining.load(std::memory_order_acquire)) health.reasons.push_back("draining");
  // Those of the default group alone: without another group most names are answered all the same.
  bool has_server = false, any_up = false;
  for (const auto& worker : workers_) {
    worker->upstream_metrics().servers.each([&](const upstream::ServerMetrics& server) {
      if (server.group != config::default_group) return;
      has_server = true;
      any_up = any_up || server.up.value() != 0;
    });
  }
  if (has_server && !any_up) health.reasons.push_back("no upstream answers");
  if (!status_->has_prefixes.load(std::memory_order_acquire)) health.reasons.push_back("no prefix discovered yet");
  if (nat64_ && !nat64_->is_alive()) health.reasons.push_back("the NAT64's device is gone");
  health.ready = health.reasons.empty();
  return health;
}

void Supervisor::on_signal(int signal) {
  if (signal == SIGHUP) {
    reload();
  } else {
    drain();
  }
}

void Supervisor::tell_workers(const WorkerEvent& event) {
  for (auto& worker : workers_) worker->post(event);
}

// The new file takes effect whole or not at all.
void Supervisor::reload() {
  config::Loaded loaded = config::load_file(config_->file);
  if (!loaded.config) {
    for (const config::Problem& problem : loaded.problems) log::error("config_problem", problem.to_text());
    log::error("reload_refused", "the configuration in force stays; mend the file and send SIGHUP again");
    return status_->config.refused();
  }
  for (const config::Problem& warning : loaded.warnings) log::warn("config_warning", warning.to_text());
  for (const config::Change& change : config::differences(*config_, *loaded.config)) {
    const char* when = change.reload == config::Reload::restart ? "needs a restart" : "in force";
    log::info("config_changed", when, {{"key", change.key}, {"before", change.before}, {"after", change.after}});
  }
  const bool same_certificates = loaded.config->tls == config_->tls;
  config_ = loaded.config;
  log::configure(config_->logging);
  prefixes_.apply(gateway_options(*config_));
  anchors_.apply(trust_options(*config_));
  renew_settings();
  renew_nat64();
  if (!same_certificates || tls_) renew_certificates();
  status_->config.applied(config_->hash, std::time(nullptr));
  log::info("reloaded", "the configuration was read again", {{"file", config_->file}});
}

// From the configuration and what is known of prefixes and trust anchors. Workers change nothing but their settings
// when that alone is new.
void Supervisor::renew_settings() {
  status_->has_prefixes.store(prefixes_.is_ready(), std::memory_order_release);
  settings_ = make_settings(*config_, prefixes_.state(), settings_.get(), resolved_, anchors_.current());
  tell_workers(NewConfiguration{config_, settings_});
}

void Supervisor::renew_nat64() {
  if (!nat64_ || !config_->nat64) return;
  nat64_->reopen_log();
  if (auto applied = nat64_->apply(*config_->nat64); !applied) {
    log::error("nat64_reload_refused", "the NAT64 goes on as before", {{"reason", applied.error().text()}});
  }
}

// Old connections keep the certificates they began with; on an error everybody keeps the old ones.
void Supervisor::renew_certificates() {
  if (!tls_) return;
  auto loaded = net::ServerTls::load(config_->tls, tickets_);
  if (!loaded) {
    status_->certificate_reloads(ReloadResult::failure).add();
    log::error("certificate_refused", "the certificates in use stay", {{"reason", loaded.error().text()}});
    return;
  }
  status_->certificate_reloads(ReloadResult::success).add();
  tls_ = *loaded;
  status_->certificates.with([&](auto& known) { known = tls_->certificates(); });
  for (const std::string& warning : tls_->warnings()) log::warn("certificate_warning", warning);
  log::info("certificates_loaded", "new connections get the certificates on disk");
  tell_workers(NewCertificates{tls_});
  watch_certificates();
}

void Supervisor::drain() {
  if (status_->draining.exchange(true)) return loop_.stop();  // a second signal means now
  log::info("draining", "finishing what is under way; a second signal ends at once");
  drain_deadline_ = loop_.now() + config_->drain_timeout;
  nat64_watch_.look();
  tell_workers(Drain{});
  look_whether_drained();
}

void Supervisor::look_whether_drained() {
  bool drained = true;
  for (const auto& worker : workers_) drained = drained && worker->is_drained();
  if (drained || loop_.now() >= drain_deadline_) return loop_.stop();
  loop_.set_after(drain_timer_, drain_look);
}

// Scripts and service managers wait for the word "ready"; it comes when every listener answers.
void Supervisor::announce() const {
  std::string text = "ready: " + std::to_string(workers_.size()) + (workers_.size() == 1 ? " worker" : " workers");
  for (const serve::ListenOptions& listen : config_->listen) text += " " + listen.url;
  if (nat64_) text += " " + nat64_->description();
  if (admin_) {
    for (const ip::Endpoint& endpoint : admin_->endpoints()) text += " http://" + endpoint.to_text();
  }
  std::printf("%s\n", text.c_str());
  std::fflush(stdout);
}

}  // namespace dragoman::app
