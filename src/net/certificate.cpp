// Reads certificates and keys and tells what is wrong with them; see certificate.h. Start, reload and `check` only.
#include "certificate.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "dragoman/base/letter_case.h"

namespace dragoman::net {
namespace {

constexpr std::int64_t day = 24 * 3600;

std::int64_t unix_time(const ASN1_TIME* time) {
  tm broken_down{};
  return ASN1_TIME_to_tm(time, &broken_down) == 1 ? static_cast<std::int64_t>(timegm(&broken_down)) : 0;
}

std::string text_of(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

std::string address_text(const ASN1_OCTET_STRING* octets) {
  char text[INET6_ADDRSTRLEN] = "";
  const int family = ASN1_STRING_length(octets) == 4 ? AF_INET : AF_INET6;
  if (family == AF_INET6 && ASN1_STRING_length(octets) != 16) return {};
  inet_ntop(family, ASN1_STRING_get0_data(octets), text, sizeof text);
  return text;
}

std::vector<std::string> names_of(const X509* leaf) {
  std::vector<std::string> names;
  auto* alternatives = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(leaf, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(alternatives); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(alternatives, i);
    if (name->type == GEN_DNS) names.push_back(lower_case(text_of(name->d.dNSName)));
    if (name->type == GEN_IPADD) names.push_back(address_text(name->d.iPAddress));
  }
  GENERAL_NAMES_free(alternatives);
  return names;
}

std::string common_name_of(const X509* leaf) {
  const X509_NAME* subject = X509_get_subject_name(leaf);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  return at < 0 ? std::string() : text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
}

CertificateInfo info_of(const X509* leaf, const std::string& file) {
  CertificateInfo info;
  info.file = file;
  info.common_name = common_name_of(leaf);
  info.names = names_of(leaf);
  info.not_before = unix_time(X509_get0_notBefore(leaf));
  info.not_after = unix_time(X509_get0_notAfter(leaf));
  info.is_rsa = EVP_PKEY_get_base_id(X509_get0_pubkey(leaf)) == EVP_PKEY_RSA;
  return info;
}

Error file_error(const std::string& file) {
  if (errno == ENOENT) return {ErrorCode::not_found, "no such file", file};
  if (errno == EACCES) return {ErrorCode::permission, "this user may not read the file", file};
  return {ErrorCode::not_found, "the file cannot be read", file + ": " + std::strerror(errno)};
}

// Null, with errno, when the file cannot be opened.
BioPtr open_file(const std::string& file) {
  BioPtr bio(BIO_new_file(file.c_str(), "r"));
  ERR_clear_error();
  return bio;
}

Result<std::vector<X509Ptr>> read_certificates(const std::string& file) {
  const BioPtr bio = open_file(file);
  if (!bio) return file_error(file);
  std::vector<X509Ptr> certificates;
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    certificates.emplace_back(certificate);
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const std::string reason = take_openssl_error();
  if (certificates.empty()) return Error{ErrorCode::malformed, "no PEM certificate in the file", file};
  if (!at_end) return Error{ErrorCode::malformed, "a certificate in the file is damaged", file + ": " + reason};
  return certificates;
}

// Without this OpenSSL asks on the terminal.
int no_pass_phrase(char*, int, int, void* was_asked) {
  *static_cast<bool*>(was_asked) = true;
  return -1;
}

Result<PkeyPtr> read_key(const std::string& file) {
  const BioPtr bio = open_file(file);
  if (!bio) return file_error(file);
  bool wants_pass_phrase = false;
  PkeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_pass_phrase, &wants_pass_phrase));
  const std::string reason = take_openssl_error();
  if (key) return key;
  if (wants_pass_phrase) {
    return Error{ErrorCode::malformed, "the key has a pass phrase (write it without: openssl pkey -in OLD -out NEW)",
                 file};
  }
  return Error{ErrorCode::malformed, "no PEM private key in the file", file + ": " + reason};
}

std::string date_text(std::int64_t unix_seconds) {
  const auto time = static_cast<std::time_t>(unix_seconds);
  tm broken_down{};
  gmtime_r(&time, &broken_down);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &broken_down);
  return text;
}

bool is_in_order(const KeyPair& pair) {
  X509* subject = pair.leaf.get();
  for (const X509Ptr& issuer : pair.chain) {
    if (X509_check_issued(issuer.get(), subject) != X509_V_OK) return false;
    if (X509_verify(subject, X509_get0_pubkey(issuer.get())) != 1) return ERR_clear_error(), false;
    subject = issuer.get();
  }
  return true;
}

void append_validity(const CertificateInfo& info, std::int64_t now, std::vector<std::string>& warnings) {
  const std::int64_t left = info.not_after - now;
  if (now < info.not_before) {
    warnings.push_back(info.file + ": not valid before " + date_text(info.not_before));
  } else if (left < 0) {
    warnings.push_back(info.file + ": expired on " + date_text(info.not_after));
  } else if (left < (info.not_after - info.not_before) / 4) {
    warnings.push_back(
        info.file + ": expires on " + date_text(info.not_after) + ", in " +
        (left < 2 * day ? std::to_string(left / 3600) + " hours" : std::to_string(left / day) + " days"));
  }
}

}  // namespace

std::string take_openssl_error() {
  const unsigned long error = ERR_peek_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(error);
  return reason != nullptr ? reason : "unknown error";
}

Result<KeyPair> load_key_pair(const CertificateFiles& files) {
  auto certificates = read_certificates(files.cert);
  auto key = read_key(files.key);
  if (!certificates && !key) {
    Error both = certificates.error();
    both.detail += "; " + key.error().text();
    return both;
  }
  if (!certificates) return certificates.error();
  if (!key) return key.error();

  KeyPair pair;
  pair.leaf = std::move(certificates->front());
  certificates->erase(certificates->begin());
  pair.chain = std::move(*certificates);
  pair.key = *std::move(key);
  if (X509_check_private_key(pair.leaf.get(), pair.key.get()) != 1) {
    ERR_clear_error();
    return Error{ErrorCode::tls, "the key does not belong to the certificate", files.key + " and " + files.cert};
  }
  pair.info = info_of(pair.leaf.get(), files.cert);
  return pair;
}

void append_warnings(const KeyPair& pair, const CertificateFiles& files, std::int64_t unix_now,
                     std::vector<std::string>& warnings) {
  append_validity(pair.info, unix_now, warnings);
  if (!is_in_order(pair)) {
    warnings.push_back(files.cert +
                       ": each certificate should be followed by that of its issuer; clients may refuse it");
  }
  if (pair.info.names.empty()) {
    warnings.push_back(files.cert + ": has no subjectAltName; clients no longer look at the common name");
  }
  struct stat status {};
  if (stat(files.key.c_str(), &status) == 0 && (status.st_mode & S_IROTH) != 0) {
    warnings.push_back(files.key + ": every user of this machine may read the key (chmod 640)");
  }
}

bool covers(const CertificateInfo& info, const std::string& name) {
  const auto has = [&](const std::string& wanted) {
    return std::find(info.names.begin(), info.names.end(), wanted) != info.names.end();
  };
  const std::size_t dot = name.find('.');
  return has(name) || (dot != std::string::npos && has("*" + name.substr(dot)));
}

}  // namespace dragoman::net
