// Certificates made in the test: an authority, and leaves of any name, kind of key and validity.
//
//   TestAuthority authority;
//   TemporaryDirectory directory;
//   CertificateFiles files = authority.issue({.names = {"dns.example"}}).save(directory, "server");
//   ClientTls::make(authority.save(directory), "dns.example", "dot");
#pragma once

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/net/tls.h"
#include "fakes/temporary_directory.h"

namespace dragoman::test {

enum class KeyKind { ecdsa, rsa };

struct CertificateWish {
  std::vector<std::string> names{};      // dNSName; the first is the common name too
  std::vector<std::string> addresses{};  // iPAddress
  KeyKind kind = KeyKind::ecdsa;
  long valid_from_s = -3600;  // from now
  long valid_until_s = 90L * 24 * 3600;
};

// PEM texts.
struct MadeCertificate {
  std::string cert;
  std::string key;

  net::CertificateFiles save(const TemporaryDirectory& directory, const std::string& name) const {
    const std::string key_file = directory.write(name + ".key", key);
    std::filesystem::permissions(key_file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return {directory.write(name + ".crt", cert), key_file};
  }
};

class TestAuthority {
 public:
  TestAuthority() : key_(make_key(KeyKind::ecdsa)) {
    certificate_ = make({.names = {"Test authority"}, .valid_until_s = 365L * 24 * 3600}, key_.get(), true);
  }

  std::string pem() const { return text_of(certificate_.get()); }
  std::string save(const TemporaryDirectory& directory) const { return directory.write("ca.crt", pem()); }

  MadeCertificate issue(const CertificateWish& wish) const {
    // An RSA key takes a tenth of a second to make: one per process.
    static const Key rsa = make_key(KeyKind::rsa);
    const Key ecdsa = wish.kind == KeyKind::ecdsa ? make_key(KeyKind::ecdsa) : Key(nullptr, EVP_PKEY_free);
    EVP_PKEY* const key = ecdsa ? ecdsa.get() : rsa.get();
    return {text_of(make(wish, key, false).get()), text_of(key)};
  }

 private:
  using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
  using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

  static Key make_key(KeyKind kind) {
    return {kind == KeyKind::rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"), EVP_PKEY_free};
  }

  static void add_extension(X509* certificate, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }

  static std::string alternatives(const CertificateWish& wish) {
    std::string list;
    for (const std::string& name : wish.names) list += (list.empty() ? "DNS:" : ",DNS:") + name;
    for (const std::string& address : wish.addresses) list += (list.empty() ? "IP:" : ",IP:") + address;
    return list;
  }

  Certificate make(const CertificateWish& wish, EVP_PKEY* key, bool is_authority) const {
    Certificate made(X509_new(), X509_free);
    X509* const certificate = made.get();
    static long serial = 0;
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
    X509_set_version(certificate, X509_VERSION_3);
    X509_gmtime_adj(X509_getm_notBefore(certificate), wish.valid_from_s);
    X509_gmtime_adj(X509_getm_notAfter(certificate), wish.valid_until_s);
    X509_set_pubkey(certificate, key);
    const std::string common_name = wish.names.empty() ? "Test server" : wish.names.front();
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(is_authority ? certificate : certificate_.get()));
    if (is_authority) {
      add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
      add_extension(certificate, NID_key_usage, "critical,keyCertSign");
    } else if (const std::string names = alternatives(wish); !names.empty()) {
      add_extension(certificate, NID_subject_alt_name, names);
    }
    X509_sign(certificate, key_.get(), EVP_sha256());
    return made;
  }

  template <class Write>
  static std::string pem_text(Write write) {
    BIO* bio = BIO_new(BIO_s_mem());
    write(bio);
    char* text = nullptr;
    const long length = BIO_get_mem_data(bio, &text);
    std::string copy(text, static_cast<std::size_t>(length));
    BIO_free(bio);
    return copy;
  }
  static std::string text_of(X509* certificate) {
    return pem_text([&](BIO* bio) { PEM_write_bio_X509(bio, certificate); });
  }
  static std::string text_of(EVP_PKEY* key) {
    return pem_text([&](BIO* bio) { PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr); });
  }

  Key key_;
  Certificate certificate_{nullptr, X509_free};
};

}  // namespace dragoman::test
