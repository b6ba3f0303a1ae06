// The messages that go to upstream servers and what comes back: writing a question with EDNS, and telling whether a
// message is the answer to it (RFC 5452 9.1). Pure: octets in, octets out.
#pragma once

#include <array>
#include <cstdint>

#include "dragoman/base/bytes.h"
#include "exchange.h"
#include "random.h"

namespace dragoman::upstream {

// How a transport wants its questions.
struct QueryForm {
  bool edns = true;
  bool ask_keepalive = false;     // edns-tcp-keepalive, empty as a client sends it (RFC 7828 3.2.1)
  std::uint16_t pad_to = 0;       // RFC 8467 4.1: 128 on encrypted transports; 0: no padding
  Random* letter_case = nullptr;  // mixes the case of the name, so that a forger must guess it too
};

// The longest question with its OPT is 294 octets, with a cookie 338; padded to a multiple of 128 it is 384.
using QueryBuffer = std::array<std::uint8_t, 384>;

// Writes the exchange's question under its id, and keeps what was sent of it in the exchange.
Bytes write_query(Exchange& exchange, const QueryForm& form, QueryBuffer& out);

// How a message fits the question of an exchange with the same id.
enum class Match : std::uint8_t {
  no,            // not a response, or to another question
  case_changed,  // but for letter case
  yes,
};
Match match(Bytes message, const Exchange& exchange);

// Reads the answer out of a message that fits: sets exchange.answer, and gives answered, truncated, malformed, or what
// is wrong with its cookie. Learns the cookie of one that is good. `keepalive` becomes the server's idle timeout in
// units of 100 ms if it told one (RFC 7828).
struct ServerHints {
  bool has_keepalive = false;
  std::uint16_t keepalive = 0;
};
Ending read_answer(Bytes message, Exchange& exchange, ServerHints& hints);

}  // namespace dragoman::upstream
