// The key schedule of TLS 1.3 (RFC 8446 7.1) for OpenSSL, in the shape of EVP_KDF-TLS13_KDF(7), as far as libssl asks
// for it: everything that a derivation needs comes with the call. A handshake derives some twenty secrets. Here each is
// the HMACs that it consists of; in OpenSSL 3.0 most of a derivation is looking up the digest, and copies on the heap.
// A provider is where algorithms are implemented, so the digests are those below EVP, which is deprecated elsewhere.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "dragoman/base/bytes.h"
#include "own_algorithms.h"
#include "pauses.h"

namespace dragoman::net {
namespace {

struct Sha256 {
  using State = SHA256_CTX;
  static constexpr std::size_t size = SHA256_DIGEST_LENGTH, block = SHA256_CBLOCK;
  static void init(State& state) { SHA256_Init(&state); }
  static void update(State& state, Bytes octets) { SHA256_Update(&state, octets.data(), octets.size()); }
  static void final(State& state, std::uint8_t* out) { SHA256_Final(out, &state); }
};

struct Sha384 {
  using State = SHA512_CTX;
  static constexpr std::size_t size = SHA384_DIGEST_LENGTH, block = SHA512_CBLOCK;
  static void init(State& state) { SHA384_Init(&state); }
  static void update(State& state, Bytes octets) { SHA384_Update(&state, octets.data(), octets.size()); }
  static void final(State& state, std::uint8_t* out) { SHA384_Final(out, &state); }
};

// Octets that are a secret for as long as they are here.
template <std::size_t N>
struct Secret : std::array<std::uint8_t, N> {
  ~Secret() { OPENSSL_cleanse(this->data(), N); }
};

template <class Hash>
using Digest = Secret<Hash::size>;

// RFC 2104. Keys here are digests or the outcome of a key exchange; what is longer than a block would be hashed first.
template <class Hash>
class Hmac {
 public:
  explicit Hmac(Bytes key) {
    Digest<Hash> short_key;
    if (key.size() > Hash::block) {
      typename Hash::State state;
      Hash::init(state);
      Hash::update(state, key);
      Hash::final(state, short_key.data());
      key = short_key;
    }
    begin(inner_, key, 0x36);
    begin(outer_, key, 0x5c);
  }
  ~Hmac() {
    OPENSSL_cleanse(&inner_, sizeof inner_);
    OPENSSL_cleanse(&outer_, sizeof outer_);
  }
  Hmac(const Hmac&) = delete;
  Hmac& operator=(const Hmac&) = delete;

  Hmac& add(Bytes octets) {
    Hash::update(inner_, octets);
    return *this;
  }
  void finish(Digest<Hash>& out) {
    Hash::final(inner_, out.data());
    Hash::update(outer_, out);
    Hash::final(outer_, out.data());
  }

 private:
  static void begin(typename Hash::State& state, Bytes key, std::uint8_t pad) {
    Secret<Hash::block> padded;
    padded.fill(pad);
    for (std::size_t i = 0; i < key.size(); ++i) padded[i] ^= key[i];
    Hash::init(state);
    Hash::update(state, padded);
  }

  typename Hash::State inner_, outer_;
};

// What a derivation is told (EVP_KDF-TLS13_KDF(7)); what is not given has no octets.
struct Wishes {
  int mode = -1;
  std::string_view digest;
  Bytes key, salt, prefix, label, data;

