// The refill of Random; see random.h.
#include "random.h"

#include <openssl/rand.h>

#include <cstdlib>

namespace dragoman::upstream {

void Random::refill() {
  // Without randomness every answer could be forged: there is nothing sensible to go on with.
  if (RAND_bytes(block_.data(), static_cast<int>(block_.size())) != 1) std::abort();
  used_ = 0;
}

}  // namespace dragoman::upstream
