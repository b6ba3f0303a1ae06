// What holds for every row of every table.
#include "keys.h"

#include <set>

#include "config_testing.h"

namespace dragoman::config {
namespace {

// "cache.max_ttl" with a value, as a file. The servers of `upstream` go with it, so that the rest is right.
std::string file_with(const std::string& path, const std::string& value) {
  std::string listen = "listen: dns://127.0.0.1:0\n";
  std::size_t dot = path.find('.');
  if (dot == std::string::npos) return listen + "upstream: dns://192.0.2.1\n" + path + ": " + value + "\n";
  std::string section = path.substr(0, dot);
  std::string key = path.substr(dot + 1);
  if (section != "upstream") listen += "upstream: dns://192.0.2.1\n";
  std::string rest = section == "upstream" ? ", servers: dns://192.0.2.1" : "";
  return listen + section + ": {" + key + ": " + value + rest + "}\n";
}

std::string in_smallest_unit(std::int64_t value, Unit unit) {
  return std::to_string(value) + (unit == Unit::milliseconds ? "ms" : "");
}

bool complains_of(const std::string& text, const std::string& path) {
  std::vector<Problem> problems = load_text(text, "f").problems;
  return std::any_of(problems.begin(), problems.end(), [&](const Problem& problem) { return problem.key == path; });
}

TEST(Keys, refuse_a_value_below_or_above_their_range) {
  std::size_t ranges = 0;
  for (const Row& row : rows_of(Config())) {
    if (!row.range) continue;
    ++ranges;
    const Range& range = *row.range;
    EXPECT_TRUE(complains_of(file_with(row.path, in_smallest_unit(range.low - 1, range.unit)), row.path)) << row.path;
    EXPECT_TRUE(complains_of(file_with(row.path, in_smallest_unit(range.high + 1, range.unit)), row.path)) << row.path;
  }
  EXPECT_GE(ranges, 24u);
}

TEST(Keys, accept_both_ends_of_their_range) {
  for (const Row& row : rows_of(Config())) {
    if (!row.range) continue;
    for (std::int64_t value : {row.range->low, row.range->high}) {
      std::vector<Problem> problems =
          load_text(file_with(row.path, quantity_to_text(value, row.range->unit)), "f").problems;
      for (const Problem& problem : problems) {
        // Keys are compared with each other elsewhere; the range itself has nothing to say.
        EXPECT_EQ(problem.text.find("must be "), std::string::npos) << problem.to_text();
      }
    }
  }
}

TEST(Keys, have_a_default_within_their_range) {
  for (const Row& row : rows_of(Config())) {
    if (!row.range || row.value == "auto") continue;
    auto value = quantity_from_text(row.value, row.range->unit);
    ASSERT_TRUE(value) << row.path << " " << row.value;
    EXPECT_TRUE(row.range->contains(*value)) << row.path << " " << row.value;
  }
}

TEST(Keys, refuse_a_nested_list_whatever_they_are) {
  for (const Row& row : rows_of(Config())) {
    bool is_entry = row.path.find('[') != std::string::npos;
    if (is_entry) continue;
    std::string text = file_with(row.path, "[[[x]]]");
    EXPECT_FALSE(load_text(text, "f").problems.empty()) << text;
  }
}

TEST(Keys, have_names_and_sentences_that_are_of_use) {
  std::set<std::string> paths;
  for (const Row& row : rows_of(Config())) {
    EXPECT_TRUE(paths.insert(row.path).second) << row.path;
    EXPECT_FALSE(row.type.empty()) << row.path;
    ASSERT_FALSE(row.sentence.empty()) << row.path;
    EXPECT_EQ(row.sentence.back(), '.') << row.path;
  }
}

TEST(Keys, suggest_the_key_that_was_probably_meant) {
  expect_problems_behind_basis({
      {"listne: x\n", {"f:4:1: listne: unknown key; did you mean `listen`?"}},
      {"local-data: []\n", {"f:4:1: local-data: unknown key; did you mean `local_data`?"}},
      {"drainTimeout: 5s\n", {"f:4:1: drainTimeout: unknown key; did you mean `drain_timeout`?"}},
      {"upstrem: [dns://192.0.2.1]\n", {"f:4:1: upstrem: unknown key; did you mean `upstream`?"}},
      {"cache: {max_tll: 1h}\n", {"f:4:9: cache.max_tll: unknown key; did you mean `max_ttl`?"}},
      {"max_ttl: 1h\n", {"f:4:1: max_ttl: unknown key; did you mean `dns64.max_ttl` or `cache.max_ttl`?"}},
      {"frobnicate: 1\n", {"f:4:1: frobnicate: unknown key"}},
  });
}

TEST(Keys, name_all_that_are_known_with_an_unknown_one) {
  std::vector<Problem> problems = load_text(basis + "logging: {colour: red}\n", "f").problems;
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].fix, "keys that are known here: level, format");
}

TEST(Keys, refuse_what_is_no_section_and_take_an_empty_one) {
  expect_problems_behind_basis({
      {"cache: 512MiB\n", {"f:4:8: cache: must be a section, this is `512MiB`"}},
      {"limits: [1, 2]\n", {"f:4:9: limits: must be a section, this is a list"}},
      {"cache:\nlimits: {}\n", {}},
  });
}

}  // namespace
}  // namespace dragoman::config
