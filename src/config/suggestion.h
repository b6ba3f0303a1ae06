// Did you mean: which of some known words is nearest to one that is unknown.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dragoman::config {

// Insertions, deletions, replacements and swaps of neighbours that lead from one word to the other.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The known word that `word` probably stands for; empty when none is near. Another spelling of the same word
// ("maxTtl", "max-ttl" for "max_ttl") wins over a typing error.
std::string nearest_word(std::string_view word, const std::vector<std::string>& known);

}  // namespace dragoman::config
