// Takes the answer apart, and looks for the RRset.
#include "dnskey_answer.h"

#include "dragoman/dnssec/limits.h"

namespace dragoman::trust {

DnskeyAnswer::DnskeyAnswer(const dns::Name& zone, const dns::Answer& answer)
    : message_({zone, dns::Type::dnskey, dns::Class::in}, answer.view()) {
  auto rrsets = dnssec::rrsets_of(message_.view(), dnssec::Limits().rrsets_per_answer);
  if (!rrsets) return;
  rrsets_ = *std::move(rrsets);
  keys_ = dnssec::find_rrset(rrsets_, dns::Section::answer, zone, dns::Type::dnskey);
}

}  // namespace dragoman::trust
