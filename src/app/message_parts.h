// A DNS message taken apart into texts, for those who show it to people or write it as JSON.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dragoman/dns/message_view.h"

namespace dragoman::app {

struct ExtendedError {  // RFC 8914 2
  std::uint16_t code;
  std::string text;  // the server chose it: escape it like anything that comes from the wire
};

struct RecordLine {
  dns::Section section;
  std::string name, ttl, klass, type, rdata;
};

const char* to_text(dns::Section section);                     // "answer"
std::vector<std::string> flags_of(const dns::Header& header);  // "qr", "rd", ...
std::vector<ExtendedError> errors_of(const dns::MessageView& message);
std::vector<RecordLine> lines_of(const dns::MessageView& message);

}  // namespace dragoman::app
