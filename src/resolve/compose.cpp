// The branches of RFC 6147 5.1, in the order of its paragraphs. Pure.
#include "compose.h"

#include <algorithm>

#include "dragoman/dns/rdata.h"
#include "dragoman/dns64/hints.h"
#include "dragoman/dns64/reverse.h"
#include "dragoman/dns64/svcb.h"

namespace dragoman::resolve {

using dns64::AaaaVerdict;

ReplyContent compose_plain(const Known& known, dns::MessageWriter& writer) {
  const dns::AnswerHead& head = known.answer.head;
  writer.append_records(known.answer.records, head.answers, head.authorities, head.additionals);
  return {head.rcode, head.authentic, known.explanation(), {}};
}

namespace {

// Hints that the client's policy does not want (RFC 9460 7.3); with DO they stay, for signatures would break.
bool has_unwanted_hints(const Inquiry& inquiry, const dns::AnswerView& answer) {
  return dns::is_service(inquiry.question.type) && inquiry.policy != nullptr && !inquiry.dnssec_ok &&
         inquiry.policy->svcb_hints != dns64::SvcbHints::keep && dns64::has_ipv4_hints(answer);
}

}  // namespace

// RFC 9460 4.2.1. Where added addresses do not fit the answer goes without them.
ReplyContent compose_other(const Inquiry& inquiry, const Settings& settings, const Known& known,
                           dns::MessageWriter& writer) {
  if (has_unwanted_hints(inquiry, known.answer)) {
    dns64::write_without_ipv4_hints(known.answer, inquiry.question, writer);
    return {known.answer.head.rcode, false, known.explanation(), {}};
  }
  const bool checking_disabled = inquiry.checking_disabled();
  if (!dns64::wants_additional_aaaa(inquiry.policy, inquiry.question, checking_disabled, known.answer)) {
    return compose_plain(known, writer);
  }
  const auto before = writer.mark();
  dns64::write_with_additional_aaaa(*inquiry.policy, known.answer, inquiry.question, settings.dns64.max_ttl_without_soa,
                                    writer);
  if (!writer.ok()) {
    writer.rewind(before);
    return compose_plain(known, writer);
  }
  return {known.answer.head.rcode, known.answer.head.authentic, known.explanation(), {}};
}

namespace {

// What the branches share.
struct Composition {
  const Inquiry& inquiry;
  const Settings& settings;
  const AaaaFindings& findings;
  dns::MessageWriter& writer;

