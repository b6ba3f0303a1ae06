// Apex records of zones that are answered here. Pure; any thread.
#include "dragoman/dns/own_zone.h"

namespace dragoman::dns {
namespace {

constexpr std::uint8_t nobody_invalid[] = {6, 'n', 'o', 'b', 'o', 'd', 'y', 7, 'i', 'n', 'v', 'a', 'l', 'i', 'd', 0};
constexpr std::uint32_t serial = 1, refresh_s = 3600, retry_s = 1200, expire_s = 604800;  // RFC 6303 3

}  // namespace

void write_soa(Section section, NameView apex, NameView server, std::uint32_t ttl, MessageWriter& writer) {
  writer.begin_record(section, apex, Type::soa, Class::in, ttl);
  writer.rdata_name(server, true);
  writer.rdata_name(NameView(nobody_invalid), true);
  for (const std::uint32_t number : {serial, refresh_s, retry_s, expire_s, ttl}) writer.rdata_u32(number);
  writer.end_record();
}

void write_soa(Section section, NameView apex, std::uint32_t ttl, MessageWriter& writer) {
  write_soa(section, apex, apex, ttl, writer);
}

void write_ns(NameView apex, std::uint32_t ttl, MessageWriter& writer) {
  writer.begin_record(Section::answer, apex, Type::ns, Class::in, ttl);
  writer.rdata_name(apex, true);
  writer.end_record();
}

}  // namespace dragoman::dns
