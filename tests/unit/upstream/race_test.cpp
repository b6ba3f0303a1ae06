// Attempts of one lookup against each other: late answers, and answers that are better than none.
#include "race.h"

#include "asking.h"
#include "scripts.h"

namespace dragoman::upstream {
namespace {

using RaceTest = Asking;

TEST_F(RaceTest, still_takes_the_answer_of_a_server_that_was_slow) {
  FakeUdpServer first(loop), second(loop, stays_silent);
  FakeUdpServer::Asked asked;
  first.set_script([&](const Octets&, std::size_t number) {
    if (number == 0) asked = first.asked()[0];
    return std::vector<Octets>{};
  });
  forward_to({first.url(), second.url()});
  Task<Outcome> task = start();
  ASSERT_TRUE(run_until([&] { return client_questions(second) == 1; }));
  first.send(reply_to(asked.query, {.address = "192.0.2.9"}), asked.client);
  const Outcome outcome = finish(std::move(task));
  EXPECT_EQ(word(outcome), "192.0.2.9");
  EXPECT_EQ(outcome.server, first.url());
}

TEST_F(RaceTest, tells_which_servers_did_not_give_the_answer) {
  FakeUdpServer first(loop, says(dns::Rcode::servfail)), second(loop, stays_silent), third(loop, answers("192.0.2.3"));
  forward_to({closed_url(loop), first.url(), second.url(), third.url()});
  const Outcome outcome = ask();
  EXPECT_EQ(word(outcome), "192.0.2.3");
  for (const Setback& setback : outcome.setbacks) {
    EXPECT_NE(setback.server, third.url());
    if (setback.server == first.url()) EXPECT_EQ(setback.rcode, dns::Rcode::servfail);
    if (setback.server == second.url()) EXPECT_EQ(setback.failure, Failure::timeout);
    if (setback.server == options.servers[0].url) EXPECT_EQ(setback.failure, Failure::network);
  }
  EXPECT_FALSE(outcome.setbacks.empty());
}

TEST_F(RaceTest, tells_of_no_setback_when_the_first_server_answers) {
  FakeUdpServer only(loop, says(dns::Rcode::nxdomain));
  forward_to({only.url()});
  EXPECT_TRUE(ask().setbacks.empty());
}

TEST_F(RaceTest, takes_nxdomain_for_an_answer) {
  FakeUdpServer first(loop, says(dns::Rcode::nxdomain)), second(loop, answers("192.0.2.2"));
  forward_to({first.url(), second.url()});
  EXPECT_EQ(word(ask()), "NXDOMAIN");
  EXPECT_EQ(client_questions(second), 0u);
}

class Unsatisfying : public Asking, public testing::WithParamInterface<dns::Rcode> {};

TEST_P(Unsatisfying, answer_makes_another_server_be_asked) {
  FakeUdpServer first(loop, says(GetParam())), second(loop, answers("192.0.2.2"));
  forward_to({first.url(), second.url()});
  EXPECT_EQ(word(ask()), "192.0.2.2");
}

TEST_P(Unsatisfying, answer_is_better_than_none) {
  FakeUdpServer first(loop, says(GetParam())), second(loop, stays_silent);
  forward_to({first.url(), second.url()});
  EXPECT_EQ(word(ask()), dns::to_text(GetParam()));
}

TEST_P(Unsatisfying, answer_does_not_take_a_server_down) {
  FakeUdpServer first(loop, says(GetParam()));
  forward_to({first.url()});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(word(ask()), dns::to_text(GetParam()));
  EXPECT_TRUE(forwarder->any_up());
}

INSTANTIATE_TEST_SUITE_P(RaceTest, Unsatisfying,
                         testing::Values(dns::Rcode::servfail, dns::Rcode::refused, dns::Rcode::notimp,
                                         dns::Rcode::formerr),
                         [](const auto& param) { return dns::to_text(param.param); });

}  // namespace
}  // namespace dragoman::upstream
