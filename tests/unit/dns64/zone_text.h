// Answers written and read as lines of text, one record each: "owner TTL TYPE RDATA", in the answer section until a
// line says "authority:" or "additional:".
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/dns/answer.h"
#include "dragoman/dns/message_view.h"
#include "dragoman/dns/message_writer.h"
#include "dragoman/dns/name.h"
#include "dragoman/dns/rdata.h"
#include "dragoman/dns64/policy.h"

namespace dragoman::dns64 {

inline ip::Pref64 pref64(std::string_view text) { return *ip::Pref64::from_text(text); }
inline ip::Prefix prefix(std::string_view text) { return *ip::Prefix::from_text(text); }

// A policy that maps every address under each of these.
inline Policy policy_with(std::vector<ip::Pref64> prefixes) {
  return {.mappings = {{.prefixes = std::move(prefixes)}}};
}

inline dns::Name name(std::string_view text) { return *dns::Name::from_text(text); }

// Room for one message with its question.
class Message {
 public:
  explicit Message(const dns::Question& question) : writer_(octets_) {
    writer_.question(question.name, question.type, question.klass);
  }

  dns::MessageWriter& writer() { return writer_; }
  void add(std::string_view lines) {
    std::istringstream in{std::string(lines)};
    dns::Section section = dns::Section::answer;
    for (std::string line; std::getline(in, line);) {
      if (line == "authority:" || line == "additional:") {
        section = line == "authority:" ? dns::Section::authority : dns::Section::additional;
      } else if (!line.empty()) {
        add_record(section, line);
      }
    }
  }
  dns::Answer answer(dns::Rcode rcode) const {
    return dns::to_answer(dns::written_answer(writer_, {rcode}));
  }
  // What was written, in the form that add() takes.
  std::string text() {
    const Bytes whole = writer_.finish({});
    dns::MessageView view;
    if (dns::MessageView::parse(whole, view) != dns::MessageView::Fault::none) return "malformed";
    std::string lines;
    dns::Section before = dns::Section::answer;
    for (auto [section, record] : view.records()) {
      if (section != before) lines += section == dns::Section::authority ? "authority:\n" : "additional:\n";
      before = section;
      lines += view.owner(record).to_text() + ' ' + std::to_string(record.ttl) + ' ' + dns::to_text(record.type) + ' ' +
               dns::rdata_to_text(view, record) + '\n';
    }
    return lines;
  }

 private:
  void add_record(dns::Section section, const std::string& line) {
    std::istringstream in(line);
    std::string owner, type, rdata;
    std::uint32_t ttl = 0;
    in >> owner >> ttl >> type >> std::ws;
    std::getline(in, rdata);
    const auto wire = dns::rdata_from_text(*dns::type_from_text(type), rdata);
    if (!wire) throw std::invalid_argument(line);
    writer_.record(section, name(owner), *dns::type_from_text(type), ttl, *wire);
  }

  std::vector<std::uint8_t> octets_ = std::vector<std::uint8_t>(dns::max_message_length);
  dns::MessageWriter writer_;
};

// An answer to this question, as the cache or an upstream gives it.
inline dns::Answer answer(std::string_view question, dns::Type type, std::string_view lines,
                          dns::Rcode rcode = dns::Rcode::noerror) {
  const dns::Name owner = name(question);
  Message message({owner, type, dns::Class::in});
  message.add(lines);
  return message.answer(rcode);
}

}  // namespace dragoman::dns64
