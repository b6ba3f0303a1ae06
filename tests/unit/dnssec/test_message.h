// A message whose records a test gives as octets, and its RRsets.
#pragma once

#include <cstdlib>
#include <string_view>
#include <vector>

#include "dragoman/dns/message_writer.h"
#include "dragoman/dnssec/rrset.h"
#include "fakes/signed_zone.h"

namespace dragoman::dnssec {

inline dns::Name name(std::string_view text) { return *dns::Name::from_text(text); }
inline fakes::Octets rdata(dns::Type type, std::string_view text) { return *dns::rdata_from_text(type, text); }

class TestMessage {
 public:
  explicit TestMessage(std::string_view question, dns::Type type = dns::Type::a) {
    writer_.question(name(question), type, dns::Class::in);
  }
  void add(dns::Section section, const dns::Name& owner, dns::Type type, std::uint32_t ttl, Bytes octets) {
    writer_.record(section, owner, type, ttl, octets);
  }
  const dns::MessageView& view() {
    if (dns::MessageView::parse(writer_.finish({}), view_) != dns::MessageView::Fault::none) std::abort();
    return view_;
  }
  std::vector<Rrset> rrsets(std::size_t most = 64) { return rrsets_of(view(), most).value_or(std::vector<Rrset>{}); }

 private:
  std::vector<std::uint8_t> octets_ = std::vector<std::uint8_t>(dns::max_message_length);
  dns::MessageWriter writer_{octets_};
  dns::MessageView view_;
};

}  // namespace dragoman::dnssec
