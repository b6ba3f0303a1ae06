// RDATA in presentation form (RFC 1035 5.1), field by field as its type's format says; what does not have the shape of
// its type is shown as RFC 3597 5 shows unknown types. Pure; any thread.
#include <arpa/inet.h>

#include <chrono>

#include "dragoman/dns/rdata.h"
#include "rdata_fields.h"
#include "rdata_format.h"
#include "svcb_text.h"
#include "text_encoding.h"
#include "text_escapes.h"

namespace dragoman::dns {
namespace {

using seconds = std::chrono::seconds;

void append_address(std::string& text, Bytes address) {
  char buffer[INET6_ADDRSTRLEN];
  if (address.empty()) return;
  text += inet_ntop(address.size() == 4 ? AF_INET : AF_INET6, address.data(), buffer, sizeof buffer);
}

void append_padded(std::string& text, unsigned number, std::size_t width) {
  std::string digits = std::to_string(number);
  if (digits.size() < width) text.append(width - digits.size(), '0');
  text += digits;
}

// YYYYMMDDHHmmSS in UTC (RFC 4034 3.2).
void append_time(std::string& text, std::uint32_t since_epoch) {
  std::chrono::sys_seconds time{seconds(since_epoch)};
  auto day = std::chrono::floor<std::chrono::days>(time);
  std::chrono::year_month_day date(day);
  std::chrono::hh_mm_ss clock(time - day);
  append_padded(text, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  append_padded(text, static_cast<unsigned>(date.month()), 2);
  append_padded(text, static_cast<unsigned>(date.day()), 2);
  append_padded(text, static_cast<unsigned>(clock.hours().count()), 2);
  append_padded(text, static_cast<unsigned>(clock.minutes().count()), 2);
  append_padded(text, static_cast<unsigned>(clock.seconds().count()), 2);
}

// RFC 4034 4.1.2; false when windows or their lengths are not as they must be.
bool append_bitmap(std::string& text, Bytes bitmap) {
  int last_window = -1;
  const char* separator = "";
  for (RdataFields fields(bitmap); !fields.at_end();) {
    int window = fields.u8();
    Bytes bits = fields.counted();
    if (!fields.ok() || window <= last_window || bits.empty() || bits.size() > 32) return false;
    last_window = window;
    for (std::size_t bit = 0; bit < bits.size() * 8; ++bit) {
      if ((bits[bit / 8] & 0x80u >> bit % 8) == 0) continue;
      text += separator + to_text(static_cast<Type>(static_cast<std::size_t>(window) * 256 + bit));
      separator = " ";
    }
  }
  return true;
}

// False for an empty string that must not be.
bool append_string(std::string& text, Bytes octets, char field) {
  if (field == 's') {
    append_quoted(text, octets);
    return true;
  }
  if (field == 'g') {
    for (std::uint8_t octet : octets) append_escaped(text, octet, " \"\\;()");
    return !octets.empty();
  }
  if (octets.empty()) text += '-';  // RFC 5155 3.3
  append_encoded(text, octets, field == 'h' ? Encoding::base16 : Encoding::base32_hex);
  return true;
}

bool append_strings(std::string& text, RdataFields& fields) {
  const char* separator = "";
  while (!fields.at_end()) {
    text += separator;
    append_quoted(text, fields.counted());
    separator = " ";
  }
  return fields.ok() && *separator != 0;
}

// Fields that reach up to the end of the RDATA.
bool append_rest(std::string& text, char field, RdataFields& fields) {
  switch (field) {
    case 'S':
      return append_strings(text, fields);
    case 'x':
      append_encoded(text, fields.all(), Encoding::base16);
      return true;
    case 'b':
      append_encoded(text, fields.all(), Encoding::base64);
      return true;
    case 'm':
      return append_bitmap(text, fields.all());
    case 'p':
      if (!text.empty()) text.pop_back();  // each parameter brings its own space
      return append_parameters(text, fields.all());
    default:
      append_quoted(text, fields.all());
      return true;
  }
}

bool append_field(std::string& text, char field, RdataFields& fields) {
  switch (field) {
    case '1':
      text += std::to_string(fields.u8());
      break;
    case '2':
      text += std::to_string(fields.u16());
      break;
    case '4':
      text += std::to_string(fields.u32());
      break;
    case 'a':
      append_address(text, fields.octets(4));
      break;
    case '6':
      append_address(text, fields.octets(16));
      break;
    case 't':
      text += to_text(static_cast<Type>(fields.u16()));
      break;
    case 'T':
      append_time(text, fields.u32());
      break;
    case 'n':
      text += fields.name().to_text();
      break;
    case 's':
    case 'g':
    case 'h':
    case 'H':
      return append_string(text, fields.counted(), field) && fields.ok();
    default:
      return append_rest(text, field, fields);
  }
  return fields.ok();
}

// RFC 3597 5.
std::string generic_text(Bytes rdata) {
  std::string text = "\\# " + std::to_string(rdata.size());
  if (!rdata.empty()) text += ' ';
  append_encoded(text, rdata, Encoding::base16);
  return text;
}

bool has_shape(const RecordView& record) {
  if (record.klass == Class::any || record.klass == Class::none) return false;
  return record.klass == Class::in || (record.type != Type::a && record.type != Type::aaaa);
}

std::string fields_to_text(const RdataFormat& format, Bytes rdata) {
  std::string text;
  RdataFields fields(rdata);
  for (char field : format.fields) {
    if (!text.empty()) text += ' ';
    if (!append_field(text, field, fields)) return generic_text(rdata);
  }
  if (!fields.at_end()) return generic_text(rdata);
  if (!text.empty() && text.back() == ' ') text.pop_back();  // nothing in the last field
  return text;
}

}  // namespace

std::string rdata_to_text(Type type, Bytes rdata) {
  const RdataFormat* format = rdata_format(type);
  return format == nullptr ? generic_text(rdata) : fields_to_text(*format, rdata);
}

std::string rdata_to_text(const MessageView& message, const RecordView& record) {
  const std::vector<std::uint8_t> rdata = expanded_rdata(message, record);
  return has_shape(record) ? rdata_to_text(record.type, rdata) : generic_text(rdata);
}

}  // namespace dragoman::dns
