// The SOA of answers that are made here. Pure; any thread.
#pragma once

#include "dragoman/dns/message_writer.h"

namespace dragoman::dns64 {

// RFC 6303 3, with a MINIMUM as short as the TTL: what it denies may be there soon, as when a prefix changes.
inline void write_soa(dns::Section section, dns::NameView apex, std::uint32_t ttl, dns::MessageWriter& writer) {
  static constexpr std::uint8_t nobody_invalid[] = {6,   'n', 'o', 'b', 'o', 'd', 'y', 7,
                                                    'i', 'n', 'v', 'a', 'l', 'i', 'd', 0};
  writer.begin_record(section, apex, dns::Type::soa, dns::Class::in, ttl);
  writer.rdata_name(apex, true);
  writer.rdata_name(dns::NameView(nobody_invalid), true);
  for (const std::uint32_t number : {1u, 3600u, 1200u, 604800u, ttl}) writer.rdata_u32(number);
  writer.end_record();
}

// RFC 1035 3.3.11: a zone without servers to name names itself.
inline void write_ns(dns::NameView apex, std::uint32_t ttl, dns::MessageWriter& writer) {
  writer.begin_record(dns::Section::answer, apex, dns::Type::ns, dns::Class::in, ttl);
  writer.rdata_name(apex, true);
  writer.end_record();
}

}  // namespace dragoman::dns64
