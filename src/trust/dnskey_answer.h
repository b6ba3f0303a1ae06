// The DNSKEY RRset in what an upstream answered, with its signatures. Pure.
#pragma once

#include <vector>

#include "dragoman/dns/whole_message.h"
#include "dragoman/dnssec/rrset.h"

namespace dragoman::trust {

class DnskeyAnswer {
 public:
  DnskeyAnswer(const dns::Name& zone, const dns::Answer& answer);

  // Null when there is none of this zone. Valid as long as this.
  const dnssec::Rrset* keys() const { return keys_; }

 private:
  dns::WholeMessage message_;  // signatures borrow from it
  std::vector<dnssec::Rrset> rrsets_;
  const dnssec::Rrset* keys_ = nullptr;
};

}  // namespace dragoman::trust
