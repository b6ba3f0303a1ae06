// The keys at the top of the file, http and logging.
#include "config_testing.h"

namespace dragoman::config {
namespace {

TEST(RootKeys, reach_the_options) {
  Config config = config_of(
      "version: 1\nworkers: 3\ndrain_timeout: 9\nhttp: {listen: [127.0.0.1:9153, \"http://[::1]:9154\", 127.0.0.2]}\n"
      "logging: {level: debug, format: json}\n");
  EXPECT_EQ(config.workers, 3u);
  EXPECT_EQ(config.drain_timeout, seconds(9));
  ASSERT_EQ(config.http.listen.size(), 3u);
  EXPECT_EQ(config.http.listen[1].to_text(), "[::1]:9154");
  EXPECT_EQ(config.http.listen[2].to_text(), "127.0.0.2:9153");
  EXPECT_EQ(config.logging.level, LogLevel::debug);
  EXPECT_EQ(config.logging.format, LogFormat::json);
  EXPECT_EQ(config_of("workers: auto\n").workers, 0u);
}

TEST(RootKeys, refuse_values_without_a_meaning) {
  expect_problems_behind_basis({
      {"version: 2\n", {"f:4:10: version: `2` is a format that this version does not know"}},
      {"workers: 0\n", {"f:4:10: workers: must be 1 to 1024, this is `0`"}},
      {"workers: 1025\n", {"f:4:10: workers: must be 1 to 1024, this is `1025`"}},
      {"http: {listen: [localhost:9153]}\n",
       {"f:4:17: http.listen[0]: `localhost:9153`: not an IP address: localhost"}},
  });
}

TEST(RootKeys, refuse_listeners_that_are_no_urls_of_ours) {
  for (const char* url : {"http://127.0.0.1:80/", "dns://localhost", "127.0.0.1:53", "dns://127.0.0.1:70000",
                          "dns://::1:53", "https://127.0.0.1:443dns-query", "quic://127.0.0.1"}) {
    std::vector<Problem> problems =
        load_text("upstream: dns://192.0.2.1\nlisten: \"" + std::string(url) + "\"\n", "f").problems;
    ASSERT_EQ(problems.size(), 1u) << url;
    EXPECT_EQ(problems[0].key, "listen") << url;
    EXPECT_EQ(problems[0].line, 2) << url;
  }
}

}  // namespace
}  // namespace dragoman::config
