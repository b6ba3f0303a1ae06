// OpenSSL's generator; see random.h.
#include "dragoman/net/random.h"

#include <openssl/rand.h>

#include <cstdlib>

namespace dragoman::net {

void fill_random(MutableBytes out) {
  if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1) std::abort();
}

}  // namespace dragoman::net