  static Wishes of(const OSSL_PARAM* parameters);
};

Wishes Wishes::of(const OSSL_PARAM* parameters) {
  Wishes wishes;
  for (; parameters != nullptr && parameters->key != nullptr; ++parameters) {
    const std::string_view name(parameters->key);
    const Bytes octets(static_cast<const std::uint8_t*>(parameters->data), parameters->data_size);
    if (name == OSSL_KDF_PARAM_KEY) wishes.key = octets;
    if (name == OSSL_KDF_PARAM_SALT) wishes.salt = octets;
    if (name == OSSL_KDF_PARAM_PREFIX) wishes.prefix = octets;
    if (name == OSSL_KDF_PARAM_LABEL) wishes.label = octets;
    if (name == OSSL_KDF_PARAM_DATA) wishes.data = octets;
    if (name == OSSL_KDF_PARAM_DIGEST) wishes.digest = static_cast<const char*>(parameters->data);
    if (name == OSSL_KDF_PARAM_MODE) OSSL_PARAM_get_int(parameters, &wishes.mode);
  }
  return wishes;
}

// HKDF-Expand-Label(key, label, data, out.size()): RFC 8446 7.1, RFC 5869 2.3.
template <class Hash>
bool expand(Bytes key, const Wishes& wishes, Bytes data, MutableBytes out) {
  const std::size_t label_length = wishes.prefix.size() + wishes.label.size();
  if (label_length > 255 || data.size() > 255 || out.size() > 255 * Hash::size) return false;
  const std::uint8_t head[] = {static_cast<std::uint8_t>(out.size() >> 8), static_cast<std::uint8_t>(out.size()),
                               static_cast<std::uint8_t>(label_length)};
  const std::uint8_t data_length[] = {static_cast<std::uint8_t>(data.size())};
  Digest<Hash> block;
  Bytes previous;
  for (std::uint8_t number = 1; !out.empty(); ++number) {
    Hmac<Hash> hmac(key);
    hmac.add(previous).add(head).add(wishes.prefix).add(wishes.label).add(data_length).add(data).add({&number, 1});
    hmac.finish(block);
    const std::size_t taken = std::min(out.size(), block.size());
    std::copy_n(block.begin(), taken, out.begin());
    out = out.subspan(taken);
    previous = block;
  }
  return true;
}

// The next secret of the schedule from the one before it (the salt; none at first) and what is mixed in (the key; zeros
// if nothing is): HKDF-Extract(Derive-Secret(salt, "derived", ""), key).
template <class Hash>
bool extract(const Wishes& wishes, MutableBytes out) {
  if (out.size() != Hash::size) return false;
  Digest<Hash> salt{};
  Bytes salted(salt.data(), 0);
  if (!wishes.salt.empty()) {
    typename Hash::State of_nothing;
    Digest<Hash> empty_hash;
    Hash::init(of_nothing);
    Hash::final(of_nothing, empty_hash.data());
    if (!expand<Hash>(wishes.salt, wishes, empty_hash, salt)) return false;
    salted = salt;
  }
  const std::array<std::uint8_t, Hash::size> zeros{};
  Digest<Hash> secret;
  Hmac<Hash>(salted).add(wishes.key.empty() ? Bytes(zeros) : wishes.key).finish(secret);
  std::copy(secret.begin(), secret.end(), out.begin());
  return true;
}

template <class Hash>
bool derive_with(const Wishes& wishes, MutableBytes out) {
  if (wishes.mode == EVP_KDF_HKDF_MODE_EXTRACT_ONLY) return extract<Hash>(wishes, out);
  if (wishes.mode == EVP_KDF_HKDF_MODE_EXPAND_ONLY) return expand<Hash>(wishes.key, wishes, wishes.data, out);
  return false;
}

// There is nothing to keep between calls, but a context may not be null.
void* new_context(void*) {
  static char context;
  return &context;
}

void free_context(void*) {}

int derive(void*, unsigned char* out, std::size_t length, const OSSL_PARAM* parameters) {
  pause_if_long();
  const Wishes wishes = Wishes::of(parameters);
  const MutableBytes room(out, length);
  if (wishes.digest == "SHA2-256") return derive_with<Sha256>(wishes, room) ? 1 : 0;
  if (wishes.digest == "SHA2-384") return derive_with<Sha384>(wishes, room) ? 1 : 0;
  return 0;
}

}  // namespace

const OSSL_DISPATCH tls13_key_derivation[] = {entry(OSSL_FUNC_KDF_NEWCTX, new_context),
                                              entry(OSSL_FUNC_KDF_FREECTX, free_context),
                                              entry(OSSL_FUNC_KDF_DERIVE, derive),
                                              {}};

}  // namespace dragoman::net
