// Each test gives something up on a thread or in a process of its own: there is no way back.
#include "dragoman/net/privileges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "dragoman/base/function_ref.h"

namespace dragoman::net {
namespace {

using testing::HasSubstr;

// A line of /proc/thread-self/status, without its name.
std::string status(const std::string& name) {
  std::ifstream file("/proc/thread-self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind(name + ":", 0) != 0) continue;
    const std::size_t begin = line.find_first_not_of(" \t", name.size() + 1);
    return begin == std::string::npos ? "" : line.substr(begin);
  }
  return "no " + name;
}

std::uint64_t capabilities(const char* name) { return std::stoull(status(name), nullptr, 16); }

void on_a_thread(FunctionRef<void()> test) {
  std::thread([&] { test(); }).join();
}

bool is_root() { return ::geteuid() == 0 && has_capability(Capability::net_admin); }

TEST(Privileges, gives_up_every_capability) {
  on_a_thread([] {
    ASSERT_TRUE(reduce_privileges({}));
    EXPECT_EQ(capabilities("CapEff"), 0u);
    EXPECT_EQ(capabilities("CapPrm"), 0u);
    EXPECT_EQ(capabilities("CapInh"), 0u);
    EXPECT_EQ(capabilities("CapAmb"), 0u);
    EXPECT_EQ(status("NoNewPrivs"), "1");
    EXPECT_FALSE(has_capability(Capability::net_admin));
  });
}

TEST(Privileges, keeps_the_capabilities_that_are_named) {
  if (!is_root()) GTEST_SKIP() << "not root: there are no capabilities to keep";
  on_a_thread([] {
    const CapabilitySet keep{Capability::net_admin, Capability::bpf};
    ASSERT_TRUE(reduce_privileges({.keep = keep}));
    EXPECT_EQ(capabilities("CapEff"), keep.bits());
    EXPECT_EQ(capabilities("CapPrm"), keep.bits());
    EXPECT_EQ(capabilities("CapBnd"), keep.bits());
    EXPECT_TRUE(has_capability(Capability::bpf));
    EXPECT_FALSE(has_capability(Capability::net_raw));
  });
}

TEST(Privileges, cannot_keep_what_was_given_up) {
  on_a_thread([] {
    ASSERT_TRUE(reduce_privileges({}));
    ASSERT_TRUE(reduce_privileges({.keep = {Capability::net_admin}})) << "that is no error";
    EXPECT_FALSE(has_capability(Capability::net_admin));
  });
}

// Without securebits a program that root starts would have them all again.
TEST(Privileges, are_not_given_back_to_programs_that_it_starts) {
  if (!is_root()) GTEST_SKIP() << "not root";
  on_a_thread([] {
    ASSERT_TRUE(reduce_privileges({.keep = {Capability::net_admin}}));
    EXPECT_EQ(system("grep -q '^CapEff:[[:space:]]*0000000000000000$' /proc/self/status"), 0);
  });
}

// The user is changed for the whole process: in a child.
void in_a_child(FunctionRef<void()> test) {
  const pid_t child = ::fork();
  if (child == 0) {
    test();
    ::_exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0) << "what failed in the child is told above";
}

TEST(Privileges, become_those_of_another_user) {
  if (!is_root()) GTEST_SKIP() << "not root: there is nobody to become";
  in_a_child([] {
    const Result<void> done = reduce_privileges({.keep = {Capability::net_admin}, .user = "nobody"});
    ASSERT_TRUE(done) << done.error().text();
    EXPECT_EQ(::getuid(), 65534u);
    EXPECT_EQ(status("Uid"), "65534\t65534\t65534\t65534");
    EXPECT_EQ(status("Gid"), "65534\t65534\t65534\t65534");
    EXPECT_THAT(status("Groups"), HasSubstr("65534"));
    EXPECT_THAT(status("Groups"), testing::Not(testing::StartsWith("0")));
    EXPECT_EQ(capabilities("CapEff"), CapabilitySet{Capability::net_admin}.bits());
    EXPECT_EQ(status("NoNewPrivs"), "1");
    EXPECT_NE(::setuid(0), 0) << "there is no way back";
  });
}

TEST(Privileges, take_users_and_groups_by_number) {
  if (!is_root()) GTEST_SKIP() << "not root";
  in_a_child([] {
    ASSERT_TRUE(reduce_privileges({.keep = {}, .user = "12345", .group = "23456"}));
    EXPECT_EQ(::getuid(), 12345u);
    EXPECT_EQ(::getgid(), 23456u);
    EXPECT_EQ(status("Groups"), "") << "of a user without a name there are none";
    EXPECT_EQ(capabilities("CapEff"), 0u);
  });
}

TEST(Privileges, say_that_there_is_no_such_user_or_group) {
  const Result<void> no_user = reduce_privileges({.user = "no-such-user"});
  ASSERT_FALSE(no_user);
  EXPECT_EQ(no_user.error().code, ErrorCode::not_found);
  EXPECT_THAT(no_user.error().text(), HasSubstr("adduser --system --group no-such-user"));
  const Result<void> no_group = reduce_privileges({.group = "no-such-group"});
  ASSERT_FALSE(no_group);
  EXPECT_EQ(no_group.error().code, ErrorCode::not_found);
  EXPECT_THAT(no_group.error().text(), HasSubstr("no-such-group"));
  EXPECT_EQ(status("NoNewPrivs"), "0") << "nothing was changed";
}

TEST(Privileges, say_that_only_root_becomes_somebody_else) {
  in_a_child([] {
    ASSERT_TRUE(reduce_privileges({}));
    const Result<void> refused = reduce_privileges({.user = "nobody"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::permission);
    EXPECT_THAT(refused.error().text(), HasSubstr("start as root"));
  });
}

}  // namespace
}  // namespace dragoman::net
