// The TCP state machine of RFC 6146 3.5.2.2, without tables, packets or time; see tcp_state.h for its picture.
// RST in the FIN RCV states follows RFC 7857 2.2. Pure.
#include "tcp_state.h"

namespace dragoman::nat64 {
namespace {

constexpr TcpStep to_trans{SessionState::trans, TcpTimer::transitory};
constexpr TcpStep to_established{SessionState::established, TcpTimer::established};

TcpStep in_established(Side from, TcpFlags segment) {
  if (segment.rst) return to_trans;
  if (!segment.fin) return to_established;
  return {from == Side::v4 ? SessionState::v4_fin_rcv : SessionState::v6_fin_rcv, TcpTimer::established};
}

// One side has sent its FIN; `other` is the one that has not. A RST ends it (RFC 7857 2.2), or a connection that was
// closed in one direction and then reset would stay for two hours.
TcpStep in_fin_rcv(SessionState state, Side other, Side from, TcpFlags segment) {
  if (segment.rst) return to_trans;
  if (segment.fin && from == other) return {SessionState::v4_v6_fin_rcv, TcpTimer::transitory};
  return {state, TcpTimer::established};
}

// The connection is over, and its ports may be taken for another one at once (RFC 9293 3.6.1). That would lose its
// session in mid-course if it counted as the end of the old one.
TcpStep in_both_fin_rcv(Side from, TcpFlags segment) {
  if (!segment.syn || segment.rst) return {SessionState::v4_v6_fin_rcv, TcpTimer::keep};
  return {from == Side::v4 ? SessionState::v4_init : SessionState::v6_init, TcpTimer::transitory};
}

}  // namespace

TcpStep next_tcp_state(SessionState state, Side from, TcpFlags segment) {
  switch (state) {
    case SessionState::v4_init:
      if (from == Side::v6 && segment.syn) return to_established;
      return {state, TcpTimer::keep};
    case SessionState::v6_init:
      if (from == Side::v4 && segment.syn) return to_established;
      return {state, from == Side::v6 && segment.syn ? TcpTimer::transitory : TcpTimer::keep};
    case SessionState::established:
      return in_established(from, segment);
    case SessionState::v4_fin_rcv:
      return in_fin_rcv(state, Side::v6, from, segment);
    case SessionState::v6_fin_rcv:
      return in_fin_rcv(state, Side::v4, from, segment);
    case SessionState::trans:
      return segment.rst ? TcpStep{state, TcpTimer::keep} : to_established;
    case SessionState::v4_v6_fin_rcv:
      return in_both_fin_rcv(from, segment);
    case SessionState::open:
      break;
  }
  return {state, TcpTimer::keep};
}

}  // namespace dragoman::nat64
