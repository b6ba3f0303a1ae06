// What the buckets are keyed by.
#include "dragoman/resolve/rate_limit.h"

#include <algorithm>
#include <string>

#include "dragoman/base/log.h"

namespace dragoman::resolve {
namespace {

constexpr seconds report_interval{60};

enum class Rule : std::uint8_t { query, query_proven, response };

// The octets that a bucket is known by, put together on the stack.
class Subject {
 public:
  Subject(Rule rule, const ip::Prefix& prefix) {
    add(static_cast<std::uint8_t>(rule));
    add(prefix.network.is_v6() ? 6 : 4);
    for (std::size_t i = 0; i < prefix.network.bit_length() / 8; ++i) add(prefix.network.octets()[i]);
  }
  void add(std::uint8_t octet) { octets_[length_++] = octet; }
  void add(dns::Type type) {
    store_u16(&octets_[length_], static_cast<std::uint16_t>(type));
    length_ += 2;
  }
  void add(dns::NameView name) {
    dns::copy_lower_case(name, &octets_[length_]);
    length_ += name.length();
  }
  Bytes octets() const { return Bytes(octets_).first(length_); }

 private:
  std::array<std::uint8_t, 2 + 16 + 1 + 2 + dns::max_name_length> octets_;
  std::size_t length_ = 0;
};

Rate query_rate(const RateLimitOptions& options) {
  return {options.queries_per_second, options.burst != 0 ? options.burst : 2 * options.queries_per_second};
}

}  // namespace

ip::Prefix client_prefix(const ip::Address& client, std::uint8_t ipv4_length, std::uint8_t ipv6_length) {
  const std::uint8_t length = client.is_v6() ? ipv6_length : ipv4_length;
  ip::Ipv6Octets octets = client.v6();
  std::size_t at = length / 8;
  if (length % 8 != 0) octets[at++] &= static_cast<std::uint8_t>(0xff00 >> length % 8);
  std::fill(octets.begin() + static_cast<std::ptrdiff_t>(at), octets.end(), std::uint8_t{0});
  if (client.is_v6()) return {ip::Address(octets), length};
  return {ip::Address(ip::Ipv4Octets{octets[0], octets[1], octets[2], octets[3]}), length};
}

std::shared_ptr<RateLimits> RateLimits::make(const RateLimitOptions& options, const RateLimits* former) {
  if (options.queries_per_second == 0 && options.responses_per_second == 0) return nullptr;
  return std::make_shared<RateLimits>(options, former != nullptr ? former->table_ : std::make_shared<RateTable>());
}

RateLimits::RateLimits(const RateLimitOptions& options, std::shared_ptr<RateTable> table)
    : options_(options),
      queries_(query_rate(options)),
      responses_{options.responses_per_second, options.responses_per_second},
      table_(std::move(table)) {
  for (const ip::Prefix& prefix : options.exempt) exempt_.add(prefix, true);
}

bool RateLimits::admits_query(const ip::Address& client, bool is_proven, TimePoint now) {
  if (queries_.per_second == 0) return true;
  const ip::Prefix prefix = client_prefix(client, options_.ipv4_prefix, options_.ipv6_prefix);
  return table_->take(Subject(is_proven ? Rule::query_proven : Rule::query, prefix).octets(), queries_, now);
}

bool RateLimits::admits_response(const ip::Address& client, const Response& response, TimePoint now) {
  Subject subject(Rule::response,
                  client_prefix(client, options_.responses_ipv4_prefix, options_.responses_ipv6_prefix));
  subject.add(static_cast<std::uint8_t>(response.kind));
  if (response.kind != ResponseKind::error) subject.add(response.name);
  if (response.kind == ResponseKind::data) subject.add(response.type);
  return table_->take(subject.octets(), responses_, now);
}

Excess RateLimits::next_excess() {
  if (options_.slip == 0) return Excess::drop;
  return excess_.fetch_add(1, std::memory_order_relaxed) % options_.slip == options_.slip - 1 ? Excess::slip
                                                                                              : Excess::drop;
}

void RateLimits::report(const ip::Address& client, const char* rule, TimePoint now) {
  unreported_.fetch_add(1, std::memory_order_relaxed);
  const std::int64_t time = now.time_since_epoch().count();
  std::int64_t from = report_from_.load(std::memory_order_relaxed);
  const std::int64_t next = (now + report_interval).time_since_epoch().count();
  if (time < from || !report_from_.compare_exchange_strong(from, next, std::memory_order_relaxed)) return;
  const std::uint64_t count = unreported_.exchange(0, std::memory_order_relaxed);
  const ip::Prefix prefix = client_prefix(client, options_.ipv4_prefix, options_.ipv6_prefix);
  log::warn("rate_limited", "a client asks more than rate_limit allows; others of the last minute are only counted",
            {{"client", prefix.to_text()}, {"rule", rule}, {"excess", std::to_string(count)}});
}

}  // namespace dragoman::resolve
