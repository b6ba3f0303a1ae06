// SvcParams without ipv4hint (RFC 9460 2.2, 7.3, 8). Pure; any thread.
#include "dragoman/dns64/hints.h"

#include <optional>

#include "dragoman/dns/rdata.h"
#include "records.h"

namespace dragoman::dns64 {
namespace {

using dns::SvcParamKey;

constexpr std::size_t parameter_header = 4;  // key, length

std::optional<dns::ServiceView> read_service(const dns::AnswerRecord& record) {
  if (record.klass != dns::Class::in || !dns::is_service(record.type)) return {};
  return dns::ServiceView::read(record.rdata);
}

SvcParamKey key_at(const std::uint8_t* octets) { return static_cast<SvcParamKey>(load_u16(octets)); }

void write_key(SvcParamKey key, dns::MessageWriter& writer) { writer.rdata_u16(static_cast<std::uint16_t>(key)); }

// Takes the first parameter off; its value is what it returns. Nullopt at the end.
struct Parameter {
  SvcParamKey key;
  Bytes value;
};
std::optional<Parameter> next_parameter(Bytes& rest) {
  if (rest.size() < parameter_header) return {};
  const std::size_t length = load_u16(&rest[2]);
  if (rest.size() < parameter_header + length) return {};
  const Parameter parameter{key_at(rest.data()), rest.subspan(parameter_header, length)};
  rest = rest.subspan(parameter_header + length);
  return parameter;
}

bool has_hint(const dns::AnswerRecord& record) {
  auto service = read_service(record);
  if (!service) return false;
  while (const auto parameter = next_parameter(service->parameters)) {
    if (parameter->key == SvcParamKey::ipv4hint) return true;
  }
  return false;
}

// What is mandatory must be there (8), so a key that goes is mandatory no longer. An empty list is not allowed.
void write_mandatory(Bytes keys, dns::MessageWriter& writer) {
  std::size_t left = 0;
  for (std::size_t at = 0; at + 2 <= keys.size(); at += 2) left += key_at(&keys[at]) != SvcParamKey::ipv4hint;
  if (left == 0) return;
  write_key(SvcParamKey::mandatory, writer);
  writer.rdata_u16(static_cast<std::uint16_t>(2 * left));
  for (std::size_t at = 0; at + 2 <= keys.size(); at += 2) {
    const SvcParamKey key = key_at(&keys[at]);
    if (key != SvcParamKey::ipv4hint) write_key(key, writer);
  }
}

void write_service(dns::ServiceView service, dns::MessageWriter& writer) {
  writer.rdata_u16(service.priority);
  writer.rdata_name(service.target, false);
  while (const auto parameter = next_parameter(service.parameters)) {
    if (parameter->key == SvcParamKey::ipv4hint) continue;
    if (parameter->key == SvcParamKey::mandatory) {
      write_mandatory(parameter->value, writer);
      continue;
    }
    write_key(parameter->key, writer);
    writer.rdata_u16(static_cast<std::uint16_t>(parameter->value.size()));
    writer.rdata(parameter->value);
  }
}

}  // namespace

bool has_ipv4_hints(const dns::AnswerView& answer) {
  dns::AnswerRecords records(answer);
  for (dns::AnswerRecord record; records.next(record);) {
    if (has_hint(record)) return true;
  }
  return false;
}

void write_without_ipv4_hints(const dns::AnswerView& answer, const dns::Question& question,
                              dns::MessageWriter& writer) {
  dns::AnswerRecords records(answer);
  for (dns::AnswerRecord record; records.next(record);) {
    if (is_signature_over(record, dns::Type::https) || is_signature_over(record, dns::Type::svcb)) continue;
    if (!has_hint(record)) {
      dns::copy_record(answer, question.name, record, record.ttl, writer);
      continue;
    }
    writer.begin_record(record.section, dns::owner_of(answer, question.name, record), record.type, record.klass,
                        record.ttl);
    write_service(*read_service(record), writer);
    writer.end_record();
  }
}

}  // namespace dragoman::dns64
