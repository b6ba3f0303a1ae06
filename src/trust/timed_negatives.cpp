// See timed_negatives.h.
#include "timed_negatives.h"

#include <algorithm>

namespace dragoman::trust {
namespace {

constexpr std::size_t most = 1000;

}  // namespace

bool TimedNegatives::add(const dns::Name& name, WallTime expires) {
  remove(name);
  if (all_.size() == most) return false;
  all_.push_back({name, expires});
  return true;
}

bool TimedNegatives::remove(dns::NameView name) {
  return std::erase_if(all_, [&](const auto& anchor) { return dns::equal(anchor.name, name); }) > 0;
}

bool TimedNegatives::expire(WallTime now) {
  return std::erase_if(all_, [&](const auto& anchor) { return *anchor.expires <= now; }) > 0;
}

}  // namespace dragoman::trust
