// What passes between a client protocol and the resolver: a query in, a reply out, now or later.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "dragoman/base/bytes.h"
#include "dragoman/base/time.h"
#include "dragoman/ip/address.h"
#include "dragoman/telemetry/metric.h"

namespace dragoman::resolve {

enum class Protocol : std::uint8_t { udp, tcp, dot, doh };
constexpr bool is_encrypted(Protocol protocol) { return protocol == Protocol::dot || protocol == Protocol::doh; }
constexpr bool is_datagram(Protocol protocol) { return protocol == Protocol::udp; }

// Who asks, and how. Mapped addresses are normalised before they get here (RFC 4291 2.5.5.2).
struct Client {
  ip::Address address;
  Protocol protocol = Protocol::udp;
};

// The door by which a query came. The texts are valid during the call; those that do not apply are empty.
struct Entrance {
  std::string_view listener;  // its URL, as configured
  std::string_view path;      // DoH: of the request, without its query
  std::string_view tls_name;  // DoT, DoH: the name that the client sent (SNI), lower case
};

class Trace;

// `message` is only valid during the call.
struct Query {
  Bytes message;
  Client client;
  std::uint16_t keepalive = 0;  // TCP and DoT: our idle timeout in units of 100 ms (RFC 7828)
  Entrance entrance{};
  Trace* trace = nullptr;  // Resolver::explain() alone: where the steps are told
};

// Facts of a reply that a protocol may pass on.
struct ReplyFacts {
  std::uint32_t fresh_s = 0;  // HTTP freshness (RFC 8484 5.1): smallest TTL, 0 for failures
};

class PendingReply;

// Where replies go that come later. A listener or a connection; when it is destroyed, replies on their way to it are
// forgotten, and the lookups go on for the cache's sake.
class ReplyTarget {
 public:
  ReplyTarget() = default;
  virtual ~ReplyTarget() { forget_all(); }
  ReplyTarget(const ReplyTarget&) = delete;
  ReplyTarget& operator=(const ReplyTarget&) = delete;

  // `ticket` is the one given with the query. `message` is only valid during the call. Never called from inside
  // Resolver::handle().
  virtual void deliver(std::uint64_t ticket, Bytes message, const ReplyFacts& facts) = 0;

  // Gives up the reply to one ticket (a stream that was reset) or to all.
  void forget(std::uint64_t ticket);
  void forget_all();
  std::size_t pending() const { return pending_; }

 private:
  friend class PendingReply;
  PendingReply* first_ = nullptr;  // intrusive list of the queries that wait
  std::size_t pending_ = 0;
};

// What became of a query.
enum class Handled : std::uint8_t {
  answered,  // the reply is in the buffer
  pending,   // deliver() will be called
  dropped,   // nothing to say (a response, garbage): counted
};

struct HandleResult {
  Handled handled = Handled::dropped;
  std::size_t length = 0;  // octets of the reply
  ReplyFacts facts;
};

// What a client protocol hands its queries to; resolve::Resolver, or a scripted one in tests. Worker thread only.
class QueryHandler {
 public:
  // Answers into `reply` at once (cache, local data, refusals) or later through `target`. `reply` holds at least 4096
  // octets for UDP and 65535 for the others. Allocates nothing when it answers at once.
  virtual HandleResult handle(const Query& query, ReplyTarget& target, std::uint64_t ticket, MutableBytes reply) = 0;

 protected:
  ~QueryHandler() = default;
};

}  // namespace dragoman::resolve

namespace dragoman::telemetry {
template <>
struct LabelValues<resolve::Protocol> {
  static constexpr std::array<const char*, 4> values{"udp", "tcp", "dot", "doh"};
};
}  // namespace dragoman::telemetry
