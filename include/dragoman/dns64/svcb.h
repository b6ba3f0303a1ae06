// Addresses that come along with SVCB and HTTPS records (RFC 9460 4.2.1): a DNS64 leaves the records and their hints as
// they are, and does for the addresses beside them what it does for questions. Pure; any thread.
#pragma once

#include "dragoman/dns/answer.h"
#include "dragoman/dns/message_writer.h"
#include "dragoman/dns64/policy.h"

namespace dragoman::dns64 {

// Whether an answer to an SVCB or HTTPS question has A records in its additional section, for a client that wants
// synthesis. Nearly always false, after a look at the type.
bool wants_additional_aaaa(const Policy* policy, const dns::Question& question, bool checking_disabled,
                           const dns::AnswerView& answer);

// Writes the answer as it is; behind an A record of the additional section, whose owner has no AAAA there, the AAAA
// records that synthesis makes of it (RFC 6147 5.1.7), TTL = min(TTL of the A, `ttl_limit`). The A records stay.
void write_with_additional_aaaa(const Policy& policy, const dns::AnswerView& answer, const dns::Question& question,
                                seconds ttl_limit, dns::MessageWriter& writer);

}  // namespace dragoman::dns64
