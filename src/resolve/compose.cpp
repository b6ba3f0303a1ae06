// The branches of RFC 6147 5.1, in the order of its paragraphs. Pure.
#include "compose.h"

#include "dragoman/dns64/svcb.h"
#include "whole_message.h"

namespace dragoman::resolve {

bool needs_a(dns64::AaaaVerdict verdict) {
  using dns64::AaaaVerdict;
  return verdict == AaaaVerdict::empty || verdict == AaaaVerdict::excluded || verdict == AaaaVerdict::error;
}

ReplyContent compose_plain(const Known& known, dns::MessageWriter& writer) {
  const dns::AnswerHead& head = known.answer.head;
  writer.append_records(known.answer.records, head.answers, head.authorities, head.additionals);
  return {head.rcode, head.authentic, !known.ede && head.blocked ? dns::Ede::blocked : known.ede, {}};
}

// RFC 9460 4.2.1. Where they do not fit the answer goes without them.
ReplyContent compose_other(const Inquiry& inquiry, const dns64::Options& options, const Known& known,
                           dns::MessageWriter& writer) {
  const bool checking_disabled = inquiry.checking_disabled();
  if (!dns64::wants_additional_aaaa(inquiry.policy, inquiry.question, checking_disabled, known.answer)) {
    return compose_plain(known, writer);
  }
  const auto before = writer.mark();
  dns64::write_with_additional_aaaa(*inquiry.policy, known.answer, inquiry.question, options.max_ttl_without_soa,
                                    writer);
  if (!writer.ok()) {
    writer.rewind(before);
    return compose_plain(known, writer);
  }
  return {known.answer.head.rcode, known.answer.head.authentic, known.ede, {}};
}

namespace {

// RFC 6147 5.1.6 and 5.4: what the reply is based on when nothing could be synthesized.
const Known& basis_without_synthesis(const AaaaFindings& findings) {
  const bool a_is_nodata = findings.a.answer.head.rcode == dns::Rcode::noerror;
  // Both empty: the reply to the original question, with its own SOA.
  if (a_is_nodata && findings.verdict == dns64::AaaaVerdict::empty) return findings.aaaa;
  return findings.a;
}

// Every address was refused, or every AAAA excluded: NODATA. The SOA of the AAAA answer goes along, if it has one.
ReplyContent compose_nodata(const Known& basis, const dns::Question& question, dns::MessageWriter& writer) {
  const WholeMessage whole(question, basis.answer);
  if (whole.ok()) {
    for (auto [section, record] : whole.view().records()) {
      const bool is_chain =
          section == dns::Section::answer && (record.type == dns::Type::cname || record.type == dns::Type::dname);
      const bool is_denial = section == dns::Section::authority && record.type == dns::Type::soa;
      if (is_chain || is_denial) writer.copy(section, whole.view(), record, record.ttl);
    }
  }
  return {dns::Rcode::noerror, false, dns::Ede::filtered, "no usable address"};
}

}  // namespace

ReplyContent compose_aaaa(const Inquiry& inquiry, const dns64::Options& options, const AaaaFindings& findings,
                          Metrics& metrics, dns::MessageWriter& writer) {
  const auto& [verdict, aaaa, a] = findings;
  using dns64::AaaaVerdict;
  const dns64::Policy& policy = *inquiry.policy;
  if (verdict == AaaaVerdict::native || verdict == AaaaVerdict::nxdomain) {
    metrics.dns64(verdict == AaaaVerdict::native ? Dns64Result::native : Dns64Result::nxdomain).add();
    return compose_plain(aaaa, writer);
  }
  if (verdict == AaaaVerdict::filtered) {
    metrics.dns64(Dns64Result::filtered).add();
    dns64::write_filtered(policy, aaaa.answer, inquiry.question, writer);
    return {dns::Rcode::noerror, false, dns::Ede::filtered, {}};
  }
  const auto limit = dns64::synthesis_ttl_limit(aaaa.answer, verdict, options.max_ttl_without_soa);
  const auto written = dns64::write_synthetic(policy, a.answer, inquiry.question, limit, writer);
  if (written == dns64::Synthesis::synthesized) {
    metrics.dns64(Dns64Result::synthesized).add();
    return {dns::Rcode::noerror, false, dns::Ede::synthesized, {}};
  }
  if (written == dns64::Synthesis::not_mappable) {
    metrics.dns64(Dns64Result::not_mappable).add();
    return compose_nodata(aaaa, inquiry.question, writer);
  }
  const Known& basis = basis_without_synthesis(findings);
  metrics.dns64(basis.is_failure ? Dns64Result::error : Dns64Result::no_a).add();
  return compose_plain(basis, writer);
}

}  // namespace dragoman::resolve
