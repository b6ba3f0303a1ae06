// The catalogue's sources and the choice between the two texts.
#include "dragoman/telemetry/exposition.h"

#include <prometheus/text_serializer.h>

#include "open_metrics.h"

namespace dragoman::telemetry {

void Catalogue::add_source(Source source) {
  sources_.with([&](std::vector<Source>& sources) { sources.push_back(std::move(source)); });
}

void Catalogue::remove(const void* instance) {
  sources_.with([&](std::vector<Source>& sources) {
    std::erase_if(sources, [&](const Source& source) { return source.instance == instance; });
  });
}

std::vector<prometheus::MetricFamily> Catalogue::Collect() const {
  Samples samples;
  sources_.with([&](const std::vector<Source>& sources) {
    for (const Source& source : sources) {
      Collector visit(samples, source.fixed);
      source.describe(visit);
    }
  });
  return samples.take();
}

std::string_view content_type(Format format) {
  return format == Format::open_metrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                        : "text/plain; version=0.0.4; charset=utf-8";
}

std::string write(const std::vector<prometheus::MetricFamily>& families, Format format) {
  if (format == Format::open_metrics) return write_open_metrics(families);
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace dragoman::telemetry
