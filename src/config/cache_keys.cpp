// cache: the rows of the answer cache.
#include "values.h"

namespace dragoman::config {
namespace {

using namespace std::chrono_literals;

Keys<cache::StaleOptions> stale_keys() {
  using cache::StaleOptions;
  return {
      {"enabled", boolean(&StaleOptions::enabled), Reload::restart,
       "Answers from expired records when no upstream has an answer (RFC 8767); clients see EDE 3, or 19 for "
       "NXDOMAIN."},
      {"max_stale", duration(&StaleOptions::max_stale, 1s, 24h * 7), Reload::restart,
       "No answer is served longer than this after it has expired; room that fresh answers want ends it sooner."},
      {"ttl", duration(&StaleOptions::ttl, 1s, 10min), Reload::restart,
       "The TTL of every record in such an answer: clients come back for a fresh one after it."},
      {"answer_after", duration(&StaleOptions::answer_after, 0ms, 10s), Reload::restart,
       "A client waits this long for a fresh answer before it gets the stale one; the lookup goes on."},
      {"retry_after", duration(&StaleOptions::retry_after, 1s, 5min), Reload::restart,
       "After a lookup that failed or took too long the stale answer is served at once for this long."},
  };
}

}  // namespace

Keys<cache::Options> cache_keys() {
  using cache::Options;
  return {
      {"size", size(&Options::size, std::size_t{1} << 20, std::size_t{1} << 40), Reload::restart,
       "Memory for answers, shared by all workers and used as it fills; the index takes about a tenth more."},
      {"packets", size(&Options::packets, 0, std::size_t{1} << 30), Reload::restart,
       "Memory of each worker for whole replies, sent again to who asks the same within the second; 0 keeps none."},
      {"max_ttl", duration(&Options::max_ttl, 1s, 24h * 7), Reload::restart,
       "No answer is kept longer, whatever its TTL says."},
      {"min_ttl", duration(&Options::min_ttl, 0s, 1h), Reload::restart,
       "Answers are kept at least this long; above 0 clients may see data that its owner has withdrawn."},
      {"negative_max_ttl", duration(&Options::negative_max_ttl, 0s, 24h), Reload::restart,
       "No NXDOMAIN and no empty answer is kept longer (RFC 2308 5)."},
      {"failure_ttl", duration(&Options::failure_ttl, 1s, 5min), Reload::restart,
       "How long a question that nobody could answer is not asked again (RFC 9520 3.2); it doubles with every further "
       "failure, unless the upstreams answer nothing else either."},
      {"failure_max_ttl", duration(&Options::failure_max_ttl, 1s, 5min), Reload::restart,
       "What failure_ttl doubles up to."},
      {"serve_stale", section_or("enabled", &Options::serve_stale, stale_keys()), Reload::restart, ""},
      {"prefetch", boolean(&Options::prefetch), Reload::restart,
       "Names that are asked for again and again are looked up anew in the last tenth of their lifetime, so that "
       "nobody waits for them."},
      {"nxdomain_cut", boolean(&Options::nxdomain_cut), Reload::restart,
       "Below a name that does not exist nothing is asked for (RFC 8020)."},
  };
}

}  // namespace dragoman::config
