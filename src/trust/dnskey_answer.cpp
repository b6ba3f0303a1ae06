// Puts the answer back behind its question, and looks for the RRset.
#include "dnskey_answer.h"

#include "dragoman/dns/message_writer.h"
#include "dragoman/dnssec/limits.h"

namespace dragoman::trust {

DnskeyAnswer::DnskeyAnswer(const dns::Name& zone, const dns::Answer& answer)
    : octets_(dns::header_length + zone.view().length() + 4 + answer.records.size()) {
  dns::MessageWriter writer(octets_);
  writer.question(zone, dns::Type::dnskey, dns::Class::in);
  writer.append_records(answer.records, answer.head.answers, answer.head.authorities, answer.head.additionals);
  if (!writer.ok()) return;
  dns::Header header;
  header.flags = dns::Header::qr;
  writer.finish(header);
  if (dns::MessageView::parse(octets_, view_) != dns::MessageView::Fault::none) return;
  auto rrsets = dnssec::rrsets_of(view_, dnssec::Limits().rrsets_per_answer);
  if (!rrsets) return;
  rrsets_ = *std::move(rrsets);
  for (const dnssec::Rrset& rrset : rrsets_) {
    const bool is_answer = rrset.section == dns::Section::answer && rrset.type == dns::Type::dnskey;
    if (is_answer && dns::equal(rrset.owner, zone)) keys_ = &rrset;
  }
}

}  // namespace dragoman::trust
