// Names in presentation form (RFC 1035 5.1), both ways. Pure; any thread.
#include <optional>

#include "dragoman/dns/name.h"
#include "text_escapes.h"

namespace dragoman::dns {
namespace {

// What a zone file or a log would take for something else when it stands bare.
constexpr std::string_view special = " \".();\\@$";

Error empty_label() { return {ErrorCode::malformed, "a name has an empty label"}; }

}  // namespace

std::string NameView::to_text() const {
  if (is_root()) return ".";
  std::string text;
  text.reserve(length());
  for (NameView rest = *this; !rest.is_root(); rest = rest.parent()) {
    for (std::uint8_t octet : rest.first_label()) append_escaped(text, octet, special);
    text += '.';
  }
  return text;
}

Result<Name> Name::from_text(std::string_view text) {
  Name name;
  if (text == ".") return name;
  if (text.empty()) return Error{ErrorCode::malformed, "a name is empty"};

  std::size_t label = 0;  // where the length octet of the label being read stands
  std::size_t end = 1;
  auto close_label = [&] {
    name.wire_[label] = static_cast<std::uint8_t>(end - label - 1);
    label = end++;
  };
  while (!text.empty()) {
    if (text.front() == '.') {
      if (end == label + 1) return empty_label();
      text.remove_prefix(1);
      close_label();
      continue;
    }
    std::optional<std::uint8_t> octet = take_escaped(text);
    if (!octet) return Error{ErrorCode::malformed, "a name has a broken escape"};
    if (end - label > max_label_length) return Error{ErrorCode::too_large, "a label is longer than 63 octets"};
    if (end + 1 >= max_name_length) return Error{ErrorCode::too_large, "a name is longer than 255 octets"};
    name.wire_[end++] = *octet;
  }
  if (end != label + 1) close_label();
  name.wire_[label] = 0;
  name.length_ = static_cast<std::uint8_t>(label + 1);
  return name;
}

}  // namespace dragoman::dns
