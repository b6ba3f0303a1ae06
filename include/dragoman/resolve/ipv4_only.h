// What still needs IPv4: the names, and the registrable domains, that were answered with synthetic addresses most, by
// count and by policy, and which of them have got AAAA records since. One list per worker, worker thread only; what it
// tells is a value that any thread may have, and the values of all workers are added up.
#pragma once

#include <cstdint>
#include <ctime>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dragoman/dns/name.h"

namespace dragoman::resolve {

// A row of the list.
struct Ipv4OnlyRow {
  std::string name;         // "www.example.net"
  std::uint64_t count = 0;  // answers that were synthesized for it
  std::uint64_t error = 0;  // how many of these may have been another name's
  std::map<std::string, std::uint64_t> by_policy;
  std::time_t got_aaaa_at = 0;  // 0: it has none
};

struct Ipv4OnlyReport {
  std::vector<Ipv4OnlyRow> names, domains;  // those counted most first

  void add(const Ipv4OnlyReport& other);
  // At most so many rows each.
  void keep_first(std::size_t rows);
};

class Ipv4OnlyNames {
 public:
  // Bounded: about half a megabyte each when full.
  static constexpr std::size_t most_names = 1536, most_domains = 512;

  Ipv4OnlyNames();
  ~Ipv4OnlyNames();
  // Names the policies by which synthesized() counts, in their order; what was counted keeps the names it had.
  void set_policies(const std::vector<std::string>& names);

  // The registrable domain of a name, lower case. Valid until the next call.
  struct Domain {
    dns::NameView name;
    std::uint32_t& note;  // the caller's; 0 when the domain enters the list
  };
  // An answer was synthesized by the policy with this number: the name has no AAAA records. Some tens of nanoseconds
  // for a name that is in the list.
  Domain synthesized(dns::NameView name, std::size_t policy);
  // Where the policy with this number counts; good for as long as this object, whatever policies come.
  std::uint8_t place_of(std::size_t policy) const;
  // So many more were, a while ago. Whether the name has AAAA records by now, that does not tell.
  void were_synthesized(dns::NameView name, std::uint8_t place_of_policy, std::uint64_t times);
  // The name, if it is in the list, still has no AAAA records, or again.
  void has_no_aaaa(dns::NameView name);
  // An upstream gave AAAA records for the name.
  void got_aaaa(dns::NameView name, std::time_t now);

  Ipv4OnlyReport report() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dragoman::resolve
