// What each step of a query tells a trace, in words and as facts. The rules stay where they are obeyed: these functions
// call the same ones, or look at what came of them. Off the hot path: the caller has tested for a trace. Worker thread.
#pragma once

#include <cstdint>

#include "compose.h"
#include "dragoman/resolve/trace.h"
#include "inquiry.h"

namespace dragoman::resolve {

class Flight;

// `refusal` is null when the query may go on.
void tell_admission(const Inquiry& inquiry, const Refusal* refusal);
void tell_policy(const Inquiry& inquiry, const Settings& settings);
// ipv4only.arpa and its kin, ANY.
void tell_built_in(const Inquiry& inquiry);
// What local data or the cache held; null: nothing.
void tell_known(Trace& trace, const dns::Question& question, const Known* known);
// A name in the reverse zone of a prefix that is answered here.
void tell_reverse_zone(const Inquiry& inquiry, dns::NameView zone);
// A PTR question under a prefix is asked as this one (RFC 6147 5.3.1).
void tell_reverse(const Inquiry& inquiry, dns::NameView target);

// The same question was on its way already.
void tell_joined(Trace& trace, const Flight& flight, TimePoint now);
// The wait for a flight is over: it landed, or the deadline came first.
void tell_arrival(Trace& trace, const Flight& flight);

// What compose_aaaa() will make of these answers: exclusions, embedded and refused addresses, the TTL.
void tell_aaaa(const Inquiry& inquiry, const dns64::Options& options, const AaaaFindings& findings);

struct ReplyShape {
  dns::Header header;
  Source source{};
  std::uint16_t answers = 0;
  bool truncated = false;
  bool is_validated = false;  // by us, whatever came of it
};
void tell_reply(const Inquiry& inquiry, const ReplyContent& content, const ReplyShape& shape);

}  // namespace dragoman::resolve
