// What of an answer section belongs to the question: the chain of CNAMEs and DNAMEs that begins at its name, records of
// its type along it, and signatures over these. Everything else is nobody's answer (RFC 2181 5.4.1, RFC 6147 5.1.6: no
// A record beside AAAA), whether an upstream is careless or somebody else speaks. Pure.
#pragma once

#include <optional>

#include "dragoman/dns/answer.h"

namespace dragoman::resolve {

// The answer without what does not belong to it; nullopt, the usual case, when all of it does.
std::optional<dns::Answer> pertinent_part(const dns::Question& question, const dns::AnswerView& answer);

}  // namespace dragoman::resolve
