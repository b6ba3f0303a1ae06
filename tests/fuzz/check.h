// What a fuzz target demands: a condition that does not hold ends the program, so that the fuzzer keeps the input.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace dragoman::fuzz {

inline void check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace dragoman::fuzz
