// A collector in small: reads IPFIX messages by RFC 7011, knowing templates alone, not what this program writes.
#pragma once

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace dragoman::gateway::samples {

class IpfixReader {
 public:
  using Record = std::map<unsigned, std::string>;  // element -> value in hexadecimal

  struct Message {
    std::uint64_t export_time = 0, sequence = 0, domain = 0;
    std::vector<std::pair<unsigned, Record>> records;  // with their templates
  };

  Message read(const std::string& octets) {
    octets_ = octets;
    at_ = 0;
    Message message;
    expect(number(2) == 10, "version");
    expect(number(2) == octets.size(), "message length");
    message.export_time = number(4);
    message.sequence = number(4);
    message.domain = number(4);
    while (at_ < octets_.size()) read_set(message);
    return message;
  }
  bool knows(unsigned id) const { return templates_.contains(id); }
  unsigned scope_fields(unsigned id) const { return templates_.at(id).scope_fields; }

 private:
  struct Template {
    unsigned scope_fields = 0;
    std::vector<std::pair<unsigned, std::size_t>> fields;
  };

  static void expect(bool condition, const char* what) {
    if (!condition) throw std::runtime_error(what);
  }
  std::uint64_t number(std::size_t length) {
    std::uint64_t value = 0;
    for (const char octet : take(length)) value = value << 8 | static_cast<unsigned char>(octet);
    return value;
  }
  std::string take(std::size_t length) {
    expect(octets_.size() - at_ >= length, "short");
    at_ += length;
    return octets_.substr(at_ - length, length);
  }
  void read_set(Message& message) {
    const std::size_t start = at_;
    const auto id = static_cast<unsigned>(number(2));
    const std::size_t end = start + number(2);
    expect(end > start + 4 && end <= octets_.size(), "set length");
    expect(id == 2 || id == 3 || id >= 256, "set ID");
    while (at_ < end) {
      if (id < 256) {
        read_template(id == 3);
      } else {
        message.records.emplace_back(id, read_record(id));
      }
    }
    expect(at_ == end, "a record crosses the end of its set");
  }
  void read_template(bool is_option) {
    const auto id = static_cast<unsigned>(number(2));
    expect(id >= 256, "template ID");
    const std::uint64_t count = number(2);
    expect(count > 0, "template withdrawal");
    Template made;
    if (is_option) made.scope_fields = static_cast<unsigned>(number(2));
    expect(!is_option || (made.scope_fields > 0 && made.scope_fields <= count), "scope");
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto element = static_cast<unsigned>(number(2));
      expect(element < 0x8000, "enterprise element");
      made.fields.emplace_back(element, number(2));
    }
    templates_[id] = made;
  }
  Record read_record(unsigned id) {
    expect(templates_.contains(id), "no template");
    Record record;
    for (const auto& [element, length] : templates_[id].fields) {
      static constexpr char digits[] = "0123456789abcdef";
      std::string& value = record[element];
      for (const char octet : take(length)) {
        value += digits[static_cast<unsigned char>(octet) >> 4];
        value += digits[static_cast<unsigned char>(octet) & 15];
      }
    }
    return record;
  }

  std::string octets_;
  std::size_t at_ = 0;
  std::map<unsigned, Template> templates_;
};

}  // namespace dragoman::gateway::samples
