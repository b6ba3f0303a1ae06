// Which certificate, version and protocol a client gets.
#include <gmock/gmock.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "tls_pair.h"

namespace dragoman::net {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string shown_name(SSL* ssl) {
  char name[128] = "none";
  X509_NAME_get_text_by_NID(X509_get_subject_name(SSL_get0_peer_certificate(ssl)), NID_commonName, name, sizeof name);
  return name;
}

bool shown_key_is_rsa(SSL* ssl) {
  return EVP_PKEY_get_base_id(X509_get0_pubkey(SSL_get0_peer_certificate(ssl))) == EVP_PKEY_RSA;
}

class ServerTlsChoice : public TlsTest {
 protected:
  std::string shown_to(const ServerTls& server, const char* server_name) {
    RawClient raw;
    SSL* ssl = raw.session(server_name);
    TlsPair pair(server, Alpn::dot, ssl);
    return pair.shake_hands() ? shown_name(ssl) : "no handshake: " + pair.client.error_text();
  }
};

TEST_F(ServerTlsChoice, the_certificate_is_chosen_by_server_name) {
  const auto server = load({issue({.names = {"first.example"}}), issue({.names = {"second.example", "also.example"}}),
                            issue({.names = {"*.wild.example"}}), issue({.names = {"exact.wild.example"}})});
  EXPECT_EQ(shown_to(*server, "first.example"), "first.example");
  EXPECT_EQ(shown_to(*server, "second.example"), "second.example");
  EXPECT_EQ(shown_to(*server, "ALSO.Example"), "second.example");
  EXPECT_EQ(shown_to(*server, "any.wild.example"), "*.wild.example");
  EXPECT_EQ(shown_to(*server, "exact.wild.example"), "exact.wild.example");
}

TEST_F(ServerTlsChoice, without_a_known_name_the_first_is_shown) {
  const auto server = load({issue({.names = {"first.example"}}), issue({.names = {"*.wild.example"}})});
  EXPECT_EQ(shown_to(*server, nullptr), "first.example");
  EXPECT_EQ(shown_to(*server, "unknown.example"), "first.example");
  EXPECT_EQ(shown_to(*server, "two.labels.wild.example"), "first.example");
  EXPECT_EQ(shown_to(*server, "single"), "first.example");
}

TEST_F(ServerTlsChoice, ecdsa_is_preferred_and_rsa_is_for_those_who_need_it) {
  const auto server = load(
      {issue({.names = {"a.example"}, .kind = KeyKind::rsa}), issue({.names = {"a.example"}, .kind = KeyKind::ecdsa})});
  RawClient modern;
  SSL* with_all = modern.session("a.example");
  TlsPair first(*server, Alpn::dot, with_all);
  ASSERT_TRUE(first.shake_hands());
  EXPECT_FALSE(shown_key_is_rsa(with_all));

  RawClient old;
  SSL_CTX_set1_sigalgs_list(old.context(), "RSA-PSS+SHA256:RSA+SHA256");
  SSL* with_rsa = old.session("a.example");
  TlsPair second(*server, Alpn::dot, with_rsa);
  ASSERT_TRUE(second.shake_hands()) << second.client.error_text();
  EXPECT_TRUE(shown_key_is_rsa(with_rsa));
}

TEST_F(ServerTlsChoice, the_oldest_version_is_tls_1_2_with_forward_secrecy) {
  const auto server = load({issue({.names = {"a.example"}})});
  RawClient raw;
  SSL_CTX_set_max_proto_version(raw.context(), TLS1_2_VERSION);
  SSL* ssl = raw.session("a.example");
  TlsPair pair(*server, Alpn::dot, ssl);
  ASSERT_TRUE(pair.shake_hands());
  EXPECT_EQ(pair.server.facts().version, TlsVersion::tls12);
  EXPECT_THAT(SSL_get_cipher_name(ssl), AllOf(HasSubstr("ECDHE-"), HasSubstr("GCM")));

  RawClient old;
  SSL_CTX_set_security_level(old.context(), 0);
  SSL_CTX_set_min_proto_version(old.context(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(old.context(), TLS1_1_VERSION);
  TlsPair refused(*server, Alpn::dot, old.session("a.example"));
  EXPECT_FALSE(refused.shake_hands());
  EXPECT_THAT(refused.server.error_text(), HasSubstr("unsupported protocol"));
}

struct AlpnCase {
  Alpn listener;
  std::string offered;  // as on the wire
  std::string chosen;
  bool succeeds = true;
};

TEST_F(ServerTlsChoice, alpn_is_chosen_by_the_listener) {
  const AlpnCase cases[] = {
      {Alpn::dot, "\3dot", "dot"},
      {Alpn::dot, "", ""},
      {Alpn::dot, "\2h2", ""},
      {Alpn::dot, "\2h2\3dot", "dot"},
      {Alpn::doh, "\2h2", "h2"},
      {Alpn::doh, "\10http/1.1\2h2", "h2"},
      {Alpn::doh, "\10http/1.1", "http/1.1"},
      {Alpn::doh, "", ""},
      {Alpn::doh, "\3dot", "", false},
  };
  const auto server = load({issue({.names = {"a.example"}}), issue({.names = {"b.example"}})});
  for (const char* name : {"a.example", "b.example"}) {
    for (const AlpnCase& one : cases) {
      RawClient raw;
      SSL* ssl = raw.session(name);
      if (!one.offered.empty()) {
        SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(one.offered.data()),
                            static_cast<unsigned>(one.offered.size()));
      }
      TlsPair pair(*server, one.listener, ssl);
      EXPECT_EQ(pair.shake_hands(), one.succeeds) << one.offered;
      if (!one.succeeds) continue;
      EXPECT_EQ(pair.server.facts().alpn, one.chosen);
      EXPECT_EQ(pair.server.facts().alpn_h2, one.chosen == "h2");
    }
  }
}

struct KeyExchangeCase {
  int version;
  const char* suite;  // of TLS 1.3
  const char* offered;
  std::string_view shared;
};

// X25519 and the key schedule are of this program (own_algorithms.h), the other groups OpenSSL's. TLS 1.2 clients have
// to offer the curve of the certificate, too (RFC 8422 2.2).
TEST_F(ServerTlsChoice, every_group_suite_and_version_leads_to_the_same_keys) {
  const KeyExchangeCase cases[] = {
      {TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256", "X25519", "x25519"},
      {TLS1_3_VERSION, "TLS_AES_256_GCM_SHA384", "X25519", "x25519"},
      {TLS1_3_VERSION, "TLS_CHACHA20_POLY1305_SHA256", "X25519", "x25519"},
      {TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256", "P-256", "secp256r1"},
      {TLS1_3_VERSION, "TLS_AES_256_GCM_SHA384", "P-384", "secp384r1"},
      {TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256", "P-521:X25519", "x25519"},  // by HelloRetryRequest
      {TLS1_2_VERSION, "TLS_AES_128_GCM_SHA256", "X25519:P-256", "x25519"},
      {TLS1_2_VERSION, "TLS_AES_128_GCM_SHA256", "P-256", "secp256r1"},
  };
  const auto server = load({issue({.names = {"a.example"}})});
  for (const KeyExchangeCase& one : cases) {
    RawClient raw;
    SSL_CTX_set_max_proto_version(raw.context(), one.version);
    SSL_CTX_set_ciphersuites(raw.context(), one.suite);
    SSL_CTX_set1_groups_list(raw.context(), one.offered);
    SSL* ssl = raw.session("a.example");
    TlsPair pair(*server, Alpn::dot, ssl);
    ASSERT_TRUE(pair.shake_hands()) << one.offered << ": " << pair.server.error_text();
    EXPECT_EQ(SSL_version(ssl), one.version);
    EXPECT_EQ(SSL_group_to_name(ssl, static_cast<int>(SSL_get_negotiated_group(ssl))), one.shared);
    ASSERT_EQ(pair.client.write(bytes_of("question")).count, 8u);
    EXPECT_EQ(read_all(pair.server), "question");
    ASSERT_EQ(pair.server.write(bytes_of("answer")).count, 6u);
    EXPECT_EQ(read_all(pair.client), "answer");
  }
}

// RFC 8446 7.4.2: a client whose share is of small order would choose the keys alone.
TEST_F(ServerTlsChoice, an_X25519_share_of_zeros_is_refused) {
  const auto server = load({issue({.names = {"a.example"}})});
  auto [fd, other] = socket_pair();
  RawClient raw;
  SSL_CTX_set1_groups_list(raw.context(), "X25519");
  Stream hello_maker(std::move(other), raw.session("a.example"), false);
  hello_maker.handshake();
  std::array<std::uint8_t, 4096> hello;
  const ssize_t length = ::recv(fd.get(), hello.data(), hello.size(), 0);
  ASSERT_GT(length, 0);
  // key_share, RFC 8446 4.2.8: group, length of the share, the share.
  constexpr std::uint8_t share_head[] = {0x00, 0x1d, 0x00, 0x20};
  auto* const end = hello.begin() + length;
  auto* const share = std::search(hello.begin(), end, std::begin(share_head), std::end(share_head));
  ASSERT_LE(share + 4 + 32, end);
  std::fill_n(share + 4, 32, std::uint8_t{0});

  auto [client, accepted] = socket_pair();
  Stream stream(std::move(accepted), server->new_session(Alpn::dot), true);
  ASSERT_EQ(::send(client.get(), hello.data(), static_cast<std::size_t>(length), 0), length);
  EXPECT_EQ(stream.handshake().state, IoState::failed);
}

TEST_F(ServerTlsChoice, a_handshake_outlives_the_reload_that_replaces_its_server) {
  auto server = load({issue({.names = {"a.example"}}), issue({.names = {"b.example"}})});
  RawClient raw;
  SSL* ssl = raw.session("b.example");
  TlsPair pair(*server, Alpn::dot, ssl);
  server.reset();
  ASSERT_TRUE(pair.shake_hands());
  EXPECT_EQ(shown_name(ssl), "b.example");
}

}  // namespace
}  // namespace dragoman::net
