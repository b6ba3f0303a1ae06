// Names that are answered without any upstream because the configuration says what they hold: its local_data, the
// server's own name, the names by which clients probe a resolver and find its encrypted ways in (RFC 9462).
// An overlay, not a zone: names that are not here are looked up as ever, those above and beside included.
// Immutable once built; any thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dragoman/base/result.h"
#include "dragoman/base/time.h"
#include "dragoman/dns/answer.h"
#include "dragoman/dns/message_writer.h"
#include "dragoman/dns/name.h"
#include "dragoman/dns/suffix_filter.h"
#include "dragoman/dns/types.h"
#include "dragoman/ip/address.h"

namespace dragoman::resolve {

// One row of `local_data`.
struct LocalRecord {
  dns::Name name;
  dns::Type type{};
  std::vector<std::uint8_t> rdata;  // uncompressed wire form
  seconds ttl{300};
};

class LocalData {
 public:
  // A name that begins with the label `*` stands for what is below the rest of it and is not named otherwise
  // (RFC 4592). A DNAME stands for everything below its name (RFC 6672).
  void add(const LocalRecord& record);
  // This name and everything below it exists without records (the names by which clients probe a resolver).
  void add_empty_below(const dns::Name& suffix);

  // False for nearly every name that answer() would not know; cheap.
  bool may_hold(dns::NameView name) const { return filter_.may_hold(name); }
  // Writes what is known of the question: records, or NODATA with an SOA; with SVCB and HTTPS records the addresses of
  // their targets that are here, too (RFC 9460 4.1). False: not local.
  // A CNAME is given without its target, that of a DNAME too (RFC 6672 3.1); the resolver follows it.
  bool answer(const dns::Question& question, dns::MessageWriter& writer, dns::Rcode& rcode) const;
  // Whether this name has records.
  bool has(dns::NameView name) const;
  // Whether a name below this one has records: then it exists, be it without any (RFC 8020 3.1, an empty non-terminal).
  bool has_below(dns::NameView name) const;

 private:
  struct Entry {
    std::vector<LocalRecord> records;  // none: an empty non-terminal
    bool has_below = false;
  };
  // Looked up without making a string.
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>{}(key); }
  };

  const Entry* find(dns::NameView name) const;
  const Entry* find_wire(std::string_view lower_case_wire) const;
  bool answer_from_above(const dns::Question& question, dns::MessageWriter& writer, dns::Rcode& rcode) const;
  void write_records(const Entry& entry, dns::NameView zone, const dns::Question& question,
                     dns::MessageWriter& writer) const;
  void write_target_addresses(const Entry& entry, const dns::Question& question, dns::MessageWriter& writer) const;

  dns::SuffixFilter filter_;
  std::unordered_map<std::string, Entry, Hash, std::equal_to<>> names_;  // lower-case wire form
  bool reaches_down_ = false;                                            // a wildcard or a DNAME is among them
  std::vector<dns::Name> empty_below_;
};

}  // namespace dragoman::resolve
