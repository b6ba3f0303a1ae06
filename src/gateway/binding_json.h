// The binding log as JSON lines (RFC 8259), for files.
#pragma once

#include "binding_text.h"

namespace dragoman::gateway {

class JsonEncoder final : public TextEncoder {
 public:
  using TextEncoder::TextEncoder;

 private:
  void begin(Line line, WallTime time) override;
  void text(std::string_view name, std::string_view value) override;
  void number(std::string_view name, std::uint64_t value) override;
  void end() override;
};

}  // namespace dragoman::gateway
