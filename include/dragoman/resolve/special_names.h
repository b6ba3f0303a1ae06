// Names that mean something here and nothing to an upstream: localhost and the other special-use names (RFC 6761), the
// reverse zones of addresses that are everybody's (RFC 6303), and their kin. They are answered here and never leave, or
// private names and addresses would leak to whoever answers for the root. src/resolve/special_zones.h has the table.
// Local data and names with an upstream of their own come before them. Immutable once built; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "dragoman/dns/answer.h"
#include "dragoman/dns/message_writer.h"
#include "dragoman/dns/name.h"
#include "dragoman/dns/suffix_filter.h"
#include "dragoman/dns/suffix_map.h"

namespace dragoman::resolve {

// Zones that go upstream unless the configuration says otherwise: test. is what people name their own test zones, and
// documentation addresses stand for real ones in examples, as with ip::well_known_prefix_may_hold().
std::vector<dns::Name> forwarded_by_default();

struct SpecialNamesOptions {
  bool enabled = true;
  std::vector<dns::Name> forward = forwarded_by_default();  // these and what is below go upstream all the same
};

struct SpecialZone;

class SpecialNames {
 public:
  SpecialNames() = default;  // none is special
  // resolver.arpa is special even when the others are not: an upstream's answer would lead our clients away from us
  // (RFC 9462 6.4). Only `forward` can undo that.
  explicit SpecialNames(const SpecialNamesOptions& options);

  // False for nearly every name that answer() would not know; cheap.
  bool may_hold(dns::NameView name) const { return filter_.may_hold(name); }
  // Writes the answer. False: not a special name, to be asked as any other; so is the DS record of a zone, whose denial
  // is the parent's to sign (RFC 8375 4). `exists` says that there is local data below the name, so that it exists.
  bool answer(const dns::Question& question, bool exists, dns::MessageWriter& writer, dns::Rcode& rcode) const;
  // The same, owned.
  std::optional<dns::Answer> answer(const dns::Question& question) const;

  // Whether a table row covers the name, or is below it: what may be named in `forward`.
  static bool concern(dns::NameView name);

 private:
  const SpecialZone* find(const dns::Question& question, dns::NameView& zone) const;

  dns::SuffixFilter filter_;
  dns::SuffixMap<const SpecialZone*> zones_;
  dns::NameSuffixes forward_;
};

}  // namespace dragoman::resolve
