// SvcParams without ipv4hint (RFC 9460 2.2, 7.3, 8). Pure; any thread.
#include "dragoman/dns64/hints.h"

#include <optional>

#include "records.h"

namespace dragoman::dns64 {
namespace {

constexpr std::uint16_t mandatory_key = 0, ipv4hint_key = 4;  // RFC 9460 14.3.2
constexpr std::size_t parameter_header = 4;                   // key, length

bool is_service(const dns::AnswerRecord& record) {
  return record.klass == dns::Class::in && (record.type == dns::Type::https || record.type == dns::Type::svcb);
}

struct Service {
  std::uint16_t priority = 0;
  dns::NameView target;  // never compressed (2.2)
  Bytes parameters;
};

std::optional<Service> read_service(const dns::AnswerRecord& record) {
  Service service;
  if (!is_service(record) || record.rdata.size() < 3) return {};
  service.priority = load_u16(record.rdata.data());
  if (!dns::read_plain_name(record.rdata.subspan(2), service.target)) return {};
  service.parameters = record.rdata.subspan(2 + service.target.length());
  return service;
}

// Takes the first parameter off; its value is what it returns. Nullopt at the end.
struct Parameter {
  std::uint16_t key;
  Bytes value;
};
std::optional<Parameter> next_parameter(Bytes& rest) {
  if (rest.size() < parameter_header) return {};
  const std::size_t length = load_u16(&rest[2]);
  if (rest.size() < parameter_header + length) return {};
  const Parameter parameter{load_u16(rest.data()), rest.subspan(parameter_header, length)};
  rest = rest.subspan(parameter_header + length);
  return parameter;
}

bool has_hint(const dns::AnswerRecord& record) {
  auto service = read_service(record);
  if (!service) return false;
  while (const auto parameter = next_parameter(service->parameters)) {
    if (parameter->key == ipv4hint_key) return true;
  }
  return false;
}

// What is mandatory must be there (8), so a key that goes is mandatory no longer. An empty list is not allowed.
void write_mandatory(Bytes keys, dns::MessageWriter& writer) {
  std::size_t left = 0;
  for (std::size_t at = 0; at + 2 <= keys.size(); at += 2) left += load_u16(&keys[at]) != ipv4hint_key;
  if (left == 0) return;
  writer.rdata_u16(mandatory_key);
  writer.rdata_u16(static_cast<std::uint16_t>(2 * left));
  for (std::size_t at = 0; at + 2 <= keys.size(); at += 2) {
    const std::uint16_t key = load_u16(&keys[at]);
    if (key != ipv4hint_key) writer.rdata_u16(key);
  }
}

void write_service(Service service, dns::MessageWriter& writer) {
  writer.rdata_u16(service.priority);
  writer.rdata_name(service.target, false);
  while (const auto parameter = next_parameter(service.parameters)) {
    if (parameter->key == ipv4hint_key) continue;
    if (parameter->key == mandatory_key) {
      write_mandatory(parameter->value, writer);
      continue;
    }
    writer.rdata_u16(parameter->key);
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
