// Structured access to the RDATA of the types that the program reasons about. Each struct has its type, a reader and,
// where we write it, a writer; "to add one": struct, read, text and a golden case together.
// Readers take a record of a parsed message, so they fail only on RDATA that parse() does not check; then nullopt.
// Pure; any thread. Names are expanded copies, octet strings borrow from the message.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dragoman/base/bytes.h"
#include "dragoman/dns/message_view.h"
#include "dragoman/dns/name.h"

namespace dragoman::dns {

struct A {  // RFC 1035 3.4.1
  std::array<std::uint8_t, 4> address;
  static std::optional<A> read(Bytes rdata);
};
struct Aaaa {  // RFC 3596 2.2
  std::array<std::uint8_t, 16> address;
  static std::optional<Aaaa> read(Bytes rdata);
};
struct Soa {  // RFC 1035 3.3.13
  Name mname, rname;
  std::uint32_t serial = 0, refresh = 0, retry = 0, expire = 0, minimum = 0;
  static std::optional<Soa> read(const MessageView& message, const RecordView& record);
};
// CNAME, DNAME, NS and PTR: one name.
std::optional<Name> read_target(const MessageView& message, const RecordView& record);

inline bool is_service(Type type) { return type == Type::svcb || type == Type::https; }
enum class SvcParamKey : std::uint16_t { mandatory = 0, ipv4hint = 4, ipv6hint = 6 };  // RFC 9460 14.3.2: a few
struct ServiceView {  // SVCB and HTTPS where they stand: the target is never compressed (RFC 9460 2.2). Borrows
  std::uint16_t priority = 0;
  NameView target;
  Bytes parameters;  // as they came: the caller minds their lengths
  static std::optional<ServiceView> read(Bytes rdata);
};
struct Svcb {  // SVCB and HTTPS, RFC 9460 2.2
  std::uint16_t priority = 0;
  Name target;
  Bytes parameters;  // key, length, value ..., keys strictly ascending (checked)
  static std::optional<Svcb> read(const MessageView& message, const RecordView& record);
};
struct Ds {  // RFC 4034 5.1
  std::uint16_t key_tag = 0;
  std::uint8_t algorithm = 0, digest_type = 0;
  Bytes digest;
  static std::optional<Ds> read(Bytes rdata);
};
struct Dnskey {  // RFC 4034 2.1
  std::uint16_t flags = 0;
  std::uint8_t protocol = 0, algorithm = 0;
  Bytes public_key;
  static std::optional<Dnskey> read(Bytes rdata);
  static std::uint16_t key_tag(Bytes rdata);  // RFC 4034 appendix B
};
struct Rrsig {  // RFC 4034 3.1
  Type type_covered{};
  std::uint8_t algorithm = 0, labels = 0;
  std::uint32_t original_ttl = 0, expiration = 0, inception = 0;
  std::uint16_t key_tag = 0;
  Name signer;
  Bytes signature;
  static std::optional<Rrsig> read(Bytes rdata);
};
// The type that a signature covers, its first field; nothing for records of other types than RRSIG.
inline std::optional<Type> type_covered(Type type, Bytes rdata) {
  if (type != Type::rrsig || rdata.size() < 2) return {};
  return static_cast<Type>(load_u16(rdata.data()));
}
// The type bitmap of NSEC and NSEC3 (RFC 4034 4.1.2).
bool bitmap_has(Bytes bitmap, Type type);
struct Nsec {  // RFC 4034 4.1
  Name next;
  Bytes types;
  static std::optional<Nsec> read(Bytes rdata);
};
struct Nsec3 {  // RFC 5155 3.2
  std::uint8_t hash_algorithm = 0, flags = 0;
  std::uint16_t iterations = 0;
  Bytes salt, next_hashed_owner, types;
  static std::optional<Nsec3> read(Bytes rdata);
};

// RDATA without compression, as it is hashed, compared and kept outside of messages.
std::vector<std::uint8_t> expanded_rdata(const MessageView& message, const RecordView& record);
// The same in canonical form: letters of names are small where RFC 4034 6.2 and RFC 6840 5.1 say so.
std::vector<std::uint8_t> canonical_rdata(const MessageView& message, const RecordView& record);

// Presentation form of a record's RDATA (RFC 1035 5, RFC 3597 5 for unknown types), for people and tests.
std::string rdata_to_text(const MessageView& message, const RecordView& record);
// The same of RDATA of class IN without compression.
std::string rdata_to_text(Type type, Bytes rdata);
// RDATA in uncompressed wire form from presentation form, for the types of local data and tests:
// A AAAA CNAME DNAME NS PTR SOA MX TXT SRV CAA HTTPS SVCB, and "\# length hex" for any.
Result<std::vector<std::uint8_t>> rdata_from_text(Type type, std::string_view text);

}  // namespace dragoman::dns
