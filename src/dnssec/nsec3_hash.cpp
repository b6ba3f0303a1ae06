// IH(salt, x, k) of RFC 5155 5.
#include <algorithm>

#include "denial.h"
#include "openssl_handles.h"

namespace dragoman::dnssec {
namespace {

// One per thread, so that no hash allocates.
class Sha1 {
 public:
  Sha1() : context_(EVP_MD_CTX_new()) {
    if (context_ && EVP_DigestInit_ex2(context_.get(), sha1(), nullptr) != 1) context_.reset();
  }

  bool operator()(Bytes octets, Nsec3Hash& out) {
    // Without a digest, the context keeps the one it has, and its memory.
    return context_ && EVP_DigestInit_ex2(context_.get(), nullptr, nullptr) == 1 &&
           EVP_DigestUpdate(context_.get(), octets.data(), octets.size()) == 1 &&
           EVP_DigestFinal_ex(context_.get(), out.data(), nullptr) == 1;
  }

 private:
  DigestContext context_;
};

}  // namespace

std::optional<Nsec3Hash> nsec3_hash(dns::NameView name, Bytes salt, std::uint16_t iterations) {
  thread_local Sha1 digest;
  if (salt.size() > max_nsec3_salt) return {};
  std::array<std::uint8_t, dns::max_name_length + max_nsec3_salt> first;
  dns::copy_lower_case(name, first.data());
  std::ranges::copy(salt, first.data() + name.length());
  Nsec3Hash hash;
  if (!digest(Bytes(first).first(name.length() + salt.size()), hash)) return {};

  std::array<std::uint8_t, sizeof(Nsec3Hash) + max_nsec3_salt> again;
  std::ranges::copy(salt, again.data() + hash.size());
  for (unsigned iteration = 0; iteration < iterations; ++iteration) {
    std::ranges::copy(hash, again.data());
    if (!digest(Bytes(again).first(hash.size() + salt.size()), hash)) return {};
  }
  return hash;
}

}  // namespace dragoman::dnssec
