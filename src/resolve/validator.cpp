// Find out where everybody stands, judge, write what is left.
#include "validator.h"

#include <algorithm>

#include "dragoman/dns/message_writer.h"
#include "dragoman/dns/rdata.h"
#include "dragoman/dns/whole_message.h"
#include "dragoman/dnssec/answer_check.h"

namespace dragoman::resolve {
namespace {

using dnssec::Reason;
using dnssec::Security;
using dnssec::Verdict;

// Before this no clock is set: that of a machine that has just started and has none (RFC 4035 5.3.1 needs one).
constexpr WallTime first_sane_time{std::chrono::sys_days{std::chrono::year{2000} / 1 / 1}};

bool is_dnssec_type(dns::Type type) { return type == dns::Type::rrsig || dnssec::is_denial(type); }

bool is_judged(const dns::Question& question, const dns::Answer& answer) {
  const dns::Rcode rcode = answer.head.rcode;
  if (answer.head.blocked || question.type == dns::Type::rrsig) return false;  // signatures are not signed
  return rcode == dns::Rcode::noerror || rcode == dns::Rcode::nxdomain;
}

// The records that `keep(section, owner, type or covered type, record)` gives a TTL.
template <class Keep>
std::optional<dns::Answer> rewritten(const dns::Question& question, const dns::MessageView& message,
                                     const dns::AnswerHead& head, Keep keep) {
  std::vector<std::uint8_t> octets(std::min(dns::max_message_length, message.bytes().size() + dns::header_length));
  dns::MessageWriter writer(octets);
  writer.question(question.name, question.type, question.klass);
  for (auto [section, record] : message.records()) {
    if (const std::optional<std::uint32_t> ttl = keep(section, record)) writer.copy(section, message, record, *ttl);
  }
  if (!writer.ok()) return {};
  return dns::to_answer(dns::written_answer(writer, head));
}

// What is vouched for, and the additional section as it came: nobody takes that for more than a hint.
std::optional<dns::Answer> vouched_part(const dns::Question& question, const dns::MessageView& message,
                                        const dnssec::AnswerCheck& check, dns::AnswerHead head, bool dnssec_ok) {
  head.authentic = true;
  return rewritten(question, message, head,
                   [&](dns::Section section, const dns::RecordView& record) -> std::optional<std::uint32_t> {
                     if (!dnssec_ok && is_dnssec_type(record.type) && record.type != question.type) return {};
                     if (section == dns::Section::additional) return record.ttl;
                     const dns::Type type = dns::type_covered(record.type, record.rdata).value_or(record.type);
                     const auto most = check.ttl_of(section, message.owner(record), type);
                     if (!most) return {};
                     return std::min(record.ttl, *most);
                   });
}

dns::Answer bogus_answer(const dns::Answer& was, Reason reason) {
  dns::Answer answer;
  answer.head.rcode = dns::Rcode::servfail;
  answer.head.bogus = true;
  answer.head.ede = dnssec::ede_of(reason).value_or(dns::Ede::dnssec_bogus);
  answer.question_length = was.question_length;
  return answer;
}

}  // namespace

std::optional<dns::Answer> without_signatures(const dns::Question& question, const dns::AnswerView& answer) {
  bool has_any = false;
  dns::AnswerRecord record;
  for (dns::AnswerRecords records(answer); !has_any && records.next(record);) {
    has_any = is_dnssec_type(record.type) && record.type != question.type;
  }
  if (!has_any) return {};
  const dns::WholeMessage whole(question, answer);
  if (!whole.ok()) return {};
  return rewritten(question, whole.view(), answer.head,
                   [&](dns::Section, const dns::RecordView& each) -> std::optional<std::uint32_t> {
                     if (is_dnssec_type(each.type) && each.type != question.type) return {};
                     return each.ttl;
                   });
}

Validator::Validator(net::EventLoop& loop, ChainSource& source, Metrics& metrics)
    : loop_(loop), chain_(loop, source), metrics_(metrics) {}

Task<Verdict> Validator::validate(upstream::Lookup lookup, bool ends_here, dns::Answer& answer,
                                  std::shared_ptr<const Settings> settings, std::vector<Check>* checks) {
  const dns::Question question = lookup.question();
  answer.head.authentic = false;  // whatever the upstream says
  Validation validation{settings->anchors, dnssec::Budget(settings->validation_limits),
                        settings->validation_time.value_or(wall_now()), checks};
  Verdict verdict;
  if (is_judged(question, answer) && validation.now >= first_sane_time) {
    const dns::WholeMessage whole(question, answer.view());
    const auto is_excepted = [&](dns::NameView name) {
      return validation.anchors->negative(name, validation.now) != nullptr;
    };
    dnssec::AnswerCheck check(whole.view(), settings->validation_limits, ends_here, is_excepted);
    std::vector<dnssec::Standing> standings;
    for (const dns::Name& subject : check.subjects()) {
      standings.push_back(co_await chain_.stand(subject, validation));
    }
    verdict = check.judge(standings, validation.now, validation.budget);
    if (checks != nullptr) checks->push_back({Clock::now(), lookup.name, Check::Kind::answer, verdict, {}});
    count(verdict, validation.budget);
    if (verdict.security == Security::secure) {
      if (settings->uses_denials) learn(check);
      auto vouched = vouched_part(question, whole.view(), check, answer.head, lookup.dnssec_ok);
      if (vouched) answer = std::move(*vouched);
      co_return verdict;
    }
  }
  if (verdict.security == Security::bogus) {
    answer = bogus_answer(answer, verdict.reason);
  } else {
    if (const auto ede = dnssec::ede_of(verdict.reason)) answer.head.ede = *ede;
    if (!lookup.dnssec_ok) {
      if (auto stripped = without_signatures(question, answer.view())) answer = std::move(*stripped);
    }
  }
  co_return verdict;
}

std::optional<dns::Rcode> Validator::find_proven(const dns::Question& question, bool dnssec_ok,
                                                 const Settings& settings, dns::MessageWriter& writer) {
  if (!settings.validates() || !settings.uses_denials) return {};
  return denials_.find(question, dnssec_ok, loop_.now(), writer, settings.routed.longest(question.name));
}

void Validator::forget() { denials_.clear(); }

void Validator::learn(const dnssec::AnswerCheck& check) {
  if (check.denial().empty()) return;
  std::vector<dnssec::DenialCache::Authentic> rrsets;
  for (const dnssec::Rrset* rrset : check.denial()) {
    if (const auto ttl = check.ttl_of(rrset->section, rrset->owner, rrset->type)) rrsets.push_back({rrset, *ttl});
  }
  denials_.learn(check.denying_zone(), rrsets, loop_.now());
  const dnssec::DenialCache::Stats stats = denials_.stats();
  metrics_.denials.set(static_cast<std::int64_t>(stats.records));
  metrics_.denial_bytes.set(static_cast<std::int64_t>(stats.bytes));
}

void Validator::count(const Verdict& verdict, const dnssec::Budget& budget) {
  metrics_.validations(verdict.security).add();
  if (verdict.reason != Reason::none) metrics_.validation_reasons(verdict.reason).add();
  if (const auto limit = budget.exceeded()) metrics_.validation_limits(*limit).add();
  metrics_.signatures_verified.add(budget.verifications());
  metrics_.nsec3_hashes.add(budget.nsec3_hashes());
}

}  // namespace dragoman::resolve
