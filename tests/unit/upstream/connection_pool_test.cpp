// How many connections there are to a server.
#include "connection_pool.h"

#include "asking.h"
#include "fakes/fake_server_stream.h"

namespace dragoman::upstream {
namespace {

using fakes::FakeDnsConnection;
using fakes::FakeStreamServer;
using fakes::Octets;

using ConnectionPoolTest = Asking;

TEST_F(ConnectionPoolTest, is_used_for_the_next_question_too) {
  FakeStreamServer server(loop);
  forward_to({server.url()});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(word(ask()), "192.0.2.1");
  EXPECT_EQ(server.connections().size(), 1u);
}

TEST_F(ConnectionPoolTest, opens_another_one_when_many_questions_wait_and_no_more_than_allowed) {
  FakeStreamServer server(loop, [](FakeDnsConnection&, const Octets&) {});
  options.silence_timeout = seconds(2);
  forward_to({server.url()});
  std::vector<Task<Outcome>> tasks;
  for (int i = 0; i < 200; ++i) tasks.push_back(start());
  ASSERT_TRUE(run_until([&] { return server.asked().size() == 200; }));
  EXPECT_EQ(server.connections().size(), 2u);
}

TEST_F(ConnectionPoolTest, is_refused_more_questions_than_the_bound) {
  options.max_in_flight = 10;
  options.silence_timeout = seconds(2);
  options.attempt_timeout = seconds(2);
  FakeStreamServer server(loop, [](FakeDnsConnection&, const Octets&) {});
  forward_to({server.url()});
  std::vector<Task<Outcome>> tasks;
  for (int i = 0; i < 10; ++i) tasks.push_back(start());
  EXPECT_EQ(word(ask()), "overloaded");
  EXPECT_EQ(row(0).in_flight.value(), 10);
}

}  // namespace
}  // namespace dragoman::upstream
