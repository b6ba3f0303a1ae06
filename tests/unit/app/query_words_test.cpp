// The words of a question.
#include "commands/query_words.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

namespace dragoman::app {
namespace {

QueryArguments parsed(const std::vector<std::string>& words) {
  CLI::App app;
  auto arguments = std::make_shared<QueryArguments>();
  declare_words(app, arguments, "what to ask for");
  declare_question_options(app, arguments);
  app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  return *arguments;
}

TEST(QueryWords, come_in_any_order) {
  for (const auto& words : std::vector<std::vector<std::string>>{{"a.test", "AAAA", "@dns://192.0.2.1"},
                                                                 {"@dns://192.0.2.1", "a.test", "AAAA"},
                                                                 {"a.test", "@dns://192.0.2.1", "AAAA", "--json"}}) {
    const QueryArguments arguments = parsed(words);
    EXPECT_EQ(arguments.name, "a.test");
    EXPECT_EQ(arguments.type, "AAAA");
    EXPECT_EQ(arguments.server_url, "dns://192.0.2.1");
  }
}

TEST(QueryWords, need_a_name_and_end_with_a_type) {
  for (const auto& words : std::vector<std::vector<std::string>>{{}, {"@dns://192.0.2.1"}, {"a", "b", "c"}}) {
    EXPECT_THROW(parsed(words), CLI::ParseError);
  }
}

TEST(QueryWords, have_options_beside_them) {
  const QueryArguments arguments = parsed({"--dnssec", "a.test", "--cd", "--timeout", "0.5"});
  EXPECT_TRUE(arguments.dnssec_ok);
  EXPECT_TRUE(arguments.checking_disabled);
  EXPECT_DOUBLE_EQ(arguments.timeout_s, 0.5);
  EXPECT_THROW(parsed({"a", "--timeout", "0"}), CLI::ParseError);
}

}  // namespace
}  // namespace dragoman::app
