// Did you mean.
#include "suggestion.h"

#include "config_testing.h"
#include "keys.h"

namespace dragoman::config {
namespace {

TEST(Suggestion, counts_insertions_deletions_replacements_and_swaps) {
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("listen", "listen"), 0u);
  EXPECT_EQ(edit_distance("listne", "listen"), 1u);
  EXPECT_EQ(edit_distance("listn", "listen"), 1u);
  EXPECT_EQ(edit_distance("lastin", "listen"), 2u);
}

TEST(Suggestion, prefers_another_spelling_of_the_same_word) {
  std::vector<std::string> known{"max_tls", "max_ttl"};
  EXPECT_EQ(nearest_word("maxTtl", known), "max_ttl");
  EXPECT_EQ(nearest_word("max-ttl", known), "max_ttl");
  EXPECT_EQ(nearest_word("MAX_TTL", known), "max_ttl");
}

TEST(Suggestion, says_nothing_when_nothing_is_near) {
  EXPECT_EQ(nearest_word("frobnicate", {"listen", "cache"}), "");
  EXPECT_EQ(nearest_word("", {"listen"}), "");
  EXPECT_EQ(nearest_word(std::string(1000, 'x'), {"x"}), "");
}

// Every key of the file, with a letter less, two letters swapped, in camel case and with hyphens.
TEST(Suggestion, finds_every_key_behind_a_slip) {
  const std::vector<std::string> names = names_of(root_keys());
  const auto is_key = [&](const std::string& word) {
    return std::find(names.begin(), names.end(), word) != names.end();
  };
  for (const Key<Config>& key : root_keys()) {
    std::string name = key.name;
    std::string hyphened = name, camel, swapped = name;
    std::replace(hyphened.begin(), hyphened.end(), '_', '-');
    for (char c : name) {
      if (!camel.empty() && camel.back() == '_') {
        camel.back() = static_cast<char>(std::toupper(c));
      } else {
        camel += c;
      }
    }
    std::swap(swapped[1], swapped[2]);
    for (const std::string& slip : {name.substr(0, name.size() - 1), hyphened, camel, swapped}) {
      if (is_key(slip)) continue;
      std::vector<std::string> problems = problems_of(slip + ": 1\n");
      std::string wanted = "f:1:1: " + slip + ": unknown key; did you mean `" + name + "`?";
      EXPECT_NE(std::find(problems.begin(), problems.end(), wanted), problems.end()) << slip;
    }
  }
}

}  // namespace
}  // namespace dragoman::config
