// The server's TLS contexts. Certificates that cover the same names (ECDSA and RSA) share an SSL_CTX, where OpenSSL
// chooses by the client's signature algorithms; the SSL_CTX is chosen by SNI (RFC 6066 3), the ALPN protocols (RFC
// 7301) by the listener. Contexts are shared by all workers; callbacks run on the worker of the connection and read
// only.
#include <openssl/ssl.h>

#include <algorithm>
#include <ctime>
#include <string_view>
#include <unordered_map>

#include "certificate.h"
#include "dragoman/net/tls.h"
#include "openssl.h"
#include "own_algorithms.h"
#include "session_ticket.h"
#include "socket_bio.h"

namespace dragoman::net {
namespace {

constexpr std::size_t alpn_count = 2;

// RFC 9325 4.2: forward secrecy and AEAD only. What is left of TLS 1.2.
constexpr const char* tls12_ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
// Server preference: AES-128 and SHA-256 cost least of what is equally safe here.
constexpr const char* tls13_ciphers = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* key_exchange_groups = "X25519:P-256:P-384";

// KeyUpdates (RFC 8446 4.6.3) that a client may send in the life of a connection. Honest ones send none here; each
// costs a key derivation, and OpenSSL reads on through any number of them in one call.
constexpr std::uintptr_t key_updates_allowed = 32;

// The octets of an ALPN list: length, name, length, name.
bool offers(std::string_view offered, std::string_view protocol, std::string_view& found) {
  while (!offered.empty()) {
    const std::size_t length = static_cast<unsigned char>(offered[0]);
    if (offered.size() < 1 + length) return false;
    found = offered.substr(1, length);
    if (found == protocol) return true;
    offered.remove_prefix(1 + length);
  }
  return false;
}

int choose(std::string_view protocol, const unsigned char** out, unsigned char* out_length) {
  *out = reinterpret_cast<const unsigned char*>(protocol.data());
  *out_length = static_cast<unsigned char>(protocol.size());
  return SSL_TLSEXT_ERR_OK;
}

// RFC 7858 asks for no ALPN: "dot" is taken when offered, anything else is let pass.
int choose_dot(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* in, unsigned in_length,
               void*) {
  std::string_view found;
  if (!offers({reinterpret_cast<const char*>(in), in_length}, "dot", found)) return SSL_TLSEXT_ERR_NOACK;
  return choose(found, out, out_length);
}

// RFC 9113 3.2, in our order. Nothing in common: no_application_protocol (RFC 7301 3.2).
int choose_doh(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* in, unsigned in_length,
               void*) {
  std::string_view found;
  for (const std::string_view protocol : {std::string_view("h2"), std::string_view("http/1.1")}) {
    if (offers({reinterpret_cast<const char*>(in), in_length}, protocol, found)) return choose(found, out, out_length);
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

// Counts in the SSL object's application data. A client that sends too many is cut off: what OpenSSL reads next is an
// error.
void count_key_update(SSL* ssl) {
  const auto count = reinterpret_cast<std::uintptr_t>(SSL_get_app_data(ssl)) + 1;
  SSL_set_app_data(ssl, reinterpret_cast<void*>(count));
  if (count > key_updates_allowed) cut_off(SSL_get_rbio(ssl));
}

// Sees every message. A ticket of TLS 1.3 has a flight of its own; it can wait for the first answer, which is mostly
// ready in the same turn, and spare a segment. (In TLS 1.2 the server's Finished follows it.)
void on_message(int is_sent, int version, int content_type, const void* message, std::size_t length, SSL* ssl, void*) {
  if (content_type != SSL3_RT_HANDSHAKE || length == 0) return;
  const unsigned char type = *static_cast<const unsigned char*>(message);
  if (is_sent == 0 && type == SSL3_MT_KEY_UPDATE) count_key_update(ssl);
  if (is_sent != 0 && type == SSL3_MT_NEWSESSION_TICKET && version == TLS1_3_VERSION) {
    hold_next_write(SSL_get_rbio(ssl));
  }
}

// What a context's callbacks need. It belongs to the SSL_CTX (as ex_data), so that a session that outlives the
// ServerTls it began with finds everything in place.
struct Attachment {
  std::shared_ptr<const TicketKeys> tickets;
  // Of the context that sessions begin with: the contexts of the other groups and which name is for whom.
  std::vector<SslCtxPtr> others;
  std::unordered_map<std::string, SSL_CTX*> by_name;  // in lower case, wildcards as "*.example"

  SSL_CTX* context_for(std::string_view server_name) const;
};

void free_attachment(void*, void* attachment, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<Attachment*>(attachment);
}

int attachment_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, free_attachment);
  return index;
}

Attachment& attachment_of(const SSL_CTX* context) {
  return *static_cast<Attachment*>(SSL_CTX_get_ex_data(context, attachment_index()));
}

// Null: no certificate is for this name.
SSL_CTX* Attachment::context_for(std::string_view server_name) const {
  std::string name(server_name);
  for (char& c : name) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  if (const auto exact = by_name.find(name); exact != by_name.end()) return exact->second;
  const std::size_t dot = name.find('.');
  if (dot == std::string::npos) return nullptr;
  const auto wildcard = by_name.find("*" + name.substr(dot));
  return wildcard != by_name.end() ? wildcard->second : nullptr;
}

// Without SNI or with a name of nobody the first certificate is shown: opportunistic clients take any (RFC 7858 4.1).
int on_server_name(SSL* ssl, int*, void*) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
  SSL_CTX* context = attachment_of(SSL_get_SSL_CTX(ssl)).context_for(name);
  if (context == nullptr) {
    // OpenSSL keeps only names that it acknowledges, and a session resumed over TLS 1.2 is known by that alone.
    SSL_SESSION* const session = SSL_get_session(ssl);
    if (session != nullptr && SSL_session_reused(ssl) == 0) SSL_SESSION_set1_hostname(session, name);
    return SSL_TLSEXT_ERR_NOACK;
  }
  SSL_set_SSL_CTX(ssl, context);
  return SSL_TLSEXT_ERR_OK;
}

int on_ticket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* hmac,
              int is_sealing) {
  const TicketKeys& keys = *attachment_of(SSL_get_SSL_CTX(ssl)).tickets;
  const Ticket ticket{name, iv, cipher, hmac};
  if (is_sealing != 0) return seal_ticket(keys, ticket);
  return open_ticket(keys, ticket, SSL_version(ssl) == TLS1_3_VERSION);
}

