// One table of suffixes per unit; the first that divides a value is the one that it is shown with.
#include "quantity.h"

#include <charconv>
#include <limits>
#include <span>

namespace dragoman::config {
namespace {

struct Suffix {
  std::string_view text;
  std::int64_t factor;
};

// Largest first. Sizes are powers of two; "MB" is refused, since half of its users mean something else by it.
constexpr Suffix duration_suffixes[] = {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}};
constexpr Suffix size_suffixes[] = {{"TiB", 1LL << 40}, {"GiB", 1LL << 30}, {"MiB", 1LL << 20}, {"KiB", 1LL << 10},
                                    {"T", 1LL << 40},   {"G", 1LL << 30},   {"M", 1LL << 20},   {"K", 1LL << 10}};

struct UnitRules {
  std::span<const Suffix> suffixes;
  std::int64_t bare_factor;  // of a number without a suffix
  const char* what;
  const char* examples;
};

UnitRules rules_of(Unit unit) {
  switch (unit) {
    case Unit::milliseconds:
      return {duration_suffixes, 1000, "not a duration", "write 1500ms, 5s, 2m, 1h, 1d, or a number of seconds"};
    case Unit::octets:
      return {size_suffixes, 1, "not a size", "write 64KiB, 512MiB, 2GiB, or a number of octets"};
    case Unit::count:
      break;
  }
  return {{}, 1, "not a whole number", "write digits alone, as in 20000"};
}

// The suffix that `text` goes on with: the longest, so that "ms" is not read as minutes.
const Suffix* suffix_at(std::string_view text, std::span<const Suffix> suffixes) {
  const Suffix* best = nullptr;
  for (const Suffix& suffix : suffixes) {
    if (!text.starts_with(suffix.text)) continue;
    if (best == nullptr || suffix.text.size() > best->text.size()) best = &suffix;
  }
  return best;
}

bool add_product(std::int64_t& sum, std::int64_t number, std::int64_t factor) {
  std::int64_t product = 0;
  return !__builtin_mul_overflow(number, factor, &product) && !__builtin_add_overflow(sum, product, &sum);
}

}  // namespace

Result<std::int64_t> quantity_from_text(std::string_view text, Unit unit) {
  UnitRules rules = rules_of(unit);
  Error wrong{ErrorCode::malformed, rules.what, {}};
  std::int64_t sum = 0;
  std::int64_t smaller_than = std::numeric_limits<std::int64_t>::max();  // "1h30m", never "30m1h"
  if (text.empty()) return wrong;
  while (!text.empty()) {
    std::int64_t number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc::result_out_of_range) return Error{ErrorCode::too_large, "too large a number", {}};
    if (error != std::errc() || text.front() == '-') return wrong;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    bool is_bare = text.empty() && smaller_than == std::numeric_limits<std::int64_t>::max();
    const Suffix* suffix = suffix_at(text, rules.suffixes);
    if (!is_bare && (suffix == nullptr || suffix->factor >= smaller_than)) return wrong;
    std::int64_t factor = is_bare ? rules.bare_factor : suffix->factor;
    if (!add_product(sum, number, factor)) return Error{ErrorCode::too_large, "too large a number", {}};
    if (!is_bare) text.remove_prefix(suffix->text.size());
    smaller_than = factor;
  }
  return sum;
}

std::string quantity_to_text(std::int64_t value, Unit unit) {
  UnitRules rules = rules_of(unit);
  if (unit == Unit::milliseconds && value == 0) return "0s";
  if (unit != Unit::milliseconds) {
    for (const Suffix& suffix : rules.suffixes) {
      if (value != 0 && value % suffix.factor == 0) return std::to_string(value / suffix.factor).append(suffix.text);
    }
    return std::to_string(value);
  }
  std::string out;
  for (const Suffix& suffix : rules.suffixes) {
    if (value >= 1000 && value % 1000 != 0 && suffix.factor >= 1000) continue;  // "1500ms" rather than "1s500ms"
    if (value / suffix.factor > 0) out += std::to_string(value / suffix.factor).append(suffix.text);
    value %= suffix.factor;
  }
  return out;
}

std::string Range::to_text() const { return quantity_to_text(low, unit) + " to " + quantity_to_text(high, unit); }

const char* quantity_examples(Unit unit) { return rules_of(unit).examples; }

}  // namespace dragoman::config
