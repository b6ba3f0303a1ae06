// YAML as a tree: places, paths, and what is refused before any key has a meaning.
#include "yaml_tree.h"

#include "config_testing.h"
#include "findings.h"

namespace dragoman::config {
namespace {

std::optional<Node> tree_of(const std::string& text) {
  Findings findings("f");
  return parse_yaml(text, findings);
}

TEST(YamlTree, knows_the_path_and_the_place_of_every_node) {
  auto root = tree_of("a: 1\nb:\n  - c: x\n    d: [y, z]\n");
  ASSERT_TRUE(root);
  const Node& z = root->nearest("b[0].d[1]");
  EXPECT_EQ(z.text, "z");
  EXPECT_EQ(z.path, "b[0].d[1]");
  EXPECT_EQ(z.place.line, 4);
  EXPECT_EQ(z.place.column, 12);
}

TEST(YamlTree, leads_to_the_nearest_node_when_a_path_ends_early) {
  auto root = tree_of("listen: dns://x\nlistener: y\n");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->nearest("listen[3]").path, "listen");
  EXPECT_EQ(root->nearest("nothing.here").path, "");
}

TEST(YamlTree, keeps_text_as_text) {
  auto root = tree_of("mode: off\nsize: 010\nquoted: \"no\"\nnothing: ~\n");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->find("mode")->text, "off");
  EXPECT_EQ(root->find("size")->text, "010");
  EXPECT_EQ(root->find("quoted")->text, "no");
  EXPECT_EQ(root->find("nothing")->kind, Node::Kind::null);
}

TEST(YamlTree, puts_an_empty_value_where_its_key_is) {
  auto root = tree_of("a:\n\n\nb: 1\n");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->find("a")->place.line, 1);
}

TEST(YamlTree, shows_values_shortened_and_without_control_characters) {
  Node node;
  node.kind = Node::Kind::scalar;
  node.text = "a\nb\x1b" + std::string(100, 'x');
  EXPECT_EQ(node.shown(), "`a?b?" + std::string(56, 'x') + "...`");
  node.substituted = true;
  EXPECT_EQ(node.shown(), "the value put in for ${...}");
}

TEST(YamlTree, refuses_what_is_not_yaml_or_only_looks_like_it) {
  expect_problems({
      {"", {"f:1:1: the file is empty"}},
      {"# nothing\n", {"f:1:1: the file is empty"}},
      {"listen:\n\t- dns://[::]:53\n", {"f:2:1: a tab in the indentation"}},
      {basis + "acl: [10.0.0.0/8\n", {"f:4:6: this [ is not closed by a ]"}},
      {basis + "cache: {size: 1MiB\n", {"f:4:8: this { is not closed by a }"}},
      {basis + "acl: ]\n", {"f:4:6: a ] or } that nothing has opened"}},
      {basis + "logging: {level: \"info}\nworkers: 2\n", {"f:4:18: this quote is never closed"}},
      {"listen: 'dns://127.0.0.1\nworkers: 2\n", {"f:1:9: this quote is never closed"}},
      {basis + "tls: cert: x\n", {"f:4:10: a second `: ` in one value, or a line that is indented wrongly"}},
      {basis + "cache:\n  size: 1MiB\n max_ttl: 1h\n", {"f:6:2: the indentation does not fit the lines above"}},
      {basis + "workers: @2\n", {"f:4:10: a value cannot begin with this character"}},
      {basis + "workers: &a 2\ndrain_timeout: *a\n", {"f:5:16: aliases (*name) are not supported"}},
      {basis + "workers: *two\n", {"f:4:10: aliases (*name) are not supported"}},
      {basis + "---\nworkers: 2\n", {"f:5:1: a second document begins here"}},
      {basis + "? [a]\n: b\n", {"f:4:3: a key must be a word, this is a list"}},
  });
}

TEST(YamlTree, refuses_a_key_that_comes_twice) {
  expect_problems_behind_basis({
      {"workers: 1\nworkers: 2\n", {"f:5:1: workers: written twice, first in line 4"}},
      {"cache: {size: 1MiB, size: 2MiB}\n", {"f:4:21: cache.size: written twice, first in line 4"}},
      {"local_data:\n  - {name: a.test, a: 192.0.2.1, a: 192.0.2.2}\n",
       {"f:5:34: local_data[0].a: written twice, first in line 5"}},
  });
}

TEST(YamlTree, tells_people_to_quote_ipv6_addresses_in_lists) {
  expect_problems({
      {"listen: [dns://[::]:53]\n", {"f:1:9: this [ is not closed by a ]; quote IPv6 addresses inside [ ]"}},
      {"listen: [tls://[::1]:853, dns://127.0.0.1]\n",
       {"f:1:9: this [ is not closed by a ]; quote IPv6 addresses inside [ ]"}},
  });
  auto problems = load_text(basis + "http: {listen: [[::1]:9153]}\n", "f").problems;
  ASSERT_FALSE(problems.empty());
  EXPECT_EQ(problems.front().to_text(), "f:4:17: a key must be a word, this is a list");
  EXPECT_EQ(problems.front().fix, "quote IPv6 addresses inside [ ], as in [\"[::1]:53\"]");
}

TEST(YamlTree, survives_depth) {
  std::string deep(20'000, '[');
  EXPECT_FALSE(load_text(deep, "f").problems.empty());
  EXPECT_FALSE(load_text("a: " + std::string(20'000, '{'), "f").problems.empty());
}

}  // namespace
}  // namespace dragoman::config
