// What a translator does beside packets: time, reloads, and what people ask.
#include <gtest/gtest.h>

#include "scene.h"

namespace dragoman::nat64 {
namespace {

using namespace scene;

const ip::Endpoint client = endpoint("[2001:db8:1::1]:5000");
const ip::Endpoint server = synthesized("203.0.113.5:80");
const ip::Endpoint server4 = endpoint("203.0.113.5:80");

ip::Pref64 pref64(std::string_view text) { return *ip::Pref64::from_text(text); }

Options with_prefixes(std::initializer_list<std::string_view> texts) {
  Options options = standard_options();
  options.prefixes.clear();
  for (const std::string_view text : texts) options.prefixes.push_back(pref64(text));
  return options;
}

// -- Reloads: sessions stay --

// R43: a session keeps its prefix whatever becomes of the list.
TEST(Upkeep, sessions_keep_their_prefix_when_a_reload_changes_the_list) {
  Nat64 nat64(with_prefixes({"64:ff9b::/96", "2001:db8:64::/96"}));
  const Seen out = nat64.pass(udp(client, synthesized("203.0.113.5:80", pref64("2001:db8:64::/96"))));
  for (const auto& prefixes :
       {with_prefixes({"2001:db8:64::/96", "64:ff9b::/96"}), with_prefixes({"2001:db8:99::/96", "2001:db8:64::/96"}),
        with_prefixes({"64:ff9b::/96"})}) {
    ASSERT_TRUE(nat64.apply(prefixes));
    EXPECT_EQ(nat64.say(udp(server4, out.source, "x")), "udp [2001:db8:64::cb00:7105]:80 > [2001:db8:1::1]:5000 x");
  }
  EXPECT_EQ(nat64.say(udp(client, synthesized("203.0.113.5:80", pref64("2001:db8:64::/96")))), "-");
  EXPECT_EQ(nat64.drops(DropReason::not_our_prefix), 1u) << "it is not a prefix of ours any more";
  EXPECT_EQ(nat64.pass(udp(client, server)).source, out.source) << "the binding stayed";
}

TEST(Upkeep, takes_any_number_of_prefixes_one_after_the_other) {
  Nat64 nat64;
  for (int i = 0; i < 700; ++i) {
    const std::string text = "2001:db8:" + std::to_string(i) + "::/96";
    ASSERT_TRUE(nat64.apply(with_prefixes({text, "64:ff9b::/96"})));
    ASSERT_EQ(nat64.pass(udp(client, synthesized("203.0.113.5:80", pref64(text)))).kind, "udp");
    ASSERT_EQ(nat64.pass(udp(server4, nat64.sent.front().source)).source, synthesized("203.0.113.5:80", pref64(text)));
  }
}

// -- Reloads: static bindings. R1 (RFC 6146 3.1), R7 (RFC 4787 REQ-3): no (T, t) for two, no (X', x) with two --

Options with_static(std::initializer_list<StaticBinding> bindings) {
  Options options = standard_options();
  options.static_bindings = bindings;
  return options;
}
const StaticBinding web = static_binding(Protocol::tcp, "[2001:db8:1::1]:80", "198.51.100.1:8080");

TEST(Upkeep, adds_and_removes_static_bindings) {
  Nat64 nat64;
  const ip::Endpoint outside = web.outside, remote = endpoint("203.0.113.9:4000");
  EXPECT_EQ(nat64.say(tcp(remote, outside, "S")), "-");
  ASSERT_TRUE(nat64.apply(with_static({web})));
  EXPECT_EQ(nat64.say(tcp(endpoint("203.0.113.9:4001"), outside, "S")),
            "tcp [64:ff9b::cb00:7109]:4001 > [2001:db8:1::1]:80 S");
  ASSERT_TRUE(nat64.apply(standard_options()));
  EXPECT_EQ(nat64.say(tcp(endpoint("203.0.113.9:4001"), outside, "A")).substr(0, 9), "error 3/1");
  nat64.expire();
  EXPECT_EQ(nat64.sessions(), 0u);
  EXPECT_EQ(nat64.bindings(), 0);
}

TEST(Upkeep, ends_the_sessions_of_a_static_binding_that_is_gone) {
  Nat64 nat64(with_static({web}));
  for (int port = 1; port <= 3000; ++port) {
    nat64.pass(tcp(endpoint("203.0.113.9", static_cast<std::uint16_t>(port)), web.outside, "S"));
  }
  ASSERT_EQ(nat64.sessions(), 3000u);
  nat64.apply(standard_options());
  EXPECT_EQ(nat64.sessions(), 0u) << "nobody sees them any more";
  EXPECT_TRUE(nat64.worker().expire(nat64.now, nat64)) << "a bounded number each time";
  nat64.expire();
  EXPECT_EQ(nat64.worker().metrics().sessions(Protocol::tcp).value(), 0);
  EXPECT_EQ(nat64.worker().metrics().subscribers.value(), 0);
}

TEST(Upkeep, gives_a_static_binding_the_port_that_a_dynamic_one_had) {
  Nat64 nat64;
  const Seen out = nat64.pass(udp(endpoint("[2001:db8:2::2]:6000"), server));
  ASSERT_TRUE(nat64.apply(with_static({{Protocol::udp, client, out.source}})));
  EXPECT_EQ(nat64.pass(udp(server4, out.source)).destination, client);
  const Seen moved = nat64.pass(udp(endpoint("[2001:db8:2::2]:6000"), server));
  EXPECT_NE(moved.source, out.source);
  EXPECT_EQ(nat64.pass(udp(client, server)).source, out.source);
}

TEST(Upkeep, gives_a_static_binding_the_host_that_had_a_dynamic_one) {
  Nat64 nat64;
  const Seen out = nat64.pass(udp(client, server));
  ASSERT_TRUE(nat64.apply(with_static({static_binding(Protocol::udp, client.to_text(), "198.51.100.1:9999")})));
  EXPECT_EQ(nat64.pass(udp(client, server)).source, endpoint("198.51.100.1:9999"));
  EXPECT_EQ(nat64.pass(udp(server4, out.source)).kind, "error");
  nat64.wait(seconds(500));
  EXPECT_EQ(nat64.bindings(), 1);
  EXPECT_EQ(nat64.pool.usage().taken, 0u);
}

TEST(Upkeep, moves_a_static_binding_to_another_host) {
  Nat64 nat64(with_static({web}));
  nat64.pass(tcp(endpoint("203.0.113.9:4000"), web.outside, "S"));
  const ip::Endpoint other = endpoint("[2001:db8:2::2]:80");
  ASSERT_TRUE(nat64.apply(with_static({{Protocol::tcp, other, web.outside}})));
  EXPECT_EQ(nat64.pass(tcp(endpoint("203.0.113.9:4000"), web.outside, "S")).destination, other);
  nat64.wait(seconds(300));
  EXPECT_EQ(nat64.pass(tcp(endpoint("203.0.113.9:4009"), web.outside, "S")).destination, other)
      << "the end of the old one took nothing from the new one";
  EXPECT_EQ(nat64.pass(tcp(web.inside, server, "A")).kind, "error") << "the old one has no binding";
}

TEST(Upkeep, knows_static_bindings_in_every_worker) {
  Nat64 nat64(standard_options(), 3);
  for (const char* inside : {"[2001:db8:1::1]:80", "[2001:db8:2::1]:80", "[2001:db8:3::1]:80"}) {
    nat64.apply(with_static({static_binding(Protocol::tcp, inside, "198.51.100.1:8080")}));
    for (unsigned worker = 0; worker < 3; ++worker) {
      EXPECT_EQ(
          nat64.pass(tcp(endpoint("203.0.113.9", static_cast<std::uint16_t>(worker + 1)), web.outside, "S"), worker)
              .destination,
          endpoint(inside));
    }
  }
  nat64.apply(standard_options());
  for (unsigned worker = 0; worker < 3; ++worker)
    EXPECT_EQ(nat64.say(tcp(server4, web.outside, "A"), worker).substr(0, 5), "error");
}

// -- Reloads: the pool. R54: what exists is not harmed --

TEST(Upkeep, drains_an_address_while_its_sessions_go_on) {
  Options options = standard_options();
  options.pool4[0].last = {198, 51, 100, 2};
  Nat64 nat64(options);
  const Seen out = nat64.pass(udp(client, server));
  options = standard_options();
  const std::uint8_t other = out.source.address.octets()[3] == 1 ? 2 : 1;
  options.pool4[0].first = options.pool4[0].last = {198, 51, 100, other};
  ASSERT_TRUE(nat64.apply(options));
  EXPECT_EQ(nat64.pass(udp(client, server)).source, out.source);
  EXPECT_EQ(nat64.pass(udp(server4, out.source)).destination, client);
  EXPECT_EQ(nat64.pass(udp(client, synthesized("203.0.113.6:1"))).source, out.source) << "R50: it is its binding";
  const Seen fresh = nat64.pass(udp({client.address, 5001}, server));
  EXPECT_EQ(fresh.source.address.octets()[3], other) << "a new binding is elsewhere";
  EXPECT_EQ(nat64.pass(udp(endpoint("[2001:db8:2::1]:1"), server)).source.address, fresh.source.address);
  nat64.wait(seconds(425));
  EXPECT_EQ(nat64.pool.usage().draining, 0u);
}

TEST(Upkeep, gives_ports_of_an_address_that_a_reload_added) {
  Options options = standard_options();
  options.pool4[0].last_port = 1279;
  Nat64 nat64(options);
  nat64.pass(udp(client, server));
  EXPECT_EQ(nat64.pass(udp(endpoint("[2001:db8:2::1]:1"), server)).kind, "error");
  options.pool4.push_back({{198, 51, 100, 7}, {198, 51, 100, 7}, 1024, 65535, false});
  ASSERT_TRUE(nat64.apply(options));
  EXPECT_EQ(nat64.pass(udp(endpoint("[2001:db8:2::1]:1"), server)).source.address, address("198.51.100.7"));
}

TEST(Upkeep, follows_new_limits_and_timeouts) {
  Nat64 nat64;
  nat64.pass(udp(client, server));
  Options options = standard_options();
  options.subscriber.sessions = 1;
  options.max_sessions = 10;
  options.timeouts.udp = seconds(10);
  nat64.apply(options);
  EXPECT_EQ(nat64.pass(udp(client, synthesized("203.0.113.6:1"))).kind, "error");
  EXPECT_EQ(nat64.pass(udp(client, server)).kind, "udp");
  nat64.wait(seconds(11));
  EXPECT_EQ(nat64.sessions(), 0u) << "a shorter life holds from its next packet on";
}

TEST(Upkeep, begins_no_session_beyond_a_limit_that_a_reload_lowered) {
  Nat64 nat64;
  for (std::uint16_t port = 1; port <= 50; ++port) nat64.pass(udp({client.address, port}, server));
  Options options = standard_options();
  options.max_sessions = 20;
  nat64.apply(options);
  EXPECT_EQ(nat64.pass(udp({client.address, 1}, server)).kind, "udp");
  int begun = 0;
  for (std::uint16_t port = 100; port <= 700; ++port)
    begun += nat64.pass(udp({client.address, port}, server)).kind == "udp";
  EXPECT_LE(begun, 512) << "no more than the worker had leave for before";
  EXPECT_EQ(nat64.pass(udp({client.address, 800}, server)).source.port, 0);
  EXPECT_GT(nat64.drops(DropReason::session_table_full), 0u);
}

// -- Time --

TEST(Upkeep, does_a_bounded_amount_of_work_at_a_time) {
  Nat64 nat64;
  for (std::uint16_t port = 1; port <= 5000; ++port) nat64.pass(udp({client.address, port}, server));
  nat64.now += seconds(301);
  std::size_t before = nat64.sessions();
  int calls = 0;
  for (bool more = true; more; ++calls) {
    more = nat64.worker().expire(nat64.now, nat64);
    const std::size_t now = nat64.sessions();
    EXPECT_LE(before - now, 256u);
    before = now;
  }
  EXPECT_EQ(before, 0u);
  EXPECT_GE(calls, 5000 / 256);
}

TEST(Upkeep, catches_up_when_nobody_called_it_for_long) {
  Nat64 nat64;
  nat64.pass(udp(client, server));
  nat64.now += seconds(100'000);
  nat64.expire();
  EXPECT_EQ(nat64.sessions(), 0u);
  EXPECT_EQ(nat64.pass(udp(client, server)).kind, "udp");
  nat64.wait(seconds(300));
  EXPECT_EQ(nat64.sessions(), 1u);
}

// -- For people --

TEST(Upkeep, tells_of_sessions) {
  Nat64 nat64;
  const Seen out = nat64.pass(udp(client, server));
  nat64.pass(tcp(endpoint("[2001:db8:2::1]:7"), server, "S"));
  nat64.now += seconds(100);
  const auto all = nat64.worker().sessions(std::nullopt, 10, nat64.now);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].protocol, Protocol::udp);
  EXPECT_EQ(all[0].inside, client);
  EXPECT_EQ(all[0].outside, out.source);
  EXPECT_EQ(all[0].remote, server4);
  EXPECT_EQ(all[0].state, SessionState::open);
  EXPECT_NEAR(static_cast<double>(all[0].expires_in.count()), 200, 1);
  EXPECT_EQ(all[1].state, SessionState::v6_init);
  EXPECT_EQ(nat64.worker().sessions(*ip::Prefix::from_text("2001:db8:2::/48"), 10, nat64.now).size(), 1u);
  EXPECT_EQ(nat64.worker().sessions(std::nullopt, 1, nat64.now).size(), 1u);
}

TEST(Upkeep, tells_of_subscribers) {
  Nat64 nat64;
  nat64.pass(udp(client, server));
  nat64.pass(udp(client, synthesized("203.0.113.6:1")));
  nat64.pass(tcp(endpoint("[2001:db8:1::2]:7"), server, "S"));
  nat64.pass(udp(endpoint("[2001:db8:2::1]:7"), server));
  const auto all = nat64.worker().subscribers(std::nullopt, 10);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].prefix.to_text(), "2001:db8:1::/64");
  EXPECT_EQ(all[0].sessions, 3u);
  EXPECT_EQ(all[0].bindings, (std::array<std::uint32_t, 3>{1, 1, 0}));
  ASSERT_EQ(all[0].blocks.size(), 1u);
  EXPECT_EQ(nat64.pool.owner(all[0].blocks[0]), 0u);
  EXPECT_NE(all[0].blocks, all[1].blocks);
  EXPECT_EQ(nat64.worker().subscribers(*ip::Prefix::from_text("2001:db8:2::/48"), 10).size(), 1u);
  EXPECT_EQ(nat64.worker().subscribers(std::nullopt, 1).size(), 1u);
}

