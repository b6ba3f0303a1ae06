// The client's side of TLS toward one upstream server: verification by name or address (RFC 8310 8.1, RFC 6125), ALPN,
// and the last session for resumption. Worker thread.
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "dragoman/ip/address.h"
#include "dragoman/net/tls.h"
#include "openssl.h"

namespace dragoman::net {
namespace {

constexpr const char* tls12_ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";  // RFC 9325 4.2

Result<void> trust(SSL_CTX* context, const std::string& ca_file) {
  const bool done = ca_file.empty() ? SSL_CTX_set_default_verify_paths(context) == 1
                                    : SSL_CTX_load_verify_file(context, ca_file.c_str()) == 1;
  if (done) return {};
  const std::string reason = take_openssl_error();
  if (ca_file.empty()) return Error{ErrorCode::tls, "the system's certificate store cannot be read", reason};
  return Error{ErrorCode::tls, "the file of trusted certificates cannot be read", ca_file + ": " + reason};
}

void set_alpn(SSL_CTX* context, const std::string& protocol) {
  if (protocol.empty()) return;
  const std::string list = static_cast<char>(protocol.size()) + protocol;
  SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(list.data()),
                          static_cast<unsigned>(list.size()));
}

void verify_against(SSL_CTX* context, const std::string& name, bool is_address) {
  X509_VERIFY_PARAM* parameters = SSL_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (is_address) {
    X509_VERIFY_PARAM_set1_ip_asc(parameters, name.c_str());
  } else {
    X509_VERIFY_PARAM_set1_host(parameters, name.c_str(), name.size());
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
}

}  // namespace

Result<std::shared_ptr<ClientTls>> ClientTls::make(const std::string& ca_file, const std::string& verify_name,
                                                   const std::string& alpn) {
  if (verify_name.empty()) return Error{ErrorCode::invalid_argument, "a TLS server needs a name to be verified by"};
  std::shared_ptr<ClientTls> client(new ClientTls);
  client->verify_name_ = verify_name;
  client->is_address_ = static_cast<bool>(ip::Address::from_text(verify_name));
  client->context_ = SSL_CTX_new(TLS_client_method());
  SSL_CTX* const context = client->context_;
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, tls12_ciphers);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context,
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 1);
  verify_against(context, verify_name, client->is_address_);
  set_alpn(context, alpn);
  if (auto trusted = trust(context, ca_file); !trusted) return trusted.error();

  SSL_CTX_set_app_data(context, client.get());
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, keep_session);
  return client;
}

ClientTls::~ClientTls() {
  SSL_CTX_sess_set_new_cb(context_, nullptr);  // sessions may outlive us
  SSL_SESSION_free(session_);
  SSL_CTX_free(context_);
}

ssl_st* ClientTls::new_session() {
  SSL* ssl = SSL_new(context_);
  // RFC 6066 3: no address literals in server_name.
  if (!is_address_) SSL_set_tlsext_host_name(ssl, verify_name_.c_str());
  if (session_ != nullptr) SSL_set_session(ssl, session_);
  return ssl;
}

// OpenSSL calls this when a session can be resumed: in TLS 1.3 when a ticket comes, after the handshake.
int ClientTls::keep_session(ssl_st* ssl, ssl_session_st* session) {
  auto* client = static_cast<ClientTls*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  SSL_SESSION_free(client->session_);
  client->session_ = session;
  return 1;  // the reference is ours now
}

}  // namespace dragoman::net
