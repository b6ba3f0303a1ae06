// Header flags, extended errors and records as texts.
#include "message_parts.h"

#include <array>

#include "dragoman/dns/rdata.h"

namespace dragoman::app {
namespace {

struct Flag {
  std::uint16_t bit;
  const char* name;
};
constexpr std::array<Flag, 7> flags{{{dns::Header::qr, "qr"},
                                     {dns::Header::aa, "aa"},
                                     {dns::Header::tc, "tc"},
                                     {dns::Header::rd, "rd"},
                                     {dns::Header::ra, "ra"},
                                     {dns::Header::ad, "ad"},
                                     {dns::Header::cd, "cd"}}};

}  // namespace

const char* to_text(dns::Section section) {
  static constexpr std::array<const char*, 3> sections{"answer", "authority", "additional"};
  return sections[static_cast<std::size_t>(section)];
}

std::vector<std::string> flags_of(const dns::Header& header) {
  std::vector<std::string> names;
  for (const Flag& flag : flags) {
    if (header.has(flag.bit)) names.emplace_back(flag.name);
  }
  return names;
}

std::vector<ExtendedError> errors_of(const dns::MessageView& message) {
  std::vector<ExtendedError> errors;
  if (!message.has_edns()) return errors;
  for (const dns::EdnsOption option : dns::EdnsOptions(message.edns()->options)) {
    if (option.code != dns::EdnsOptionCode::ede || option.data.size() < 2) continue;
    errors.push_back({load_u16(option.data.data()), std::string(option.data.begin() + 2, option.data.end())});
  }
  return errors;
}

std::vector<RecordLine> lines_of(const dns::MessageView& message) {
  std::vector<RecordLine> lines;
  for (const auto& [section, record] : message.records()) {
    lines.push_back({section, message.owner(record).to_text(), std::to_string(record.ttl), dns::to_text(record.klass),
                     dns::to_text(record.type), dns::rdata_to_text(message, record)});
  }
  return lines;
}

}  // namespace dragoman::app
