// Answers as upstreams give them, made by the writer that makes them in the program.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/cache/answer_cache.h"
#include "dragoman/dns/answer.h"
#include "dragoman/dns/message_writer.h"
#include "dragoman/dns/name.h"

namespace dragoman::cache {

inline dns::Name name(std::string_view text) { return *dns::Name::from_text(text); }

// One record of an answer; the RDATA of an SOA has `minimum` as its last number.
struct SampleRecord {
  dns::Section section = dns::Section::answer;
  dns::Type type = dns::Type::a;
  std::uint32_t ttl = 300;
  std::uint32_t minimum = 300;
  std::string owner = {};  // empty: the question
  std::string target = "target.example";
};

inline void write(dns::MessageWriter& writer, dns::NameView question, const SampleRecord& record) {
  const dns::Name owner = record.owner.empty() ? dns::Name(question) : name(record.owner);
  writer.begin_record(record.section, owner, record.type, dns::Class::in, record.ttl);
  switch (record.type) {
    case dns::Type::a:
      writer.rdata(std::array<std::uint8_t, 4>{192, 0, 2, 1});
      break;
    case dns::Type::aaaa:
      writer.rdata(std::array<std::uint8_t, 16>{0x20, 0x01, 0x0d, 0xb8});
      break;
    case dns::Type::soa:
      writer.rdata_name(name("ns.example"), true);
      writer.rdata_name(name("hostmaster.example"), true);
      for (std::uint32_t number : {1u, 7200u, 3600u, 1209600u, record.minimum}) writer.rdata_u32(number);
      break;
    case dns::Type::txt:
      writer.rdata(std::vector<std::uint8_t>(200, 199));
      break;
    default:
      writer.rdata_name(name(record.target), true);
  }
  writer.end_record();
}

inline dns::Answer make_answer(dns::NameView question, dns::Type type, const std::vector<SampleRecord>& records,
                               dns::Rcode rcode = dns::Rcode::noerror) {
  std::vector<std::uint8_t> octets(dns::max_message_length);
  dns::MessageWriter writer(octets);
  writer.question(question, type, dns::Class::in);
  for (const SampleRecord& record : records) write(writer, question, record);
  return dns::to_answer(dns::written_answer(writer, {rcode}));
}

inline SampleRecord soa(std::uint32_t ttl, std::uint32_t minimum, std::string owner = "example") {
  return {dns::Section::authority, dns::Type::soa, ttl, minimum, std::move(owner)};
}

}  // namespace dragoman::cache
