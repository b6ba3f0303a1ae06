// What a client of an upstream verifies, and in which words it refuses.
#include <gmock/gmock.h>

#include "tls_pair.h"

namespace dragoman::net {
namespace {

using testing::HasSubstr;

class ClientTlsTest : public TlsTest {
 protected:
  // "" when the handshake succeeds, else the client's words.
  std::string refusal(const test::CertificateWish& shown, const std::string& wanted) {
    const auto server = load({issue(shown)});
    const auto verifying = client(wanted);
    TlsPair pair(*server, Alpn::dot, verifying->new_session());
    return pair.shake_hands() ? "" : pair.client.error_text();
  }
};

TEST_F(ClientTlsTest, trusts_the_name_or_address_that_it_wants) {
  const test::CertificateWish shown{.names = {"dns.example", "*.wild.example"},
                                    .addresses = {"192.0.2.1", "2001:db8::1"}};
  EXPECT_EQ(refusal(shown, "dns.example"), "");
  EXPECT_EQ(refusal(shown, "any.wild.example"), "");
  EXPECT_EQ(refusal(shown, "192.0.2.1"), "");
  EXPECT_EQ(refusal(shown, "2001:db8::1"), "");
}

TEST_F(ClientTlsTest, refuses_another_name_or_address_in_words) {
  const test::CertificateWish shown{.names = {"dns.example", "*.wild.example"}, .addresses = {"192.0.2.1"}};
  EXPECT_THAT(refusal(shown, "other.example"), HasSubstr("hostname mismatch"));
  EXPECT_THAT(refusal(shown, "a.b.wild.example"), HasSubstr("hostname mismatch"));
  EXPECT_THAT(refusal(shown, "192.0.2.2"), HasSubstr("IP address mismatch"));
}

TEST_F(ClientTlsTest, refuses_expired_certificates_and_unknown_authorities) {
  EXPECT_THAT(refusal({.names = {"dns.example"}, .valid_until_s = -60}, "dns.example"), HasSubstr("has expired"));
  ca_file = test::TestAuthority().save(directory);
  EXPECT_THAT(refusal({.names = {"dns.example"}}, "dns.example"), HasSubstr("certificate"));
}

TEST_F(ClientTlsTest, the_server_hears_why_it_was_refused) {
  const auto server = load({issue({.names = {"dns.example"}})});
  const auto verifying = client("other.example");
  TlsPair pair(*server, Alpn::dot, verifying->new_session());
  EXPECT_FALSE(pair.shake_hands());
  EXPECT_THAT(pair.server.error_text(), HasSubstr("alert"));
}

TEST_F(ClientTlsTest, offers_its_protocol) {
  const auto server = load({issue({.names = {"dns.example"}})});
  const auto verifying = client("dns.example", "h2");
  TlsPair pair(*server, Alpn::doh, verifying->new_session());
  ASSERT_TRUE(pair.shake_hands());
  EXPECT_TRUE(pair.client.facts().alpn_h2);
}

TEST_F(ClientTlsTest, a_session_may_outlive_it) {
  const auto server = load({issue({.names = {"dns.example"}})});
  auto verifying = client("dns.example");
  TlsPair pair(*server, Alpn::dot, verifying->new_session());
  verifying.reset();
  EXPECT_TRUE(pair.shake_hands()) << "the ticket that comes finds nobody to keep it";
}

TEST_F(ClientTlsTest, a_missing_file_of_authorities_is_an_error) {
  const auto made = ClientTls::make(directory.path("none.crt"), "dns.example", "dot");
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().text(), HasSubstr("none.crt"));
}

TEST_F(ClientTlsTest, the_systems_store_is_the_default) { EXPECT_TRUE(ClientTls::make("", "dns.example", "dot")); }

}  // namespace
}  // namespace dragoman::net
