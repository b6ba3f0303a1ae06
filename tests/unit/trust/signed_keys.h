// Answers with the DNSKEY records of a zone, signed here.
#pragma once

#include <vector>

#include "dragoman/dns/answer.h"
#include "dragoman/dns/message_writer.h"
#include "fakes/signed_zone.h"

namespace dragoman::trust {

inline constexpr std::uint32_t key_ttl = 2 * 86400;

// The zone has these keys; `signers` have signed them at this time, for two weeks.
inline dns::Answer signed_keys(const dns::Name& zone, const std::vector<fakes::SigningKey>& all,
                               const std::vector<fakes::SigningKey>& signers, WallTime time) {
  std::vector<fakes::Octets> dnskeys;
  for (const fakes::SigningKey& key : all) dnskeys.push_back(key.dnskey());
  std::vector<std::uint8_t> room(dns::max_message_length);
  dns::MessageWriter writer(room);
  writer.question(zone, dns::Type::dnskey, dns::Class::in);
  for (const auto& key : dnskeys) writer.record(dns::Section::answer, zone, dns::Type::dnskey, key_ttl, key);
  const std::uint32_t now = fakes::seconds_of(time);
  for (const fakes::SigningKey& signer : signers) {
    writer.record(dns::Section::answer, zone, dns::Type::rrsig, key_ttl,
                  fakes::rrsig(signer, zone, zone, dns::Type::dnskey, dnskeys,
                               {.original_ttl = key_ttl, .inception = now - 3600, .expiration = now + 14 * 86400}));
  }
  dns::Header header;
  header.flags = dns::Header::qr;
  dns::MessageView view;
  if (dns::MessageView::parse(writer.finish(header), view) != dns::MessageView::Fault::none) std::abort();
  return dns::from_message(view);
}

}  // namespace dragoman::trust
