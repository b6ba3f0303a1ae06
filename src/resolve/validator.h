// Whether an upstream's answer is authentic (RFC 4035), before anybody is told. Worker thread only.
#pragma once

#include <memory>
#include <vector>

#include "dragoman/base/task.h"
#include "dragoman/dns/answer.h"
#include "dragoman/dnssec/answer_check.h"
#include "dragoman/dnssec/denial_cache.h"
#include "dragoman/dnssec/verdict.h"
#include "dragoman/resolve/metrics.h"
#include "dragoman/resolve/settings.h"
#include "dragoman/upstream/forwarder.h"
#include "trust_chain.h"

namespace dragoman::resolve {

class Validator {
 public:
  Validator(net::EventLoop& loop, ChainSource& source, Metrics& metrics);

  // Judges what was answered to `lookup`, asked with DO and CD, and makes it what its clients may have:
  //   secure    only what is vouched for, TTLs no longer than signatures allow (RFC 4035 5.3.3), head.authentic
  //   bogus     SERVFAIL without records, head.bogus, with the reason as extended error (RFC 8914)
  //   else      as it came, with the reason
  // and without signatures and denials unless lookup.dnssec_ok (RFC 4035 3.2.1). `ends_here` says that the end of its
  // chain is our own (a special name), which nobody signs. `checks`, if given, gets what was checked, and must live as
  // long as the task.
  Task<dnssec::Verdict> validate(upstream::Lookup lookup, bool ends_here, dns::Answer& answer,
                                 std::shared_ptr<const Settings> settings, std::vector<Check>* checks);

  // What validated denials prove of other questions (RFC 8198): the RCODE, and the answer behind the writer's question.
  std::optional<dns::Rcode> find_proven(const dns::Question& question, bool dnssec_ok, const Settings& settings,
                                        dns::MessageWriter& writer);
  // Other anchors: what was proven by the former ones is forgotten.
  void forget();

 private:
  void learn(const dnssec::AnswerCheck& check);
  void count(const dnssec::Verdict& verdict, const dnssec::Budget& budget);

  net::EventLoop& loop_;
  TrustChain chain_;
  dnssec::DenialCache denials_{{}};
  Metrics& metrics_;
};

// `answer` without RRSIG, NSEC and NSEC3 records, but for those that the question is for. Nullopt: it has none.
std::optional<dns::Answer> without_signatures(const dns::Question& question, const dns::AnswerView& answer);

}  // namespace dragoman::resolve
