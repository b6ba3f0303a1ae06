// The catalogue of everything that is measured, and the two texts that a scrape may get: Prometheus text 0.0.4 and
// OpenMetrics 1.0. Filled by app at start; any thread may scrape (admin's does).
//
//   catalogue.add(&worker.resolver_metrics());          // once per worker: equal names and labels are added up
//   catalogue.add_callback([](Collector& visit) { visit.gauge(limit, "dragoman_cache_bytes_limit", "..."); });
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <prometheus/collectable.h>

#include "dragoman/base/guarded.h"
#include "dragoman/telemetry/collector.h"

namespace dragoman::telemetry {

class Catalogue final : public prometheus::Collectable {
 public:
  using Describe = std::function<void(Collector&)>;

  // `instance` is read at every scrape until remove(): its owner goes on counting, but its shape (how many servers,
  // which names) must stay. `fixed` goes on every sample of it, such as {{"worker", "0"}}.
  template <class Metrics>
  void add(const Metrics* instance, LabelSet fixed = {}) {
    add_source({instance, std::move(fixed), [instance](Collector& visit) { instance->describe(visit); }});
  }
  // What belongs to the process, worked out at every scrape. Must be quick and thread-safe; may not call the catalogue.
  void add_callback(Describe describe) { add_source({nullptr, {}, std::move(describe)}); }

  // Once it returns, no scrape reads `instance` any more.
  void remove(const void* instance);

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  struct Source {
    const void* instance;
    LabelSet fixed;
    Describe describe;
  };
  void add_source(Source source);

  Guarded<std::vector<Source>> sources_;
};

enum class Format : unsigned char { text, open_metrics };

// For the Content-Type header.
std::string_view content_type(Format format);

// The whole page.
std::string write(const std::vector<prometheus::MetricFamily>& families, Format format);

}  // namespace dragoman::telemetry
