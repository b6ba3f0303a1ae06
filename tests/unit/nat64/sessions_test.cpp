// The session table (RFC 6146 3.2): finding, ending, and permissions of address-dependent filtering (R10).
#include "sessions.h"

#include <gtest/gtest.h>

namespace dragoman::nat64 {
namespace {

constexpr std::uint32_t remote = 0xcb007105, other_remote = 0xcb007106;
constexpr std::size_t any_number = 1'000'000;

std::size_t end_all(Sessions& sessions, Second now) {
  std::size_t ended = 0;
  sessions.tick(now, any_number, [&](Index index) {
    sessions.remove(index);
    ++ended;
  });
  return ended;
}

TEST(Sessions, are_found_by_binding_and_remote) {
  Sessions sessions(1);
  const Index first = sessions.add(1, remote, 80, 100), second = sessions.add(1, remote, 81, 100),
              third = sessions.add(2, remote, 80, 100), fourth = sessions.add(1, other_remote, 80, 100);
  EXPECT_EQ(sessions.find(1, remote, 80), first);
  EXPECT_EQ(sessions.find(1, remote, 81), second);
  EXPECT_EQ(sessions.find(2, remote, 80), third);
  EXPECT_EQ(sessions.find(1, other_remote, 80), fourth);
  EXPECT_EQ(sessions.find(2, other_remote, 80), none);
  sessions.remove(first);
  EXPECT_EQ(sessions.find(1, remote, 80), none);
  EXPECT_EQ(sessions.find(1, remote, 81), second);
}

TEST(Sessions, end_at_a_deadline_that_was_moved_either_way) {
  Sessions sessions(1);
  const Index later = sessions.add(1, remote, 80, 100), earlier = sessions.add(1, remote, 81, 100);
  sessions.set_deadline(later, 150);
  sessions.set_deadline(earlier, 50);
  EXPECT_EQ(end_all(sessions, 49), 0u);
  EXPECT_EQ(end_all(sessions, 50), 1u);
  EXPECT_EQ(sessions.find(1, remote, 81), none);
  EXPECT_EQ(end_all(sessions, 149), 0u);
  EXPECT_EQ(end_all(sessions, 150), 1u);
}

TEST(Sessions, end_at_a_deadline_that_was_put_off_and_brought_back) {
  Sessions sessions(1);
  const Index session = sessions.add(1, remote, 80, 100);
  sessions.set_deadline(session, 9000);
  sessions.set_deadline(session, 200);
  EXPECT_EQ(end_all(sessions, 199), 0u);
  EXPECT_EQ(end_all(sessions, 200), 1u);
}

TEST(Sessions, permit_their_remote_as_long_as_one_of_them_lives) {
  Sessions sessions(1);
  const Index first = sessions.add(1, remote, 80, 100), second = sessions.add(1, remote, 81, 100);
  EXPECT_FALSE(sessions.permits(1, remote));
  sessions.permit(first);
  sessions.permit(first);
  sessions.permit(second);
  EXPECT_TRUE(sessions.permits(1, remote));
  EXPECT_FALSE(sessions.permits(1, other_remote));
  EXPECT_FALSE(sessions.permits(2, remote));
  EXPECT_EQ(sessions.find(1, remote, 0), none) << "a permission is no session";
  sessions.remove(first);
  EXPECT_TRUE(sessions.permits(1, remote));
  sessions.remove(second);
  EXPECT_FALSE(sessions.permits(1, remote));
}

TEST(Sessions, that_never_had_a_permission_take_none_away) {
  Sessions sessions(1);
  const Index before = sessions.add(1, remote, 80, 100), after = sessions.add(1, remote, 81, 100);
  sessions.permit(after);
  sessions.remove(before);
  EXPECT_TRUE(sessions.permits(1, remote));
}

}  // namespace
}  // namespace dragoman::nat64
