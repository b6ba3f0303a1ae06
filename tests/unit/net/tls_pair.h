// Both ends of a TLS connection over a socket pair, driven by hand in one thread.
#pragma once

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "dragoman/net/socket.h"
#include "dragoman/net/stream.h"
#include "dragoman/net/tls.h"
#include "fakes/test_certificates.h"

namespace dragoman::net {

inline Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::pair<UniqueFd, UniqueFd> socket_pair() {
  int fds[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) != 0) std::abort();
  return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

// Connected over the loopback device, for what only TCP does.
inline std::pair<UniqueFd, UniqueFd> tcp_pair() {
  const ip::Endpoint any_port{*ip::Address::from_text("127.0.0.1"), 0};
  const UniqueFd listener = *listen_tcp(any_port, false);
  UniqueFd client = *connect_tcp(local_endpoint(listener.get()));
  std::optional<Accepted> accepted = *accept_tcp(listener.get());
  if (!accepted) std::abort();
  return {std::move(client), std::move(accepted->fd)};
}

// Reads until nothing more comes; `last` tells how it ended.
inline std::string read_all(Stream& stream, IoState& last, std::size_t chunk = 4096) {
  std::string all;
  std::array<std::uint8_t, 65536> buffer;
  for (;;) {
    const IoResult result = stream.read(MutableBytes(buffer).first(chunk));
    last = result.state;
    if (result.state != IoState::ok) return all;
    all.append(reinterpret_cast<const char*>(buffer.data()), result.count);
  }
}

inline std::string read_all(Stream& stream) {
  IoState ignored;
  return read_all(stream, ignored);
}

struct TlsPair {
  TlsPair(const ServerTls& server_tls, Alpn alpn, ssl_st* client_session)
      : TlsPair(socket_pair(), server_tls, alpn, client_session) {}

  // Steps both until neither has more to say; true when both are done.
  bool shake_hands() {
    IoState at_client = IoState::would_block, at_server = IoState::would_block;
    for (int i = 0; i < 10; ++i) {
      if (at_client == IoState::would_block) at_client = client.handshake().state;
      if (at_server == IoState::would_block) at_server = server.handshake().state;
    }
    if (at_client == IoState::ok) read_all(client);  // takes the ticket in
    return at_client == IoState::ok && at_server == IoState::ok;
  }

  Stream client;
  Stream server;

 private:
  TlsPair(std::pair<UniqueFd, UniqueFd> fds, const ServerTls& server_tls, Alpn alpn, ssl_st* client_session)
      : client(std::move(fds.first), client_session, false),
        server(std::move(fds.second), server_tls.new_session(alpn), true) {}
};

// A client with OpenSSL's own knobs, for what ClientTls does not do. Trusts everybody.
class RawClient {
 public:
  RawClient() { SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_CLIENT); }
  SSL_CTX* context() { return context_.get(); }
  SSL* session(const char* server_name) {
    SSL* ssl = SSL_new(context_.get());
    if (server_name != nullptr) SSL_set_tlsext_host_name(ssl, server_name);
    return ssl;
  }

 private:
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
};

// What most tests begin with: an authority and one server of one name.
class TlsTest : public testing::Test {
 protected:
  using KeyKind = test::KeyKind;

  std::shared_ptr<const ServerTls> load(
      std::vector<CertificateFiles> certificates,
      std::shared_ptr<const TicketKeys> tickets = std::make_shared<TicketKeys>(hour)) {
    auto loaded = ServerTls::load({.certificates = std::move(certificates)}, std::move(tickets));
    EXPECT_TRUE(loaded) << loaded.error().text();
    return loaded ? *loaded : nullptr;
  }

  CertificateFiles issue(const test::CertificateWish& wish) {
    return authority.issue(wish).save(directory, "pair" + std::to_string(++issued));
  }

  std::shared_ptr<ClientTls> client(const std::string& name, const std::string& alpn = "dot") {
    return *ClientTls::make(ca_file, name, alpn);
  }

  static constexpr seconds hour{3600};
  test::TemporaryDirectory directory;
  test::TestAuthority authority;
  std::string ca_file = authority.save(directory);
  int issued = 0;
};

}  // namespace dragoman::net
