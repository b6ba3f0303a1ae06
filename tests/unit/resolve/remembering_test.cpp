// What the NAT64 hears of answers: to whom, which addresses, for which domain.
#include "remembering.h"

#include "dragoman/resolve/trace.h"
#include "fixture.h"

namespace dragoman::resolve {
namespace {

using namespace std::chrono_literals;
using dns::Type;

const std::string client_text = "2001:db8:1:2::3";
const ip::Ipv6Octets client = ip::Address::from_text(client_text)->v6();
constexpr ip::Ipv4Octets first{198, 51, 100, 7}, second{198, 51, 100, 8};

class RememberingTest : public ResolverTest {
 protected:
  RememberingTest() {
    settings->acl = make_acl({{*ip::Prefix::from_text("::/0"), *ip::Prefix::from_text("0.0.0.0/0")}, {}});
    settings->resolved = resolved;
    serve_v4_only("www.example.test");
    start();
  }
  Reply ask(Type type = Type::aaaa, const std::string& from = client_text) {
    return resolve({.name = "www.example.test", .type = type, .from = from});
  }
  bool knows(const ip::Ipv4Octets& address) { return resolved->was_resolved(client.data(), address, loop.now()); }
  std::string domain_of(const ip::Ipv4Octets& address) {
    const auto text = resolved->names().text(resolved->domain_of(client.data(), address));
    return text ? std::string(text->view()) : "";
  }

  std::shared_ptr<nat64::ResolvedAddresses> resolved = std::make_shared<nat64::ResolvedAddresses>(1 << 20, 64, 7);
};

TEST_F(RememberingTest, a_synthetic_answer_is_told_with_its_domain) {
  EXPECT_FALSE(knows(first));
  ask();
  EXPECT_TRUE(knows(first));
  EXPECT_FALSE(knows(second));
  EXPECT_EQ(domain_of(first), "example.test");
}

TEST_F(RememberingTest, so_is_one_of_the_cache_to_another_client) {
  ask(Type::aaaa, "2001:db8:9::1");
  EXPECT_FALSE(knows(first));
  ask();
  EXPECT_EQ(upstream.asked.size(), 2u) << "the second answer is of the cache";
  EXPECT_TRUE(knows(first));
}

TEST_F(RememberingTest, every_address_of_an_answer_is_told) {
  upstream.answer("www.example.test.", Type::a,
                  {"www.example.test. 60 CNAME a.example.org.", "a.example.org. 60 A 198.51.100.7",
                   "a.example.org. 60 A 198.51.100.8"});
  ask();
  EXPECT_TRUE(knows(first));
  EXPECT_TRUE(knows(second));
}

// RFC 6877: a CLAT makes the address by itself.
TEST_F(RememberingTest, so_are_a_records_for_a_client_of_dns64) {
  ask(Type::a);
  EXPECT_TRUE(knows(first));
  EXPECT_EQ(domain_of(first), "");
  ask();
  ask(Type::a);
  EXPECT_EQ(domain_of(first), "example.test") << "who asks for A takes no name away";
}

TEST_F(RememberingTest, addresses_that_the_policy_does_not_map_are_not) {
  settings->dns64.policies[0].exclude_a = {*ip::Prefix::from_text("198.51.100.7/32")};
  start();
  ask();
  ask(Type::a);
  EXPECT_FALSE(knows(first));
}

TEST_F(RememberingTest, clients_over_ipv4_or_without_dns64_are_not) {
  ask(Type::aaaa, "192.0.2.99");
  settings->dns64.policies.clear();
  start();
  ask(Type::a);
  EXPECT_FALSE(knows(first));
}

TEST_F(RememberingTest, native_addresses_are_not) {
  upstream.answer("www.example.test.", Type::aaaa, {"www.example.test. 60 AAAA 2001:db8::80"});
  ask();
  EXPECT_FALSE(knows(first));
}

TEST_F(RememberingTest, explanations_are_nobodys_answers) {
  const Ask question{.name = "www.example.test", .from = client_text};
  const std::vector<std::uint8_t> message = query_octets(question);
  Trace trace;
  TestClient waiting;
  Query query{message, {ip::Address(client), Protocol::tcp}, 0, {}, &trace};
  resolver->explain(query, waiting, 1, room);
  while (resolver->in_flight() > 0) loop.run_once(5ms);
  EXPECT_FALSE(knows(first));
}

TEST_F(RememberingTest, what_had_to_make_room_is_counted) {
  settings->resolved = std::make_shared<nat64::ResolvedAddresses>(64, 64, 7);  // four pairs
  start();
  for (int i = 0; i < 5; ++i) ask(Type::aaaa, "2001:db8:1:" + std::to_string(i) + "::3");
  EXPECT_EQ(metrics.resolved_replaced.value(), 1u);
}

TEST(IdOf, a_domain_keeps_its_number_in_its_note) {
  nat64::DomainNames names(512, 7);
  const dns::Name name = *dns::Name::from_text("example.test");
  std::uint32_t note = 0;
  const Ipv4OnlyNames::Domain domain{name, note};
  const nat64::DomainId id = id_of(domain, names, TimePoint(1s));
  EXPECT_NE(id, nat64::no_domain);
  EXPECT_EQ(note, id);
  EXPECT_EQ(id_of(domain, names, TimePoint(2s)), id);
  for (const char* other : {"a.test", "b.test", "c.test", "d.test"}) names.add(other, TimePoint(3s));
  const nat64::DomainId anew = id_of(domain, names, TimePoint(4s));
  EXPECT_NE(anew, id) << "its place was taken";
  EXPECT_EQ(names.text(anew)->view(), "example.test");
}

}  // namespace
}  // namespace dragoman::resolve
