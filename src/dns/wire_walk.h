// Steps over wire form that was checked, or made here, before. Pure; any thread.
#pragma once

#include "dragoman/base/bytes.h"

namespace dragoman::dns {

// The offset behind the name at `at`, where it stands: behind its root, or behind the pointer that ends it.
inline std::size_t name_end(Bytes octets, std::size_t at) {
  while (octets[at] != 0) {
    if (octets[at] >= 0xC0) return at + 2;
    at += octets[at] + 1u;
  }
  return at + 1;
}

}  // namespace dragoman::dns
