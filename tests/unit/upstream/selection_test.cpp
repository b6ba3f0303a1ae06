// Which server is asked first, and which is not asked at all.
#include "selection.h"

#include "asking.h"
#include "scripts.h"

namespace dragoman::upstream {
namespace {

using Selection = Asking;

TEST_F(Selection, asks_servers_in_the_order_given_while_nothing_is_known_of_them) {
  FakeUdpServer first(loop, answers("192.0.2.1")), second(loop, answers("192.0.2.2"));
  forward_to({first.url(), second.url()});
  EXPECT_EQ(word(ask()), "192.0.2.1");
  EXPECT_EQ(client_questions(second), 0u);
}

TEST_F(Selection, does_not_wait_for_a_server_that_is_down) {
  FakeUdpServer first(loop, stays_silent), second(loop, answers("192.0.2.2"));
  forward_to({first.url(), second.url()});
  ASSERT_TRUE(run_until([&] {
    ask();
    return !forwarder->servers()[0].up;
  }));
  for (int i = 0; i < 20; ++i) {
    const Outcome outcome = ask();
    EXPECT_EQ(word(outcome), "192.0.2.2");
    EXPECT_LT(outcome.elapsed, options.attempt_timeout);
  }
}

TEST_F(Selection, prefers_the_quicker_server_once_it_knows) {
  FakeUdpServer slow(loop), quick(loop, answers("192.0.2.2"));
  std::vector<FakeUdpServer::Asked> held;
  slow.set_script([&](const Octets&, std::size_t number) {
    held.push_back(slow.asked()[number]);
    return std::vector<Octets>{};
  });
  forward_to({slow.url(), quick.url()});
  Task<Outcome> first = start();
  ASSERT_TRUE(run_until([&] { return !held.empty() && row(1).duration.bucket(0) + quick.asked().size() > 0; }));
  run_for(milliseconds(20));
  for (const auto& asked : held) slow.send(reply_to(asked.query), asked.client);
  finish(std::move(first));
  const std::size_t before = client_questions(slow);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(word(ask()), "192.0.2.2");
  EXPECT_EQ(client_questions(slow), before);
}

TEST_F(Selection, asks_nobody_when_no_server_is_configured) {
  forward_to({});
  EXPECT_EQ(word(ask()), "network");
  EXPECT_FALSE(forwarder->any_up());
}

}  // namespace
}  // namespace dragoman::upstream
