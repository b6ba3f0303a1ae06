// cache: the rows of the answer cache.
#include "values.h"

namespace dragoman::config {
namespace {

using namespace std::chrono_literals;

// Whatever else it says, `enabled: false` asks for nothing.
bool asks_for_no_stale_answers(const Node& node) {
  const Node* enabled = node.find("enabled");
  return node.kind == Node::Kind::map && enabled != nullptr && enabled->text == "false";
}

}  // namespace

Keys<cache::Options> cache_keys() {
  using cache::Options;
  return {
      {"size", size(&Options::size, std::size_t{1} << 20, std::size_t{1} << 40), Reload::restart,
       "Memory for answers, shared by all workers and used as it fills; the index takes about a tenth more."},
      {"max_ttl", duration(&Options::max_ttl, 1s, 24h * 7), Reload::restart,
       "No answer is kept longer, whatever its TTL says."},
      {"min_ttl", duration(&Options::min_ttl, 0s, 1h), Reload::restart,
       "Answers are kept at least this long; above 0 clients may see data that its owner has withdrawn."},
      {"negative_max_ttl", duration(&Options::negative_max_ttl, 0s, 24h), Reload::restart,
       "No NXDOMAIN and no empty answer is kept longer (RFC 2308 5)."},
      {"failure_ttl", duration(&Options::failure_ttl, 1s, 5min), Reload::restart,
       "How long a question that nobody could answer is not asked again (RFC 9520 3.2)."},
      {"serve_stale", later<Options>("section, only {enabled: false}", &asks_for_no_stale_answers), Reload::restart,
       "Answers from expired records when no upstream answers (RFC 8767): not in this version yet."},
  };
}

}  // namespace dragoman::config