void set_protocol(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, tls12_ciphers);
  SSL_CTX_set_ciphersuites(context, tls13_ciphers);
  SSL_CTX_set1_groups_list(context, key_exchange_groups);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                   SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_msg_callback(context, on_message);
}

// An idle connection keeps no buffers; a turn reads all records that have arrived with one recv.
void set_buffering(SSL_CTX* context) {
  SSL_CTX_set_mode(context,
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 1);
}

// Stateless: what we know of a session is in the client's ticket. One ticket, not OpenSSL's two.
void set_resumption(SSL_CTX* context, const TicketKeys& tickets) {
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context, on_ticket);
  // One for all contexts: a ticket of DoT is good for DoH, and across a reload.
  constexpr std::string_view name = "dragoman";
  SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>(name.data()), name.size());
  constexpr std::int64_t week = 7 * 24 * 3600;  // RFC 8446 4.6.1
  SSL_CTX_set_timeout(context,
                      std::min<std::int64_t>(tickets.period().count() * (TicketKeys::periods_that_open - 1), week));
}

bool show(SSL_CTX* context, const KeyPair& pair) {
  if (SSL_CTX_use_certificate(context, pair.leaf.get()) != 1) return false;
  if (SSL_CTX_use_PrivateKey(context, pair.key.get()) != 1) return false;
  for (const X509Ptr& issuer : pair.chain) {
    if (SSL_CTX_add1_chain_cert(context, issuer.get()) != 1) return false;
  }
  return true;
}

// Pairs that cover the same names and have different kinds of keys.
using PairGroup = std::vector<const KeyPair*>;

Result<SslCtxPtr> make_context(const PairGroup& group, Alpn alpn, const std::shared_ptr<const TicketKeys>& tickets) {
  SslCtxPtr context(SSL_CTX_new_ex(nullptr, prefer_own_algorithms(), TLS_server_method()));
  SSL_CTX_set_ex_data(context.get(), attachment_index(), new Attachment{tickets, {}, {}});
  set_protocol(context.get());
  set_buffering(context.get());
  set_resumption(context.get(), *tickets);
  SSL_CTX_set_alpn_select_cb(context.get(), alpn == Alpn::dot ? choose_dot : choose_doh, nullptr);
  for (const KeyPair* pair : group) {
    if (show(context.get(), *pair)) continue;
    return Error{ErrorCode::tls, "the certificate cannot be used", pair->info.file + ": " + take_openssl_error()};
  }
  return context;
}

