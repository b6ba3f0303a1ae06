// Numbers as people write them in a configuration file: counts, durations ("1h30m", "1500ms", a bare number of seconds)
// and sizes ("512MiB", "64K", a bare number of octets). Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "dragoman/base/result.h"

namespace dragoman::config {

enum class Unit : unsigned char { count, milliseconds, octets };

// What a key accepts, both ends included, in the unit.
struct Range {
  Unit unit = Unit::count;
  std::int64_t low = 0, high = 0;

  bool contains(std::int64_t value) const { return value >= low && value <= high; }
  std::string to_text() const;  // "1s to 1h"
};

// Errors say what kind of number was expected.
Result<std::int64_t> quantity_from_text(std::string_view text, Unit unit);
// As it would be written: 5400000 milliseconds are "1h30m".
std::string quantity_to_text(std::int64_t value, Unit unit);
// How to write one, with examples.
const char* quantity_examples(Unit unit);

}  // namespace dragoman::config
