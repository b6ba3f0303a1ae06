// IPv4 address hints in HTTPS and SVCB records (RFC 9460 7.3). A DNS64 leaves records as they are (4.2.1); this is for
// the operator who wants otherwise. Pure; any thread.
#pragma once

#include "dragoman/dns/answer.h"
#include "dragoman/dns/message_writer.h"

namespace dragoman::dns64 {

// Whether there is anything to take out.
bool has_ipv4_hints(const dns::AnswerView& answer);

// The records of an answer, HTTPS and SVCB without ipv4hint and without a mention of it among `mandatory` (8). RRSIGs
// over these types are left out.
void write_without_ipv4_hints(const dns::AnswerView& answer, const dns::Question& question, dns::MessageWriter& writer);

}  // namespace dragoman::dns64
