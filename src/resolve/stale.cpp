// One extended error per reply: that the data is old matters more than that it was synthesized, which its text says.
#include "stale.h"

namespace dragoman::resolve {

void mark_stale(const Known& known, ReplyContent& content, Metrics& metrics) {
  if (!known.stale) return;
  metrics.stale_answers(*known.stale).add();
  content.ede_text = content.ede == dns::Ede::synthesized ? "synthesized" : "";
  const bool is_nxdomain = content.rcode == dns::Rcode::nxdomain;
  content.ede = is_nxdomain ? dns::Ede::stale_nxdomain_answer : dns::Ede::stale_answer;
}

void mark_stale(const Inquiry& inquiry, const AaaaFindings& findings, ReplyContent& content, Metrics& metrics) {
  const bool is_by_a = !findings.aaaa.stale && dns64::needs_a(*inquiry.policy, findings.verdict);
  mark_stale(is_by_a ? findings.a : findings.aaaa, content, metrics);
}

}  // namespace dragoman::resolve
