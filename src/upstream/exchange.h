// One question on its way to one server: who asked, where it waits, and how it ended. Lives in its asker (the race of a
// lookup, a probe) and may be destroyed at any time; it then takes itself out of whatever it waits in.
//
//   Server::ask -> a transport (its carrier) -> Agenda, with an Ending -> Server::finished ->
//   ExchangeOwner::on_finished
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "cookies.h"
#include "dragoman/base/time.h"
#include "dragoman/dns/answer.h"
#include "dragoman/net/stream.h"
#include "dragoman/upstream/forwarder.h"
#include "link.h"

namespace dragoman::upstream {

class Server;
class Exchange;

// What became of a question at a transport.
enum class Ending : std::uint8_t {
  answered,        // `answer` is set
  truncated,       // TC over UDP (RFC 1035 4.2.1): to be asked over TCP
  case_changed,    // our id and question, but in another letter case: forged, or a server that does not keep it
  forged,          // without our Client Cookie (RFC 7873 5.3): a transport over UDP ignores it and waits on
  cookie_missing,  // of a server that has shown cookies before: to be asked over TCP, where nobody forges
  bad_cookie,      // BADCOOKIE, and a fresh cookie is here by now
  lost,            // the connection ended with the question on it: may be asked again on another (RFC 7766 6.2.4)
  timeout,
  network,     // refused, unreachable, reset while connecting
  tls,         // handshake or certificate
  overloaded,  // ours: no room for another question; theirs: HTTP status 429 or 503
  malformed,   // an answer that cannot be read
  http,        // another HTTP status, or not application/dns-message
};

class ExchangeOwner {
 public:
  // The last thing that is done with the exchange: the owner may destroy it, and itself.
  virtual void on_finished(Exchange& exchange) = 0;

 protected:
  ~ExchangeOwner() = default;
};

// A transport's socket or connection that an exchange waits on.
class Carrier {
 public:
  virtual void abandon(Exchange& exchange) = 0;

 protected:
  ~Carrier() = default;
};

// Everything that was heard, for those who show it to people.
struct Transcript {
  std::vector<std::uint8_t> message;
  Transport transport = Transport::udp;
  net::HandshakeFacts facts;
};

inline constexpr std::size_t max_question_length = dns::max_name_length + 4;

class Exchange : public Link {
 public:
  Exchange() = default;
  ~Exchange();

  // Idle again: takes it out of everything, and forgets its answer.
  void give_up();
  bool is_pending() const { return server != nullptr; }
  Bytes question() const { return {sent_question.data(), question_length}; }

  // Set by the asker; `lookup` must outlive the exchange.
  const Lookup* lookup = nullptr;
  ExchangeOwner* owner = nullptr;
  Transcript* transcript = nullptr;  // filled when given

  // Set by the server.
  Server* server = nullptr;             // null: not on its way
  const Server* last_server = nullptr;  // who was asked, also when it has ended
  TimePoint asked_at{};
  bool over_stream = false;  // TCP instead of UDP
  bool checks_case = false;  // asked over TCP to learn whether the server keeps letter case
  bool without_edns = false;
  bool without_cookie = false;
  bool cookie_was_bad = false;  // once; the next time TCP is the way
  Cookies* cookies = nullptr;   // of the server; null: none are sent
  bool counted_slow = false;    // its timeout was counted already
  std::uint8_t moves = 0;       // to another connection after one was lost
  std::uint8_t addresses_tried = 0;

  // Set by the transport.
  Carrier* carrier = nullptr;
  Exchange* next_in_bucket = nullptr;
  void* ticket = nullptr;  // what the carrier finds it by, beside its id
  std::uint16_t id = 0;
  std::uint16_t question_length = 0;
  std::array<std::uint8_t, max_question_length> sent_question;  // as sent, in its letter case

  bool sent_cookie = false;     // a Client Cookie, this one
  bool expects_cookie = false;  // with it a Server Cookie, so the response must have one
  ClientCookie client_cookie{};

  // Set when it has ended.
  Ending ending = Ending::timeout;
  bool answer_has_edns = false;
  dns::Answer answer;
};

}  // namespace dragoman::upstream
