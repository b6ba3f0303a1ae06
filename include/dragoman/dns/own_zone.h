// The records that a zone of our own needs: one that is answered here, and that no server is asked about (RFC 6303 3).
// Pure; any thread.
#pragma once

#include <cstdint>

#include "dragoman/dns/message_writer.h"

namespace dragoman::dns {

// "localhost.": the server of what stands in nobody's zone.
inline constexpr std::uint8_t localhost_wire[] = {9, 'l', 'o', 'c', 'a', 'l', 'h', 'o', 's', 't', 0};
inline constexpr NameView localhost{localhost_wire};

// No denial is kept without an SOA (RFC 2308 3). Its RNAME is nobody.invalid (RFC 6303 3); its MINIMUM is as short as
// the TTL, in seconds: what it denies may be there soon, as when a prefix changes.
void write_soa(Section section, NameView apex, NameView server, std::uint32_t ttl, MessageWriter& writer);
// The same for a zone that names itself as its server.
void write_soa(Section section, NameView apex, std::uint32_t ttl, MessageWriter& writer);
// In the answer section. RFC 1035 3.3.11: a zone without servers to name names itself.
void write_ns(NameView apex, std::uint32_t ttl, MessageWriter& writer);

}  // namespace dragoman::dns
