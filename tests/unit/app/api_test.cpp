// The pages of the admin API, with workers that the test plays.
#include "api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nat64_in_memory.h"

namespace dragoman::app {
namespace {

using testing::HasSubstr;

class Api : public testing::Test {
 protected:
  // What the page at `path` says; none while it waits for workers.
  std::optional<admin::Response> ask(const std::string& target) {
    const std::string path = target.substr(0, target.find('?'));
    for (const admin::ApiPage& page : pages_) {
      if (page.path != path) continue;
      page.make(*admin::Parameters::from_target(target),
                [this](admin::Response response) { response_ = std::move(response); });
    }
    return std::exchange(response_, {});
  }

  admin::Health health_{true, {}};
  std::vector<WorkerEvent> told_one_, told_all_;
  std::optional<admin::Response> response_;
  std::vector<admin::ApiPage> pages_ =
      api_pages({.workers = 2,
                 .tell_one = [this](const WorkerEvent& event) { told_one_.push_back(event); },
                 .tell_all = [this](const WorkerEvent& event) { told_all_.push_back(event); },
                 .health = [this] { return health_; },
                 .started = Clock::now()});
};

TEST_F(Api, hands_a_question_to_a_worker) {
  EXPECT_FALSE(
      ask("/api/v1/explain?name=v4.test&type=a&client=192.0.2.1&listener=dns://x&path=/p&tls_name=N.Test&"
          "do=1&cd=0"));
  ASSERT_EQ(told_one_.size(), 1u);
  const ExplainRequest& request = std::get<Explain>(told_one_[0]).request;
  EXPECT_EQ(request.name.to_text(), "v4.test.");
  EXPECT_EQ(request.type, dns::Type::a);
  EXPECT_EQ(request.client.to_text(), "192.0.2.1");
  EXPECT_EQ(request.listener, "dns://x");
  EXPECT_EQ(request.path, "/p");
  EXPECT_EQ(request.tls_name, "n.test");
  EXPECT_TRUE(request.dnssec_ok);
  EXPECT_FALSE(request.checking_disabled);
}

TEST_F(Api, passes_on_what_the_worker_says) {
  ask("/api/v1/explain?name=v4.test");
  const ExplainDone& done = std::get<Explain>(told_one_.at(0)).done;
  done(std::make_shared<const Explained>());
  EXPECT_EQ(response_->status, 200u);
  EXPECT_EQ(response_->content_type, "application/json");
  done(Error{ErrorCode::not_found, "there is no such listener"});
  EXPECT_EQ(response_->status, 400u);
  EXPECT_EQ(response_->body, "there is no such listener\n");
}

struct BadRequest {
  const char* parameters;
  const char* said;
};

TEST_F(Api, says_what_is_wrong_with_a_question) {
  for (const BadRequest& row : {BadRequest{"", "which name?"},
                                {"name=", "which name?"},
                                {"name=a..b", "no domain name"},
                                {"name=a&type=NONSENSE", "unknown type"},
                                {"name=a&client=localhost", "no IP address"},
                                {"name=a&client=", "no IP address"},
                                {"name=a&do=yes", "0 or 1"},
                                {"name=a&cd=2", "0 or 1"},
                                {"name=a&nmae=b", "no such parameter: nmae"}}) {
    const auto response = ask(std::string("/api/v1/explain?") + row.parameters);
    ASSERT_TRUE(response) << row.parameters;
    EXPECT_EQ(response->status, 400u) << row.parameters;
    EXPECT_THAT(response->body, HasSubstr(row.said));
  }
  EXPECT_TRUE(told_one_.empty());
}

TEST_F(Api, adds_the_workers_up_in_the_status) {
  health_ = {false, {"draining"}};
  EXPECT_FALSE(ask("/api/v1/status"));
  const auto parts = std::get<TellUpstreams>(told_all_.at(0)).parts;
  parts->add({{.url = "dns://192.0.2.1", .up = true, .latency = milliseconds(10), .in_flight = 1, .connections = 0},
              {.url = "tls://192.0.2.2", .up = false, .latency = {}, .in_flight = 0, .connections = 0}});
  EXPECT_FALSE(response_);
  parts->add({{.url = "dns://192.0.2.1", .up = false, .latency = milliseconds(20), .in_flight = 2, .connections = 3},
              {.url = "tls://192.0.2.2", .up = false, .latency = {}, .in_flight = 0, .connections = 0}});
  ASSERT_TRUE(response_);
  EXPECT_THAT(response_->body, HasSubstr(R"("workers":2,"ready":false,"reasons":["draining"])"));
  EXPECT_THAT(response_->body, HasSubstr(R"({"url":"dns://192.0.2.1","up":true,"workers_up":1,"latency_ms":1.5E1,)"
                                         R"("in_flight":3,"connections":3})"));
  EXPECT_THAT(response_->body, HasSubstr(R"({"url":"tls://192.0.2.2","up":false,"workers_up":0,"latency_ms":null,)"));
}

TEST_F(Api, adds_the_traffic_of_the_nat64_to_the_list_of_what_needs_ipv4) {
  Nat64InMemory memory;
  pages_ = api_pages({.workers = 1,
                      .tell_one = {},
                      .tell_all = [this](const WorkerEvent& event) { told_all_.push_back(event); },
                      .health = {},
                      .started = Clock::now(),
                      .nat64 = memory.questions()});
  memory.nat64.pass(
      nat64::scene::udp(nat64::scene::endpoint("[2001:db8::1]:5000"), nat64::scene::synthesized("203.0.113.5:53")));
  EXPECT_FALSE(ask("/api/v1/top/ipv4-only?by=octets"));
  std::get<TellIpv4Only>(told_all_.at(0)).parts->add({});
  EXPECT_FALSE(response_) << "the NAT64's workers have not answered yet";
  memory.work();
  ASSERT_TRUE(response_);
  EXPECT_THAT(response_->body, HasSubstr(R"("others":{"sessions":1,)"));
  EXPECT_EQ(ask("/api/v1/top/ipv4-only?by=name")->status, 400u);
}

TEST_F(Api, takes_no_parameters_for_the_status) { EXPECT_EQ(ask("/api/v1/status?x=1")->status, 400u); }

}  // namespace
}  // namespace dragoman::app
