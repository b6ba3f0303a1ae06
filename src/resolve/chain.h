// CNAME chains that end too early: an answer whose last CNAME has no record behind it, though nothing says that there
// is none. Followed by asking for the target and putting both answers together (RFC 1034 5.3.3). Pure.
#pragma once

#include <optional>

#include "dragoman/dns/answer.h"
#include "dragoman/dns/name.h"

namespace dragoman::resolve {

// The name to ask for next. Nullopt when the answer is complete: it has a record of the type, a denial (an SOA), an
// error, or no CNAME at all. The question's own name when the chain loops or has more than 16 CNAMEs.
std::optional<dns::Name> dangling_target(const dns::Question& question, const dns::AnswerView& answer);

// The answer section of `head`, then what was found for its target, as one answer to `question`, with what `head` proves
// of wildcards. Nullopt when it would be longer than a message, or loops.
std::optional<dns::Answer> splice(const dns::Question& question, const dns::AnswerView& head, dns::NameView target,
                                  const dns::AnswerView& tail);

// The name that an NXDOMAIN answer with CNAMEs denies, with the answer to the same question about it. Nullopt when that
// name is not in the zone of the question, by the SOA: of other zones this upstream may not be the one to ask.
struct DeniedTarget {
  dns::Name name;
  dns::Answer answer;
};
std::optional<DeniedTarget> denied_target(const dns::Question& question, const dns::AnswerView& answer);

}  // namespace dragoman::resolve
