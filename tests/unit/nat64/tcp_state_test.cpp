// R8 (RFC 6146 3.5.2.2): every edge of the TCP state machine. That of CLOSED (a, b, c) is in filtering_test.cpp, those
// of timers in lifetimes_test.cpp.
#include "tcp_state.h"

#include <gtest/gtest.h>

namespace dragoman::nat64 {
namespace {

using enum SessionState;
constexpr TcpTimer keep = TcpTimer::keep, transitory = TcpTimer::transitory;

constexpr TcpFlags syn{.syn = true}, fin{.fin = true}, rst{.rst = true}, other{};

struct Edge {
  SessionState state;
  Side from;
  TcpFlags segment;
  SessionState next;
  TcpTimer timer;
};

void check(std::initializer_list<Edge> edges) {
  int row = 0;
  for (const Edge& edge : edges) {
    const TcpStep step = next_tcp_state(edge.state, edge.from, edge.segment);
    EXPECT_EQ(step.state, edge.next) << "row " << row;
    EXPECT_EQ(step.timer, edge.timer) << "row " << row;
    ++row;
  }
}

// R8 d
TEST(TcpState, of_v4_init_is_established_by_a_v6_syn_alone) {
  check({{v4_init, Side::v6, syn, established, TcpTimer::established},
         {v4_init, Side::v6, other, v4_init, keep},
         {v4_init, Side::v6, fin, v4_init, keep},
         {v4_init, Side::v6, rst, v4_init, keep},
         {v4_init, Side::v4, syn, v4_init, keep},
         {v4_init, Side::v4, other, v4_init, keep},
         {v4_init, Side::v4, rst, v4_init, keep}});
}

// R8 e
TEST(TcpState, of_v6_init_is_established_by_a_v4_syn_and_refreshed_by_a_v6_syn) {
  check({{v6_init, Side::v4, syn, established, TcpTimer::established},
         {v6_init, Side::v6, syn, v6_init, transitory},
         {v6_init, Side::v4, other, v6_init, keep},
         {v6_init, Side::v4, rst, v6_init, keep},
         {v6_init, Side::v6, other, v6_init, keep},
         {v6_init, Side::v6, fin, v6_init, keep}});
}

// R8 f
TEST(TcpState, of_an_established_connection_ends_by_fin_and_rst_and_is_refreshed_by_the_rest) {
  for (const Side side : {Side::v4, Side::v6}) {
    check({{established, side, other, established, TcpTimer::established},
           {established, side, syn, established, TcpTimer::established},
           {established, side, rst, trans, transitory}});
  }
  EXPECT_EQ(next_tcp_state(established, Side::v4, fin).state, v4_fin_rcv);
  EXPECT_EQ(next_tcp_state(established, Side::v6, fin).state, v6_fin_rcv);
  EXPECT_NE(next_tcp_state(established, Side::v6, fin).timer, transitory) << "the other direction may go on for hours";
}

// R8 g; k (RFC 7857 2.2): RST
TEST(TcpState, with_one_fin_waits_for_the_other) {
  check({{v4_fin_rcv, Side::v6, fin, v4_v6_fin_rcv, transitory},
         {v4_fin_rcv, Side::v4, fin, v4_fin_rcv, TcpTimer::established},
         {v4_fin_rcv, Side::v4, other, v4_fin_rcv, TcpTimer::established},
         {v4_fin_rcv, Side::v6, other, v4_fin_rcv, TcpTimer::established},
         {v4_fin_rcv, Side::v6, rst, trans, transitory},
         {v4_fin_rcv, Side::v4, rst, trans, transitory},
         {v6_fin_rcv, Side::v4, fin, v4_v6_fin_rcv, transitory},
         {v6_fin_rcv, Side::v6, fin, v6_fin_rcv, TcpTimer::established},
         {v6_fin_rcv, Side::v4, other, v6_fin_rcv, TcpTimer::established},
         {v6_fin_rcv, Side::v6, other, v6_fin_rcv, TcpTimer::established},
         {v6_fin_rcv, Side::v6, rst, trans, transitory},
         {v6_fin_rcv, Side::v4, rst, trans, transitory}});
}

// R8 h
TEST(TcpState, with_both_fins_is_not_refreshed) {
  for (const Side side : {Side::v4, Side::v6}) {
    check({{v4_v6_fin_rcv, side, other, v4_v6_fin_rcv, keep},
           {v4_v6_fin_rcv, side, fin, v4_v6_fin_rcv, keep},
           {v4_v6_fin_rcv, side, rst, v4_v6_fin_rcv, keep}});
  }
}

// RFC 9293 3.6.1: the ports of a connection that is over may be those of the next one.
TEST(TcpState, with_both_fins_begins_anew_with_a_syn) {
  check({{v4_v6_fin_rcv, Side::v6, syn, v6_init, transitory}, {v4_v6_fin_rcv, Side::v4, syn, v4_init, transitory}});
}

// R8 i
TEST(TcpState, of_trans_is_established_again_by_anything_but_rst) {
  for (const Side side : {Side::v4, Side::v6}) {
    check({{trans, side, other, established, TcpTimer::established},
           {trans, side, syn, established, TcpTimer::established},
           {trans, side, fin, established, TcpTimer::established},
           {trans, side, rst, trans, keep}});
  }
}

TEST(TcpState, reads_its_flags_from_the_header) {
  std::uint8_t header[20] = {};
  header[13] = 0x12;
  EXPECT_TRUE(tcp_flags(header).syn);
  EXPECT_FALSE(tcp_flags(header).fin || tcp_flags(header).rst);
  header[13] = 0x15;
  EXPECT_TRUE(tcp_flags(header).fin && tcp_flags(header).rst);
  EXPECT_FALSE(tcp_flags(header).syn);
}

}  // namespace
}  // namespace dragoman::nat64
