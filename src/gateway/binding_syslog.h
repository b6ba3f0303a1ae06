// The binding log as syslog messages with structured data (RFC 5424), each a datagram (RFC 5426, or a Unix socket):
//
//   <30>1 2026-11-27T22:31:00.123Z nat1 dragoman 71 block_allocated [binding@32473 subscriber="2001:db8:1::/64"
//   address="198.51.100.1" ports="1024-1279"] 2001:db8:1::/64 198.51.100.1 1024-1279
//
// The text behind the structured data repeats the values: collectors often keep that alone.
#pragma once

#include "binding_text.h"

namespace dragoman::gateway {

class SyslogEncoder final : public TextEncoder {
 public:
  explicit SyslogEncoder(const Writer& writer);

 private:
  void begin(Line line, WallTime time) override;
  void text(std::string_view name, std::string_view value) override;
  void number(std::string_view name, std::uint64_t value) override;
  void end() override;

  const std::string sender_;  // HOSTNAME SP APP-NAME SP PROCID, with a space on both sides
  std::string message_;
};

}  // namespace dragoman::gateway
