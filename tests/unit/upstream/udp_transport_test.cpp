// Questions over UDP as a forger, a lossy network and odd servers see them (RFC 5452, RFC 7766 5).
#include "udp_transport.h"

#include <set>

#include "asking.h"
#include "fakes/fake_server_udp.h"

namespace dragoman::upstream {
namespace {

using fakes::FakeUdpServer;
using fakes::Octets;
using fakes::reply_to;

using UdpTransportTest = Asking;

TEST_F(UdpTransportTest, brings_an_answer) {
  FakeUdpServer server(loop);
  forward_to({server.url()});
  const Outcome outcome = ask();
  EXPECT_EQ(word(outcome), "192.0.2.1");
  EXPECT_EQ(outcome.server, server.url());
  EXPECT_EQ(row(0).requests.value(), 1u);
  EXPECT_EQ(row(0).responses(RcodeLabel::noerror).value(), 1u);
  EXPECT_EQ(row(0).in_flight.value(), 0);
}

TEST_F(UdpTransportTest, asks_with_edns_and_passes_the_flags_on) {
  FakeUdpServer server(loop);
  forward_to({server.url()});
  Lookup lookup = lookup_of("example.com", dns::Type::mx);
  lookup.dnssec_ok = lookup.checking_disabled = true;
  Task<Outcome> task = forwarder->ask(lookup);
  task.start();
  finish(std::move(task));

  const dns::MessageView query = fakes::parsed(server.asked()[0].query);
  EXPECT_EQ(query.question().type, dns::Type::mx);
  EXPECT_TRUE(dns::equal(query.question().name, lookup.name));
  EXPECT_TRUE(query.header().has(dns::Header::rd));
  EXPECT_TRUE(query.header().has(dns::Header::cd));
  EXPECT_EQ(query.edns()->udp_payload, 1232);
  EXPECT_TRUE(query.edns()->dnssec_ok);
}

TEST_F(UdpTransportTest, varies_port_id_and_letter_case) {
  FakeUdpServer server(loop);
  forward_to({server.url()});
  std::set<std::uint16_t> ports, ids;
  std::set<std::string> spellings;
  for (int i = 0; i < 20; ++i) {
    ask("a-name-of-many-letters.example.com");
    const FakeUdpServer::Asked& asked = server.asked().back();
    ports.insert(asked.client.port);
    ids.insert(load_u16(asked.query.data()));
    spellings.insert(fakes::parsed(asked.query).question().name.to_text());
  }
  // By chance alone: 20 of 32 sockets, 20 of 65536 ids, 20 of 2^28 spellings.
  EXPECT_GE(ports.size(), 8u);
  EXPECT_GE(ids.size(), 19u);
  EXPECT_EQ(spellings.size(), 20u);
}

TEST_F(UdpTransportTest, leaves_the_letter_case_alone_when_told_so) {
  FakeUdpServer server(loop);
  options.use_0x20 = false;
  forward_to({server.url()});
  ask("www.Example.com");
  EXPECT_EQ(fakes::parsed(server.asked()[0].query).question().name.to_text(), "www.Example.com.");
}

struct WrongDatagram {
  const char* name;
  Octets (*make)(const Octets& query);
};

class Forgery : public Asking, public testing::WithParamInterface<WrongDatagram> {};

TEST_P(Forgery, is_ignored_and_the_right_answer_still_taken) {
  FakeUdpServer server(loop, [](const Octets& query, std::size_t) {
    return std::vector<Octets>{GetParam().make(query), reply_to(query, {.address = "192.0.2.7"})};
  });
  forward_to({server.url()});
  EXPECT_EQ(word(ask()), "192.0.2.7");
  EXPECT_EQ(row(0).mismatches.value(), 1u);
}

Octets forged(const Octets& query) { return reply_to(query, {.address = "203.0.113.66"}); }

INSTANTIATE_TEST_SUITE_P(
    UdpTransportTest, Forgery,
    testing::Values(WrongDatagram{"wrong_id",
                                  [](const Octets& q) { return fakes::with_id(forged(q), load_u16(q.data()) ^ 1); }},
                    WrongDatagram{"wrong_name", [](const Octets& q) { return fakes::with_other_name(forged(q)); }},
                    WrongDatagram{"a_query", [](const Octets& q) { return q; }},
                    WrongDatagram{"one_octet", [](const Octets&) { return Octets{0}; }},
                    WrongDatagram{"header_alone",
                                  [](const Octets& q) {
                                    Octets reply = forged(q);
                                    reply.resize(dns::header_length);
                                    return reply;
                                  }},
                    WrongDatagram{"longer_than_any_answer",
                                  [](const Octets& q) {
                                    Octets reply = forged(q);
                                    reply.resize(5000);
                                    return reply;
                                  }}),
    [](const auto& param) { return std::string(param.param.name); });

TEST_F(UdpTransportTest, takes_the_right_answer_after_a_thousand_wrong_ones) {
  options.attempt_timeout = seconds(1);
  FakeUdpServer server(loop, [](const Octets&, std::size_t) { return std::vector<Octets>{}; });
  forward_to({server.url()});
  Task<Outcome> task = start();
  ASSERT_TRUE(run_until([&] { return server.asked().size() == 1; }));

  const FakeUdpServer::Asked asked = server.asked()[0];
  const std::uint16_t id = load_u16(asked.query.data());
  for (std::uint16_t i = 1; i <= 1000; ++i) {
    server.send(fakes::with_id(forged(asked.query), static_cast<std::uint16_t>(id + i)), asked.client);
    if (i % 50 == 0) loop.run_once(milliseconds(0));  // more than a socket holds would be lost
  }
  server.send(reply_to(asked.query), asked.client);
  EXPECT_EQ(word(finish(std::move(task))), "192.0.2.1");
  EXPECT_EQ(row(0).mismatches.value(), 1000u);
}

// -- Cookies (RFC 7873) --

// A server that knows cookies; tells what it was asked with.
FakeUdpServer::Script cookie_server(std::vector<Octets>& shown) {
  return [&shown](const Octets& query, std::size_t) {
    shown.push_back(fakes::cookie_of(query));
    return std::vector<Octets>{reply_to(query, {.cookie = fakes::whole_cookie(query)})};
  };
}

TEST_F(UdpTransportTest, shows_a_client_cookie_and_then_the_servers_own) {
  std::vector<Octets> shown;
  FakeUdpServer server(loop, cookie_server(shown));
  forward_to({server.url()});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(word(ask()), "192.0.2.1");
  ASSERT_EQ(shown.size(), 3u);
  EXPECT_EQ(shown[0].size(), 8u);
  EXPECT_EQ(shown[1].size(), 24u);
  EXPECT_TRUE(std::equal(shown[0].begin(), shown[0].end(), shown[1].begin()));
  EXPECT_EQ(shown[2], shown[1]);
  EXPECT_EQ(row(0).mismatches.value(), 0u);
}

TEST_F(UdpTransportTest, shows_no_cookie_when_told_so) {
  std::vector<Octets> shown;
  FakeUdpServer server(loop, cookie_server(shown));
  options.cookies = false;
  forward_to({server.url()});
  ask();
  EXPECT_TRUE(shown[0].empty());
}

TEST_F(UdpTransportTest, shows_every_server_another_cookie) {
  std::vector<Octets> first, second;
  FakeUdpServer one(loop, cookie_server(first)), other(loop, cookie_server(second));
  forward_to({one.url()});
  ask();
  forward_to({other.url()});
  options.servers.erase(options.servers.begin());
  forward_to({});
  ask();
  ASSERT_FALSE(first.empty() || second.empty());
  EXPECT_NE(first[0], second[0]);
}

TEST_F(UdpTransportTest, works_on_with_a_server_that_knows_no_cookies) {
  FakeUdpServer server(loop);
  forward_to({server.url()});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(word(ask()), "192.0.2.1");
  EXPECT_EQ(server.asked().size(), 3u);
}

// The forger guessed port, id and letter case, or heard of them; the cookie it cannot know.
TEST_F(UdpTransportTest, ignores_a_response_with_another_client_cookie) {
  FakeUdpServer server(loop, [](const Octets& query, std::size_t) {
    Octets cookie = fakes::whole_cookie(query);
    cookie[3] ^= 0x40;
    Octets cut = fakes::whole_cookie(query);
    cut.resize(12);
    return std::vector<Octets>{reply_to(query, {.address = "203.0.113.66", .cookie = cookie}),
                               reply_to(query, {.address = "203.0.113.66", .cookie = cut}),
                               reply_to(query, {.address = "192.0.2.7", .cookie = fakes::whole_cookie(query)})};
  });
  forward_to({server.url()});
  EXPECT_EQ(word(ask()), "192.0.2.7");
  EXPECT_EQ(row(0).mismatches.value(), 2u);
}

TEST_F(UdpTransportTest, asks_once_more_with_the_fresh_cookie_after_badcookie) {
  std::vector<Octets> shown;
  FakeUdpServer server(loop, [&](const Octets& query, std::size_t number) {
    shown.push_back(fakes::cookie_of(query));
    const Octets cookie = fakes::whole_cookie(query, static_cast<std::uint8_t>(number));
    const auto rcode = number == 1 ? dns::Rcode::badcookie : dns::Rcode::noerror;
    return std::vector<Octets>{reply_to(query, {.rcode = rcode, .cookie = cookie})};
  });
  forward_to({server.url()});
  EXPECT_EQ(word(ask()), "192.0.2.1");
  EXPECT_EQ(word(ask()), "192.0.2.1");
  ASSERT_EQ(shown.size(), 3u);
  EXPECT_EQ(shown[1].back(), 0) << "the cookie that went bad";
  EXPECT_EQ(shown[2].back(), 1) << "and the fresh one";
}

TEST_F(UdpTransportTest, asks_without_a_cookie_who_takes_it_for_a_format_error) {
  FakeUdpServer server(loop, [](const Octets& query, std::size_t) {
    const bool chokes = !fakes::cookie_of(query).empty();
    return std::vector<Octets>{reply_to(query, {.rcode = chokes ? dns::Rcode::formerr : dns::Rcode::noerror})};
  });
  forward_to({server.url()});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(word(ask()), "192.0.2.1");
  EXPECT_EQ(server.asked().size(), 4u) << "it is remembered";
  EXPECT_TRUE(fakes::parsed(server.asked().back().query).has_edns());
}

TEST_F(UdpTransportTest, fails_at_once_when_nobody_listens) {
  std::string url;
  {
    FakeUdpServer gone(loop);
    url = gone.url();
  }
  forward_to({url});
  const Outcome outcome = ask();
  EXPECT_EQ(word(outcome), "network");
  EXPECT_LT(outcome.elapsed, options.attempt_timeout);
  EXPECT_EQ(row(0).failures(AttemptFailure::network).value(), 1u);
}

TEST_F(UdpTransportTest, says_malformed_when_the_answer_cannot_be_read) {
  FakeUdpServer server(loop, [](const Octets& query, std::size_t) {
    Octets reply = reply_to(query);
    reply.resize(reply.size() - 3);
    return std::vector<Octets>{reply};
  });
  forward_to({server.url()});
  EXPECT_EQ(word(ask()), "malformed");
}

TEST_F(UdpTransportTest, repeats_a_question_whose_datagram_was_lost) {
  FakeUdpServer server(loop, [](const Octets& query, std::size_t number) {
    return number == 0 ? std::vector<Octets>{} : std::vector<Octets>{reply_to(query)};
  });
  forward_to({server.url()});
  EXPECT_EQ(word(ask()), "192.0.2.1");
  EXPECT_EQ(server.asked().size(), 2u);
}

TEST_F(UdpTransportTest, gives_up_when_the_task_is_destroyed) {
  FakeUdpServer server(loop, [](const Octets&, std::size_t) { return std::vector<Octets>{}; });
  forward_to({server.url()});
  {
    std::vector<Task<Outcome>> tasks;
    for (int i = 0; i < 100; ++i) tasks.push_back(start());
    ASSERT_TRUE(run_until([&] { return server.asked().size() == 100; }));
    EXPECT_EQ(row(0).in_flight.value(), 100);
  }
  EXPECT_EQ(row(0).in_flight.value(), 0);
}

TEST_F(UdpTransportTest, keeps_thousands_of_questions_apart) {
  options.max_in_flight = 5000;
  options.timeout = options.attempt_timeout = seconds(8);
  std::vector<FakeUdpServer::Asked> held;
  FakeUdpServer server(loop);
  server.set_script([&](const Octets&, std::size_t number) {
    held.push_back(server.asked()[number]);
    return std::vector<Octets>{};
  });
  forward_to({server.url()});
  std::vector<Task<Outcome>> tasks;
  for (int i = 0; i < 2000; ++i) tasks.push_back(start("name" + std::to_string(i) + ".example"));
  for (std::size_t done = 0; done < tasks.size();) {
    loop.run_once(milliseconds(1));
    for (const auto& asked : std::exchange(held, {})) server.send(reply_to(asked.query), asked.client);
    done = 0;
    for (const auto& task : tasks) done += task.done();
  }
  for (auto& task : tasks) EXPECT_EQ(word(task.await_resume()), "192.0.2.1");
}

}  // namespace
}  // namespace dragoman::upstream
