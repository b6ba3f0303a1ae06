// Reads messages from standard input, each behind its length in two octets, and writes one line for each: why it was
// refused, or all that the parser read. Numbers are decimal, octets hexadecimal; dns_messages.py says the same of what
// dnspython read.
#include <cstdio>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "dragoman/dns/message_view.h"
#include "dragoman/dns/rdata.h"

namespace dragoman::dns {
namespace {

const char* fault_text(MessageView::Fault fault) {
  constexpr const char* texts[] = {"none",       "short_header", "question_count", "bad_question",
                                   "bad_record", "bad_opt",      "trailing"};
  return texts[static_cast<std::size_t>(fault)];
}

std::string hex(Bytes octets) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (std::uint8_t octet : octets) {
    text += digits[octet >> 4];
    text += digits[octet & 15];
  }
  return text;
}

template <class... Numbers>
std::string row(Numbers... numbers) {
  std::string text;
  ((text += ' ' + std::to_string(static_cast<unsigned long>(numbers))), ...);
  return text;
}

std::string dump(const MessageView& message) {
  const Question& question = message.question();
  std::string text = "ok" + row(message.header().id, message.header().flags, message.rcode());
  text += " q " + hex(question.name.wire()) + row(question.type, question.klass);
  if (const std::optional<Edns>& edns = message.edns()) {
    text += " opt" + row(edns->udp_payload, edns->version, edns->dnssec_ok);
    for (EdnsOption option : EdnsOptions(edns->options)) text += row(option.code) + "=" + hex(option.data);
  }
  for (const auto& [section, record] : message.records()) {
    text += " rr" + row(section) + " " + hex(message.owner(record).view().wire());
    text += row(record.type, record.klass, record.ttl) + " " + hex(expanded_rdata(message, record)) + ".";
  }
  return text;
}

}  // namespace
}  // namespace dragoman::dns

int main() {
  using namespace dragoman;
  std::vector<char> input{std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
  Bytes rest(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
  while (rest.size() >= 2) {
    std::size_t length = load_u16(rest.data());
    dns::MessageView view;
    dns::MessageView::Fault fault = dns::MessageView::parse(rest.subspan(2, length), view);
    std::string line = fault == dns::MessageView::Fault::none ? dns::dump(view) : dns::fault_text(fault);
    std::puts(line.c_str());
    rest = rest.subspan(2 + length);
  }
  return 0;
}
