// How much one client may ask (per-client limit, every protocol), and how often the same reply goes to one network over
// UDP (response rate limiting, after what BIND and Knot do): the latter so that nobody is flooded in our name.
// One for all workers, from one configuration to the next with the same table. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "dragoman/base/time.h"
#include "dragoman/dns/name.h"
#include "dragoman/dns/types.h"
#include "dragoman/ip/address.h"
#include "dragoman/resolve/rate_table.h"

namespace dragoman::resolve {

struct RateLimitOptions {
  std::uint32_t queries_per_second = 0;  // of one client; 0: no limit
  std::uint32_t burst = 0;               // what it may ask at once after a rest; 0: twice queries_per_second
  std::uint8_t ipv4_prefix = 32;         // what one client is
  std::uint8_t ipv6_prefix = 56;
  std::uint32_t responses_per_second = 0;  // the same over UDP to one network; 0: no limit
  std::uint8_t responses_ipv4_prefix = 24;
  std::uint8_t responses_ipv6_prefix = 56;
  std::uint32_t slip = 2;            // one in so many excess UDP replies goes out truncated; 0: none
  std::vector<ip::Prefix> exempt{};  // clients without any of these limits
};

// Replies that are the same to response rate limiting.
enum class ResponseKind : std::uint8_t {
  data,      // of one name and type
  nodata,    // of one name
  nxdomain,  // of one zone
  error,     // all of them
};

enum class Excess : std::uint8_t { drop, slip };

class RateLimits {
 public:
  // Null when nothing is limited. `former`, if given, lends its table, so that a reload fills no bucket.
  static std::shared_ptr<RateLimits> make(const RateLimitOptions& options, const RateLimits* former = nullptr);
  RateLimits(const RateLimitOptions& options, std::shared_ptr<RateTable> table);

  bool exempts(const ip::Address& client) const { return exempt_.allows(client, false); }
  bool limits_responses() const { return options_.responses_per_second != 0; }

  // Whether the client may ask one more. A client whose address is proven (a connection, a good cookie) has a bucket of
  // its own, which nobody can empty by asking in its name.
  bool admits_query(const ip::Address& client, bool is_proven, TimePoint now);
  // Whether one more such reply may go to the client's network. `name`: as the kind says; the root when it has none.
  struct Response {
    ResponseKind kind;
    dns::NameView name;
    dns::Type type{};
  };
  bool admits_response(const ip::Address& client, const Response& response, TimePoint now);

  // What happens to an excess reply over UDP: every slip-th is told to come over TCP.
  Excess next_excess();
  // Logs that a client is over its limit, but not more than once a minute for all clients together.
  void report(const ip::Address& client, const char* rule, TimePoint now);

 private:
  const RateLimitOptions options_;
  const Rate queries_, responses_;
  ip::PrefixSet exempt_;
  std::shared_ptr<RateTable> table_;
  std::atomic<std::uint32_t> excess_{0};
  std::atomic<std::int64_t> report_from_{0};
  std::atomic<std::uint64_t> unreported_{0};
};

// The address with the bits behind its prefix cleared, whichever of the two lengths is its family's.
ip::Prefix client_prefix(const ip::Address& client, std::uint8_t ipv4_length, std::uint8_t ipv6_length);

}  // namespace dragoman::resolve
