// A client's query, read and judged: everything that later steps want to know, without the octets. Worker thread.
#pragma once

#include <cstdint>
#include <optional>

#include "dragoman/dns/message_view.h"
#include "dragoman/resolve/metrics.h"
#include "dragoman/resolve/query.h"
#include "dragoman/resolve/settings.h"

namespace dragoman::resolve {

struct Inquiry {
  dns::Header header;
  dns::Question question;  // the name borrows from the message, or from the Miss that keeps it
  Client client;
  TimePoint received{};
  const dns64::Policy* policy = nullptr;  // of the settings that were in force; null: none is for this client
  std::uint16_t udp_payload = 512;        // what the client can take in one datagram
  std::uint16_t keepalive = 0;            // to be told the client, if it asked and the transport has one (RFC 7828)
  bool has_question = false;              // false: the message broke before or in its question
  bool has_edns = false;
  bool dnssec_ok = false;
  bool wants_padding = false;  // it padded its query, on an encrypted transport (RFC 7830 4)
  bool wants_keepalive = false;
  bool synthesize = false;            // an AAAA question that DNS64 looks after
  bool is_cookie_alone = false;       // no question, only a cookie to be renewed or checked (RFC 7873 5.4)
  bool limits_reply = false;          // its reply is subject to response rate limiting
  std::optional<CookieState> cookie;  // what its COOKIE option was worth; empty: none, or cookies are off
  WholeCookie cookie_reply{};         // what goes back for it
  Trace* trace = nullptr;             // null: nobody wants to know (tracing.h)

  bool checking_disabled() const { return header.has(dns::Header::cd); }
};

// Why a query gets no further, and what its reply says.
struct Refusal {
  RefusalReason reason;
  dns::Rcode rcode;
  std::optional<dns::Ede> ede;
};

// Reads what was asked. Nothing comes back when it may go on; `dropped` is set when it deserves no reply at all.
std::optional<Refusal> read_query(const Query& query, const Settings& settings, Inquiry& inquiry,
                                  std::optional<DropReason>& dropped);

// The one place that decides whether a client may ask, for every protocol.
std::optional<Refusal> admit(const Inquiry& inquiry, const Settings& settings);

}  // namespace dragoman::resolve
