// The TCP state machine of a session (RFC 6146 3.5.2.2), as a function: state and segment in, state and timer out.
//
//                 V6 SYN                        V4 SYN
//   CLOSED ------------------> V6 INIT  ------------------> ESTABLISHED <---+
//      |                                        V6 SYN       |  |    |      | anything but RST
//      +--- V4 SYN ----------> V4 INIT  ---------------------+  |    |      |
//                                                          FIN  |   RST --> TRANS
//                     V4 FIN RCV / V6 FIN RCV <-----------------+    (also from the FIN RCV states)
//                               | the other FIN
//                               v
//                       V4 FIN + V6 FIN RCV: not refreshed, then CLOSED; a SYN begins anew at once
#pragma once

#include <cstdint>

#include "dragoman/nat64/translator.h"

namespace dragoman::nat64 {

enum class Side : std::uint8_t { v6, v4 };

// Of a TCP header.
struct TcpFlags {
  bool syn = false;
  bool fin = false;
  bool rst = false;
};
inline TcpFlags tcp_flags(const std::uint8_t* tcp_header) {
  const std::uint8_t flags = tcp_header[13];
  return {(flags & 0x02) != 0, (flags & 0x01) != 0, (flags & 0x04) != 0};
}

enum class TcpTimer : std::uint8_t {
  keep,         // goes on as it is
  established,  // begins anew with TCP_EST
  transitory    // ... with TCP_TRANS
};
struct TcpStep {
  SessionState state;
  TcpTimer timer;
};

// Of a session that exists: for a new one the state is v6_init or v4_init with the transitory timer.
TcpStep next_tcp_state(SessionState state, Side from, TcpFlags segment);

}  // namespace dragoman::nat64
