// Who goes first when there is no room: the oldest handshake, the connection that has been idle for longest.
#include "connection_set.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "connection.h"
#include "context.h"
#include "server_fixture.h"

namespace dragoman::serve {
namespace {

class ConnectionSetTest : public testing::Test {
 protected:
  // A connection over a socket pair, whose other end is `ends.back()`.
  Connection& add(bool is_tls = false) {
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) != 0) std::abort();
    ends.push_back(net::UniqueFd(fds[1]));
    net::Stream stream = is_tls ? net::Stream(net::UniqueFd(fds[0]), tls->new_session(net::Alpn::dot), true)
                                : net::Stream(net::UniqueFd(fds[0]));
    (void)context.limits->admit(client);
    auto made = std::make_unique<Connection>(context, is_tls ? dot : dns, std::move(stream), client);
    Connection& connection = *made;
    context.connections.add(std::move(made));
    return connection;
  }
  // Whether the server closed the other end.
  bool is_closed(std::size_t index) {
    char octet;
    return ::recv(ends[index].get(), &octet, 1, MSG_DONTWAIT) == 0;
  }

  test::TemporaryDirectory directory;
  test::TestAuthority authority;
  std::shared_ptr<const net::ServerTls> tls =
      *net::ServerTls::load({.certificates = {authority.issue({.names = {"dns.example"}}).save(directory, "server")}},
                            std::make_shared<net::TicketKeys>(seconds(3600)));
  const Listeners dns{*ListenOptions::from_url("dns://127.0.0.1")};
  const Listeners dot{*ListenOptions::from_url("tls://127.0.0.1")};
  const ip::Address client = *ip::Address::from_text("192.0.2.1");
  std::vector<net::UniqueFd> ends;
  net::EventLoop loop;
  ScriptedHandler handler;
  Metrics metrics;
  Context context{loop, handler, std::make_shared<ConnectionLimits>(LimitOptions()), LimitOptions(), metrics};
  ConnectionSet& set = context.connections;
};

TEST_F(ConnectionSetTest, sheds_the_connection_that_has_been_idle_for_longest) {
  Connection& first = add();
  Connection& second = add();
  EXPECT_FALSE(set.shed_oldest_idle());  // both count as busy until their first turn
  set.move(first, Place::idle);
  set.move(second, Place::idle);
  set.move(first, Place::busy);
  set.move(first, Place::idle);
  EXPECT_TRUE(set.shed_oldest_idle());
  EXPECT_TRUE(is_closed(1));
  EXPECT_FALSE(is_closed(0));
  EXPECT_EQ(set.size(), 1u);
}

TEST_F(ConnectionSetTest, sheds_the_oldest_handshake) {
  add(true);
  add(true);
  EXPECT_EQ(set.handshakes(), 2u);
  EXPECT_FALSE(set.shed_oldest_handshake(loop.now() - milliseconds(1))) << "they began now";
  EXPECT_TRUE(set.shed_oldest_handshake(loop.now()));
  EXPECT_TRUE(is_closed(0));
  EXPECT_FALSE(is_closed(1));
  EXPECT_EQ(set.handshakes(), 1u);
  EXPECT_EQ(set.size(), 1u);
}

TEST_F(ConnectionSetTest, has_nobody_to_shed_when_all_are_busy) {
  add();
  EXPECT_FALSE(set.shed_oldest_idle());
  EXPECT_FALSE(set.shed_oldest_handshake(loop.now()));
  EXPECT_EQ(set.size(), 1u);
}

TEST_F(ConnectionSetTest, drains_all_of_them) {
  add();
  add(true);
  loop.run_once(milliseconds(1));
  set.drain();
  EXPECT_TRUE(is_closed(0));
  EXPECT_TRUE(is_closed(1));
}

TEST_F(ConnectionSetTest, gives_back_every_admission_when_cleared) {
  add();
  add(true);
  set.clear();
  EXPECT_EQ(set.size(), 0u);
  EXPECT_EQ(set.handshakes(), 0u);
  EXPECT_EQ(context.limits->open(), 0u);
}

}  // namespace
}  // namespace dragoman::serve
