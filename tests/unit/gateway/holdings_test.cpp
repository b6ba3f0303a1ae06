// Who held a port when, from lines about it.
#include "holdings.h"

#include <gtest/gtest.h>

namespace dragoman::gateway {
namespace {

using End = Holding::End;
using Kind = Holding::Kind;

WallTime at(int second) { return WallTime(std::chrono::seconds(second)); }

Evidence line(int second, Line what) {
  Evidence made;
  made.time = at(second);
  made.line = what;
  return made;
}
Evidence block(int second, Line what, const char* subscriber) {
  Evidence made = line(second, what);
  made.holding.holder = subscriber;
  made.holding.first_port = 1024;
  made.holding.last_port = 1279;
  return made;
}
Evidence session(int second, Line what, const char* host, nat64::Protocol protocol = nat64::Protocol::tcp) {
  Evidence made = line(second, what);
  made.holding.kind = Kind::session;
  made.holding.holder = host;
  made.holding.protocol = protocol;
  return made;
}
Evidence fixed(int second, const char* host) {
  Evidence made = session(second, Line::static_binding, host);
  made.holding.kind = Kind::static_binding;
  return made;
}

// "holder from-until end", a line each; a begin that is missing in parentheses.
std::string told(std::vector<Evidence> evidence, std::vector<Coverage> files = {{at(0), at(1000)}}) {
  static constexpr const char* ends[] = {"open", "released", "replaced", "restarted", "stopped"};
  std::string text;
  for (const auto& [holding, source] : holdings_of(std::move(evidence), files).held) {
    const auto from = std::to_string(holding.from.time_since_epoch() / seconds(1));
    text += holding.holder + " " + (holding.has_begin ? from : "(" + from + ")") + "-" +
            std::to_string(holding.until.time_since_epoch() / seconds(1)) + " " +
            ends[static_cast<std::size_t>(holding.end)] + "\n";
  }
  return text;
}

TEST(Holdings, begin_with_an_allocation_and_end_with_the_release) {
  EXPECT_EQ(told({block(1, Line::block_allocated, "a"), block(5, Line::block_released, "a"),
                  block(7, Line::block_allocated, "b")}),
            "a 1-5 released\nb 7-1000 open\n");
}

TEST(Holdings, come_from_lines_in_any_order) {
  EXPECT_EQ(told({block(7, Line::block_allocated, "b"), block(5, Line::block_released, "a"),
                  block(1, Line::block_allocated, "a")}),
            "a 1-5 released\nb 7-1000 open\n");
}

TEST(Holdings, end_at_the_latest_when_another_has_the_port) {
  EXPECT_EQ(told({block(1, Line::block_allocated, "a"), block(7, Line::block_allocated, "b")}),
            "a 1-7 replaced\nb 7-1000 open\n");
  EXPECT_EQ(told({session(1, Line::session_created, "a"), session(7, Line::session_created, "b"),
                  session(8, Line::session_created, "c", nat64::Protocol::udp)}),
            "a 1-7 replaced\nb 7-1000 open\nc 8-1000 open\n");
}

TEST(Holdings, whose_begin_is_missing_began_after_what_was_known_before) {
  EXPECT_EQ(told({block(5, Line::block_released, "a")}), "a (0)-5 released\n");
  EXPECT_EQ(told({line(2, Line::started), block(5, Line::block_released, "a"), block(9, Line::block_released, "b")}),
            "a (2)-5 released\nb (5)-9 released\n");
}

// The release of the first and the allocation of the second were lost.
TEST(Holdings, do_not_outlast_the_release_of_another) {
  EXPECT_EQ(told({block(1, Line::block_allocated, "a"), block(5, Line::block_released, "b")}),
            "a 1-5 replaced\nb (1)-5 released\n");
}

TEST(Holdings, of_sessions_do_not_outlast_the_block) {
  EXPECT_EQ(told({block(1, Line::block_allocated, "a"), session(2, Line::session_created, "a5"),
                  block(5, Line::block_released, "a")}),
            "a 1-5 released\na5 2-5 released\n");
}

// Sessions of a binding that lost its port end by and by.
TEST(Holdings, do_not_begin_anew_with_a_late_end) {
  EXPECT_EQ(told({session(1, Line::session_created, "a"), session(2, Line::session_created, "a"),
                  session(7, Line::session_created, "b"), session(8, Line::session_deleted, "a"),
                  session(9, Line::session_deleted, "a")}),
            "a 1-7 replaced\nb 7-1000 open\n");
  EXPECT_EQ(told({block(1, Line::block_allocated, "a"), session(2, Line::session_created, "a5"),
                  block(5, Line::block_released, "a"), session(6, Line::session_deleted, "a5")}),
            "a 1-5 released\na5 2-5 released\n");
}

// The session is told first, and then the block that it made necessary.
TEST(Holdings, of_sessions_may_be_told_just_before_their_block) {
  EXPECT_EQ(told({session(2, Line::session_created, "a5"), block(2, Line::block_allocated, "a")}),
            "a5 2-1000 open\na 2-1000 open\n");
}

TEST(Holdings, end_with_the_last_of_their_sessions) {
  EXPECT_EQ(told({session(1, Line::session_created, "a"), session(2, Line::session_created, "a"),
                  session(3, Line::session_deleted, "a"), session(6, Line::session_deleted, "a"),
                  session(8, Line::session_created, "a")}),
            "a 1-6 released\na 8-1000 open\n");
}

TEST(Holdings, end_with_a_restart_or_a_stop) {
  EXPECT_EQ(told({block(1, Line::block_allocated, "a"), line(9, Line::started), block(12, Line::block_allocated, "b"),
                  line(20, Line::stopped), line(22, Line::started)}),
            "a 1-9 restarted\nb 12-20 stopped\n");
}

TEST(Holdings, of_another_nat64_do_not_end_with_it) {
  Evidence restart = line(9, Line::started);
  restart.source = "nat2";
  EXPECT_EQ(told({block(1, Line::block_allocated, "a"), restart}), "a 1-1000 open\n");
}

TEST(Holdings, of_static_bindings_last_as_long_as_reloads_tell_them) {
  EXPECT_EQ(told({line(1, Line::started), fixed(1, "a"), line(5, Line::changed), fixed(5, "a"), line(9, Line::changed),
                  block(10, Line::block_allocated, "b")}),
            "a 1-9 released\nb 10-1000 open\n");
  EXPECT_EQ(told({line(1, Line::started), fixed(1, "a"), line(5, Line::changed), fixed(5, "b")}),
            "a 1-5 replaced\nb 5-1000 open\n");
}

TEST(Holdings, know_when_the_nat64_was_down_and_did_not_say_so) {
  Evidence crash = line(9, Line::started);
  crash.seen = at(6);
  const Holdings all = holdings_of({block(1, Line::block_allocated, "a"), crash}, {{at(0), at(1000)}});
  ASSERT_EQ(all.doubtful.size(), 1u);
  EXPECT_EQ(all.doubtful[0].doubt.kind, BindingDoubt::Kind::down);
  EXPECT_EQ(all.doubtful[0].doubt.since, at(6));
  EXPECT_EQ(all.doubtful[0].doubt.until, at(9));
  EXPECT_EQ(all.held.at(0).holding.seen, at(6));

  // The start is the first line of a file: the file before it tells.
  const Holdings rotated = holdings_of({line(9, Line::started)}, {{at(9), at(1000)}, {at(0), at(7)}});
  ASSERT_EQ(rotated.doubtful.size(), 1u);
  EXPECT_EQ(rotated.doubtful[0].doubt.since, at(7));

  // A stop says so, even when it tells of losses behind it.
  crash.seen = at(6);
  EXPECT_TRUE(holdings_of({line(6, Line::stopped), crash}, {{at(0), at(1000)}}).doubtful.empty());
  Evidence lost = line(6, Line::lost);
  lost.since = at(5);
  EXPECT_EQ(holdings_of({line(6, Line::stopped), lost, crash}, {{at(0), at(1000)}}).doubtful.size(), 1u);
  // Nothing was before the first start.
  EXPECT_TRUE(holdings_of({line(9, Line::started)}, {{at(9), at(1000)}}).doubtful.empty());
}

TEST(Holdings, are_known_from_what_tells_all_about_the_port) {
  const Holdings all =
      holdings_of({line(1, Line::started), block(2, Line::block_allocated, "a"), session(3, Line::session_created, "b"),
                   line(4, Line::changed), block(5, Line::block_released, "a"), line(6, Line::stopped)},
                  {{at(1), at(6)}});
  std::vector<int> anchors;
  for (const auto& anchor : all.anchors)
    anchors.push_back(static_cast<int>(anchor.time.time_since_epoch() / seconds(1)));
  EXPECT_EQ(anchors, (std::vector<int>{1, 2, 5, 6}));
}

}  // namespace
}  // namespace dragoman::gateway
