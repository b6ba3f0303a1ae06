// Names that are answered without any upstream: the configuration's local_data, the server's own name, the names by
// which clients probe a resolver, and resolver.arpa (RFC 9462 6.4). Immutable once built; any thread.
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
  void add(const LocalRecord& record);
  // This name and everything below it exists without records (the names by which clients probe a resolver).
  void add_empty_below(const dns::Name& suffix);
  // Everything at and below is answered NXDOMAIN but for names added (resolver.arpa).
  void add_nxdomain_below(const dns::Name& suffix);

  // Writes what is known of the question: records, NODATA or NXDOMAIN with an SOA. False: not local.
  // A CNAME is given without its target; the resolver follows it.
  bool answer(const dns::Question& question, dns::MessageWriter& writer, dns::Rcode& rcode) const;
  bool empty() const { return names_.empty() && empty_below_.empty() && nxdomain_below_.empty(); }

 private:
  struct Entry {
    std::vector<LocalRecord> records;
  };
  // Looked up without making a string.
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>{}(key); }
  };
  std::unordered_map<std::string, Entry, Hash, std::equal_to<>> names_;  // lower-case wire form
  std::vector<dns::Name> empty_below_;
  std::vector<dns::Name> nxdomain_below_;
};

}  // namespace dragoman::resolve
