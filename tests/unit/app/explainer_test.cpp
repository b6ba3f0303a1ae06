// An operator's questions to one worker.
#include "explainer.h"

#include "dragoman/dns/message_view.h"
#include "explaining_worker.h"

namespace dragoman::app {
namespace {

TEST_F(ExplainingWorker, gives_the_reply_and_the_way_to_it) {
  const auto result = explain(request("v4.test"));
  ASSERT_TRUE(result);
  const Explained& explained = **result;
  dns::MessageView reply;
  ASSERT_EQ(dns::MessageView::parse(explained.reply, reply), dns::MessageView::Fault::none);
  EXPECT_EQ(reply.header().answers, 1u);
  EXPECT_TRUE(reply.has_edns());
  EXPECT_EQ(explained.trace.steps().back().kind, resolve::StepKind::reply);
  EXPECT_GT(explained.elapsed, Duration::zero());
}

TEST_F(ExplainingWorker, asks_through_the_first_listener_when_none_is_named) {
  const auto explained = *explain(request("v4.test"));
  EXPECT_EQ(explained->request.listener, "dns://127.0.0.1:53");
  EXPECT_EQ(explained->protocol, resolve::Protocol::udp);
}

TEST_F(ExplainingWorker, asks_through_the_listener_that_is_named) {
  const auto tls = *explain(request("v4.test", "tls://127.0.0.1:853"));
  EXPECT_EQ(tls->protocol, resolve::Protocol::dot);
  const auto https = *explain(request("v4.test", "https://127.0.0.1:443/dns-query"));
  EXPECT_EQ(https->protocol, resolve::Protocol::doh);
  EXPECT_EQ(https->request.path, "/dns-query");
}

TEST_F(ExplainingWorker, names_the_listeners_when_there_is_none_of_that_name) {
  const auto result = explain(request("v4.test", "dns://192.0.2.1"));
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().text().find("tls://127.0.0.1:853"), std::string::npos) << result.error().text();
}

TEST_F(ExplainingWorker, answers_several_questions_at_once_each_its_own) {
  upstream_.hold(dns::Type::aaaa);
  begin(request("v4.test"));
  begin(request("other.test"));
  EXPECT_EQ(results_.size(), 0u);
  upstream_.release();
  const auto limit = Clock::now() + seconds(5);
  while (results_.size() < 2 && Clock::now() < limit) loop_.run_once(milliseconds(5));
  ASSERT_EQ(results_.size(), 2u);
  EXPECT_NE((*results_[0])->request.name.to_text(), (*results_[1])->request.name.to_text());
}

TEST_F(ExplainingWorker, may_end_with_questions_on_their_way) {
  upstream_.hold(dns::Type::a);
  begin(request("v4.test"));
  resolver_.reset();
  EXPECT_TRUE(results_.empty());
}

}  // namespace
}  // namespace dragoman::app
