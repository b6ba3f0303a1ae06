// The lifetime of positive, negative and failed answers. See keeping.h.
#include "keeping.h"

#include <algorithm>
#include <limits>

namespace dragoman::cache {
namespace {

constexpr std::uint32_t no_ttl = std::numeric_limits<std::uint32_t>::max();
constexpr seconds least_failure_ttl{1}, greatest_failure_ttl{300};  // RFC 9520 3.2

struct AnswerSection {
  std::uint32_t smallest_ttl = no_ttl;
  bool has_data = false;  // of the type asked for, wherever the chain of aliases ended
};

AnswerSection look_at_answers(dns::Type question, const dns::AnswerView& answer) {
  AnswerSection found;
  dns::AnswerRecords records(answer);
  dns::AnswerRecord record;
  while (records.next(record) && record.section == dns::Section::answer) {
    found.smallest_ttl = std::min(found.smallest_ttl, record.ttl);
    if (record.type == question || question == dns::Type::any) found.has_data = true;
  }
  return found;
}

Keeping keeping_of_data(std::uint32_t ttl, const Options& options) {
  std::uint32_t highest = whole_seconds(options.max_ttl);
  std::uint32_t lowest = std::min(whole_seconds(options.min_ttl), highest);
  return {.lifetime = std::clamp(ttl, lowest, highest), .lowest_ttl = lowest, .highest_ttl = highest};
}

// The SOA's TTL becomes the lifetime: it counts down while the SOA's MINIMUM does not, and min(TTL, MINIMUM) of a copy
// must be what is left (RFC 2308 5).
Keeping keeping_of_denial(const dns::AnswerView& answer, std::uint32_t chain_ttl, const Options& options) {
  std::uint32_t ttl = std::min({dns::negative_ttl(answer), chain_ttl, whole_seconds(options.negative_max_ttl)});
  return {.lifetime = ttl, .highest_ttl = ttl};
}

bool outside(std::uint32_t ttl, const Keeping& keeping) {
  return ttl < keeping.lowest_ttl || ttl > keeping.highest_ttl;
}

std::uint32_t bounded_failure_ttl(seconds value) {
  return whole_seconds(std::clamp(value, least_failure_ttl, greatest_failure_ttl));
}

}  // namespace

std::uint32_t whole_seconds(seconds value) {
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(value.count(), 0, std::numeric_limits<std::int32_t>::max()));
}

std::uint32_t failure_ttl(const Options& options) { return bounded_failure_ttl(options.failure_ttl); }

std::uint32_t next_failure_ttl(std::uint32_t former, std::uint32_t age, const Options& options) {
  const std::uint32_t first = failure_ttl(options);
  const std::uint32_t greatest = std::max(first, bounded_failure_ttl(options.failure_max_ttl));
  return age > former + greatest ? first : std::clamp(2 * former, first, greatest);
}

// Its records end with it.
Keeping keeping_of_failure(std::uint32_t lifetime) {
  return {.lifetime = lifetime, .is_failure = true, .highest_ttl = lifetime, .changes_ttls = true};
}

Keeping keeping_of(dns::Type question, const dns::AnswerView& answer, const Options& options) {
  dns::Rcode rcode = answer.head.rcode;
  if (rcode != dns::Rcode::noerror && rcode != dns::Rcode::nxdomain) {
    return keeping_of_failure(failure_ttl(options));
  }
  AnswerSection found = look_at_answers(question, answer);
  bool is_data = found.has_data && rcode == dns::Rcode::noerror;
  Keeping keeping =
      is_data ? keeping_of_data(found.smallest_ttl, options) : keeping_of_denial(answer, found.smallest_ttl, options);

  dns::AnswerRecords records(answer);
  dns::AnswerRecord record;
  while (!keeping.changes_ttls && records.next(record)) keeping.changes_ttls = outside(record.ttl, keeping);
  return keeping;
}

void bound_ttls(const dns::AnswerView& answer, const Keeping& keeping, MutableBytes records) {
  dns::AnswerRecords walk(answer);
  dns::AnswerRecord record;
  while (walk.next(record)) {
    if (!outside(record.ttl, keeping)) continue;
    std::uint32_t ttl = std::clamp(record.ttl, keeping.lowest_ttl, keeping.highest_ttl);
    store_u32(records.data() + record.ttl_offset, ttl);
  }
}

}  // namespace dragoman::cache
