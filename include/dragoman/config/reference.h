// The tables of keys as seen from outside: the page that documents them, and what a reload changes.
#pragma once

#include <string>
#include <vector>

#include "dragoman/config/config.h"

namespace dragoman::config {

// When a changed value takes effect.
enum class Reload : unsigned char {
  live,             // with the next query
  new_connections,  // existing connections keep what they began with
  restart,          // not by a reload
};

// docs/config-reference.md: every key with its type, default and one sentence.
std::string reference();

struct Change {
  std::string key;            // "cache.size"
  std::string before, after;  // as they would be written
  Reload reload = Reload::restart;
};

// The keys that differ, in the order of the reference.
std::vector<Change> differences(const Config& before, const Config& after);

}  // namespace dragoman::config
