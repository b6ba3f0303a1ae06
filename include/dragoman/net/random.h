// Octets that nobody can guess, from OpenSSL's generator. Any thread.
#pragma once

#include "dragoman/base/bytes.h"

namespace dragoman::net {

// Fills all of `out`. Secrets, ids and keys that others could guess would protect nothing: where the system has no
// randomness there is nothing sensible to go on with, and the program ends.
void fill_random(MutableBytes out);

}  // namespace dragoman::net
