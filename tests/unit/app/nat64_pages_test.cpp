// The pages about the NAT64, with workers in memory.
#include "nat64_pages.h"

#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "nat64_in_memory.h"

namespace dragoman::app {
namespace {

namespace json = boost::json;
using nat64::scene::endpoint;
using nat64::scene::synthesized;
using nat64::scene::udp;
using testing::HasSubstr;

class Nat64Pages : public testing::Test {
 protected:
  // What the page at `path` says once the workers have done their part.
  admin::Response ask(const std::string& target) { return ask(nat64_pages(memory_.questions()), target); }
  admin::Response ask(const std::vector<admin::ApiPage>& pages, const std::string& target) {
    admin::Response out{.status = 0};
    for (const admin::ApiPage& page : pages) {
      if (page.path != "/api/v1/nat64/" + target.substr(0, target.find('?'))) continue;
      page.make(*admin::Parameters::from_target(target), [&](admin::Response response) { out = std::move(response); });
    }
    memory_.work();
    return out;
  }
  json::object object(const std::string& target) {
    const admin::Response response = ask(target);
    EXPECT_EQ(response.status, 200u) << response.body;
    EXPECT_EQ(response.content_type, "application/json");
    return response.status == 200 ? json::parse(response.body).as_object() : json::object();
  }
  // A host of this subscriber begins a session.
  void begin(unsigned subscriber, unsigned port = 5000) {
    const auto client = endpoint("[2001:db8:" + std::to_string(subscriber) + "::1]:" + std::to_string(port));
    memory_.nat64.pass(udp(client, synthesized("203.0.113.5:53")), memory_.nat64.owner_of(client.address));
  }

  Nat64InMemory memory_;
};

TEST_F(Nat64Pages, the_status_has_the_memory_of_all_workers) {
  begin(1);
  const json::object status = object("status");
  EXPECT_EQ(status.at("state").as_string(), "ok");
  EXPECT_GT(status.at("memory").to_number<std::int64_t>(), 0);
}

TEST_F(Nat64Pages, sessions_are_of_everybody_or_of_one_subscriber) {
  for (unsigned subscriber = 1; subscriber <= 6; ++subscriber) begin(subscriber);
  begin(3, 5001);
  EXPECT_EQ(object("sessions").at("sessions").as_array().size(), 7u);
  const json::array found = object("sessions?subscriber=2001:db8:3::/64").at("sessions").as_array();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].as_object().at("inside").as_string(), "[2001:db8:3::1]:5000");
  EXPECT_EQ(object("sessions?subscriber=2001:db8:3::1").at("sessions").as_array().size(), 2u);
  EXPECT_TRUE(object("sessions?subscriber=2001:db8:99::/64").at("sessions").as_array().empty());
}

TEST_F(Nat64Pages, says_when_there_are_more_sessions_than_were_asked_for) {
  for (unsigned port = 1; port <= 5; ++port) begin(1, port);
  const json::object few = object("sessions?limit=4");
  EXPECT_EQ(few.at("sessions").as_array().size(), 4u);
  EXPECT_TRUE(few.at("is_cut").as_bool());
  EXPECT_FALSE(object("sessions?limit=6").at("is_cut").as_bool());
}

TEST_F(Nat64Pages, a_worker_carries_packets_between_the_steps_of_a_long_search) {
  for (unsigned port = 1; port <= 5000; ++port) begin(1, port);
  object("sessions?subscriber=2001:db8:99::/64");
  EXPECT_GE(memory_.turns, 4u) << "two workers, one of which has 5000 sessions to look at";
}

TEST_F(Nat64Pages, the_pool_is_told_by_address) {
  begin(1);
  const json::object pool = object("pool");
  EXPECT_EQ(pool.at("block_size").to_number<int>(), 256);
  EXPECT_EQ(json::serialize(pool.at("addresses")),
            R"([{"address":"198.51.100.1","blocks":252,"taken":1,"draining":0,"gives":true}])");
  EXPECT_FALSE(pool.at("is_cut").as_bool());
}

TEST_F(Nat64Pages, a_subscriber_is_found_by_any_of_its_addresses) {
  for (unsigned subscriber = 1; subscriber <= 6; ++subscriber) begin(subscriber);
  const json::object found = object("subscriber?address=2001:db8:4::abcd");
  const json::object& info = found.at("subscriber").as_object();
  EXPECT_EQ(info.at("prefix").as_string(), "2001:db8:4::/64");
  EXPECT_EQ(info.at("sessions").to_number<int>(), 1);
  EXPECT_EQ(info.at("blocks").as_array().size(), 1u);
  EXPECT_EQ(found.at("worker").to_number<unsigned>(),
            memory_.nat64.owner_of(*ip::Address::from_text("2001:db8:4::abcd")));
  EXPECT_EQ(json::serialize(found.at("limits")), R"({"ports":0,"sessions":0,"new_sessions_per_second":0})");
  EXPECT_TRUE(object("subscriber?address=2001:db8:99::1").at("subscriber").is_null());
}

TEST_F(Nat64Pages, say_what_is_wrong_with_a_question) {
  const std::pair<const char*, const char*> table[] = {
      {"status?x=1", "no such parameter: x"},
      {"sessions?limit=0", "`limit`"},
      {"sessions?limit=many", "`limit`"},
      {"sessions?subscriber=192.0.2.1", "no IPv6 prefix"},
      {"sessions?subscriber=nobody", "no IPv6 prefix"},
      {"pool?limit=100000", "`limit`"},
      {"subscriber", "no IPv6 address"},
      {"subscriber?address=198.51.100.1", "no IPv6 address"},
  };
  for (const auto& [target, said] : table) {
    const admin::Response response = ask(target);
    EXPECT_EQ(response.status, 400u) << target;
    EXPECT_THAT(response.body, HasSubstr(said)) << target;
  }
}

TEST_F(Nat64Pages, say_so_when_there_is_no_nat64) {
  const admin::Response response = ask(nat64_pages({}), "status");
  EXPECT_EQ(response.status, 400u);
  EXPECT_EQ(response.body, "there is no NAT64 in this configuration\n");
}

}  // namespace
}  // namespace dragoman::app
