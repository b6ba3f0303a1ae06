// Whole files: those of the tree, those that cannot be read, and that everything wrong is told at once.
#include "config_testing.h"
#include "fakes/temporary_directory.h"

namespace dragoman::config {
namespace {

const std::string source = DRAGOMAN_SOURCE_DIR;
using Texts = std::vector<std::string>;

Config shipped(const std::string& name) {
  Loaded loaded = load_file(source + "/config/" + name);
  for (const Problem& problem : loaded.problems) ADD_FAILURE() << problem.to_text();
  return loaded.config ? *loaded.config : Config();
}

TEST(Load, reads_the_six_lines_of_the_minimal_file) {
  Config config = shipped("minimal.yaml");
  EXPECT_EQ(config.listen.size(), 3u);
  EXPECT_EQ(config.upstream.servers.size(), 1u);
  EXPECT_EQ(config.dns64.policies.size(), 1u);
  ASSERT_EQ(config.tls.certificates.size(), 1u);
  EXPECT_EQ(config.tls.certificates[0].cert, source + "/certs/tls.crt");
}

TEST(Load, reads_the_development_file) {
  Config config = shipped("development.yaml");
  EXPECT_EQ(config.listen.size(), 6u);
  EXPECT_TRUE(config.upstream.servers.empty());
  EXPECT_FALSE(config.local_data.empty());
  EXPECT_EQ(config.http.listen.size(), 1u);
}

// Where the comment of dragoman.yaml does not say otherwise, it shows the default.
TEST(Load, reads_the_full_file_and_finds_the_defaults_in_it) {
  Config config = shipped("dragoman.yaml");
  EXPECT_EQ(config.cache.size, cache::Options().size);
  EXPECT_EQ(config.cache.negative_max_ttl, cache::Options().negative_max_ttl);
  EXPECT_EQ(config.cache.failure_ttl, cache::Options().failure_ttl);
  EXPECT_EQ(config.limits.connections, serve::LimitOptions().connections);
  EXPECT_EQ(config.limits.max_output, serve::LimitOptions().max_output);
  EXPECT_EQ(config.limits.read_timeout, serve::LimitOptions().read_timeout);
  EXPECT_EQ(config.upstream.timeout, upstream::Options().timeout);
  EXPECT_EQ(config.upstream.attempt_timeout, upstream::Options().attempt_timeout);
  EXPECT_EQ(config.tls.ticket_rotation, net::TlsOptions().ticket_rotation);
  EXPECT_EQ(config.dns64.aaaa_deadline, dns64::Options().aaaa_deadline);
  EXPECT_EQ(config.drain_timeout, Config().drain_timeout);
  EXPECT_EQ(config.workers, Config().workers);
  EXPECT_EQ(config.discovery, gateway::DiscoveryOptions());
  EXPECT_EQ(config.probing, gateway::ProbingOptions());
  EXPECT_EQ(config.dns64.policies.size(), 5u);
  ASSERT_TRUE(config.nat64);
  gateway::Nat64Options nat64 = *config.nat64;
  nat64.nat64.prefixes.clear();
  nat64.nat64.pool4.clear();
  nat64.nat64.static_bindings.clear();
  EXPECT_EQ(nat64, gateway::Nat64Options());
}

TEST(Load, tells_everything_that_is_wrong_at_once) {
  EXPECT_EQ(problems_of("listen:\n  - dns://nowhere\n  - tls://127.0.0.1:853\nworkers: none\n"
                        "upstream: [dns://192.0.2.1]\ncache: {sise: 1}\nacl: {allow: [x]}\n"),
            (Texts{"f:2:5: listen[0]: `dns://nowhere`: a listener needs an IP address (names are not looked up)",
                   "f:3:5: listen[1]: tls://127.0.0.1:853 needs a certificate",
                   "f:4:10: workers: `none` is not a whole number",
                   "f:6:9: cache.sise: unknown key; did you mean `size`?", "f:7:15: acl.allow[0]: `x`: not a prefix"}));
}

TEST(Load, gives_no_configuration_when_anything_is_wrong) {
  EXPECT_EQ(load_text(basis + "workers: 0\n", "f").config, nullptr);
  EXPECT_NE(load_text(basis, "f").config, nullptr);
}

TEST(Load, gives_every_problem_a_fix) {
  for (const char* text : {"", "x", "workers: 0\n", "listen: x\nupstream: y\nacl: {allow: z}\ndns64: {prefix: q}\n",
                           "local_data: [{name: a.test, a: b}]\n", "cache: [1]\n", "listen: [dns://[::]:53]\n"}) {
    for (const Problem& problem : load_text(text, "f").problems) EXPECT_NE(problem.fix, "") << problem.to_text();
  }
}

TEST(Load, refuses_what_is_no_configuration_at_all) {
  expect_problems({
      {"- listen\n- upstream\n", {"f:1:1: a configuration is keys and values, this is a list"}},
      {"listen\n", {"f:1:1: a configuration is keys and values, this is `listen`"}},
  });
  EXPECT_FALSE(load_text(std::string("\0\xff\xfe\x80", 4), "f").problems.empty());
}

TEST(Load, names_a_file_that_cannot_be_read) {
  test::TemporaryDirectory folder;
  const std::string missing = folder.path("missing.yaml");
  ASSERT_EQ(load_file(missing).problems.size(), 1u);
  EXPECT_EQ(load_file(missing).problems[0].to_text(), missing + ": there is no such file");
  EXPECT_EQ(load_file(folder.path().string()).problems[0].to_text(), folder.path().string() + ": is a folder");
  const std::string large = folder.write("large.yaml", std::string((4 << 20) + 1, '#'));
  EXPECT_EQ(load_file(large).problems[0].to_text(), large + ": is larger than 4 MiB");
}

TEST(Load, tells_configurations_apart_by_a_hash_of_the_text) {
  EXPECT_EQ(config_of("workers: 1\n").hash, config_of("workers: 1\n").hash);
  EXPECT_NE(config_of("workers: 1\n").hash, config_of("workers: 2\n").hash);
  EXPECT_EQ(config_of("").hash.size(), 16u);
}

TEST(Load, remembers_where_keys_stand) {
  Loaded loaded = load_text(basis + "cache:\n  size: 1MiB\n", "f");
  EXPECT_EQ(loaded.places.problem("cache.size", "x", "").to_text(), "f:5:9: cache.size: x");
}

}  // namespace
}  // namespace dragoman::config
