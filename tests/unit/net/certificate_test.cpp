// What loading certificates refuses, in which words, and what it warns of.
#include "certificate.h"

#include <gmock/gmock.h>
#include <openssl/err.h>

#include "tls_pair.h"

namespace dragoman::net {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// What loading refuses, and what it warns of.
class ServerTlsLoad : public TlsTest {
 protected:
  std::string refusal(std::vector<CertificateFiles> certificates) {
    const auto loaded = ServerTls::load({.certificates = std::move(certificates)}, std::make_shared<TicketKeys>(hour));
    return loaded ? "loaded" : loaded.error().text();
  }
  std::vector<std::string> warnings(std::vector<CertificateFiles> certificates, const std::string& server_name = {}) {
    const TlsOptions options{.certificates = std::move(certificates), .server_name = server_name};
    const auto loaded = ServerTls::load(options, std::make_shared<TicketKeys>(hour));
    EXPECT_TRUE(loaded) << loaded.error().text();
    return loaded ? (*loaded)->warnings() : std::vector<std::string>();
  }
};

TEST_F(ServerTlsLoad, names_a_missing_file) {
  EXPECT_EQ(refusal({{directory.path("no.crt"), issue({.names = {"a.example"}}).key}}),
            "no such file: " + directory.path("no.crt"));
}

TEST_F(ServerTlsLoad, names_all_bad_files_at_once) {
  const std::string junk = directory.write("junk.crt", "not a certificate");
  EXPECT_THAT(refusal({{junk, directory.path("no.key")}, {directory.path("no.crt"), issue({}).key}}),
              AllOf(HasSubstr(junk), HasSubstr("no.key"), HasSubstr("no.crt")));
}

TEST_F(ServerTlsLoad, tells_what_kind_of_damage_a_file_has) {
  const auto good = authority.issue({.names = {"a.example"}});
  const auto files = good.save(directory, "good");
  const std::string cut = directory.write("cut.crt", good.cert + good.cert.substr(0, good.cert.size() / 2));
  EXPECT_THAT(refusal({{directory.write("junk.crt", "junk"), files.key}}), HasSubstr("no PEM certificate in the file"));
  EXPECT_THAT(refusal({{cut, files.key}}), HasSubstr("damaged"));
  EXPECT_THAT(refusal({{files.cert, directory.write("junk.key", "junk")}}),
              HasSubstr("no PEM private key in the file"));
  EXPECT_THAT(refusal({{files.cert, files.cert}}), HasSubstr("no PEM private key in the file"));
}

TEST_F(ServerTlsLoad, a_key_with_a_pass_phrase_is_refused_without_asking) {
  const auto files = issue({.names = {"a.example"}});
  EVP_PKEY* key = EVP_EC_gen("P-256");
  const std::string locked = directory.path("locked.key");
  BIO* bio = BIO_new_file(locked.c_str(), "w");
  PEM_write_bio_PKCS8PrivateKey(bio, key, EVP_aes_128_cbc(), "secret", 6, nullptr, nullptr);
  BIO_free(bio);
  EVP_PKEY_free(key);
  EXPECT_THAT(refusal({{files.cert, locked}}), HasSubstr("pass phrase"));
}

TEST_F(ServerTlsLoad, a_key_of_another_certificate_is_refused_by_both_names) {
  const auto one = issue({.names = {"a.example"}});
  const auto other = issue({.names = {"a.example"}});
  EXPECT_EQ(refusal({{one.cert, other.key}}),
            "the key does not belong to the certificate: " + other.key + " and " + one.cert);
}

TEST_F(ServerTlsLoad, no_certificate_at_all_is_an_error) { EXPECT_THAT(refusal({}), HasSubstr("no certificate")); }

TEST_F(ServerTlsLoad, leaves_nothing_in_the_error_queue) {
  refusal({{directory.write("junk.crt", "junk"), directory.write("junk.key", "junk")}});
  load({issue({.names = {"a.example"}})});
  EXPECT_EQ(ERR_peek_error(), 0u);
}

TEST_F(ServerTlsLoad, a_good_pair_has_no_warnings) {
  EXPECT_THAT(warnings({issue({.names = {"a.example"}, .addresses = {"192.0.2.1"}})}, "a.example"), IsEmpty());
}

TEST_F(ServerTlsLoad, tells_the_facts) {
  const auto files = issue({.names = {"A.example", "*.b.example"}, .addresses = {"192.0.2.1", "2001:db8::1"}});
  const auto server = load({files});
  const CertificateInfo& info = server->certificates().at(0);
  EXPECT_EQ(info.file, files.cert);
  EXPECT_EQ(info.common_name, "A.example");
  EXPECT_THAT(info.names, ElementsAre("a.example", "*.b.example", "192.0.2.1", "2001:db8::1"));
  EXPECT_FALSE(info.is_rsa);
  EXPECT_NEAR(static_cast<double>(info.not_after), static_cast<double>(std::time(nullptr) + 90L * 24 * 3600), 60);
}

TEST_F(ServerTlsLoad, warns_of_what_will_go_wrong) {
  constexpr long day = 24 * 3600;
  const auto made = authority.issue({.names = {"a.example"}});
  auto with_stranger = made;
  with_stranger.cert += test::TestAuthority().pem();
  auto with_issuer = made;
  with_issuer.cert += authority.pem();
  const auto open_to_all = made.save(directory, "open");
  std::filesystem::permissions(open_to_all.key, std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);

  EXPECT_THAT(warnings({issue({.names = {"a.example"}, .valid_until_s = -day})}), ElementsAre(HasSubstr("expired on")));
  EXPECT_THAT(warnings({issue({.names = {"a.example"}, .valid_from_s = day})}),
              ElementsAre(HasSubstr("not valid before")));
  EXPECT_THAT(warnings({issue({.names = {"a.example"}, .valid_from_s = -80 * day, .valid_until_s = 10 * day + 3600})}),
              ElementsAre(HasSubstr("in 10 days")));
  EXPECT_THAT(warnings({issue({.names = {"a.example"}, .kind = KeyKind::rsa})}), ElementsAre(HasSubstr("RSA alone")));
  EXPECT_THAT(warnings({issue({.addresses = {"192.0.2.1"}})}), IsEmpty());
  EXPECT_THAT(warnings({issue({})}), ElementsAre(HasSubstr("subjectAltName")));
  EXPECT_THAT(warnings({with_stranger.save(directory, "stranger")}), ElementsAre(HasSubstr("issuer")));
  EXPECT_THAT(warnings({with_issuer.save(directory, "issuer")}), IsEmpty());
  EXPECT_THAT(warnings({open_to_all}), ElementsAre(HasSubstr("chmod")));
  EXPECT_THAT(warnings({issue({.names = {"a.example"}})}, "b.example"),
              ElementsAre(HasSubstr("server_name b.example")));
  EXPECT_THAT(warnings({issue({.names = {"*.example"}})}, "b.example"), IsEmpty());
  EXPECT_THAT(warnings({issue({.names = {"a.example"}}), issue({.names = {"a.example"}})}),
              ElementsAre(HasSubstr("never shown")));
}

TEST(Certificate, covers_its_names_and_one_label_of_its_wildcards) {
  CertificateInfo info;
  info.names = {"a.example", "*.b.example", "192.0.2.1"};
  for (const char* name : {"a.example", "x.b.example", "192.0.2.1"}) EXPECT_TRUE(covers(info, name)) << name;
  for (const char* name : {"b.example", "x.y.b.example", "example", "x.a.example", ""}) {
    EXPECT_FALSE(covers(info, name)) << name;
  }
}

}  // namespace
}  // namespace dragoman::net
