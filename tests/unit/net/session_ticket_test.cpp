// Resumption: whose tickets are good, and for how long.
#include "session_ticket.h"

#include "tls_pair.h"

namespace dragoman::net {
namespace {

// Tickets, with a clock of the test's own.
std::int64_t fake_time = 0;

class Resumption : public TlsTest {
 protected:
  void SetUp() override { fake_time = 1'800'000'000; }

  static std::shared_ptr<const TicketKeys> keys(std::uint8_t secret) {
    TicketKeys::Secret octets;
    octets.fill(secret);
    return std::make_shared<TicketKeys>(hour, octets, [] { return fake_time; });
  }
  bool resumes(const ServerTls& server, ClientTls& client, Alpn alpn = Alpn::dot) {
    TlsPair pair(server, alpn, client.new_session());
    EXPECT_TRUE(pair.shake_hands()) << pair.client.error_text() << pair.server.error_text();
    EXPECT_EQ(pair.server.facts().resumed, pair.client.facts().resumed);
    return pair.server.facts().resumed;
  }
};

TEST_F(Resumption, works_with_the_same_server) {
  const auto server = load({issue({.names = {"a.example"}})}, keys(1));
  const auto returning = client("a.example");
  EXPECT_FALSE(resumes(*server, *returning));
  EXPECT_TRUE(resumes(*server, *returning));
  EXPECT_TRUE(resumes(*server, *returning));
}

TEST_F(Resumption, works_across_servers_with_the_same_ticket_keys) {
  const auto files = issue({.names = {"a.example"}});
  const auto one = load({files}, keys(1));
  const auto other = load({files}, keys(1));
  const auto stranger = load({files}, keys(2));
  const auto returning = client("a.example");
  EXPECT_FALSE(resumes(*one, *returning));
  EXPECT_TRUE(resumes(*other, *returning));
  EXPECT_FALSE(resumes(*stranger, *returning));
}

TEST_F(Resumption, works_for_every_name_of_the_server) {
  const auto server = load({issue({.names = {"a.example"}}), issue({.names = {"b.example"}})}, keys(1));
  const auto returning = client("b.example");
  EXPECT_FALSE(resumes(*server, *returning));
  EXPECT_TRUE(resumes(*server, *returning));
}

TEST_F(Resumption, works_in_tls_1_2_too) {
  const auto server = load({issue({.names = {"a.example"}})}, keys(1));
  RawClient raw;
  SSL_CTX_set_max_proto_version(raw.context(), TLS1_2_VERSION);
  SSL* ssl = raw.session("a.example");
  TlsPair first(*server, Alpn::dot, ssl);
  ASSERT_TRUE(first.shake_hands());
  SSL_SESSION* session = SSL_get1_session(ssl);
  SSL* again = raw.session("a.example");
  SSL_set_session(again, session);
  TlsPair second(*server, Alpn::dot, again);
  ASSERT_TRUE(second.shake_hands());
  EXPECT_TRUE(second.server.facts().resumed);
  SSL_SESSION_free(session);
}

// What the server shows no certificate for is told all the same.
TEST_F(Resumption, keeps_the_name_that_the_client_sent) {
  const auto server = load({issue({.names = {"a.example"}})}, keys(1));
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (const char* name : {"a.example", "unknown.example", ""}) {
      SCOPED_TRACE(std::to_string(version) + " " + name);
      const char* const sent = *name == 0 ? nullptr : name;
      RawClient raw;
      SSL_CTX_set_min_proto_version(raw.context(), version);
      SSL_CTX_set_max_proto_version(raw.context(), version);
      SSL* ssl = raw.session(sent);
      TlsPair first(*server, Alpn::dot, ssl);
      ASSERT_TRUE(first.shake_hands());
      EXPECT_EQ(first.server.server_name(), name);
      SSL_SESSION* session = SSL_get1_session(ssl);
      SSL* again = raw.session(sent);
      SSL_set_session(again, session);
      TlsPair second(*server, Alpn::dot, again);
      ASSERT_TRUE(second.shake_hands());
      EXPECT_TRUE(second.server.facts().resumed);
      EXPECT_EQ(second.server.server_name(), name);
      SSL_SESSION_free(session);
    }
  }
}

TEST_F(Resumption, survives_two_rotations_and_not_three) {
  const auto server = load({issue({.names = {"a.example"}})}, keys(1));
  for (const int periods : {0, 1, 2}) {
    const auto returning = client("a.example");
    EXPECT_FALSE(resumes(*server, *returning));
    fake_time += periods * hour.count();
    EXPECT_TRUE(resumes(*server, *returning)) << periods;
    fake_time += 2 * hour.count();
    EXPECT_TRUE(resumes(*server, *returning)) << "a ticket under the newest key came with the resumption";
  }
  const auto late = client("a.example");
  EXPECT_FALSE(resumes(*server, *late));
  fake_time += 3 * hour.count();
  EXPECT_FALSE(resumes(*server, *late));
}

}  // namespace
}  // namespace dragoman::net
