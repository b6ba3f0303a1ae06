// Fragments in any order through any worker, and whose a packet is. R4 (RFC 6146 3.4), R50 (RFC 4787 REQ-14).
#include <gtest/gtest.h>

#include <algorithm>

#include "scene.h"

namespace dragoman::nat64 {
namespace {

using namespace scene;

const ip::Endpoint client = endpoint("[2001:db8:1::1]:5000");
const ip::Endpoint server = synthesized("203.0.113.5:80");
const ip::Endpoint server4 = endpoint("203.0.113.5:80");

// R32 (RFC 7915 5.1.1): put together for its checksum, it may be taken apart again, under the identification it had.
TEST(FragmentSteps, let_routers_cut_a_ping_that_came_in_pieces) {
  Nat64 nat64;
  const auto pieces =
      fragments_of(ping(client.address, server.address, 77, Echo::request, std::string(4000, 'x')), 0x12345678, 1200);
  ASSERT_EQ(pieces.size(), 4u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(nat64.say(pieces[i]), "-");
  const Seen whole = nat64.pass(pieces[3]);
  EXPECT_EQ(whole.kind, "ping");
  EXPECT_EQ(whole.payload.size(), 4000u);
  EXPECT_TRUE(whole.is_sound);
  EXPECT_EQ(load_u16(&whole.octets[4]), 0x5678) << "the low half of it";
  EXPECT_EQ(load_u16(&whole.octets[6]), 0) << "without DF";
  EXPECT_EQ(nat64.all_drops(), 0u);
}

// A first fragment for a port that is nobody's.
TEST(FragmentSteps, refuse_a_first_fragment_once_whoever_gets_it) {
  for (const unsigned workers : {1U, 2U, 3U, 8U}) {
    for (unsigned worker = 0; worker < workers; ++worker) {
      Nat64 nat64(standard_options(), workers);
      const auto pieces = fragments_of(udp(server4, endpoint("198.51.100.1:2000"), std::string(40, 'x')), 7);
      EXPECT_EQ(nat64.say(pieces[0], worker).substr(0, 9), "error 3/1");
      EXPECT_EQ(nat64.drops(DropReason::no_binding), 1u);
      EXPECT_EQ(nat64.all_drops(), 1u);
    }
  }
}

const std::string long_payload = "0123456789abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ";

// What fragments are together, if they are all of one datagram; as a whole packet it can be looked at.
Seen joined(std::vector<Seen> pieces) {
  std::sort(pieces.begin(), pieces.end(),
            [](const Seen& a, const Seen& b) { return a.fragment_offset < b.fragment_offset; });
  if (pieces.empty()) return {};
  const bool is_v6 = pieces[0].octets[0] >> 4 == 6;
  const std::size_t header_size = is_v6 ? 40 : 20, skipped = is_v6 ? 48 : 20;
  Octets whole(pieces[0].octets.begin(), pieces[0].octets.begin() + static_cast<std::ptrdiff_t>(header_size));
  for (const Seen& piece : pieces) {
    EXPECT_EQ(piece.kind, "fragment");
    EXPECT_EQ(piece.fragment_id, pieces[0].fragment_id);
    EXPECT_EQ(piece.fragment_offset, whole.size() - header_size) << "a piece is missing";
    EXPECT_EQ(piece.more, &piece != &pieces.back());
    whole.insert(whole.end(), piece.octets.begin() + static_cast<std::ptrdiff_t>(skipped), piece.octets.end());
  }
  if (is_v6) {
    whole[6] = pieces[0].octets[40];
    store_u16(&whole[4], static_cast<std::uint16_t>(whole.size() - 40));
  } else {
    store_u16(&whole[2], static_cast<std::uint16_t>(whole.size()));
    store_u16(&whole[6], 0);
    detail::refresh_ipv4_checksum(whole);
  }
  return look(whole);
}

// Gives the fragments in this order, each to the next worker from `worker` on, and what came out of all of them.
std::vector<Seen> pass_in(Nat64& nat64, const std::vector<Octets>& pieces, const std::vector<std::size_t>& order,
                          unsigned worker) {
  std::vector<Seen> out;
  for (const std::size_t at : order) {
    for (const Seen& one : nat64.all(pieces[at], worker++ % nat64.workers())) out.push_back(one);
  }
  return out;
}

// Every order of `count` fragments, through every worker.
template <class Check>
void in_every_order(std::size_t count, Check check) {
  for (const unsigned workers : {1U, 2U, 3U, 8U}) {
    std::vector<std::size_t> order(count);
    for (std::size_t i = 0; i < count; ++i) order[i] = i;
    do {
      for (unsigned worker = 0; worker < workers; ++worker) {
        Nat64 nat64(standard_options(), workers);
        check(nat64, order, worker);
        nat64.wait(seconds(3));
        ASSERT_EQ(nat64.all_drops(), 0u) << "something of it was still held";
        if (testing::Test::HasFailure()) return;
      }
    } while (std::next_permutation(order.begin(), order.end()));
  }
}

TEST(FragmentSteps, take_fragments_to_ipv4_in_any_order) {
  const auto pieces = fragments_of(udp(client, server, long_payload), 0x12345678, 24);
  ASSERT_EQ(pieces.size(), 3u);
  in_every_order(3, [&](Nat64& nat64, const std::vector<std::size_t>& order, unsigned worker) {
    const std::vector<Seen> out = pass_in(nat64, pieces, order, worker);
    ASSERT_EQ(out.size(), 3u);
    EXPECT_EQ(out[0].fragment_offset, 0u) << "the first one goes first";
    EXPECT_EQ(out[0].fragment_id, 0x5678u);
    const Seen whole = joined(out);
    EXPECT_EQ(whole.text(), "udp " + whole.source.to_text() + " > 203.0.113.5:80 " + long_payload);
  });
}

TEST(FragmentSteps, take_fragments_to_ipv6_in_any_order) {
  in_every_order(3, [&](Nat64& nat64, const std::vector<std::size_t>& order, unsigned worker) {
    const Seen asked = nat64.pass(udp(client, server), worker);
    const auto pieces = fragments_of(udp(server4, asked.source, long_payload), 0x4321, 24);
    const Seen whole = joined(pass_in(nat64, pieces, order, worker));
    EXPECT_EQ(whole.text(), "udp [64:ff9b::cb00:7105]:80 > [2001:db8:1::1]:5000 " + long_payload);
  });
}

TEST(FragmentSteps, take_fragments_of_connections) {
  in_every_order(3, [&](Nat64& nat64, const std::vector<std::size_t>& order, unsigned worker) {
    const Seen asked = nat64.pass(tcp(client, server, "S"), worker);
    const auto pieces = fragments_of(tcp(server4, asked.source, "A", long_payload), 0x4321, 32);
    ASSERT_EQ(pieces.size(), 3u);
    const Seen whole = joined(pass_in(nat64, pieces, order, worker));
    EXPECT_EQ(whole.text(), "tcp [64:ff9b::cb00:7105]:80 > [2001:db8:1::1]:5000 A " + long_payload);
  });
}

// R28 (RFC 7915 4.5)
TEST(FragmentSteps, put_together_datagrams_without_a_checksum) {
  in_every_order(3, [&](Nat64& nat64, const std::vector<std::size_t>& order, unsigned worker) {
    const Seen asked = nat64.pass(udp(client, server), worker);
    const auto pieces = fragments_of(without_udp_checksum(udp(server4, asked.source, long_payload)), 0x4321, 24);
    const std::vector<Seen> out = pass_in(nat64, pieces, order, worker);
    ASSERT_EQ(out.size(), 1u);
    EXPECT_EQ(out[0].text(), "udp [64:ff9b::cb00:7105]:80 > [2001:db8:1::1]:5000 " + long_payload);
  });
}

// R32: pings are translated whole, because ICMPv6 has its length in the checksum.
TEST(FragmentSteps, put_together_pings) {
  const auto pieces6 = fragments_of(ping(client.address, server.address, 7, Echo::request, long_payload), 9, 24);
  ASSERT_EQ(pieces6.size(), 3u);
  in_every_order(3, [&](Nat64& nat64, const std::vector<std::size_t>& order, unsigned worker) {
    const std::vector<Seen> out = pass_in(nat64, pieces6, order, worker);
    ASSERT_EQ(out.size(), 1u);
    EXPECT_EQ(out[0].payload, long_payload);
    const auto pieces4 = fragments_of(
        ping(server4.address, out[0].source.address, out[0].source.port, Echo::reply, long_payload), 0x4321, 24);
    const std::vector<Seen> back = pass_in(nat64, pieces4, order, worker);
    ASSERT_EQ(back.size(), 1u);
    EXPECT_EQ(back[0].text(), "pong [64:ff9b::cb00:7105]:7 > [2001:db8:1::1]:7 " + long_payload);
  });
}

// R12
TEST(FragmentSteps, hairpin_fragments_in_any_order) {
  const ip::Endpoint second = endpoint("[2001:db8:2::2]:6000");
  in_every_order(3, [&](Nat64& nat64, const std::vector<std::size_t>& order, unsigned worker) {
    const ip::Endpoint second4 = nat64.pass(udp(second, server), worker).source;
    const ip::Endpoint first4 = nat64.pass(udp(client, server), worker).source;
    const auto pieces = fragments_of(udp(client, synthesized(second4.to_text()), long_payload), 77, 24);
    const Seen whole = joined(pass_in(nat64, pieces, order, worker));
    EXPECT_EQ(whole.text(),
              "udp " + synthesized(first4.to_text()).to_text() + " > " + second.to_text() + " " + long_payload);
  });
}

TEST(FragmentSteps, hairpin_pings_that_are_cut) {
  in_every_order(3, [&](Nat64& nat64, const std::vector<std::size_t>& order, unsigned worker) {
    const ip::Address own = synthesized("198.51.100.1:1").address;
    const auto pieces = fragments_of(ping(client.address, own, 7, Echo::request, long_payload), 9, 24);
    const std::vector<Seen> out = pass_in(nat64, pieces, order, worker);
    ASSERT_EQ(out.size(), 1u);
    EXPECT_EQ(out[0].destination, (ip::Endpoint{client.address, 7}));
    EXPECT_EQ(out[0].payload, long_payload);
  });
}

// R4: silently, after FRAGMENT_MIN.
TEST(FragmentSteps, give_up_on_fragments_whose_first_one_never_comes) {
  for (const unsigned workers : {1U, 3U}) {
    Nat64 nat64(standard_options(), workers);
    const Seen asked = nat64.pass(udp(client, server));
    const auto pieces4 = fragments_of(udp(server4, asked.source, long_payload), 0x4321, 24);
    const auto pieces6 = fragments_of(udp(client, server, long_payload), 5, 24);
    for (const std::size_t at : {1, 2}) {
      EXPECT_EQ(nat64.say(pieces4[at]), "-");
      EXPECT_EQ(nat64.say(pieces6[at]), "-");
    }
    nat64.now += milliseconds(1999);
    nat64.expire();
    EXPECT_EQ(nat64.all_drops(), 0u);
    nat64.now += milliseconds(1);
    nat64.expire();
    EXPECT_EQ(nat64.drops(DropReason::fragment_timeout), 4u);
    EXPECT_TRUE(nat64.sent.empty());
  }
}

TEST(FragmentSteps, end_all_that_waited_too_long_however_many) {
  Nat64 nat64;
  for (std::uint32_t id = 1; id <= 1000; ++id) nat64.all(fragments_of(udp(client, server, long_payload), id, 24)[1]);
  nat64.now += seconds(2);
  nat64.expire();
  EXPECT_EQ(nat64.drops(DropReason::fragment_timeout), 1000u);
}

TEST(FragmentSteps, drop_what_follows_a_first_fragment_that_was_refused) {
  Options options = standard_options();
  options.denied_destinations = {*ip::Prefix::from_text("203.0.113.5/32")};
  Nat64 nat64(options);
  const auto pieces = fragments_of(udp(client, server, long_payload), 5, 24);
  EXPECT_EQ(nat64.say(pieces[1]), "-");
  EXPECT_EQ(nat64.say(pieces[0]).substr(0, 9), "error 1/1");
  EXPECT_EQ(nat64.say(pieces[2]), "-");
  nat64.wait(seconds(3));
  EXPECT_EQ(nat64.drops(DropReason::denied_destination), 1u);
  EXPECT_EQ(nat64.drops(DropReason::fragment_timeout), 2u);
}

// R22 (RFC 7915 4.1)
TEST(FragmentSteps, cut_what_ipv4_allowed_to_be_cut) {
  Nat64 nat64;
  const Seen asked = nat64.pass(udp(client, server));
  const std::string payload(1400, 'y');
  const std::vector<Seen> out = nat64.all(udp(server4, asked.source, payload));
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(joined(out).payload, payload);
  EXPECT_EQ(nat64.all(with_dont_fragment(udp(server4, asked.source, payload))).size(), 1u);
}

// -- Whose a packet is --

TEST(FragmentSteps, hand_packets_to_the_worker_that_owns_them) {
  Nat64 nat64(standard_options(), 8);
  const unsigned owner = nat64.owner_of(client.address);
  for (unsigned worker = 0; worker < 8; ++worker) {
    nat64.handed_off.clear();
    const Seen out = nat64.pass(udp(client, server), worker);
    EXPECT_EQ(nat64.handed_off.size(), worker == owner ? 0u : 1u);
    nat64.handed_off.clear();
    EXPECT_EQ(nat64.pass(udp(server4, out.source), worker).destination, client);
    EXPECT_EQ(nat64.handed_off.size(), worker == owner ? 0u : 1u);
    nat64.handed_off.clear();
    EXPECT_EQ(nat64.pass(icmp_error(server4.address, out.source.address, {3, 3}, out.octets), worker).kind, "error");
    EXPECT_EQ(nat64.handed_off.size(), worker == owner ? 0u : 1u);
  }
  EXPECT_EQ(nat64.bindings(), 1);
}

// A router of the inside has another prefix than the host that its error is about.
TEST(FragmentSteps, hand_errors_of_inside_routers_to_the_owner_of_the_host) {
  Nat64 nat64(standard_options(), 8);
  const Seen in = nat64.pass(udp(server4, nat64.pass(udp(client, server)).source));
  for (unsigned worker = 0; worker < 8; ++worker) {
    const ip::Address router = address("2001:db8:ffff::" + std::to_string(worker));
    EXPECT_EQ(nat64.pass(icmp_error(router, server.address, {1, 0}, in.octets), worker).kind, "error");
  }
}

TEST(FragmentSteps, count_what_the_owner_has_no_room_for) {
  Nat64 nat64(standard_options(), 2);
  nat64.has_queues = false;
  EXPECT_EQ(nat64.say(udp(client, server), 1 - nat64.owner_of(client.address)), "-");
  EXPECT_EQ(nat64.drops(DropReason::handoff_full), 1u);
}

TEST(FragmentSteps, keep_the_owner_of_a_subscriber_through_reloads) {
  Nat64 nat64(standard_options(), 8);
  const Seen out = nat64.pass(udp(client, server));
  Options options = standard_options();
  options.subscriber_prefix = 128;
  nat64.apply(options);
  EXPECT_EQ(nat64.pass(udp(client, server)).source, out.source) << "its length is fixed at the start";
}

// R4: at the next upkeep, however many they are.
TEST(FragmentSteps, end_all_fragments_whose_time_is_over) {
  Nat64 nat64;
  constexpr std::uint32_t count = 500;
  for (std::uint32_t id = 0; id < count; ++id) {
    EXPECT_EQ(nat64.say(fragments_of(udp(client, server, std::string(40, 'x')), id)[1]), "-");
  }
  nat64.now += seconds(2);
  nat64.expire();
  EXPECT_EQ(nat64.drops(DropReason::fragment_timeout), count);
}

}  // namespace
}  // namespace dragoman::nat64