  const dns64::Policy& policy() const { return *inquiry.policy; }
  std::uint32_t ttl_limit() const {
    return dns64::synthesis_ttl_limit(policy(), findings.aaaa.answer, findings.verdict,
                                      settings.dns64.max_ttl_without_soa);
  }
};

ReplyContent as(Dns64Result result, ReplyContent content) {
  content.dns64 = result;
  return content;
}

// 5.1.1 and 5.1.4: AAAA records that may be used.
ReplyContent compose_usable(const Composition& made) {
  const auto& [verdict, aaaa, a] = made.findings;
  // What is said here of a name is said whole: localhost is ::1 and nothing else (RFC 6761 6.3).
  const bool is_local = aaaa.source == Source::local;
  if (made.policy().always && !is_local &&
      dns64::write_beside_native(made.policy(), {aaaa.answer, a.answer}, made.inquiry.question, made.ttl_limit(),
                                 made.writer)) {
    return as(Dns64Result::beside_native, {dns::Rcode::noerror, false, dns::Ede::synthesized, {}});
  }
  if (verdict == AaaaVerdict::native) return as(Dns64Result::native, compose_plain(aaaa, made.writer));
  dns64::write_filtered(made.policy(), aaaa.answer, made.inquiry.question, made.writer);
  return as(Dns64Result::filtered, {dns::Rcode::noerror, false, dns::Ede::filtered, {}});
}

// An answer without addresses. One that has records all the same, a chain or what does not belong there, is sifted.
ReplyContent compose_denial(const Composition& made, const Known& basis) {
  if (basis.answer.head.answers == 0) return compose_plain(basis, made.writer);
  dns64::write_without_addresses(basis.answer, made.inquiry.question, made.writer);
  return {basis.answer.head.rcode, basis.answer.head.authentic, basis.explanation(), {}};
}

// 5.1.6 and 5.4: what the reply is based on when A has nothing either. Both empty: the reply to the original question,
// with its own SOA.
const Known& basis_without_synthesis(const AaaaFindings& findings) {
  if (findings.verdict == AaaaVerdict::nxdomain) return findings.aaaa;
  const bool a_is_nodata = findings.a.answer.head.rcode == dns::Rcode::noerror;
  const bool a_knows_better = dns::has_soa(findings.a.answer) && !dns::has_soa(findings.aaaa.answer);
  const bool both_empty = a_is_nodata && findings.verdict == AaaaVerdict::empty;
  return both_empty && !a_knows_better ? findings.aaaa : findings.a;
}

// 5.1.7: no address of the A answer may be embedded. A denial of AAAA is the answer then; without one, it is made up.
ReplyContent compose_unmappable(const Composition& made) {
  const auto& [verdict, aaaa, a] = made.findings;
  constexpr std::string_view reason = "no usable address";
  const bool is_denied =
      verdict == AaaaVerdict::nxdomain || (verdict == AaaaVerdict::empty && dns::has_soa(aaaa.answer));
  if (is_denied) {
    ReplyContent content = compose_denial(made, aaaa);
    content.ede = dns::Ede::filtered;
    content.ede_text = reason;
    return content;
  }
  const bool has_aaaa = verdict == AaaaVerdict::excluded;
  dns64::write_nodata(has_aaaa ? aaaa.answer : a.answer, has_aaaa ? dns::Type::aaaa : dns::Type::a,
                      made.inquiry.question, made.settings.dns64.max_ttl_without_soa, made.writer);
  return {dns::Rcode::noerror, false, dns::Ede::filtered, reason};
}

// 5.5: synthetic records are as good as both answers that they were made of.
bool is_authentic(const Composition& made) {
  const auto& [verdict, aaaa, a] = made.findings;
  return made.settings.validates() && verdict == AaaaVerdict::empty && aaaa.answer.head.authentic &&
         a.answer.head.authentic;
}

// Why they are not, if there is more to say than that nothing was signed.
std::optional<dns::Ede> reason_of(const Composition& made) {
  for (const Known* known : {&made.findings.a, &made.findings.aaaa}) {
    const bool is_error = known->answer.head.rcode != dns::Rcode::noerror;
    if (!is_error && known->answer.head.ede != dns::Ede::other) return known->answer.head.ede;
  }
  return {};
}

// 5.1.2 and 5.1.3 take an error for a denial, 5.5 wants the denial validated: in a signed zone there is none to
// validate, and whoever can drop packets could lead everybody to the NAT64.
bool is_unproven(const Composition& made) {
  const auto& [verdict, aaaa, a] = made.findings;
  const bool is_denied = verdict != AaaaVerdict::error && verdict != AaaaVerdict::unanswered;
  return !is_denied && made.settings.validates() && a.answer.head.authentic && !made.settings.synthesizes_on_error;
}

ReplyContent compose_from_a(const Composition& made) {
  if (is_unproven(made)) {
    constexpr std::string_view reason = "AAAA cannot be had, so its absence is unproven";
    return as(Dns64Result::unproven, {dns::Rcode::servfail, false, dns::Ede::nsec_missing, reason});
  }
  const auto written = dns64::write_synthetic(made.policy(), made.findings.a.answer, made.inquiry.question,
                                              made.ttl_limit(), made.writer);
  if (written == dns64::Synthesis::synthesized) {
    return as(Dns64Result::synthesized,
              {dns::Rcode::noerror, is_authentic(made), dns::Ede::synthesized, {}, reason_of(made)});
  }
  if (written == dns64::Synthesis::not_mappable) return as(Dns64Result::not_mappable, compose_unmappable(made));
  const Known& basis = basis_without_synthesis(made.findings);
  const bool is_bogus = basis.answer.head.bogus;
  return as(is_bogus           ? Dns64Result::bogus
            : basis.is_failure ? Dns64Result::error
                               : Dns64Result::no_a,
            compose_denial(made, basis));
}

}  // namespace

ReplyContent compose_aaaa(const Inquiry& inquiry, const Settings& settings, const AaaaFindings& findings,
                          dns::MessageWriter& writer) {
  const Composition made{inquiry, settings, findings, writer};
  const AaaaVerdict verdict = findings.verdict;
  if (verdict == AaaaVerdict::native || verdict == AaaaVerdict::filtered) return compose_usable(made);
  if (dns64::needs_a(*inquiry.policy, verdict)) return compose_from_a(made);
  return as(verdict == AaaaVerdict::nxdomain ? Dns64Result::nxdomain
            : verdict == AaaaVerdict::bogus  ? Dns64Result::bogus
                                             : Dns64Result::error,
            compose_plain(findings.aaaa, writer));
}

namespace {

constexpr std::uint32_t max_reverse_ttl_s = 600;  // of CNAMEs and denials made for PTR questions

// What an answer has for the name that was asked, and nothing further on.
struct AtName {
  bool has_ptr = false;
  std::uint32_t ptr_ttl_s = max_reverse_ttl_s;
};
AtName look_for_ptr(const dns::AnswerView& answer) {
  AtName found;
  dns::AnswerRecords records(answer);
  for (dns::AnswerRecord record; records.next(record) && record.section == dns::Section::answer;) {
    if (record.type != dns::Type::ptr || !record.owner_is_question) continue;
    found.has_ptr = true;
    found.ptr_ttl_s = std::min(found.ptr_ttl_s, record.ttl);
  }
  return found;
}

}  // namespace

ReplyContent compose_reverse(const Inquiry& inquiry, dns::NameView target, const Known& found,
                             dns::MessageWriter& writer) {
  const dns::Rcode rcode = found.answer.head.rcode;
  if (rcode != dns::Rcode::noerror && rcode != dns::Rcode::nxdomain) return {rcode, false, found.explanation(), {}};
  const AtName at_target = look_for_ptr(found.answer);
  if (rcode == dns::Rcode::nxdomain || !at_target.has_ptr) {
    const std::uint32_t ttl =
        dns::has_soa(found.answer) ? std::min(dns::negative_ttl(found.answer), max_reverse_ttl_s) : 0;
    dns64::write_reverse_denial(dns64::find_reverse_name(*inquiry.policy, inquiry.question.name), ttl, writer);
    return {rcode, false, found.explanation(), {}};
  }
  writer.begin_record(dns::Section::answer, inquiry.question.name, dns::Type::cname, dns::Class::in,
                      at_target.ptr_ttl_s);
  writer.rdata_name(target, true);
  writer.end_record();
  dns::AnswerRecords records(found.answer);
  for (dns::AnswerRecord record; records.next(record);) {
    dns::copy_record(found.answer, target, record, record.ttl, writer);
  }
  return {rcode, false, found.explanation(), {}};
}

}  // namespace dragoman::resolve
