// Building blocks of the DNS tests: octets from hexadecimal text, names from presentation form, whole messages.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/dns/answer.h"
#include "dragoman/dns/message_view.h"
#include "dragoman/dns/message_writer.h"
#include "dragoman/dns/name.h"

namespace dragoman::dns::test {

using Octets = std::vector<std::uint8_t>;

// Hexadecimal digits, and 'letters between quotes' as themselves; spaces do not count.
inline Octets wire(std::string_view text) {
  Octets octets;
  int high = -1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == ' ') continue;
    if (c == '\'') {
      for (++i; text[i] != '\''; ++i) octets.push_back(static_cast<std::uint8_t>(text[i]));
      continue;
    }
    int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    if (high < 0) {
      high = digit;
      continue;
    }
    octets.push_back(static_cast<std::uint8_t>(high << 4 | digit));
    high = -1;
  }
  return octets;
}

inline std::string hex(Bytes octets) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (std::uint8_t octet : octets) {
    text += digits[octet >> 4];
    text += digits[octet & 15];
  }
  return text;
}

inline Name name(std::string_view text) {
  Result<Name> parsed = Name::from_text(text);
  if (!parsed) throw std::invalid_argument(std::string(text) + ": " + parsed.error().text());
  return *parsed;
}

// A message under construction, in memory of its own.
struct Draft {
  explicit Draft(std::string_view question = "www.example.com", Type type = Type::a, std::size_t limit = 65535)
      : memory(limit), writer(memory) {
    writer.question(name(question), type, Class::in);
  }
  Octets finish(Header header = {}, const EdnsReply* edns = nullptr) {
    MutableBytes message = writer.finish(header, edns);
    return {message.begin(), message.end()};
  }

  Octets memory;
  MessageWriter writer;
};

// A message that is well formed, and its view.
class Parsed {
 public:
  explicit Parsed(Octets message) : octets_(std::move(message)) {
    if (MessageView::parse(octets_, view_) != MessageView::Fault::none) throw std::invalid_argument(hex(octets_));
  }
  Parsed(const Parsed&) = delete;
  Parsed& operator=(const Parsed&) = delete;
  const MessageView* operator->() const { return &view_; }
  const MessageView& operator*() const { return view_; }

 private:
  Octets octets_;
  MessageView view_;
};

inline MessageView::Fault fault_of(const Octets& message) {
  MessageView view;
  return MessageView::parse(message, view);
}

}  // namespace dragoman::dns::test
