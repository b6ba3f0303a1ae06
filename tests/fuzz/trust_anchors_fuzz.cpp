// Trust anchors and the state of managed ones, as files that anybody may have written: no octets crash the readers, and
// what was read is written in a form that is read as the same.
#include <cstddef>
#include <cstdint>

#include "check.h"
#include "dragoman/dnssec/managed_anchors.h"

using namespace dragoman;
using fuzz::check;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto anchors = dnssec::parse_trust_anchors(text)) {
    for (const dnssec::TrustAnchor& anchor : *anchors) {
      std::string written;
      for (const std::string& line : dnssec::to_text(anchor)) written += anchor.zone.to_text() + " " + line + "\n";
      const auto again = dnssec::parse_trust_anchors(written);
      check(again && again->size() == 1 && again->front() == anchor, "an anchor is read as it was written");
      const dnssec::TrustAnchors all(*anchors, {});
      check(all.closest(anchor.zone, WallTime{}) != nullptr, "an anchor holds for its own zone");
    }
  }
  if (const auto state = dnssec::parse_managed_anchors(text)) {
    const auto again = dnssec::parse_managed_anchors(dnssec::to_text(*state));
    check(again && *again == *state, "a state is read as it was written");
  }
  return 0;
}
