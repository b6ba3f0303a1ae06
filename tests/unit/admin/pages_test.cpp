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
  Response ask(const Request& request) {
    std::vector<Response> responses;
    respond(request, {catalogue_, [this] { return health_; }, {echo_}},
            [&](Response response) { responses.push_back(std::move(response)); });
    EXPECT_EQ(responses.size(), 1u);
    return responses.at(0);
  }
  Response get(std::string_view target, std::string_view accept = {}) {
    return ask({.is_get_or_head = true, .target = target, .accept = accept, .host = "127.0.0.1:9153"});
  }

  telemetry::Catalogue catalogue_;
  Health health_{true, {}};
  ApiPage echo_{"/api/v1/echo", "says what it is told", [](const Parameters& parameters, const Reply& reply) {
                  reply({.body = parameters.get("text").value_or("nothing")});
                }};
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
  for (const char* path : {"/metrics", "/healthz", "/readyz", "/api/v1/echo   says what it is told\n"}) {
    EXPECT_THAT(get("/").body, HasSubstr(path));
  }
}

TEST_F(AdminPages, know_no_other_page) {
  for (const char* path : {"/metric", "/metrics/", "/METRICS", "", "metrics", "//metrics", "/../metrics", "*"}) {
    EXPECT_EQ(get(path).status, 404u) << path;
  }
}

TEST_F(AdminPages, allow_no_method_but_get_and_head) {
  EXPECT_EQ(ask({.target = "/metrics"}).status, 405u);
  EXPECT_EQ(ask({.target = "/api/v1/echo", .host = "127.0.0.1"}).status, 405u);
  EXPECT_EQ(ask({.target = "/other"}).status, 404u);
}

TEST_F(AdminPages, change_something_by_post_alone) {
  echo_.method = Method::post;
  const Response refused = get("/api/v1/echo?text=a");
  EXPECT_EQ(refused.status, 405u);
  EXPECT_EQ(refused.allow, "POST");
  EXPECT_EQ(ask({.is_post = true, .target = "/api/v1/echo?text=a", .host = "127.0.0.1"}).body, "a");
  EXPECT_EQ(ask({.is_post = true, .target = "/api/v1/echo", .host = "evil.example"}).status, 403u);
  EXPECT_EQ(ask({.is_post = true, .target = "/api/v1/echo", .host = "127.0.0.1", .fetch_site = "cross-site"}).status,
            403u);
  EXPECT_EQ(ask({.is_post = true, .target = "/metrics", .host = "127.0.0.1"}).status, 405u);
}

TEST_F(AdminPages, hand_the_parameters_to_the_api) {
  EXPECT_EQ(get("/api/v1/echo?text=a%20b").body, "a b");
  EXPECT_EQ(get("/api/v1/echo").body, "nothing");
  EXPECT_EQ(get("/api/v1/echo?text=%2").status, 400u);
}

TEST_F(AdminPages, answer_the_api_to_addresses_and_localhost_alone) {
  for (const char* host :
       {"127.0.0.1", "127.0.0.1:9153", "[::1]", "[::1]:9153", "localhost", "localhost:9153", "192.0.2.1:80"}) {
    EXPECT_EQ(ask({.is_get_or_head = true, .target = "/api/v1/echo", .host = host}).status, 200u) << host;
  }
  for (const char* host : {"", "evil.example", "evil.example:9153", "127.0.0.1.evil.example", "localhost.evil.example",
                           "127.0.0.1:evil", "[::1", "[evil]", "[]"}) {
    EXPECT_EQ(ask({.is_get_or_head = true, .target = "/api/v1/echo", .host = host}).status, 403u) << host;
    EXPECT_EQ(ask({.is_get_or_head = true, .target = "/healthz", .host = host}).status, 200u) << host;
  }
}

TEST_F(AdminPages, answer_the_api_to_no_other_sites_pages) {
  const auto status = [this](std::string_view site) {
    return ask({.is_get_or_head = true, .target = "/api/v1/echo", .host = "127.0.0.1", .fetch_site = site}).status;
  };
  EXPECT_EQ(status("none"), 200u);
  EXPECT_EQ(status("same-origin"), 200u);
  EXPECT_EQ(status("cross-site"), 403u);
  EXPECT_EQ(status("same-site"), 403u);
}

}  // namespace
}  // namespace dragoman::admin
