// The DNSKEY RRset in what an upstream answered, with its signatures. Pure.
#pragma once

#include <vector>

#include "dragoman/dns/answer.h"
#include "dragoman/dns/message_view.h"
#include "dragoman/dnssec/rrset.h"

namespace dragoman::trust {

class DnskeyAnswer {
 public:
  DnskeyAnswer(const dns::Name& zone, const dns::Answer& answer);
  DnskeyAnswer(const DnskeyAnswer&) = delete;
  DnskeyAnswer& operator=(const DnskeyAnswer&) = delete;

  // Null when there is none of this zone. Valid as long as this.
  const dnssec::Rrset* keys() const { return keys_; }

 private:
  std::vector<std::uint8_t> octets_;  // the answer behind its question: signatures borrow from it
  dns::MessageView view_;
  std::vector<dnssec::Rrset> rrsets_;
  const dnssec::Rrset* keys_ = nullptr;
};

}  // namespace dragoman::trust
