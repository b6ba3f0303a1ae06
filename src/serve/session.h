// A client protocol over a byte stream, without the stream: bytes in, requests out; replies in, bytes out.
// Sessions know no descriptor, clock or thread, so tests drive them with plain arrays; connection.cpp performs I/O.
//
// To add a protocol over streams: a Session of its own, one line in connection.cpp's make_session().
//
// The order of a turn, which also is what keeps nghttp2 safe (it is not re-entrant): receive() only gathers;
// next_request() hands out what was gathered; reply() only appends; write_output() alone produces bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "dragoman/base/bytes.h"
#include "dragoman/base/time.h"
#include "dragoman/resolve/query.h"

namespace dragoman::serve {

// One DNS query of a client. `message` is valid until the next call of the session.
struct Request {
  std::uint64_t ticket = 0;  // names the stream or message to reply to
  Bytes message;
  std::size_t listener = 0;  // which of the listeners that share the socket it is for: that of its path
};

class Session {
 public:
  virtual ~Session() = default;

  // Whether receive() may be called. False while as many requests are in flight as allowed and more could follow.
  virtual bool wants_input() const = 0;
  // Takes all of `bytes`, and may look into them until keep_input(). False: a protocol error ended the session; what
  // write_output() still has (an error status, GOAWAY) should be sent before closing.
  virtual bool receive(Bytes bytes, TimePoint now) = 0;
  // The next complete request, in order of completion. False: none, or as many in flight as allowed.
  virtual bool next_request(Request& request) = 0;
  // Called before the octets given to receive() go away: copies what is still needed of them.
  virtual void keep_input() = 0;

  virtual void reply(std::uint64_t ticket, Bytes message, const resolve::ReplyFacts& facts) = 0;
  // The resolver had nothing to say to this request.
  virtual void no_reply(std::uint64_t ticket) = 0;
  // Tickets whose stream was reset by the client since the last call: their replies are to be forgotten.
  virtual void take_cancelled(std::vector<std::uint64_t>& tickets) = 0;

  // Appends bytes for the client until `out` holds `limit` octets (one frame may go beyond). True when more can be had
  // at once.
  virtual bool write_output(std::vector<std::uint8_t>& out, std::size_t limit) = 0;
  // Octets of replies that write_output() has not produced yet, be it that flow control keeps them back.
  virtual std::size_t waiting() const = 0;

  virtual void drain() = 0;              // tell the client to go; take no new requests where the protocol can say so
  virtual bool finished() const = 0;     // nothing in flight, and the session is to be closed (after drain or an error)
  virtual bool failed() const = 0;       // a protocol error ended it
  virtual bool mid_message() const = 0;  // a request has begun and is not complete: the read timeout applies
  virtual std::size_t in_flight() const = 0;
  // Gives back memory that an idle connection does not need.
  virtual void trim() = 0;
};

}  // namespace dragoman::serve
