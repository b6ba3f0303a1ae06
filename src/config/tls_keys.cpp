// tls: the rows of the certificates that clients are shown.
#include "values.h"

namespace dragoman::config {
namespace {

using namespace std::chrono_literals;
using net::CertificateFiles;
using net::TlsOptions;

Keys<CertificateFiles> pair_keys() {
  return {
      {"cert", path(&CertificateFiles::cert), Reload::live, "PEM file: the certificate, then the chain up to the CA."},
      {"key", path(&CertificateFiles::key), Reload::live, "PEM file of its private key."},
  };
}

void expect_both(const Node& node, Reading& reading) {
  bool has_cert = node.find("cert") != nullptr;
  bool has_key = node.find("key") != nullptr;
  if (has_cert == has_key) return;
  std::string missing = has_cert ? "key" : "cert";
  reading.findings.error(node, "`" + missing + "` is missing", "cert and key come as a pair of PEM files");
}

Value<TlsOptions> certificates() {
  Value<TlsOptions> out;
  out.type = "list of {cert, key}";
  out.read = [](const Node& node, TlsOptions& options, Reading& reading) {
    options.certificates.clear();
    for (const Node* entry : read_list(node, reading)) {
      CertificateFiles& files = options.certificates.emplace_back();
      read_section(*entry, pair_keys(), files, reading);
      if (entry->kind != Node::Kind::map) continue;
      bool names_neither = entry->find("cert") == nullptr && entry->find("key") == nullptr;
      if (names_neither) reading.findings.error(*entry, "names no files", "write {cert: FILE, key: FILE}");
      expect_both(*entry, reading);
    }
  };
  out.show = [](const TlsOptions& options) {
    std::vector<std::string> texts;
    for (const CertificateFiles& files : options.certificates) {
      texts.push_back("{cert: " + files.cert + ", key: " + files.key + "}");
    }
    return joined(texts);
  };
  return out;
}

// cert and key beside each other in the section stand for the first of `certificates`.
Value<TlsOptions> file_of_first(std::string CertificateFiles::*member) {
  Value<TlsOptions> out;
  out.type = "path of a file";
  out.read = [member](const Node& node, TlsOptions& options, Reading& reading) {
    if (options.certificates.empty()) options.certificates.emplace_back();
    if (auto file = read_path(node, reading)) options.certificates.front().*member = *file;
  };
  out.show = [](const TlsOptions&) { return std::string(); };  // `certificates` shows it
  return out;
}

}  // namespace

Keys<TlsOptions> tls_keys() {
  return {
      {"certificates", certificates(), Reload::new_connections,
       "Several pairs, chosen by the name that the client sends (SNI) and by key type; the first is shown without a "
       "name and for unknown ones. Changed files are loaded without a reload."},
      {"cert", file_of_first(&CertificateFiles::cert), Reload::new_connections,
       "Short form for one pair: PEM file with the certificate, then the chain up to the CA."},
      {"key", file_of_first(&CertificateFiles::key), Reload::new_connections,
       "Short form for one pair: PEM file of the private key, readable by the service alone."},
      {"server_name", text(&TlsOptions::server_name, "domain name"), Reload::live,
       "The name by which clients know this server; answered locally and expected in the first certificate."},
      {"ticket_rotation", duration(&TlsOptions::ticket_rotation, 10min, 24h * 7), Reload::restart,
       "How long one session ticket key seals; tickets of the two periods before are still opened."},
      {"handshake_timeout", duration(&TlsOptions::handshake_timeout, 1s, 1min), Reload::restart,
       "Time for a client to finish its TLS handshake."},
  };
}

Value<Config> tls_value() {
  Value<Config> out = section(&Config::tls, tls_keys());
  out.read = [read = out.read](const Node& node, Config& config, Reading& reading) {
    read(node, config, reading);
    bool short_form = node.find("cert") != nullptr || node.find("key") != nullptr;
    const Node* list = node.find("certificates");
    if (short_form) expect_both(node, reading);
    if (short_form && list != nullptr) {
      reading.findings.error(*list, "stands beside `cert` and `key`", "move that pair to the head of `certificates`");
    }
  };
  return out;
}

}  // namespace dragoman::config
