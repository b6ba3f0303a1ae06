// resolv.conf, and whom it leads to.
#include "system_resolvers.h"

#include <gmock/gmock.h>

#include "fakes/temporary_directory.h"

namespace dragoman::gateway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

ip::Address address(const char* text) { return *ip::Address::from_text(text); }
ip::Endpoint endpoint(const char* text) { return *ip::Endpoint::from_text(text); }

std::vector<std::string> servers_in(std::string_view text) {
  std::vector<std::string> texts;
  for (const ip::Address& server : name_servers_in(text)) texts.push_back(server.to_text());
  return texts;
}

TEST(NameServersIn, are_the_addresses_of_the_nameserver_lines) {
  EXPECT_THAT(
      servers_in("# nameserver 192.0.2.1\nsearch example.com\nnameserver 192.0.2.53\n\tnameserver\t2001:db8::53 "
                 "# comment\nnameserver 192.0.2.53\noptions edns0\nnameserver\nnameserver resolver.test\n"),
      ElementsAre("192.0.2.53", "2001:db8::53"));
  EXPECT_THAT(servers_in("nameserver fe80::1%eth0\n"), IsEmpty());
  EXPECT_THAT(servers_in(""), IsEmpty());
}

TEST(IsOwn, knows_a_listener_by_its_address) {
  const std::vector<ip::Endpoint> listeners{endpoint("192.0.2.1:53"), endpoint("192.0.2.2:5353")};
  EXPECT_TRUE(is_own(address("192.0.2.1"), listeners, {}));
  EXPECT_FALSE(is_own(address("192.0.2.2"), listeners, {})) << "name servers are asked on port 53";
  EXPECT_FALSE(is_own(address("127.0.0.53"), listeners, {}));
}

TEST(IsOwn, takes_every_address_of_this_host_for_a_wildcard_listener) {
  const std::vector<ip::Address> local{address("192.0.2.1"), address("2001:db8::1")};
  const std::vector<ip::Endpoint> any{endpoint("[::]:53")}, any_v4{endpoint("0.0.0.0:53")};
  for (const char* here : {"127.0.0.1", "127.0.0.53", "::1", "192.0.2.1", "2001:db8::1"}) {
    EXPECT_TRUE(is_own(address(here), any, local)) << here;
  }
  EXPECT_FALSE(is_own(address("192.0.2.99"), any, local));
  EXPECT_TRUE(is_own(address("192.0.2.1"), any_v4, local));
  EXPECT_FALSE(is_own(address("2001:db8::1"), any_v4, local));
}

TEST(SystemResolvers, leave_ourselves_out) {
  test::TemporaryDirectory directory;
  const std::string file = directory.write("resolv.conf", "nameserver 127.0.0.1\nnameserver 2001:db8::53\n");
  const auto servers = system_resolvers(file, {endpoint("[::]:53")});
  ASSERT_EQ(servers.size(), 1u);
  EXPECT_EQ(servers[0].url, "dns://[2001:db8::53]");
  EXPECT_EQ(servers[0].host, "2001:db8::53");
  EXPECT_EQ(servers[0].port, 53);
  EXPECT_TRUE(servers[0].host_is_address());
}

TEST(SystemResolvers, are_none_when_there_is_no_file) {
  test::TemporaryDirectory directory;
  EXPECT_THAT(system_resolvers(directory.path("resolv.conf"), {}), IsEmpty());
}

}  // namespace
}  // namespace dragoman::gateway
