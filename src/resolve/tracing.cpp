// The steps that every query has; those of synthesis are in tracing_dns64.cpp.
#include "tracing.h"

#include "inflight.h"

namespace dragoman::resolve {
namespace {

using telemetry::label_text;

std::string words_of(const dns::Question& question) {
  return dns::to_text(question.type) + " " + question.name.to_text();
}

std::string counted(std::size_t number, const char* what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

const char* words_of(RefusalReason reason) {
  switch (reason) {
    case RefusalReason::malformed:
      return "the message cannot be read";
    case RefusalReason::opcode:
      return "it is no query";
    case RefusalReason::edns_version:
      return "this version of EDNS is unknown";
    case RefusalReason::question_type:
      return "questions of this type are not for a resolver";
    case RefusalReason::question_class:
      return "only class IN is answered";
    case RefusalReason::acl:
      return "the access list (acl) does not let this client ask";
    case RefusalReason::rate_limit:
      return "it asks more than its share (rate_limit)";
    case RefusalReason::bad_cookie:
      return "a cookie is demanded of it (RFC 7873 5.2.3)";
    case RefusalReason::overload:
      return "too many queries are waiting";
  }
  return "";
}

const char* words_of(upstream::Failure failure) {
  switch (failure) {
    case upstream::Failure::timeout:
      return "no answer in time";
    case upstream::Failure::network:
      return "it cannot be reached";
    case upstream::Failure::tls:
      return "no trusted TLS connection";
    case upstream::Failure::overloaded:
      return "it has no room for more questions";
    case upstream::Failure::malformed:
      return "what came back cannot be used";
    case upstream::Failure::none:
      break;
  }
  return "";
}

const char* key_of(upstream::Failure failure) {
  static constexpr std::array<const char*, 6> keys{"none", "timeout", "network", "tls", "overloaded", "malformed"};
  return keys[static_cast<std::size_t>(failure)];
}

TraceFacts facts_of(const dns::Question& question) {
  return {{"name", question.name.to_text()}, {"type", dns::to_text(question.type)}};
}

// What an answer says, in a few words.
std::string words_of(const dns::AnswerHead& head) {
  if (head.rcode != dns::Rcode::noerror) return dns::to_text(head.rcode);
  return head.answers == 0 ? "no such records (NODATA)" : counted(head.answers, "record");
}

// Another server was asked after this one. The last setback may be what the question ended with.
void tell_setbacks(Trace& trace, const dns::Question& question, const Leg& leg) {
  for (const upstream::Setback& setback : leg.setbacks) {
    const bool failed = setback.failure != upstream::Failure::none;
    const bool is_end =
        setback.server == leg.server && setback.failure == leg.failure && (failed || setback.rcode == leg.head.rcode);
    if (is_end) continue;
    TraceFacts facts = facts_of(question);
    facts.insert(facts.end(), {{"server", setback.server}, {"elapsed_ms", in_milliseconds(setback.waited)}});
    if (failed) {
      facts.emplace_back("failure", key_of(setback.failure));
    } else {
      facts.emplace_back("rcode", dns::to_text(setback.rcode));
    }
    const std::string said = failed ? words_of(setback.failure) : dns::to_text(setback.rcode);
    trace.add_at(setback.at, StepKind::upstream,
                 words_of(question) + " asked of " + setback.server + ": " + said + ", after " +
                     milliseconds_text(setback.waited) + "; others are asked",
                 std::move(facts));
  }
}

const char* key_of(Check::Kind kind) {
  static constexpr std::array<const char*, 4> keys{"zone", "inside", "absent", "answer"};
  return keys[static_cast<std::size_t>(kind)];
}

std::string words_of(const Check& check) {
  const std::string name = check.name.to_text();
  const std::string because = ": " + std::string(dnssec::explanation(check.verdict.reason));
  const std::string is = std::string(dnssec::to_text(check.verdict.security)) + because;
  switch (check.kind) {
    case Check::Kind::inside:
      return "no zone begins at " + name + ": its parent proves it";
    case Check::Kind::absent:
      return "there is no " + name + ": its parent proves it";
    case Check::Kind::zone:
      if (check.verdict.security != dnssec::Security::secure) return "the zone " + name + " is " + is;
      return "the zone " + name + " is secure: a key that its parent or a trust anchor names has signed its keys";
    case Check::Kind::answer:
      if (check.verdict.security == dnssec::Security::indeterminate) {
        return "the answer for " + name + " is indeterminate: no trust anchor is above it";
      }
      return "the answer for " + name + " is " + is;
  }
  return "";
}

void tell_validation(Trace& trace, const ReplyContent& content, bool is_validated, bool is_ad) {
  if (!is_validated) {
    trace.add(StepKind::validation,
              std::string("signatures are not checked here; the upstream ") +
                  (content.authentic ? "says that it has (AD)" : "does not say that it has (no AD)"),
              {{"validated", false}, {"upstream_ad", content.authentic}, {"ad", is_ad}});
    return;
  }
  const char* const words = content.authentic ? "every signature was checked here and holds"
                                              : "what is replied is not vouched for by signatures";
  trace.add(StepKind::validation, words, {{"validated", true}, {"authentic", content.authentic}, {"ad", is_ad}});
}

void tell_leg(Trace& trace, dns::Type type, const Leg& leg) {
  const dns::Question question{leg.name, type, dns::Class::in};
  const bool failed = leg.failure != upstream::Failure::none;
  tell_setbacks(trace, question, leg);
  TraceFacts facts = facts_of(question);
  facts.insert(facts.end(), {{"server", leg.server}, {"elapsed_ms", in_milliseconds(leg.elapsed)}});
  if (failed) {
    facts.emplace_back("failure", key_of(leg.failure));
  } else {
    facts.insert(
        facts.end(),
        {{"rcode", dns::to_text(leg.head.rcode)}, {"records", leg.head.answers}, {"authentic", leg.head.authentic}});
  }
  const std::string by = leg.server.empty() ? "" : " " + leg.server;
  const std::string said = failed ? words_of(leg.failure) : words_of(leg.head);
  trace.add_at(leg.ended, StepKind::upstream,
               words_of(question) + " asked of" + by + ": " + said + ", after " + milliseconds_text(leg.elapsed),
               std::move(facts));
}

void tell_checks(Trace& trace, const std::vector<Check>& checks) {
  for (const Check& check : checks) {
    TraceFacts facts{{"name", check.name.to_text()},
                     {"kind", key_of(check.kind)},
                     {"security", std::string(dnssec::to_text(check.verdict.security))},
                     {"reason", label_text(check.verdict.reason)}};
    std::vector<std::string> tags;
    for (const std::uint16_t tag : check.key_tags) tags.push_back(std::to_string(tag));
    if (!tags.empty()) facts.emplace_back("key_tags", std::move(tags));
    trace.add_at(check.at, StepKind::validation, words_of(check), std::move(facts));
  }
}

}  // namespace

void tell_admission(const Inquiry& inquiry, const Refusal* refusal) {
  const std::string client = inquiry.client.address.to_text();
  if (refusal == nullptr) {
    inquiry.trace->add(StepKind::admission, client + " may ask", {{"allowed", true}});
    return;
  }
  inquiry.trace->add(StepKind::admission, client + " is refused: " + words_of(refusal->reason),
                     {{"allowed", false}, {"reason", label_text(refusal->reason)}});
}

void tell_built_in(const Inquiry& inquiry) {
  const bool is_any = inquiry.question.type == dns::Type::any;
  const char* why = is_any ? "ANY gets one small record (RFC 8482)" : "this name is answered by every DNS64 (RFC 8880)";
  TraceFacts facts = facts_of(inquiry.question);
  facts.emplace_back("rule", is_any ? "RFC 8482" : "RFC 8880");
  inquiry.trace->add(StepKind::local, words_of(inquiry.question) + ": " + why, std::move(facts));
}

void tell_known(Trace& trace, const dns::Question& question, const Known* known) {
  TraceFacts facts = facts_of(question);
  const std::string asked = words_of(question) + ": ";
  if (known == nullptr) {
    facts.emplace_back("state", "nothing");
    trace.add(StepKind::cache, asked + "nothing kept", std::move(facts));
    return;
  }
  const dns::AnswerHead& head = known->answer.head;
  facts.insert(facts.end(),
               {{"state", label_text(known->kind())}, {"rcode", dns::to_text(head.rcode)}, {"records", head.answers}});
  if (known->source == Source::local) {
    trace.add(StepKind::local, asked + "from local data, " + words_of(head), std::move(facts));
    return;
  }
  if (known->stale) {
    trace.add(StepKind::cache, asked + words_of(head) + ", past its lifetime: stale (RFC 8767)", std::move(facts));
    return;
  }
  if (known->is_cut) {
    trace.add(StepKind::cache, asked + "does not exist, by the answer to another question (RFC 2308 5, RFC 8020)",
              std::move(facts));
    return;
  }
  if (known->is_proven) {
    trace.add(StepKind::cache, asked + words_of(head) + ", by NSEC records of other answers (RFC 8198)",
              std::move(facts));
    return;
  }
  facts.emplace_back("left_s", known->left_s);
  const std::string said = known->is_failure ? "that it failed (" + dns::to_text(head.rcode) + ")" : words_of(head);
  trace.add(StepKind::cache, asked + said + ", kept for " + std::to_string(known->left_s) + " s more",
            std::move(facts));
}

void tell_joined(Trace& trace, const Flight& flight, TimePoint now) {
  const dns::Question question = flight.lookup().question();
  TraceFacts facts = facts_of(question);
  facts.insert(facts.end(), {{"joined", true}, {"elapsed_ms", in_milliseconds(now - flight.begun())}});
  trace.add(StepKind::upstream,
            words_of(question) + " joins the same question of somebody else, on its way since " +
                milliseconds_text(now - flight.begun()),
            std::move(facts));
}

void tell_arrival(Trace& trace, const Flight& flight) {
  const dns::Question question = flight.lookup().question();
  for (const Leg& leg : flight.legs()) tell_leg(trace, question.type, leg);
  tell_checks(trace, flight.checks());
  TraceFacts facts = facts_of(question);
  if (!flight.landed()) {
    facts.emplace_back("failure", "deadline");
    trace.add(StepKind::upstream,
              words_of(question) + ": no answer by the deadline; it counts as a failure, and the question goes on",
              std::move(facts));
    return;
  }
  // Each question of a chain was answered, and yet there is no answer.
  const upstream::Outcome& outcome = flight.outcome();
  const bool unsaid = flight.legs().empty() || flight.legs().back().failure == upstream::Failure::none;
  if (outcome.answer || !unsaid) return;
  facts.emplace_back("failure", key_of(outcome.failure));
  trace.add(StepKind::upstream, words_of(question) + ": the chain of aliases has no usable end", std::move(facts));
}

void tell_reply(const Inquiry& inquiry, const ReplyContent& content, const ReplyShape& shape) {
  static constexpr std::array<const char*, 3> sources{"the cache", "upstream answers", "this server's own data"};
  Trace& trace = *inquiry.trace;
  const bool is_ad = shape.header.has(dns::Header::ad);
  if (shape.source != Source::local) tell_validation(trace, content, shape.is_validated, is_ad);
  std::string text = dns::to_text(content.rcode) + ", " + counted(shape.answers, "answer record");
  TraceFacts facts{{"rcode", dns::to_text(content.rcode)}, {"records", shape.answers}};
  facts.emplace_back("source", label_text(shape.source));
  if (content.ede) {
    text +=
        ", EDE " + std::to_string(static_cast<unsigned>(*content.ede)) + " " + std::string(dns::to_text(*content.ede));
    facts.emplace_back("ede", static_cast<unsigned>(*content.ede));
  }
  text += std::string(", from ") + sources[static_cast<std::size_t>(shape.source)];
  if (shape.truncated) text += "; too long for UDP: sent empty with TC, to be asked again over TCP";
  facts.insert(facts.end(), {{"truncated", shape.truncated}, {"ad", is_ad}});
  trace.add(StepKind::reply, std::move(text), std::move(facts));
}

}  // namespace dragoman::resolve
