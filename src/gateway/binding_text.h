// The formats of the binding log that are lines of named values: which values each line has, and what a format must
// know to write them. binding_json.h and binding_syslog.h are the formats.
#pragma once

#include <string>
#include <string_view>

#include "binding_encoder.h"
#include "binding_words.h"

namespace dragoman::gateway {

class TextEncoder : public BindingEncoder {
 public:
  using BindingEncoder::BindingEncoder;
  void event(const StampedEvent& stamped, Backlog& out) final;
  void gap(const BindingGap& gap, Backlog& out) final;
  void occasion(Occasion occasion, WallTime time, const nat64::Options& nat64, Backlog& out) final;

 protected:
  // In this order: begin, any number of values, end. They append to line_. Texts are printable ASCII
  // without quotes and backslashes.
  virtual void begin(Line line, WallTime time) = 0;
  virtual void text(std::string_view name, std::string_view value) = 0;
  virtual void number(std::string_view name, std::uint64_t value) = 0;
  virtual void end() = 0;
  std::string line_;

 private:
  void put_event(const nat64::BindingEvent& event);
  void put_session(const nat64::BindingEvent& event);
  void put_pool(WallTime time, const nat64::Options& nat64, Backlog& out);
  void ship(std::uint32_t events, Backlog& out);
};

}  // namespace dragoman::gateway
