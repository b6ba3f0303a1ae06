// The other ways to ask the same server: TCP after UDP, without EDNS, and the probe of one that is down.
#include "server.h"

#include "asking.h"
#include "fakes/fake_server_stream.h"
#include "scripts.h"

namespace dragoman::upstream {
namespace {

using fakes::FakeStreamServer;

using ServerTest = Asking;

TEST_F(ServerTest, asks_again_over_tcp_when_the_answer_is_truncated) {
  FakeUdpServer udp(loop, [](const Octets& query, std::size_t) {
    return std::vector<Octets>{reply_to(query, {.address = {}, .truncated = true})};
  });
  FakeStreamServer tcp(loop, {}, {}, udp.port());
  forward_to({udp.url()});
  EXPECT_EQ(word(ask()), "192.0.2.1");
  EXPECT_EQ(tcp.asked().size(), 1u);
  EXPECT_EQ(row(0).requests.value(), 1u);
}

TEST_F(ServerTest, takes_a_truncated_answer_for_one_even_when_a_record_is_cut) {
  FakeUdpServer udp(loop, [](const Octets& query, std::size_t) {
    Octets reply = reply_to(query, {.truncated = true});
    reply.resize(reply.size() - 15);
    return std::vector<Octets>{reply};
  });
  FakeStreamServer tcp(loop, {}, {}, udp.port());
  forward_to({udp.url()});
  EXPECT_EQ(word(ask()), "192.0.2.1");
}

// A server whose cookie is known, then a response without: forged, or the server's end of cookies. TCP tells which.
TEST_F(ServerTest, asks_over_tcp_when_a_cookie_is_missing_that_was_there_before) {
  std::size_t answered = 0;
  FakeUdpServer udp(loop, [&](const Octets& query, std::size_t) {
    if (answered++ == 0) return std::vector<Octets>{reply_to(query, {.cookie = fakes::whole_cookie(query)})};
    return std::vector<Octets>{reply_to(query, {.address = "203.0.113.66"})};
  });
  bool tcp_knows_cookies = true;
  FakeStreamServer tcp(
      loop,
      [&](auto& connection, const Octets& query) {
        const Octets cookie = tcp_knows_cookies ? fakes::whole_cookie(query) : Octets();
        connection.send(reply_to(query, {.cookie = cookie}));
      },
      {}, udp.port());
  forward_to({udp.url()});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(word(ask()), "192.0.2.1");
  EXPECT_EQ(tcp.asked().size(), 2u);
  EXPECT_EQ(row(0).mismatches.value(), 2u);

  tcp_knows_cookies = false;
  EXPECT_EQ(word(ask()), "192.0.2.1");
  EXPECT_EQ(word(ask()), "203.0.113.66") << "now it is the server's own answer";
  EXPECT_EQ(tcp.asked().size(), 3u);
}

TEST_F(ServerTest, asks_over_tcp_when_a_fresh_cookie_is_bad_as_well) {
  FakeUdpServer udp(loop, [](const Octets& query, std::size_t) {
    return std::vector<Octets>{reply_to(query, {.rcode = dns::Rcode::badcookie, .cookie = fakes::whole_cookie(query)})};
  });
  FakeStreamServer tcp(loop, {}, {}, udp.port());
  forward_to({udp.url()});
  EXPECT_EQ(word(ask()), "192.0.2.1");
  EXPECT_EQ(udp.asked().size(), 2u);
  EXPECT_EQ(tcp.asked().size(), 1u);
}

TEST_F(ServerTest, checks_over_tcp_whether_a_server_changes_letter_case_and_remembers_it) {
  FakeUdpServer udp(loop, [](const Octets& query, std::size_t) {
    return std::vector<Octets>{fakes::with_swapped_case(reply_to(query))};
  });
  FakeStreamServer tcp(
      loop, [](auto& connection, const Octets& query) { connection.send(fakes::with_swapped_case(reply_to(query))); },
      {}, udp.port());
  forward_to({udp.url()});
  EXPECT_EQ(word(ask()), "192.0.2.1");
  EXPECT_EQ(tcp.asked().size(), 1u);

  udp.set_script({});
  ask("lower.example.com");
  EXPECT_EQ(fakes::parsed(udp.asked().back().query).question().name.to_text(), "lower.example.com.");
}

TEST_F(ServerTest, goes_on_mixing_letter_case_when_the_change_was_a_forgery) {
  FakeUdpServer udp(loop, [](const Octets& query, std::size_t number) {
    const Octets reply = reply_to(query);
    return std::vector<Octets>{number == 0 ? fakes::with_swapped_case(reply) : reply};
  });
  FakeStreamServer tcp(loop, {}, {}, udp.port());
  forward_to({udp.url()});
  EXPECT_EQ(word(ask("a-name-of-many-letters.example.com")), "192.0.2.1");
  EXPECT_EQ(tcp.asked().size(), 1u);
  EXPECT_EQ(row(0).mismatches.value(), 1u);

  ask("a-name-of-many-letters.example.com");
  EXPECT_NE(fakes::parsed(udp.asked().back().query).question().name.to_text(), "a-name-of-many-letters.example.com.");
}

class EdnsRefusal : public Asking, public testing::WithParamInterface<bool> {};

// RFC 6891 7: such servers answer FORMERR or NOTIMP, some with nothing but a header.
TEST_P(EdnsRefusal, leads_to_the_question_without_edns) {
  FakeUdpServer server(loop, [](const Octets& query, std::size_t) {
    if (!fakes::parsed(query).has_edns()) return std::vector<Octets>{reply_to(query, {.edns = false})};
    Octets refusal = reply_to(query, {.rcode = dns::Rcode::formerr, .edns = false});
    if (GetParam()) {
      refusal.resize(dns::header_length);
      store_u16(refusal.data() + 4, 0);
    }
    return std::vector<Octets>{refusal};
  });
  forward_to({server.url()});
  EXPECT_EQ(word(ask()), "192.0.2.1");
  EXPECT_EQ(server.asked().size(), 2u);

  EXPECT_EQ(word(ask("other.example.com")), "192.0.2.1");
  EXPECT_EQ(server.asked().size(), 3u) << "the refusal is remembered";
}

INSTANTIATE_TEST_SUITE_P(ServerTest, EdnsRefusal, testing::Bool(),
                         [](const auto& param) { return param.param ? "with_a_bare_header" : "with_the_question"; });

TEST_F(ServerTest, recovers_by_itself_when_nobody_asks) {
  FakeUdpServer only(loop, stays_silent);
  options.timeout = milliseconds(700);
  forward_to({only.url()});
  ask();
  ASSERT_FALSE(forwarder->any_up());
  EXPECT_FALSE(row(0).up.value());
  only.set_script({});
  EXPECT_TRUE(run_until([&] { return forwarder->any_up(); }));
  const dns::MessageView probe = fakes::parsed(only.asked().back().query);
  EXPECT_TRUE(probe.question().name.is_root());
  EXPECT_EQ(probe.question().type, dns::Type::ns);
}

TEST_F(ServerTest, recovers_by_a_probe_that_is_answered_servfail) {
  FakeUdpServer only(loop, stays_silent);
  options.timeout = milliseconds(700);
  forward_to({only.url()});
  ask();
  ASSERT_FALSE(forwarder->any_up());
  only.set_script(says(dns::Rcode::servfail));
  EXPECT_TRUE(run_until([&] { return forwarder->any_up(); }));
}

TEST_F(ServerTest, does_not_take_a_server_down_for_one_slow_name_while_it_answers_others) {
  FakeUdpServer only(loop, [](const Octets& query, std::size_t) {
    const bool is_slow = fakes::parsed(query).question().name.first_label()[0] == 's';
    return is_slow ? std::vector<Octets>{} : std::vector<Octets>{reply_to(query)};
  });
  forward_to({only.url()});
  Task<Outcome> slow = start("slow.example");
  while (!slow.done()) {
    ask("quick.example");
    run_for(milliseconds(10));
    ASSERT_TRUE(forwarder->any_up());
  }
}

}  // namespace
}  // namespace dragoman::upstream
