// An answer whose CNAMEs lead to a name that somebody else is to be asked about: cut there. Pure.
#pragma once

#include <functional>
#include <optional>

#include "dragoman/dns/answer.h"
#include "dragoman/upstream/forwarder.h"

namespace dragoman::upstream {

// The chain up to and with the first CNAME to a name that `leaves`, without anything that was said of that name: to
// whoever follows chains it reads as one that its server left off. Nullopt: the chain stays.
std::optional<dns::Answer> cut_chain(const Lookup& lookup, const dns::Answer& answer,
                                     const std::function<bool(dns::NameView)>& leaves);

}  // namespace dragoman::upstream
