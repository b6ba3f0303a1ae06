// The catalogue: sources come, are scraped together, and go.
#include "dragoman/telemetry/exposition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace dragoman::telemetry {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Metrics {
  Counter eaten;

  template <class Visitor>
  void describe(Visitor& visit) const {
    visit(eaten, "eaten_total", "Eaten.");
  }
};

std::string text_of(const Catalogue& catalogue) { return write(catalogue.Collect(), Format::text); }

TEST(Catalogue, adds_up_what_several_workers_counted) {
  Metrics first, second;
  first.eaten.add(1);
  second.eaten.add(2);
  Catalogue catalogue;
  catalogue.add(&first);
  catalogue.add(&second);
  EXPECT_THAT(text_of(catalogue), HasSubstr("eaten_total 3\n"));
}

TEST(Catalogue, labels_an_instance_as_it_was_told) {
  const Metrics metrics;
  Catalogue catalogue;
  catalogue.add(&metrics, {{"worker", "1"}});
  EXPECT_THAT(text_of(catalogue), HasSubstr("eaten_total{worker=\"1\"} 0\n"));
}

TEST(Catalogue, sees_what_is_counted_between_two_scrapes) {
  Metrics metrics;
  Catalogue catalogue;
  catalogue.add(&metrics);
  EXPECT_THAT(text_of(catalogue), HasSubstr("eaten_total 0\n"));
  metrics.eaten.add();
  EXPECT_THAT(text_of(catalogue), HasSubstr("eaten_total 1\n"));
}

TEST(Catalogue, forgets_an_instance_that_is_removed) {
  Metrics stays, goes;
  stays.eaten.add(1);
  goes.eaten.add(2);
  Catalogue catalogue;
  catalogue.add(&stays);
  catalogue.add(&goes);
  catalogue.remove(&goes);
  EXPECT_THAT(text_of(catalogue), HasSubstr("eaten_total 1\n"));
}

TEST(Catalogue, asks_a_callback_at_every_scrape) {
  double value = 1;
  Catalogue catalogue;
  catalogue.add_callback([&](Collector& visit) { visit.gauge(value, "size_bytes", "Size."); });
  value = 7;
  EXPECT_THAT(text_of(catalogue), HasSubstr("size_bytes 7\n"));
}

TEST(Catalogue, may_be_scraped_while_its_owners_count_come_and_go) {
  Catalogue catalogue;
  Metrics lasting;
  catalogue.add(&lasting);
  std::thread worker([&] {
    for (int i = 0; i < 500; ++i) {
      lasting.eaten.add();
      Metrics passing;
      catalogue.add(&passing);
      catalogue.remove(&passing);
    }
  });
  for (int i = 0; i < 200; ++i) text_of(catalogue);
  worker.join();
  EXPECT_THAT(text_of(catalogue), HasSubstr("eaten_total 500\n"));
}

TEST(Exposition, writes_text_for_prometheus) {
  Metrics metrics;
  Catalogue catalogue;
  catalogue.add(&metrics);
  EXPECT_EQ(write(catalogue.Collect(), Format::text),
            "# HELP eaten_total Eaten.\n# TYPE eaten_total counter\neaten_total 0\n");
  EXPECT_EQ(content_type(Format::text), "text/plain; version=0.0.4; charset=utf-8");
}

TEST(Exposition, writes_open_metrics_that_end_with_eof) {
  const Catalogue catalogue;
  EXPECT_EQ(write(catalogue.Collect(), Format::open_metrics), "# EOF\n");
  EXPECT_THAT(std::string(content_type(Format::open_metrics)),
              HasSubstr("application/openmetrics-text; version=1.0.0"));
}

}  // namespace
}  // namespace dragoman::telemetry
