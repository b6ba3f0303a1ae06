// Reading a query and deciding whether it may be asked.
#include "fixture.h"

namespace dragoman::resolve {
namespace {

using dns::Rcode;
using dns::Type;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(ResolverTest, refuses_clients_outside_the_acl_with_a_reason) {
  const Reply reply = resolve({.name = "host.test", .from = "2001:db8::1"});
  EXPECT_EQ(reply.rcode(), Rcode::refused);
  EXPECT_EQ(reply.ede(), 18);
  EXPECT_THAT(upstream.asked, IsEmpty());
  EXPECT_EQ(metrics.refused(RefusalReason::acl).value(), 1u);
}

TEST_F(ResolverTest, applies_the_acl_to_every_protocol) {
  for (const Protocol protocol : {Protocol::udp, Protocol::tcp, Protocol::dot, Protocol::doh}) {
    EXPECT_EQ(resolve({.name = "a.test", .protocol = protocol, .from = "192.0.2.1"}).rcode(), Rcode::refused);
    EXPECT_NE(resolve({.name = "a.test", .protocol = protocol, .from = "127.0.0.1"}).rcode(), Rcode::refused);
  }
}

TEST_F(ResolverTest, refuses_what_is_no_business_of_a_resolver) {
  EXPECT_EQ(resolve({.name = "test", .type = Type::axfr}).rcode(), Rcode::refused);
  EXPECT_EQ(resolve({.name = "test", .type = Type::ixfr}).ede(), 21);
  EXPECT_EQ(resolve({.name = "test", .type = Type::tkey}).rcode(), Rcode::notimp);
  EXPECT_EQ(resolve({.name = "test", .type = Type::opt}).rcode(), Rcode::formerr);
  EXPECT_EQ(resolve({.name = "version.bind", .type = Type::txt, .klass = dns::Class::ch}).rcode(), Rcode::refused);
  EXPECT_THAT(upstream.asked, IsEmpty());
}

TEST_F(ResolverTest, says_notimp_to_other_opcodes) {
  auto message = query_octets({.name = "host.test"});
  message[2] |= 4 << 3;  // NOTIFY
  TestClient client;
  const HandleResult result = handle(message, {.name = ""}, client);
  EXPECT_EQ(Reply(Bytes(room).first(result.length), {}).rcode(), Rcode::notimp);
}

TEST_F(ResolverTest, says_badvers_to_a_later_edns) {
  auto message = query_octets({.name = "host.test"});
  message[message.size() - 5] = 1;  // the version octet of the OPT at the end
  TestClient client;
  const HandleResult result = handle(message, {.name = ""}, client);
  const Reply reply(Bytes(room).first(result.length), {});
  EXPECT_EQ(reply.rcode(), Rcode::badvers);
  EXPECT_EQ(reply.view.edns()->version, 0);
}

TEST_F(ResolverTest, drops_responses_and_fragments_of_a_header) {
  TestClient client;
  auto response = query_octets({.name = "host.test"});
  response[2] |= 0x80;
  EXPECT_EQ(handle(response, {.name = ""}, client).handled, Handled::dropped);
  EXPECT_EQ(handle({1, 2, 3}, {.name = ""}, client).handled, Handled::dropped);
  EXPECT_EQ(metrics.dropped(DropReason::response).value(), 1u);
  EXPECT_EQ(metrics.dropped(DropReason::short_header).value(), 1u);
}

TEST_F(ResolverTest, says_formerr_to_what_cannot_be_read) {
  auto message = query_octets({.name = "host.test", .edns = false});
  message.pop_back();
  TestClient client;
  const HandleResult result = handle(message, {.name = ""}, client);
  ASSERT_EQ(result.handled, Handled::answered);
  EXPECT_EQ(room[3] & 15, 1);
  EXPECT_EQ(load_u16(room.data()), 0x1234);
}

}  // namespace
}  // namespace dragoman::resolve
