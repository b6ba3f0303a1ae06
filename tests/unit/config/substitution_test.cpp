// ${env:NAME} and ${file:/path}.
#include "substitution.h"

#include <cstdlib>

#include "config_testing.h"
#include "fakes/temporary_directory.h"

namespace dragoman::config {
namespace {

TEST(Substitution, puts_in_variables_and_files) {
  test::TemporaryDirectory folder;
  folder.write("name.txt", "dns.example.net\n");
  setenv("DRAGOMAN_TEST_LABEL", "dns", 1);
  EXPECT_EQ(config_of("tls: {server_name: \"${env:DRAGOMAN_TEST_LABEL}.example.${env:DRAGOMAN_TEST_LABEL}\"}\n")
                .tls.server_name,
            "dns.example.dns");
  std::string file = folder.write("f.yaml", basis + "tls: {server_name: \"${file:name.txt}\"}\n");
  Loaded loaded = load_file(file);
  ASSERT_TRUE(loaded.config);
  EXPECT_EQ(loaded.config->tls.server_name, "dns.example.net");
}

TEST(Substitution, does_not_look_into_what_was_put_in) {
  setenv("DRAGOMAN_TEST_LABEL", "${env:DRAGOMAN_TEST_LABEL}", 1);
  EXPECT_EQ(config_of("tls: {server_name: \"${env:DRAGOMAN_TEST_LABEL}\"}\n").tls.server_name,
            "${env:DRAGOMAN_TEST_LABEL}");
}

TEST(Substitution, never_shows_what_was_put_in) {
  setenv("DRAGOMAN_TEST_LABEL", "hush", 1);
  expect_problems_behind_basis({
      {"workers: ${env:DRAGOMAN_TEST_LABEL}\n", {"f:4:10: workers: the value put in for ${...} is not a whole number"}},
      {"acl: [\"${env:DRAGOMAN_TEST_LABEL}\"]\n", {"f:4:7: acl[0]: the value put in for ${...}: not a prefix"}},
  });
}

TEST(Substitution, refuses_what_is_not_there) {
  test::TemporaryDirectory folder;
  std::string missing = folder.path("nothing");
  unsetenv("DRAGOMAN_TEST_LABEL");
  expect_problems_behind_basis({
      {"tls: {server_name: \"${env:DRAGOMAN_TEST_LABEL}\"}\n",
       {"f:4:20: tls.server_name: the environment has no variable: DRAGOMAN_TEST_LABEL"}},
      {"tls: {server_name: \"${file:" + missing + "}\"}\n", {"f:4:20: tls.server_name: there is no file: " + missing}},
      {"tls: {server_name: \"${home}\"}\n",
       {"f:4:20: tls.server_name: neither ${env:NAME} nor ${file:/path}: ${home}"}},
      {"tls: {server_name: \"${env:HOME\"}\n", {"f:4:20: tls.server_name: a ${ without its }"}},
  });
}

TEST(Substitution, refuses_a_file_that_is_too_large) {
  test::TemporaryDirectory folder;
  std::string large = folder.write("large", std::string(65 * 1024, 'x'));
  expect_problems_behind_basis({{"tls: {server_name: \"${file:" + large + "}\"}\n",
                                 {"f:4:20: tls.server_name: more than 64 KiB in: " + large}}});
}

}  // namespace
}  // namespace dragoman::config
