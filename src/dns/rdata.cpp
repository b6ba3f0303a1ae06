// Readers of RDATA. What parse() checked is relied upon; the rest is checked here. Pure; any thread.
#include "dragoman/dns/rdata.h"

#include <algorithm>
#include <cstring>

#include "rdata_fields.h"
#include "rdata_format.h"

namespace dragoman::dns {
namespace {

template <class Address>
std::optional<Address> read_address(Bytes rdata) {
  Address record;
  if (rdata.size() != record.address.size()) return std::nullopt;
  std::copy(rdata.begin(), rdata.end(), record.address.begin());
  return record;
}

// RFC 9460 2.2: keys strictly ascending, lengths that add up.
bool valid_parameters(Bytes parameters) {
  int last_key = -1;
  for (RdataFields fields(parameters); !fields.at_end();) {
    int key = fields.u16();
    fields.counted_u16();
    if (!fields.ok() || key <= last_key) return false;
    last_key = key;
  }
  return true;
}

bool has_format(const RecordView& record) { return checked_format(record.type, record.klass) != nullptr; }

}  // namespace

std::optional<A> A::read(Bytes rdata) { return read_address<A>(rdata); }
std::optional<Aaaa> Aaaa::read(Bytes rdata) { return read_address<Aaaa>(rdata); }

std::optional<Soa> Soa::read(const MessageView& message, const RecordView& record) {
  if (record.type != Type::soa || !has_format(record)) return std::nullopt;
  Soa soa;
  std::size_t at = record.rdata_offset;
  if (!expand_name(message.bytes(), at, soa.mname, at)) return std::nullopt;
  if (!expand_name(message.bytes(), at, soa.rname, at)) return std::nullopt;
  RdataFields fields(message.bytes().subspan(at, record.end - at));
  soa.serial = fields.u32();
  soa.refresh = fields.u32();
  soa.retry = fields.u32();
  soa.expire = fields.u32();
  soa.minimum = fields.u32();
  return soa;
}

std::optional<Name> read_target(const MessageView& message, const RecordView& record) {
  const RdataFormat* format = checked_format(record.type, record.klass);
  if (format == nullptr || format->fields != "n") return std::nullopt;
  Name target;
  std::size_t next = 0;
  if (!expand_name(message.bytes(), record.rdata_offset, target, next)) return std::nullopt;
  return target;
}

std::optional<ServiceView> ServiceView::read(Bytes rdata) {
  ServiceView service;
  if (rdata.size() < 3 || !read_plain_name(rdata.subspan(2), service.target)) return std::nullopt;
  service.priority = load_u16(rdata.data());
  service.parameters = rdata.subspan(2 + service.target.length());
  return service;
}

std::optional<Svcb> Svcb::read(const MessageView&, const RecordView& record) {
  if (!is_service(record.type)) return std::nullopt;
  RdataFields fields(record.rdata);
  Svcb svcb;
  svcb.priority = fields.u16();
  svcb.target = fields.name();
  svcb.parameters = fields.rest();
  if (!fields.ok() || !valid_parameters(svcb.parameters)) return std::nullopt;
  return svcb;
}

std::optional<Ds> Ds::read(Bytes rdata) {
  RdataFields fields(rdata);
  Ds ds;
  ds.key_tag = fields.u16();
  ds.algorithm = fields.u8();
  ds.digest_type = fields.u8();
  ds.digest = fields.rest();
  if (!fields.ok() || ds.digest.empty()) return std::nullopt;
  return ds;
}

std::optional<Dnskey> Dnskey::read(Bytes rdata) {
  RdataFields fields(rdata);
  Dnskey key;
  key.flags = fields.u16();
  key.protocol = fields.u8();
  key.algorithm = fields.u8();
  key.public_key = fields.rest();
  if (!fields.ok() || key.public_key.empty()) return std::nullopt;
  return key;
}

// All octets as 16-bit numbers, added with the carry once. Algorithm 1, whose tag is made otherwise (B.1), is not for
// DNSSEC any more (RFC 6944 2.3).
std::uint16_t Dnskey::key_tag(Bytes rdata) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < rdata.size(); ++i) sum += i % 2 == 0 ? std::uint32_t{rdata[i]} << 8 : rdata[i];
  return static_cast<std::uint16_t>(sum + (sum >> 16));
}

std::optional<Rrsig> Rrsig::read(Bytes rdata) {
  RdataFields fields(rdata);
  Rrsig signature;
  signature.type_covered = static_cast<Type>(fields.u16());
  signature.algorithm = fields.u8();
  signature.labels = fields.u8();
  signature.original_ttl = fields.u32();
  signature.expiration = fields.u32();
  signature.inception = fields.u32();
  signature.key_tag = fields.u16();
  signature.signer = fields.name();
  signature.signature = fields.rest();
  if (!fields.ok() || signature.signature.empty()) return std::nullopt;
  return signature;
}

// Windows of 256 types: number, length, bits from the most significant of each octet on.
bool bitmap_has(Bytes bitmap, Type type) {
  auto number = static_cast<unsigned>(type);
  for (RdataFields fields(bitmap); !fields.at_end();) {
    unsigned window = fields.u8();
    Bytes bits = fields.counted();
    if (!fields.ok()) return false;
    if (window != number >> 8) continue;
    std::size_t octet = (number & 0xFF) >> 3;
    return octet < bits.size() && (bits[octet] & 0x80u >> (number & 7)) != 0;
  }
  return false;
}

std::optional<Nsec> Nsec::read(Bytes rdata) {
  RdataFields fields(rdata);
  Nsec nsec;
  nsec.next = fields.name();
  nsec.types = fields.rest();
  if (!fields.ok()) return std::nullopt;
  return nsec;
}

std::optional<Nsec3> Nsec3::read(Bytes rdata) {
  RdataFields fields(rdata);
  Nsec3 nsec3;
  nsec3.hash_algorithm = fields.u8();
  nsec3.flags = fields.u8();
  nsec3.iterations = fields.u16();
  nsec3.salt = fields.counted();
  nsec3.next_hashed_owner = fields.counted();
  nsec3.types = fields.rest();
  if (!fields.ok() || nsec3.next_hashed_owner.empty()) return std::nullopt;
  return nsec3;
}

namespace {

// RFC 4034 6.2, without NSEC (RFC 6840 5.1). Types of later RFCs keep their letters.
bool has_small_letters(Type type) {
  if (type == Type::kx || type == Type::dname || type == Type::rrsig) return true;
  const RdataFormat* format = rdata_format(type);
  return format != nullptr && (format->names == RdataNames::compressed || format->names == RdataNames::expanded);
}

std::vector<std::uint8_t> with_names_expanded(const MessageView& message, const RecordView& record, bool small) {
  std::vector<std::uint8_t> wire;
  auto append = [&](Bytes octets) { wire.insert(wire.end(), octets.begin(), octets.end()); };
  walk_rdata(checked_format(record.type, record.klass), record.rdata, append, [&](std::size_t at) {
    Name name;
    std::size_t next = 0;
    expand_name(message.bytes(), record.rdata_offset + at, name, next);
    if (small) name.lower_case();
    append(name.view().wire());
    return next - record.rdata_offset;
  });
  return wire;
}

}  // namespace

std::vector<std::uint8_t> expanded_rdata(const MessageView& message, const RecordView& record) {
  return with_names_expanded(message, record, false);
}

std::vector<std::uint8_t> canonical_rdata(const MessageView& message, const RecordView& record) {
  return with_names_expanded(message, record, has_small_letters(record.type));
}

}  // namespace dragoman::dns
