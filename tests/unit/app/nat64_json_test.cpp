// The NAT64 as JSON.
#include "nat64_json.h"

#include <gmock/gmock.h>

#include "nat64_in_memory.h"

namespace dragoman::app {
namespace {

namespace json = boost::json;
using nat64::scene::endpoint;
using nat64::scene::synthesized;
using nat64::scene::udp;

TEST(Nat64Json, a_session_has_its_three_endpoints_and_a_state) {
  const nat64::SessionInfo session{nat64::Protocol::udp,          endpoint("[2001:db8::1]:5000"),
                                   endpoint("198.51.100.1:2000"), endpoint("203.0.113.5:53"),
                                   nat64::SessionState::open,     seconds(299)};
  EXPECT_EQ(json::serialize(as_json(session)),
            R"({"protocol":"udp","inside":"[2001:db8::1]:5000","outside":"198.51.100.1:2000",)"
            R"("remote":"203.0.113.5:53","state":"open","expires_in_s":299})");
}

TEST(Nat64Json, every_state_has_a_word_of_the_rfc) {
  nat64::SessionInfo session;
  session.state = nat64::SessionState::v4_v6_fin_rcv;
  EXPECT_EQ(as_json(session).at("state").as_string(), "v4_v6_fin_rcv");
  session.state = nat64::SessionState::trans;
  EXPECT_EQ(as_json(session).at("state").as_string(), "trans");
}

TEST(Nat64Json, blocks_of_a_subscriber_are_addresses_and_ports) {
  const Nat64InMemory memory;
  nat64::SubscriberInfo subscriber{*ip::Prefix::from_text("2001:db8:1:2::/64"), {1, 2, 3}, 9, {}};
  subscriber.blocks = {memory.nat64.pool.block_of(*memory.nat64.pool.index_of({198, 51, 100, 1}), 2048)};
  EXPECT_EQ(json::serialize(as_json(subscriber, memory.nat64.pool)),
            R"({"prefix":"2001:db8:1:2::/64","bindings":{"tcp":1,"udp":2,"icmp":3},"sessions":9,)"
            R"("blocks":[{"address":"198.51.100.1","first_port":2048,"last_port":2303}]})");
}

TEST(Nat64Json, the_pool_is_told_address_by_address_up_to_a_bound) {
  nat64::Options options = nat64::scene::standard_options();
  options.pool4 = {{{198, 51, 100, 1}, {198, 51, 100, 3}}};
  const Nat64InMemory memory(options);
  const json::array addresses = addresses_as_json(memory.nat64.pool, 2);
  ASSERT_EQ(addresses.size(), 2u);
  EXPECT_EQ(json::serialize(addresses[0]),
            R"({"address":"198.51.100.1","blocks":252,"taken":0,"draining":0,"gives":true})");
}

TEST(Nat64Json, the_status_adds_workers_up_and_names_drops_that_there_were) {
  Nat64InMemory memory;
  for (unsigned host = 1; host <= 8; ++host) {
    const auto client = endpoint("[2001:db8:" + std::to_string(host) + "::1]:5000");
    memory.nat64.pass(udp(client, synthesized("203.0.113.5:53")), memory.nat64.owner_of(client.address));
  }
  memory.nat64.pass(udp(endpoint("[2001:db8::1]:5000"), endpoint("[2001:db8:ffff::1]:53")));
  memory.state = gateway::Nat64State::full;
  const json::object status = status_as_json(memory.questions(), 4096);
  EXPECT_EQ(status.at("state").as_string(), "full");
  EXPECT_EQ(json::serialize(status.at("prefixes")), R"(["64:ff9b::/96"])");
  EXPECT_EQ(status.at("workers").to_number<int>(), 2);
  EXPECT_EQ(status.at("subscribers").to_number<int>(), 8);
  EXPECT_EQ(json::serialize(status.at("sessions")), R"({"tcp":0,"udp":8,"icmp":0})");
  EXPECT_EQ(json::serialize(status.at("bindings")), R"({"tcp":0,"udp":8,"icmp":0})");
  EXPECT_EQ(status.at("sessions_limit").to_number<int>(), 2'000'000);
  EXPECT_EQ(json::serialize(status.at("pool")), R"({"block_size":256,"blocks":252,"taken":8,"draining":0})");
  EXPECT_EQ(json::serialize(status.at("packets")), R"({"6to4":8,"4to6":0,"hairpin":0})");
  EXPECT_EQ(json::serialize(status.at("drops")), R"({"not_our_prefix":1})");
  EXPECT_EQ(status.at("memory").to_number<int>(), 4096);
}

}  // namespace
}  // namespace dragoman::app
