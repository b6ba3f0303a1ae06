// The way of a lookup through several servers: failover, late answers, servers that go down and come back.
#include "dragoman/upstream/forwarder.h"

#include "asking.h"
#include "fakes/fake_server_stream.h"
#include "scripts.h"

namespace dragoman::upstream {
namespace {

using ForwarderTest = Asking;

TEST_F(ForwarderTest, goes_to_the_next_server_at_once_when_one_refuses_the_connection) {
  FakeUdpServer second(loop, answers("192.0.2.2"));
  forward_to({closed_url(loop), second.url()});
  const Outcome outcome = ask();
  EXPECT_EQ(word(outcome), "192.0.2.2");
  EXPECT_EQ(outcome.server, second.url());
  EXPECT_LT(outcome.elapsed, options.attempt_timeout);
}

TEST_F(ForwarderTest, goes_to_the_next_server_when_one_is_silent) {
  FakeUdpServer first(loop, stays_silent), second(loop, answers("192.0.2.2"));
  forward_to({first.url(), second.url()});
  const Outcome outcome = ask();
  EXPECT_EQ(word(outcome), "192.0.2.2");
  EXPECT_GE(outcome.elapsed, options.attempt_timeout);
}

TEST_F(ForwarderTest, ends_in_time_when_nobody_answers) {
  FakeUdpServer first(loop, stays_silent), second(loop, stays_silent);
  options.timeout = milliseconds(400);
  forward_to({first.url(), second.url()});
  const Outcome outcome = ask();
  EXPECT_EQ(word(outcome), "timeout");
  EXPECT_GE(outcome.elapsed, milliseconds(400));
  EXPECT_LT(outcome.elapsed, milliseconds(600));
}

TEST_F(ForwarderTest, fails_quickly_when_all_are_down_but_has_tried) {
  FakeUdpServer only(loop, stays_silent);
  options.timeout = milliseconds(700);
  options.first_probe = seconds(10);
  forward_to({only.url()});
  ask();
  ASSERT_FALSE(forwarder->any_up());
  const std::size_t before = client_questions(only);
  const Outcome outcome = ask();
  EXPECT_EQ(word(outcome), "timeout");
  EXPECT_LT(outcome.elapsed, options.attempt_timeout + milliseconds(50));
  EXPECT_EQ(client_questions(only), before + 1);
}

TEST_F(ForwarderTest, recovers_by_the_question_that_was_tried_all_the_same) {
  FakeUdpServer only(loop, stays_silent);
  options.timeout = milliseconds(700);
  options.first_probe = seconds(10);
  forward_to({only.url()});
  ask();
  ASSERT_FALSE(forwarder->any_up());
  only.set_script({});
  EXPECT_EQ(word(ask()), "192.0.2.1");
  EXPECT_TRUE(forwarder->any_up());
  EXPECT_TRUE(row(0).up.value());
}

TEST_F(ForwarderTest, tells_the_state_of_its_servers) {
  FakeUdpServer first(loop);
  fakes::FakeStreamServer second(loop);
  forward_to({first.url(), second.url()});
  ask();
  run_for(milliseconds(20));
  const std::vector<ServerState> states = forwarder->servers();
  ASSERT_EQ(states.size(), 2u);
  EXPECT_EQ(states[0].url, first.url());
  EXPECT_TRUE(states[0].up);
  EXPECT_GT(states[0].latency.count(), 0);
  EXPECT_EQ(states[1].connections, 1u);
}

TEST_F(ForwarderTest, may_go_while_its_answers_are_on_their_way) {
  FakeUdpServer udp(loop);
  fakes::FakeStreamServer tcp(loop);
  forward_to({udp.url(), tcp.url()});
  {
    Task<Outcome> task = start();
    loop.run_once(milliseconds(0));
  }
  forwarder.reset();
  run_for(milliseconds(20));
}

TEST_F(ForwarderTest, keeps_the_counters_of_a_server_over_a_reload) {
  FakeUdpServer server(loop);
  forward_to({server.url()});
  ask();
  forwarder.reset();
  EXPECT_FALSE(row(0).configured.value());
  forwarder = std::make_unique<Forwarder>(loop, options, metrics);
  ask();
  EXPECT_EQ(row(0).requests.value(), 2u);
  EXPECT_TRUE(row(0).configured.value());
}

}  // namespace
}  // namespace dragoman::upstream
