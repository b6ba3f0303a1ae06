// Which certificate, version and protocol a client gets.
#include <gmock/gmock.h>
#include <openssl/ssl.h>

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
