// Streams, plain and TLS: whole and partial transfers, how they end, and what garbage does.
#include "dragoman/net/stream.h"

#include <gmock/gmock.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "tls_pair.h"

namespace dragoman::net {
namespace {

using testing::HasSubstr;

std::string pattern(std::size_t length) {
  std::string text(length, '\0');
  for (std::size_t i = 0; i < length; ++i) text[i] = static_cast<char>(i * 31 + i / 251);
  return text;
}

// Writes all of `text`, the reader taking turns; returns what arrived.
std::string transfer(Stream& from, Stream& to, const std::string& text) {
  std::string arrived;
  std::size_t written = 0;
  bool blocked = false;
  for (int turns = 0; arrived.size() < text.size() && turns < 100000; ++turns) {
    // Each call from another buffer: the contract is about content, not about place.
    const std::string rest = text.substr(written);
    const IoResult result = from.write(bytes_of(rest));
    EXPECT_NE(result.state, IoState::failed) << from.error_text();
    written += result.count;
    blocked = blocked || result.state == IoState::would_block;
    arrived += read_all(to);
  }
  return arrived;
}

class TlsStream : public TlsTest {
 protected:
  TlsPair make_pair() { return {*server, Alpn::dot, verifying->new_session()}; }
  std::shared_ptr<const ServerTls> server = load({issue({.names = {"dns.example"}})});
  std::shared_ptr<ClientTls> verifying = client("dns.example");
};

TEST(PlainStream, carries_octets_both_ways_until_closed) {
  auto [a, b] = socket_pair();
  Stream one(std::move(a)), other(std::move(b));
  EXPECT_EQ(one.handshake().state, IoState::ok);
  const std::string text = pattern(500'000);
  EXPECT_EQ(transfer(one, other, text), text);
  EXPECT_EQ(transfer(other, one, "back"), "back");
  one.close();
  IoState last;
  read_all(other, last);
  EXPECT_EQ(last, IoState::closed);
}

TEST(PlainStream, writing_to_who_has_gone_fails_in_words) {
  auto [a, b] = socket_pair();
  Stream one(std::move(a));
  { UniqueFd gone(std::move(b)); }
  EXPECT_EQ(one.write(bytes_of("x")).state, IoState::failed);
  EXPECT_EQ(one.error_text(), "Broken pipe");
}

TEST(PlainStream, moves) {
  auto [a, b] = socket_pair();
  Stream one(std::move(a)), other(std::move(b));
  Stream moved(std::move(one));
  EXPECT_EQ(transfer(moved, other, "hello"), "hello");
}

TEST_F(TlsStream, carries_octets_both_ways) {
  TlsPair pair = make_pair();
  ASSERT_TRUE(pair.shake_hands());
  EXPECT_EQ(pair.server.facts().version, TlsVersion::tls13);
  EXPECT_EQ(pair.server.facts().alpn, "dot");
  EXPECT_FALSE(pair.server.facts().resumed);
  EXPECT_EQ(transfer(pair.client, pair.server, "question"), "question");
  EXPECT_EQ(transfer(pair.server, pair.client, "answer"), "answer");
}

TEST_F(TlsStream, large_transfers_survive_a_full_socket) {
  TlsPair pair = make_pair();
  ASSERT_TRUE(pair.shake_hands());
  const std::string text = pattern(2'000'000);
  EXPECT_EQ(transfer(pair.server, pair.client, text), text);
}

TEST_F(TlsStream, a_write_that_waits_goes_on_where_it_was) {
  TlsPair pair = make_pair();
  ASSERT_TRUE(pair.shake_hands());
  const std::string text = pattern(4'000'000);
  std::size_t written = 0;
  IoResult result;
  while ((result = pair.server.write(bytes_of(std::string_view(text).substr(written)))).state == IoState::ok) {
    written += result.count;
  }
  EXPECT_EQ(result.state, IoState::would_block);
  std::string arrived = read_all(pair.client);
  arrived += transfer(pair.server, pair.client, text.substr(written));
  EXPECT_EQ(arrived, text);
}

TEST_F(TlsStream, one_read_takes_many_small_records) {
  TlsPair pair = make_pair();
  ASSERT_TRUE(pair.shake_hands());
  for (int i = 0; i < 50; ++i) ASSERT_EQ(pair.client.write(bytes_of("0123456789")).count, 10u);
  std::array<std::uint8_t, 4096> buffer;
  EXPECT_EQ(pair.server.read(buffer).count, 500u);
  EXPECT_EQ(pair.server.read(buffer).state, IoState::would_block);
}

TEST_F(TlsStream, a_read_tells_when_it_took_the_last_there_was) {
  TlsPair pair = make_pair();
  ASSERT_TRUE(pair.shake_hands());
  std::array<std::uint8_t, 4096> buffer;
  ASSERT_EQ(pair.client.write(bytes_of("0123456789")).count, 10u);
  EXPECT_TRUE(pair.server.read(buffer).drained);
  ASSERT_EQ(pair.client.write(bytes_of("0123456789")).count, 10u);
  EXPECT_FALSE(pair.server.read(MutableBytes(buffer).first(4)).drained) << "six octets are waiting in the record";
  read_all(pair.server);
  ASSERT_EQ(pair.client.write(bytes_of(pattern(40'000))).count, 16384u);
  std::size_t total = 0;
  IoResult result;
  do {
    result = pair.server.read(buffer);
    total += result.count;
  } while (!result.drained && result.state == IoState::ok);
  EXPECT_EQ(total, 16384u);
}

TEST_F(TlsStream, a_read_from_what_was_buffered_does_not_speak_for_the_socket) {
  TlsPair pair = make_pair();
  ASSERT_TRUE(pair.shake_hands());
  std::array<std::uint8_t, 4096> buffer;
  ASSERT_EQ(pair.client.write(bytes_of("0123456789")).count, 10u);
  ASSERT_EQ(pair.server.read(MutableBytes(buffer).first(4)).count, 4u);
  ASSERT_EQ(pair.client.write(bytes_of("more")).count, 4u);
  const IoResult rest = pair.server.read(buffer);
  EXPECT_TRUE(!rest.drained || rest.count == 10);
  EXPECT_EQ(rest.count + read_all(pair.server).size(), 10u);
}

TEST(PlainStream, a_read_tells_when_it_took_the_last_there_was) {
  auto [a, b] = socket_pair();
  Stream one(std::move(a)), other(std::move(b));
  ASSERT_EQ(one.write(bytes_of("0123456789")).count, 10u);
  std::array<std::uint8_t, 8> buffer;
  EXPECT_FALSE(other.read(buffer).drained);
  EXPECT_TRUE(other.read(buffer).drained);
}

TEST_F(TlsStream, a_small_buffer_loses_nothing) {
  TlsPair pair = make_pair();
  ASSERT_TRUE(pair.shake_hands());
  const std::string text = pattern(10'000);
  ASSERT_EQ(pair.client.write(bytes_of(text)).count, text.size());
  IoState last;
  EXPECT_EQ(read_all(pair.server, last, 7), text);
  EXPECT_EQ(last, IoState::would_block);
}

TEST_F(TlsStream, octets_that_come_with_the_last_flight_are_not_lost) {
  TlsPair pair = make_pair();
  IoState at_client = IoState::would_block;
  // The client is done one flight before the server, and writes at once.
  for (int i = 0; i < 10 && at_client == IoState::would_block; ++i) {
    at_client = pair.client.handshake().state;
    if (at_client == IoState::would_block) pair.server.handshake();
  }
  ASSERT_EQ(at_client, IoState::ok);
  ASSERT_EQ(pair.client.write(bytes_of("early")).count, 5u);
  ASSERT_EQ(pair.server.handshake().state, IoState::ok);
  EXPECT_EQ(read_all(pair.server), "early");
}

TEST_F(TlsStream, close_notify_ends_the_stream_after_what_was_sent) {
  TlsPair pair = make_pair();
  ASSERT_TRUE(pair.shake_hands());
  pair.client.write(bytes_of("last words"));
  pair.client.close();
  IoState last;
  EXPECT_EQ(read_all(pair.server, last), "last words");
  EXPECT_EQ(last, IoState::closed);
  EXPECT_EQ(pair.server.write(bytes_of("answer")).state, IoState::ok) << "RFC 7766 6.2.4: half closed";
  EXPECT_EQ(read_all(pair.client), "answer");
}

TEST_F(TlsStream, a_fin_without_close_notify_is_an_end_too) {
  TlsPair pair = make_pair();
  ASSERT_TRUE(pair.shake_hands());
  ::shutdown(pair.client.fd(), SHUT_WR);
  IoState last;
  read_all(pair.server, last);
  EXPECT_EQ(last, IoState::closed);
  EXPECT_EQ(ERR_peek_error(), 0u);
}

TEST_F(TlsStream, a_client_that_leaves_during_the_handshake_is_closed) {
  TlsPair pair = make_pair();
  pair.client.handshake();
  pair.server.handshake();
  ::shutdown(pair.client.fd(), SHUT_RDWR);
  EXPECT_NE(pair.server.handshake().state, IoState::would_block);
  EXPECT_EQ(ERR_peek_error(), 0u);
}

// A FIN that came before what was read was told of is told by nothing else.
TEST_F(TlsStream, who_expects_the_end_meets_it_in_the_handshake_that_waits) {
  TlsPair pair = make_pair();
  pair.client.handshake();
  ::shutdown(pair.client.fd(), SHUT_WR);
  pair.server.expect_end();
  EXPECT_NE(pair.server.handshake().state, IoState::would_block);
}

TEST_F(TlsStream, who_expects_the_end_is_not_told_that_the_socket_is_empty) {
  TlsPair pair = make_pair();
  ASSERT_TRUE(pair.shake_hands());
  ASSERT_EQ(pair.client.write(bytes_of("last words")).count, 10u);
  pair.client.close();
  pair.server.expect_end();
  std::array<std::uint8_t, 4096> buffer;
  EXPECT_FALSE(pair.server.read(buffer).drained);
  EXPECT_EQ(pair.server.read(buffer).state, IoState::closed);
}

TEST_F(TlsStream, a_reset_connection_fails_and_leaves_no_error_behind) {
  TlsPair pair = make_pair();
  ASSERT_TRUE(pair.shake_hands());
  pair.client = Stream(UniqueFd());
  std::array<std::uint8_t, 64> buffer;
  EXPECT_NE(pair.server.read(buffer).state, IoState::would_block);
  EXPECT_EQ(pair.server.write(bytes_of("x")).state, IoState::failed);
  EXPECT_THAT(pair.server.error_text(), testing::Not(testing::IsEmpty()));
  pair.server.close();
  EXPECT_EQ(ERR_peek_error(), 0u);
}

TEST_F(TlsStream, a_damaged_record_fails) {
  TlsPair pair = make_pair();
  ASSERT_TRUE(pair.shake_hands());
  const std::string forged = std::string("\x17\x03\x03\x00\x20", 5) + std::string(32, 'x');
  ASSERT_EQ(::send(pair.client.fd(), forged.data(), forged.size(), 0), static_cast<ssize_t>(forged.size()));
  std::array<std::uint8_t, 64> buffer;
  EXPECT_EQ(pair.server.read(buffer).state, IoState::failed);
  EXPECT_THAT(pair.server.error_text(), HasSubstr("bad record mac"));
  EXPECT_EQ(ERR_peek_error(), 0u);
}

TEST_F(TlsStream, one_failure_does_not_reach_another_connection) {
  TlsPair bad = make_pair();
  TlsPair good = make_pair();
  ASSERT_TRUE(bad.shake_hands());
  ASSERT_TRUE(good.shake_hands());
  ASSERT_GT(::send(bad.client.fd(), "garbage garbage", 15, 0), 0);
  read_all(bad.server);
  EXPECT_EQ(transfer(good.client, good.server, "fine"), "fine");
}

// What a client may throw at a TLS port instead of a ClientHello.
TEST_F(TlsStream, garbage_instead_of_a_client_hello_fails) {
  const std::string cases[] = {
      "GET /dns-query HTTP/1.1\r\nHost: dns.example\r\n\r\n",
      std::string("\x00\x1d\x12\x34\x01\x00\x00\x01", 8) + std::string(21, '\0'),  // DNS in the clear
      std::string(64, '\xff'),
      std::string("\x16\x03\x01\x00\x04\x0e\x00\x00\x00", 9),  // a ServerHelloDone
      std::string("\x16\x03\x01\x40\x01", 5) + std::string(20000, 'x'),
  };
  for (const std::string& garbage : cases) {
    auto [a, b] = socket_pair();
    Stream stream(std::move(a), server->new_session(Alpn::dot), true);
    ASSERT_EQ(::send(b.get(), garbage.data(), garbage.size(), 0), static_cast<ssize_t>(garbage.size()));
    EXPECT_EQ(stream.handshake().state, IoState::failed);
    EXPECT_THAT(stream.error_text(), HasSubstr("TLS: "));
    stream.close();
    EXPECT_EQ(ERR_peek_error(), 0u);
  }
}

TEST_F(TlsStream, too_much_before_the_handshake_fails) {
  auto [a, b] = socket_pair();
  Stream stream(std::move(a), server->new_session(Alpn::dot), true);
  // A ClientHello that never ends, in small records.
  const std::string start("\x16\x03\x01\x04\x00\x01\x00\x3f\xff", 9);
  std::string record = start + std::string(1020, 'x');
  IoResult result{IoState::would_block};
  int records = 0;
  for (; result.state == IoState::would_block && records < 40; ++records) {
    ASSERT_GT(::send(b.get(), record.data(), record.size(), 0), 0);
    result = stream.handshake();
    record = std::string("\x16\x03\x01\x04\x00", 5) + std::string(1024, 'x');
  }
  EXPECT_EQ(result.state, IoState::failed);
  EXPECT_LE(records, 17);
}

// Passes on what the client sends, one octet at a time.
TEST_F(TlsStream, a_handshake_may_come_octet_by_octet) {
  auto [client_end, near] = socket_pair();
  auto [far, server_end] = socket_pair();
  Stream client_stream(std::move(client_end), verifying->new_session(), false);
  Stream server_stream(std::move(server_end), server->new_session(Alpn::dot), true);
  const auto pass = [](int from, int to, std::size_t chunk, auto&& after_each) {
    char octets[4096];
    ssize_t count;
    while ((count = ::recv(from, octets, chunk, 0)) > 0) {
      ASSERT_EQ(::send(to, octets, static_cast<std::size_t>(count), 0), count);
      after_each();
    }
  };
  IoState at_client = IoState::would_block, at_server = IoState::would_block;
  for (int i = 0; i < 10; ++i) {
    if (at_client == IoState::would_block) at_client = client_stream.handshake().state;
    pass(near.get(), far.get(), 1, [&] {
      if (at_server == IoState::would_block) at_server = server_stream.handshake().state;
    });
    pass(far.get(), near.get(), 4096, [] {});
  }
  EXPECT_EQ(at_client, IoState::ok);
  EXPECT_EQ(at_server, IoState::ok);
}

// -- Handshakes with pauses --
struct Pausing {
  Pausing(const ServerTls& server, ssl_st* client_session) : pair(server, Alpn::dot, client_session) {
    pair.server.allow_pauses();
  }
  bool is_done() const { return at_client == IoState::ok && at_server == IoState::ok; }
  // One step of each side.
  void step() {
    if (at_client == IoState::would_block) at_client = pair.client.handshake().state;
    if (at_server == IoState::would_block || at_server == IoState::paused) at_server = pair.server.handshake().state;
    pauses += at_server == IoState::paused;
  }
  // To the end; false if there is none.
  bool shake_hands() {
    for (int i = 0; i < 100 && !is_done(); ++i) step();
    return is_done();
  }

  TlsPair pair;
  IoState at_client = IoState::would_block, at_server = IoState::would_block;
  int pauses = 0;
};

// Where it takes 250 us in all it pauses some four times; on no machine does it take less than 40.
TEST_F(TlsStream, a_handshake_with_pauses_comes_to_the_same_end) {
  Pausing handshake(*server, verifying->new_session());
  ASSERT_TRUE(handshake.shake_hands());
  EXPECT_GT(handshake.pauses, 0);
  EXPECT_EQ(handshake.pair.server.facts().version, TlsVersion::tls13);
  EXPECT_EQ(transfer(handshake.pair.client, handshake.pair.server, "there"), "there");
  EXPECT_EQ(transfer(handshake.pair.server, handshake.pair.client, "back"), "back");
  EXPECT_EQ(ERR_peek_error(), 0u);
}

TEST_F(TlsStream, handshakes_pause_for_each_other_and_for_one_that_fails) {
  std::vector<std::unique_ptr<Pausing>> handshakes;
  for (int i = 0; i < 8; ++i) handshakes.push_back(std::make_unique<Pausing>(*server, verifying->new_session()));
  const auto are_done = [&] {
    return std::all_of(handshakes.begin(), handshakes.end(), [](const auto& one) { return one->is_done(); });
  };
  for (int i = 0; i < 100 && !are_done(); ++i) {
    for (const auto& handshake : handshakes) {
      handshake->step();
      auto [a, b] = socket_pair();
      Stream bad(std::move(a), server->new_session(Alpn::dot), true);
      bad.allow_pauses();
      ASSERT_GT(::send(b.get(), "garbage garbage", 15, 0), 0);
      ASSERT_EQ(bad.handshake().state, IoState::failed);
    }
  }
  EXPECT_TRUE(are_done());
  for (const auto& one : handshakes) EXPECT_EQ(transfer(one->pair.client, one->pair.server, "fine"), "fine");
}

TEST_F(TlsStream, resumption_and_tls12_bear_pauses) {
  for (int i = 0; i < 2; ++i) {
    Pausing handshake(*server, verifying->new_session());
    ASSERT_TRUE(handshake.shake_hands());
    EXPECT_EQ(handshake.pair.server.facts().resumed, i == 1);
    read_all(handshake.pair.client);  // the ticket
  }
  ssl_st* const older = verifying->new_session();
  SSL_set_max_proto_version(older, TLS1_2_VERSION);
  Pausing handshake(*server, older);
  ASSERT_TRUE(handshake.shake_hands());
  EXPECT_EQ(handshake.pair.server.facts().version, TlsVersion::tls12);
}

// The job behind it has a stack, which must not be left.
TEST_F(TlsStream, a_stream_may_go_while_its_handshake_pauses) {
  for (int steps = 1; steps < 5; ++steps) {
    Pausing handshake(*server, verifying->new_session());
    for (int i = 0; i < steps; ++i) handshake.step();
    if (steps == 1) {
      EXPECT_EQ(handshake.at_server, IoState::paused);
    }
    if (steps % 2 == 0) handshake.pair.server.close();
  }
  EXPECT_EQ(ERR_peek_error(), 0u);
}

TEST_F(TlsStream, key_updates_are_followed_but_a_flood_of_them_ends_the_connection) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL* ssl = SSL_new(context);
  TlsPair pair(*server, Alpn::dot, ssl);
  ASSERT_TRUE(pair.shake_hands());
  int updates = 0;
  IoState last = IoState::would_block;
  while (last == IoState::would_block && updates < 1000) {
    SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED);
    pair.client.write(bytes_of("x"));
    const std::string arrived = read_all(pair.server, last);
    if (last == IoState::would_block) {
      EXPECT_EQ(arrived, "x");
    }
    ++updates;
  }
  EXPECT_GT(updates, 10);
  EXPECT_LE(updates, 40);
  SSL_CTX_free(context);
}

TEST_F(TlsStream, renegotiation_is_refused) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
  SSL* ssl = SSL_new(context);
  TlsPair pair(*server, Alpn::dot, ssl);
  ASSERT_TRUE(pair.shake_hands());
  SSL_renegotiate(ssl);
  pair.client.handshake();
  read_all(pair.server);
  EXPECT_EQ(pair.client.handshake().state, IoState::failed);
  EXPECT_THAT(pair.client.error_text(), HasSubstr("no renegotiation"));
  SSL_CTX_free(context);
}

}  // namespace
}  // namespace dragoman::net
