// How sessions, bindings and hosts begin and end (RFC 6146 3.5, 4), and limits (RFC 6888 REQ-4, REQ-5, REQ-11).
#include <gtest/gtest.h>

#include <set>

#include "scene.h"

namespace dragoman::nat64 {
namespace {

using namespace scene;

const ip::Endpoint client = endpoint("[2001:db8:1::1]:5000");
const ip::Endpoint server = synthesized("203.0.113.5:80");
const ip::Endpoint server4 = endpoint("203.0.113.5:80");

// Whether the only session lives through exactly so many seconds more: no less, and at most one more.
void expect_life(Nat64& nat64, int life) {
  nat64.wait(seconds(life));
  EXPECT_EQ(nat64.sessions(), 1u) << "ended early";
  nat64.wait(seconds(1));
  EXPECT_EQ(nat64.sessions(), 0u) << "lives too long";
  EXPECT_EQ(nat64.bindings(), 0) << "R2 (RFC 6146 3.2): the binding goes with its last session";
}

// -- UDP and ICMP. R6 (RFC 6146 3.5.1, 4), R9, R52 (RFC 5508 REQ-1), R53 (RFC 7857 10) --

// R6 (RFC 6146 3.5.1, 4).
TEST(Lifetimes, of_udp_are_five_minutes_from_the_last_packet_of_the_inside) {
  Nat64 nat64;
  nat64.pass(udp(client, server));
  nat64.wait(seconds(299));
  nat64.pass(udp(client, server));
  expect_life(nat64, 300);
}

TEST(Lifetimes, of_pings_are_a_minute) {
  Nat64 nat64;
  nat64.pass(ping(client.address, server.address, 7));
  expect_life(nat64, 60);
}

// R53 (RFC 7857 3, RFC 4787 REQ-6)
TEST(Lifetimes, are_prolonged_by_the_outside_only_if_asked) {
  for (const bool inbound_refresh : {false, true}) {
    Options options = standard_options();
    options.inbound_refresh = inbound_refresh;
    Nat64 nat64(options);
    const Seen out = nat64.pass(udp(client, server));
    nat64.wait(seconds(100));
    nat64.pass(udp(server4, out.source));
    expect_life(nat64, inbound_refresh ? 300 : 200);
  }
}

TEST(Lifetimes, are_those_of_the_options) {
  Options options = standard_options();
  options.timeouts.udp = seconds(5);
  Nat64 nat64(options);
  nat64.pass(udp(client, server));
  expect_life(nat64, 5);
}

TEST(Lifetimes, never_end_early_whatever_the_part_of_a_second) {
  for (const int ms : {0, 1, 500, 999}) {
    Options options = standard_options();
    options.timeouts.udp = seconds(5);
    Nat64 nat64(options);
    nat64.now += milliseconds(ms);
    nat64.pass(udp(client, server));
    nat64.now += milliseconds(4999);
    nat64.expire();
    EXPECT_EQ(nat64.sessions(), 1u) << ms;
    nat64.now += milliseconds(1001);
    nat64.expire();
    EXPECT_EQ(nat64.sessions(), 0u) << ms;
  }
}

// R50 (RFC 4787 REQ-12), R51 (RFC 5382 REQ-9): ICMP errors neither end nor prolong anything.
TEST(Lifetimes, are_not_changed_by_icmp_errors) {
  Nat64 nat64;
  const Seen out = nat64.pass(udp(client, server));
  nat64.wait(seconds(200));
  ASSERT_EQ(nat64.pass(icmp_error(server4.address, out.source.address, {3, 3}, out.octets)).kind, "error");
  EXPECT_EQ(nat64.sessions(), 1u);
  expect_life(nat64, 100);
}

// R2 (RFC 6146 3.2).
TEST(Lifetimes, of_a_binding_are_those_of_its_longest_session) {
  Nat64 nat64;
  const Seen out = nat64.pass(udp(client, server));
  nat64.wait(seconds(200));
  nat64.pass(udp(client, synthesized("203.0.113.6:80")));
  nat64.wait(seconds(101));
  EXPECT_EQ(nat64.sessions(), 1u);
  EXPECT_EQ(nat64.pass(udp(client, synthesized("203.0.113.7:80"))).source, out.source);
}

// -- TCP. R8 (RFC 6146 3.5.2.2), R51 (RFC 5382 REQ-5) --

// A connection that is established; its outside endpoint.
ip::Endpoint connect(Nat64& nat64) {
  const Seen out = nat64.pass(tcp(client, server, "S"));
  nat64.pass(tcp(server4, out.source, "SA"));
  nat64.pass(tcp(client, server, "A"));
  EXPECT_EQ(nat64.listed().front().state, SessionState::established);
  return out.source;
}

TEST(Lifetimes, of_a_syn_are_four_minutes) {
  Nat64 nat64;
  nat64.pass(tcp(client, server, "S"));
  nat64.wait(seconds(100));
  nat64.pass(tcp(client, server, "S"));  // R8 e: again
  expect_life(nat64, 240);
}

// R8 f: probe, then TRANS.
TEST(Lifetimes, of_a_silent_connection_end_with_a_question_and_four_minutes) {
  Nat64 nat64;
  connect(nat64);
  nat64.wait(seconds(7440));
  EXPECT_TRUE(nat64.sent.empty());
  nat64.wait(seconds(1));
  EXPECT_EQ(nat64.text(nat64.sent), "tcp [64:ff9b::cb00:7105]:80 > [2001:db8:1::1]:5000 A");
  EXPECT_EQ(nat64.listed().front().state, SessionState::trans);
  expect_life(nat64, 240);
}

TEST(Lifetimes, of_a_connection_that_answers_the_question_go_on) {
  Nat64 nat64;
  connect(nat64);
  nat64.wait(seconds(7441));
  nat64.pass(tcp(client, server, "A"));
  EXPECT_EQ(nat64.listed().front().state, SessionState::established);
  nat64.wait(seconds(7440));
  EXPECT_EQ(nat64.sessions(), 1u);
}

TEST(Lifetimes, of_a_connection_are_prolonged_by_either_side) {
  Nat64 nat64;
  const ip::Endpoint outside = connect(nat64);
  nat64.wait(seconds(7000));
  nat64.pass(tcp(server4, outside, "A"));
  nat64.wait(seconds(7000));
  nat64.pass(tcp(client, server, "A"));
  nat64.wait(seconds(7440));
  EXPECT_EQ(nat64.listed().front().state, SessionState::established);
}

// R8 f, i, k
TEST(Lifetimes, of_a_connection_that_was_reset_are_four_minutes) {
  for (const char* before : {"A", "FA"}) {
    Nat64 nat64;
    const ip::Endpoint outside = connect(nat64);
    nat64.pass(tcp(client, server, before));
    nat64.pass(tcp(server4, outside, "R"));
    EXPECT_EQ(nat64.listed().front().state, SessionState::trans);
    nat64.wait(seconds(100));
    nat64.pass(tcp(client, server, "R"));
    expect_life(nat64, 140);
  }
}

// R8 g
TEST(Lifetimes, of_a_connection_that_is_half_closed_are_those_of_an_open_one) {
  Nat64 nat64;
  const ip::Endpoint outside = connect(nat64);
  nat64.pass(tcp(client, server, "FA"));
  nat64.wait(seconds(7000));
  nat64.pass(tcp(server4, outside, "A"));
  EXPECT_EQ(nat64.listed().front().state, SessionState::v6_fin_rcv);
  nat64.wait(seconds(7440));
  EXPECT_EQ(nat64.sessions(), 1u);
  nat64.wait(seconds(1));
  EXPECT_EQ(nat64.sessions(), 0u);
  EXPECT_TRUE(nat64.sent.empty()) << "no probe: one side has closed";
}

// R8 h
TEST(Lifetimes, of_a_connection_that_both_closed_are_four_minutes_whatever_follows) {
  Nat64 nat64;
  const ip::Endpoint outside = connect(nat64);
  nat64.pass(tcp(client, server, "FA"));
  nat64.pass(tcp(server4, outside, "FA"));
  EXPECT_EQ(nat64.listed().front().state, SessionState::v4_v6_fin_rcv);
  nat64.wait(seconds(200));
  EXPECT_EQ(nat64.pass(tcp(client, server, "A")).source, outside);
  expect_life(nat64, 40);
}

TEST(Lifetimes, of_a_connection_that_took_closed_ports_are_its_own) {
  Nat64 nat64;
  const ip::Endpoint outside = connect(nat64);
  nat64.pass(tcp(client, server, "FA"));
  nat64.pass(tcp(server4, outside, "FA"));
  nat64.wait(seconds(10));
  EXPECT_EQ(connect(nat64), outside);
  nat64.wait(seconds(1000));
  EXPECT_EQ(nat64.pass(tcp(client, server, "A")).source, outside);
}

// -- Port blocks. R54 (RFC 6888 REQ-8, REQ-13) --

std::string text(const BindingEvent& event) {
  static constexpr const char* kinds[] = {"block+", "block-", "session+", "session-", "exhausted", "quota"};
  static constexpr const char* protocols[] = {"tcp", "udp", "icmp"};
  std::string text = kinds[static_cast<std::size_t>(event.kind)];
  text += " " + ip::Prefix{ip::Address(event.subscriber), event.subscriber_length}.to_text();
  if (event.kind == BindingEvent::Kind::session_created || event.kind == BindingEvent::Kind::session_deleted) {
    text += " " + std::to_string(event.inside_port) + " " + protocols[static_cast<std::size_t>(event.protocol)];
  }
  text += " " + ip::Address(event.address).to_text();
  text += ":" + std::to_string(event.first_port) + "-" + std::to_string(event.last_port);
  if (event.remote_port != 0) text += " " + ip::Endpoint{ip::Address(event.remote), event.remote_port}.to_text();
  return text;
}

TEST(Lifetimes, of_a_block_end_two_minutes_after_its_last_port) {
  Nat64 nat64;
  nat64.pass(udp(client, server));
  EXPECT_EQ(nat64.pool.usage().taken, 1u);
  nat64.wait(seconds(301));
  ASSERT_EQ(nat64.bindings(), 0);
  nat64.wait(seconds(119));
  EXPECT_EQ(nat64.pool.usage().taken, 1u);
  EXPECT_EQ(nat64.worker().metrics().subscribers.value(), 1);
  nat64.wait(seconds(1));
  EXPECT_EQ(nat64.pool.usage().taken, 0u);
  EXPECT_EQ(nat64.worker().metrics().subscribers.value(), 0);
}

TEST(Lifetimes, of_blocks_are_logged) {
  Nat64 nat64;
  const Seen out = nat64.pass(udp(client, server));
  const int first = out.source.port / 256 * 256;
  const std::string block =
      " 2001:db8:1::/64 198.51.100.1:" + std::to_string(first) + "-" + std::to_string(first + 255);
  nat64.pass(tcp(client, server, "S"));
  nat64.pass(udp(endpoint("[2001:db8:1::2]:7"), server));
  ASSERT_EQ(nat64.events.size(), 1u) << "one event for the subscriber, whatever its hosts do";
  EXPECT_EQ(text(nat64.events[0]), "block+" + block);
  nat64.wait(seconds(500));
  ASSERT_EQ(nat64.events.size(), 2u);
  EXPECT_EQ(text(nat64.events[1]), "block-" + block);
}

// R54 (RFC 6888 REQ-12): destinations only if asked.
TEST(Lifetimes, of_sessions_are_logged_if_asked) {
  for (const bool with_destination : {false, true}) {
    Options options = standard_options();
    options.log_sessions = true;
    options.log_destinations = with_destination;
    Nat64 nat64(options);
    const Seen out = nat64.pass(udp(client, server));
    const std::string port = std::to_string(out.source.port);
    const std::string session =
        " 2001:db8:1::1/128 5000 udp 198.51.100.1:" + port + "-" + port + (with_destination ? " 203.0.113.5:80" : "");
    ASSERT_EQ(nat64.events.size(), 2u);
    EXPECT_EQ(text(nat64.events[1]), "session+" + session);
    nat64.wait(seconds(301));
    ASSERT_EQ(nat64.events.size(), 3u);
    EXPECT_EQ(text(nat64.events[2]), "session-" + session);
  }
}

// -- Limits. R28, R54: told with ICMP, nothing that exists is harmed --

// The subscriber's next attempt is refused; what was there goes on, and others begin as they like.
void expect_refusal(Nat64& nat64, const Octets& attempt, DropReason reason, const char* told, const Octets& existing) {
  EXPECT_EQ(nat64.say(attempt).substr(0, 9), told);
  EXPECT_EQ(nat64.drops(reason), 1u);
  EXPECT_NE(nat64.pass(existing).kind, "error");
}

TEST(Lifetimes, keep_a_subscriber_to_its_ports) {
  Options options = standard_options();
  options.subscriber.ports = 3;
  Nat64 nat64(options);
  for (std::uint16_t port = 1; port <= 3; ++port) {
    EXPECT_EQ(nat64.pass(udp({address("2001:db8:1::" + std::to_string(port)), port}, server)).kind, "udp");
  }
  expect_refusal(nat64, udp(client, server), DropReason::subscriber_ports, "error 1/1",
                 udp(endpoint("[2001:db8:1::1]:1"), server));
  EXPECT_EQ(nat64.pass(tcp(client, server, "S")).kind, "tcp") << "of each protocol (REQ-4)";
  EXPECT_EQ(nat64.pass(udp(endpoint("[2001:db8:2::1]:1"), server)).kind, "udp") << "another subscriber";
  EXPECT_EQ(nat64.events.back().kind, BindingEvent::Kind::block_allocated);
  nat64.wait(seconds(301));
  EXPECT_EQ(nat64.pass(udp(client, server)).kind, "udp");
}

TEST(Lifetimes, keep_a_subscriber_to_its_sessions) {
  Options options = standard_options();
  options.subscriber.sessions = 3;
  Nat64 nat64(options);
  for (const char* remote : {"203.0.113.1:1", "203.0.113.2:1", "203.0.113.3:1"})
    nat64.pass(udp(client, synthesized(remote)));
  expect_refusal(nat64, udp(endpoint("[2001:db8:1::2]:1"), server), DropReason::subscriber_sessions, "error 1/1",
                 udp(client, synthesized("203.0.113.1:1")));
  EXPECT_EQ(nat64.bindings(), 1) << "the attempt left nothing behind";
  EXPECT_EQ(nat64.pass(udp(endpoint("[2001:db8:2::1]:1"), server)).kind, "udp");
}

TEST(Lifetimes, keep_a_subscriber_to_its_rate_of_new_sessions) {
  Options options = standard_options();
  options.subscriber.new_sessions_per_second = 2;
  Nat64 nat64(options);
  nat64.pass(udp(client, synthesized("203.0.113.1:1")));
  nat64.pass(udp(client, synthesized("203.0.113.2:1")));
  expect_refusal(nat64, udp(client, synthesized("203.0.113.3:1")), DropReason::subscriber_rate, "error 1/1",
                 udp(client, synthesized("203.0.113.1:1")));
  nat64.now += seconds(1);
  EXPECT_EQ(nat64.pass(udp(client, synthesized("203.0.113.3:1"))).kind, "udp");
}

TEST(Lifetimes, note_a_quota_once_a_second) {
  Options options = standard_options();
  options.subscriber.sessions = 1;
  Nat64 nat64(options);
  nat64.pass(udp(client, server));
  nat64.events.clear();
  for (int i = 0; i < 50; ++i) nat64.all(udp(client, synthesized("203.0.113.6:1")));
  ASSERT_EQ(nat64.events.size(), 1u);
  EXPECT_EQ(text(nat64.events[0]), "quota 2001:db8:1::/64 0.0.0.0:0-0");
  nat64.now += seconds(1);
  nat64.all(udp(client, synthesized("203.0.113.6:1")));
  EXPECT_EQ(nat64.events.size(), 2u);
}

// R54 (RFC 6888 REQ-11)
TEST(Lifetimes, tell_that_the_pool_is_exhausted) {
  Options options = standard_options();
  options.pool4[0].last_port = 1279;  // one block
  Nat64 nat64(options);
  const Seen out = nat64.pass(udp(client, server));
  nat64.events.clear();
  expect_refusal(nat64, udp(endpoint("[2001:db8:2::1]:1"), server), DropReason::no_port, "error 1/3",
                 udp(client, server));
  ASSERT_EQ(nat64.events.size(), 1u);
  EXPECT_EQ(text(nat64.events[0]), "exhausted 2001:db8:2::/64 0.0.0.0:0-0");
  EXPECT_EQ(nat64.worker().metrics().subscribers.value(), 1) << "the attempt left nothing behind";
  EXPECT_EQ(nat64.pass(udp(server4, out.source)).destination, client);
}

TEST(Lifetimes, keep_all_workers_together_to_the_number_of_sessions) {
  Options options = standard_options();
  options.max_sessions = 100;
  Nat64 nat64(options, 2);
  const auto fill = [&] {
    int begun = 0;
    for (int i = 0; i < 300; ++i) {
      const ip::Endpoint host =
          endpoint("2001:db8:" + std::to_string(i % 50 + 1) + "::1", static_cast<std::uint16_t>(i + 1));
      begun += nat64.pass(udp(host, server)).kind == "udp" ? 1 : 0;
    }
    return begun;
  };
  EXPECT_GE(fill(), 96) << "what workers hold back is little";
  EXPECT_LE(nat64.sessions(), 100u);
  EXPECT_EQ(nat64.say(udp(endpoint("[2001:db8:999::1]:1"), server)).substr(0, 9), "error 1/3");
  EXPECT_GT(nat64.drops(DropReason::session_table_full), 0u);
  nat64.wait(seconds(302));
  EXPECT_EQ(nat64.sessions(), 0u);
  EXPECT_GE(fill(), 96);
}

// R13 (RFC 6146 5.3): a flood from outside to one port does not take what the inside needs.
TEST(Lifetimes, keep_an_eighth_of_the_sessions_for_the_inside) {
  Options options = standard_options();
  options.max_sessions = 800;
  Nat64 nat64(options);
  const Seen out = nat64.pass(udp(client, server));
  int begun = 0;
  for (std::uint16_t port = 1; port <= 900; ++port) {
    for (const Seen& one : nat64.all(udp({address("203.0.113.66"), port}, out.source)))
      begun += one.kind == "udp" ? 1 : 0;
  }
  EXPECT_NEAR(begun, 700, 5);
  EXPECT_EQ(nat64.drops(DropReason::session_table_full), 900u - static_cast<unsigned>(begun));
  for (std::uint16_t port = 1; port <= 95; ++port)
    EXPECT_EQ(nat64.pass(udp({client.address, port}, server)).kind, "udp");
}

TEST(Lifetimes, return_everything_when_all_is_over) {
  Options options = standard_options();
  options.log_sessions = true;
  options.filtering = Filtering::address_dependent;
  Nat64 nat64(options);
  for (std::uint16_t i = 1; i < 3000; ++i) {
    const ip::Endpoint host = endpoint("2001:db8:1:" + std::to_string(i % 100) + "::" + std::to_string(i % 7), i);
    nat64.all(udp(host, synthesized(endpoint("203.0.113." + std::to_string(i % 50 + 1), 53).to_text())));
    nat64.all(tcp(host, server, "S"));
    nat64.all(ping(host.address, server.address, i));
  }
  EXPECT_GT(nat64.sessions(), 8000u);
  nat64.wait(seconds(425));
  EXPECT_EQ(nat64.sessions(), 0u);
  EXPECT_EQ(nat64.bindings(), 0);
  EXPECT_EQ(nat64.pool.usage().taken, 0u);
  EXPECT_EQ(nat64.worker().metrics().subscribers.value(), 0);
  EXPECT_TRUE(nat64.worker().subscribers(std::nullopt, 10).empty());
  std::int64_t created = 0, deleted = 0, allocated = 0, released = 0;
  for (const BindingEvent& event : nat64.events) {
    created += event.kind == BindingEvent::Kind::session_created ? 1 : 0;
    deleted += event.kind == BindingEvent::Kind::session_deleted ? 1 : 0;
    allocated += event.kind == BindingEvent::Kind::block_allocated ? 1 : 0;
    released += event.kind == BindingEvent::Kind::block_released ? 1 : 0;
  }
  EXPECT_EQ(created, deleted);
  EXPECT_EQ(allocated, released);
}

}  // namespace
}  // namespace dragoman::nat64