// The context that sessions begin with, those of the other groups attached to it.
Result<SslCtxPtr> make_contexts(const std::vector<PairGroup>& groups, Alpn alpn,
                                const std::shared_ptr<const TicketKeys>& tickets) {
  SslCtxPtr first;
  for (const PairGroup& group : groups) {
    auto context = make_context(group, alpn, tickets);
    if (!context) return context;
    SSL_CTX* const shown = context->get();
    if (first) {
      attachment_of(first.get()).others.push_back(*std::move(context));
    } else {
      first = *std::move(context);
    }
    for (const std::string& name : group.front()->info.names) attachment_of(first.get()).by_name.emplace(name, shown);
  }
  SSL_CTX_set_tlsext_servername_callback(first.get(), on_server_name);
  return first;
}

bool covers_same_names(const KeyPair& a, const KeyPair& b) {
  return std::is_permutation(a.info.names.begin(), a.info.names.end(), b.info.names.begin(), b.info.names.end());
}

bool may_join(const PairGroup& group, const KeyPair& pair) {
  return covers_same_names(*group.front(), pair) &&
         std::none_of(group.begin(), group.end(), [&](const KeyPair* member) {
           return EVP_PKEY_get_base_id(member->key.get()) == EVP_PKEY_get_base_id(pair.key.get());
         });
}

std::vector<PairGroup> groups_of(const std::vector<KeyPair>& pairs) {
  std::vector<PairGroup> groups;
  for (const KeyPair& pair : pairs) {
    const auto group = std::find_if(groups.begin(), groups.end(),
                                    [&](const PairGroup& candidate) { return may_join(candidate, pair); });
    if (group != groups.end()) {
      group->push_back(&pair);
    } else {
      groups.push_back({&pair});
    }
  }
  return groups;
}

void append_group_warnings(const std::vector<PairGroup>& groups, std::vector<std::string>& warnings) {
  for (auto group = groups.begin(); group != groups.end(); ++group) {
    const CertificateInfo& info = group->front()->info;
    if (std::all_of(group->begin(), group->end(), [](const KeyPair* pair) { return pair->info.is_rsa; })) {
      warnings.push_back(info.file + ": RSA alone; an ECDSA certificate beside it halves the CPU time of a handshake");
    }
    for (auto earlier = groups.begin(); earlier != group; ++earlier) {
      if (!covers_same_names(*earlier->front(), *group->front())) continue;
      warnings.push_back(info.file + ": never shown, " + earlier->front()->info.file +
                         " has the same names and kind of key");
    }
  }
}

Result<std::vector<KeyPair>> load_all(const std::vector<CertificateFiles>& files) {
  if (files.empty()) return Error{ErrorCode::invalid_argument, "no certificate is configured"};
  std::vector<KeyPair> pairs;
  std::vector<Error> errors;
  for (const CertificateFiles& pair : files) {
    auto loaded = load_key_pair(pair);
    if (loaded) {
      pairs.push_back(*std::move(loaded));
    } else {
      errors.push_back(loaded.error());
    }
  }
  if (errors.empty()) return pairs;
  for (std::size_t i = 1; i < errors.size(); ++i) errors[0].detail += "; " + errors[i].text();
  return errors[0];
}

}  // namespace

struct ServerTls::Contexts {
  std::array<SslCtxPtr, alpn_count> by_alpn;
};

ServerTls::ServerTls() : contexts_(std::make_unique<Contexts>()) {}
ServerTls::~ServerTls() = default;

Result<std::shared_ptr<const ServerTls>> ServerTls::load(const TlsOptions& options,
                                                         std::shared_ptr<const TicketKeys> tickets) {
  auto pairs = load_all(options.certificates);
  if (!pairs) return pairs.error();
  std::shared_ptr<ServerTls> server(new ServerTls);
  const auto groups = groups_of(*pairs);
  for (const Alpn alpn : {Alpn::dot, Alpn::doh}) {
    auto context = make_contexts(groups, alpn, tickets);
    if (!context) return context.error();
    server->contexts_->by_alpn[static_cast<std::size_t>(alpn)] = *std::move(context);
  }
  bool covers_server_name = options.server_name.empty();
  for (std::size_t i = 0; i < pairs->size(); ++i) {
    const KeyPair& pair = (*pairs)[i];
    append_warnings(pair, options.certificates[i], std::time(nullptr), server->warnings_);
    covers_server_name = covers_server_name || covers(pair.info, options.server_name);
    server->certificates_.push_back(pair.info);
  }
  append_group_warnings(groups, server->warnings_);
  if (!covers_server_name) {
    server->warnings_.push_back("no certificate is for server_name " + options.server_name +
                                ": clients that verify it will refuse");
  }
  return std::shared_ptr<const ServerTls>(std::move(server));
}

ssl_st* ServerTls::new_session(Alpn alpn) const {
  return SSL_new(contexts_->by_alpn[static_cast<std::size_t>(alpn)].get());
}

}  // namespace dragoman::net