TEST(Upkeep, tells_how_much_memory_the_tables_take) {
  Nat64 nat64;
  const std::size_t before = nat64.worker().memory();
  for (std::uint16_t port = 1; port <= 20000; ++port) nat64.all(udp({client.address, port}, server));
  EXPECT_GT(nat64.worker().memory(), before + 20000 * 32);
}

// -- Questions of people: no step of them may hold packets up for long --

TEST(Upkeep, sessions_are_looked_at_in_steps) {
  Nat64 nat64;
  for (unsigned port = 1; port <= 5000; ++port) {
    nat64.pass(udp(endpoint("2001:db8:1::1", static_cast<std::uint16_t>(port)), server));
  }
  nat64.pass(udp(endpoint("[2001:db8:2::1]:7"), server));
  Translator::SessionWalk walk{.hosts = *ip::Prefix::from_text("2001:db8:2::/64"), .limit = 100};
  int steps = 1;
  while (nat64.worker().go_on(walk, nat64.now)) ++steps;
  EXPECT_GE(steps, 3);
  ASSERT_EQ(walk.found.size(), 1u);
  EXPECT_EQ(walk.found[0].inside, endpoint("[2001:db8:2::1]:7"));
}

TEST(Upkeep, a_look_at_sessions_ends_when_there_are_as_many_as_were_wanted) {
  Nat64 nat64;
  for (const char* port : {"1", "2", "3"}) nat64.pass(udp(endpoint("[2001:db8:1::1]:" + std::string(port)), server));
  Translator::SessionWalk walk{.limit = 2};
  EXPECT_FALSE(nat64.worker().go_on(walk, nat64.now));
  EXPECT_EQ(walk.found.size(), 2u);
}

TEST(Upkeep, a_subscriber_is_found_by_any_of_its_hosts) {
  Nat64 nat64;
  nat64.pass(udp(client, server));
  nat64.pass(udp(endpoint("[2001:db8:1::2]:5000"), server));
  const auto found = nat64.worker().subscriber(ip::Address::from_text("2001:db8:1::abcd")->v6(), 10);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->prefix.to_text(), "2001:db8:1::/64");
  EXPECT_EQ(found->bindings[static_cast<std::size_t>(Protocol::udp)], 2u);
  EXPECT_EQ(found->sessions, 2u);
  EXPECT_EQ(found->blocks.size(), 1u);
  EXPECT_FALSE(nat64.worker().subscriber(ip::Address::from_text("2001:db8:9::1")->v6(), 10));
}

}  // namespace
}  // namespace dragoman::nat64
