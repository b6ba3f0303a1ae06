// Attempts of one lookup against each other: late answers, and answers that are better than none.
#include "race.h"

#include <map>

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
  EXPECT_FALSE(outcome.setbacks.empty());
  const std::map<std::string, std::pair<Failure, dns::Rcode>> reasons{
      {options.servers[0].url, {Failure::network, dns::Rcode::noerror}},
      {first.url(), {Failure::none, dns::Rcode::servfail}},
      {second.url(), {Failure::timeout, dns::Rcode::noerror}}};
  for (const Setback& setback : outcome.setbacks) {
    ASSERT_TRUE(reasons.contains(setback.server)) << setback.server;
    EXPECT_EQ(std::pair(setback.failure, setback.rcode), reasons.at(setback.server)) << setback.server;
  }
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
