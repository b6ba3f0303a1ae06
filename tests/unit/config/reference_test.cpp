// The page that documents the keys, and what a reload changes.
#include "dragoman/config/reference.h"

#include <fstream>
#include <sstream>

#include "config_testing.h"
#include "keys.h"

namespace dragoman::config {
namespace {

TEST(Reference, is_the_page_in_docs) {
  std::ifstream file(std::string(DRAGOMAN_SOURCE_DIR) + "/docs/config-reference.md");
  std::stringstream page;
  page << file.rdbuf();
  EXPECT_TRUE(page.str() == reference())
      << "run `dragoman config-reference > docs/config-reference.md` and look at the difference";
}

TEST(Reference, has_every_key) {
  std::string page = reference();
  for (const Row& row : rows_of(Config()))
    EXPECT_NE(page.find("| `" + row.path + "` |"), std::string::npos) << row.path;
}

TEST(Reference, takes_defaults_from_the_options) {
  EXPECT_NE(reference().find("| `cache.size` | size, 1MiB to 1TiB | `512MiB` |"), std::string::npos);
  EXPECT_NE(reference().find("| `limits.idle_timeout` | duration, 1s to 1h | `30s` |"), std::string::npos);
}

TEST(Differences, are_none_between_equals) {
  EXPECT_TRUE(differences(config_of("dns64:\n"), config_of("dns64: {prefix: \"64:ff9b::/96\"}\n")).empty());
}

TEST(Differences, name_the_key_both_values_and_when_it_takes_effect) {
  std::vector<Change> changes = differences(config_of(""), config_of("cache: {size: 1GiB}\nlogging: {level: warn}\n"));
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[0].key, "cache.size");
  EXPECT_EQ(changes[0].before, "512MiB");
  EXPECT_EQ(changes[0].after, "1GiB");
  EXPECT_EQ(changes[0].reload, Reload::restart);
  EXPECT_EQ(changes[1].key, "logging.level");
  EXPECT_EQ(changes[1].reload, Reload::live);
}

TEST(Differences, see_into_lists_policies_and_records) {
  auto changed_keys = [](const std::string& before, const std::string& after) {
    std::vector<std::string> out;
    for (const Change& change : differences(config_of(before), config_of(after))) out.push_back(change.key);
    return out;
  };
  using Keys = std::vector<std::string>;
  EXPECT_EQ(changed_keys("", "acl: [10.0.0.0/8]\n"), Keys{"acl.allow"});
  EXPECT_EQ(
      changed_keys("local_data: [{name: a.test, a: 192.0.2.1}]\n", "local_data: [{name: a.test, a: 192.0.2.2}]\n"),
      Keys{"local_data"});
  EXPECT_EQ(changed_keys("tls: {cert: a, key: b}\n", "tls: {cert: c, key: b}\n"), Keys{"tls.certificates"});
  EXPECT_EQ(changed_keys("dns64: {prefixes: [{prefix: none, clients: 10.0.0.0/8}]}\n",
                         "dns64: {prefixes: [{prefix: none, clients: 10.0.0.0/9}]}\n"),
            Keys{"dns64.prefixes"});
}

}  // namespace
}  // namespace dragoman::config
