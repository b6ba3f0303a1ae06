// The refill of Random; see random.h.
#include "random.h"

#include "dragoman/net/random.h"

namespace dragoman::upstream {

void Random::refill() {
  net::fill_random(block_);
  used_ = 0;
}

}  // namespace dragoman::upstream
