// Which page answers what; no transport here.
#include "pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dragoman::admin {
namespace {

using testing::HasSubstr;

class AdminPages : public testing::Test {
 protected:
  AdminPages() {
    catalogue_.add_callback([](telemetry::Collector& visit) { visit.counter(7, "eaten_total", "Eaten."); });
  }
  Response get(std::string_view target, std::string_view accept = {}) {
    return respond({true, target, accept}, {catalogue_, [this] { return health_; }});
  }

  telemetry::Catalogue catalogue_;
  Health health_{true, {}};
};

TEST_F(AdminPages, show_the_metrics_as_text) {
  const Response response = get("/metrics");
  EXPECT_EQ(response.status, 200u);
  EXPECT_EQ(response.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(response.body, HasSubstr("eaten_total 7\n"));
}

TEST_F(AdminPages, show_the_metrics_as_open_metrics_to_who_asks) {
  const Response response = get("/metrics", "application/openmetrics-text; version=1.0.0");
  EXPECT_THAT(std::string(response.content_type), HasSubstr("application/openmetrics-text"));
  EXPECT_THAT(response.body, HasSubstr("# EOF\n"));
}

TEST_F(AdminPages, pass_over_a_query_string) {
  EXPECT_THAT(get("/metrics?debug=1").body, HasSubstr("eaten_total 7\n"));
}

TEST_F(AdminPages, are_alive_even_when_not_ready) {
  health_ = {false, {"draining"}};
  EXPECT_EQ(get("/healthz").status, 200u);
}

TEST_F(AdminPages, are_ready_when_the_program_is) {
  EXPECT_EQ(get("/readyz").status, 200u);
  EXPECT_EQ(get("/readyz").body, "ready\n");
}

TEST_F(AdminPages, tell_every_reason_for_not_being_ready) {
  health_ = {false, {"draining", "no upstream answers"}};
  EXPECT_EQ(get("/readyz").status, 503u);
  EXPECT_EQ(get("/readyz").body, "not ready\ndraining\nno upstream answers\n");
}

TEST_F(AdminPages, list_the_pages_at_the_root) {
  for (const char* path : {"/metrics", "/healthz", "/readyz"}) EXPECT_THAT(get("/").body, HasSubstr(path));
}

TEST_F(AdminPages, know_no_other_page) {
  for (const char* path : {"/metric", "/metrics/", "/METRICS", "", "metrics", "//metrics", "/../metrics", "*"}) {
    EXPECT_EQ(get(path).status, 404u) << path;
  }
}

TEST_F(AdminPages, allow_no_method_but_get_and_head) {
  const Pages pages{catalogue_, [this] { return health_; }};
  EXPECT_EQ(respond({false, "/metrics", {}}, pages).status, 405u);
  EXPECT_EQ(respond({false, "/other", {}}, pages).status, 404u);
}

}  // namespace
}  // namespace dragoman::admin
