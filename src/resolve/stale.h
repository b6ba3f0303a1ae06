// What a reply made of answers past their lifetime says (RFC 8767 4, RFC 8914 4.4 and 4.20). Their TTLs are low
// already: the cache gives them out so. Worker thread; allocates nothing.
#pragma once

#include "compose.h"

namespace dragoman::resolve {

// Says that the reply is stale, and counts it, if what it was made of is.
void mark_stale(const Known& known, ReplyContent& content, Metrics& metrics);
void mark_stale(const Inquiry& inquiry, const AaaaFindings& findings, ReplyContent& content, Metrics& metrics);

}  // namespace dragoman::resolve
