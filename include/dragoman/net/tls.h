// TLS contexts: the certificates that a server shows, chosen by SNI and key type, their hot reload and ticket keys; and
// what a client of an upstream verifies. OpenSSL stays behind these types.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dragoman/base/result.h"
#include "dragoman/base/time.h"

struct ssl_ctx_st;
struct ssl_st;
struct ssl_session_st;

namespace dragoman::net {

struct CertificateFiles {
  std::string cert;  // PEM chain, leaf first
  std::string key;   // PEM
  friend bool operator==(const CertificateFiles&, const CertificateFiles&) = default;
};

struct TlsOptions {
  std::vector<CertificateFiles> certificates{};  // the first is shown without SNI and for unknown names
  std::string server_name{};                     // our own name, for discovery and local answers; may be empty
  seconds ticket_rotation{12 * 3600};
  seconds handshake_timeout{5};
  friend bool operator==(const TlsOptions&, const TlsOptions&) = default;
};

// What `check`, metrics and logs tell of a loaded certificate.
struct CertificateInfo {
  std::string file;
  std::string common_name;
  std::vector<std::string> names;              // dNSName and iPAddress of the subjectAltName
  std::int64_t not_before = 0, not_after = 0;  // Unix seconds
  bool is_rsa = false;
};

// Session ticket keys (RFC 5077, RFC 8446 4.6.1), derived from one secret and the period, so that all workers agree and
// rotation needs no message. The newest seals, the last three periods open. Any thread.
class TicketKeys {
 public:
  using Secret = std::array<std::uint8_t, 32>;
  using UnixTime = std::int64_t (*)();  // seconds
  static constexpr int periods_that_open = 3;

  explicit TicketKeys(seconds period);  // a random secret, the system's time
  TicketKeys(seconds period, const Secret& secret, UnixTime now);
  struct Key {
    std::array<std::uint8_t, 16> name, hmac;
    std::array<std::uint8_t, 32> aes;
  };
  Key key_for(std::int64_t period_number) const;
  std::int64_t period_number() const;  // now
  seconds period() const { return seconds(period_s_); }

 private:
  Secret secret_;
  std::int64_t period_s_;
  UnixTime now_;
};

// The ALPN protocols that a listener offers.
enum class Alpn : std::uint8_t { dot, doh };  // "dot"; "h2" then "http/1.1"

// An immutable set of loaded certificates. A reload makes a new one; connections keep the one they began with.
class ServerTls {
 public:
  // Loads, and checks that each key belongs to its certificate. All problems at once, each with its file.
  static Result<std::shared_ptr<const ServerTls>> load(const TlsOptions& options,
                                                       std::shared_ptr<const TicketKeys> tickets);
  ~ServerTls();
  // A new server-side SSL object for a connected descriptor; the caller frees it (Stream does). Any thread. It keeps
  // what it needs of this alive.
  ssl_st* new_session(Alpn alpn) const;
  const std::vector<CertificateInfo>& certificates() const { return certificates_; }
  // Not errors, but worth telling: expired, expires soon, chain out of order, RSA alone, lacks server_name, a key that
  // everybody may read.
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  ServerTls();
  struct Contexts;
  std::unique_ptr<Contexts> contexts_;
  std::vector<CertificateInfo> certificates_;
  std::vector<std::string> warnings_;
};

// What a connection to an upstream is checked against; keeps its last session for resumption. One per upstream server
// and worker; that worker's thread only.
class ClientTls {
 public:
  // `ca_file` empty: the system's store. `verify_name` is a host name or an address in text. `alpn`: "dot" or "h2".
  static Result<std::shared_ptr<ClientTls>> make(const std::string& ca_file, const std::string& verify_name,
                                                 const std::string& alpn);
  ~ClientTls();
  // A new client-side SSL object; the caller frees it (Stream does).
  ssl_st* new_session();
  const std::string& verify_name() const { return verify_name_; }

 private:
  ClientTls() = default;
  static int keep_session(ssl_st* ssl, ssl_session_st* session);
  ssl_ctx_st* context_ = nullptr;
  std::string verify_name_;
  bool is_address_ = false;
  ssl_session_st* session_ = nullptr;
};

}  // namespace dragoman::net
