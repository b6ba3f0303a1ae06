// A network of a test's own: the test runs on a thread in a fresh network namespace, which goes away with the thread.
// So do all privileges that it gives up, and whatever it mounts.
#pragma once

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "dragoman/base/function_ref.h"

namespace dragoman::test {

// The last statement of a test: skips it where namespaces are not to be had.
inline void in_own_network(FunctionRef<void()> test) {
  int error = 0;
  std::thread([&] {
    error = ::unshare(CLONE_NEWNET | CLONE_NEWNS) == 0 ? 0 : errno;
    if (error == 0 && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) error = errno;
    if (error == 0) test();
  }).join();
  if (error != 0) {
    GTEST_SKIP() << "no network namespace of its own: " << std::strerror(error)
                 << " (run as root, or under unshare -r)";
  }
}

}  // namespace dragoman::test
