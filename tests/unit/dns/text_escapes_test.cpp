// Escapes, words and quotes of the presentation form (RFC 1035 5.1).
#include "text_escapes.h"

#include <gtest/gtest.h>

namespace dragoman::dns {
namespace {

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> found;
  Words words(text);
  while (auto word = words.next()) found.emplace_back(*word);
  return found;
}

TEST(TextEscapes, part_words_at_white_space) {
  EXPECT_EQ(words_of("  a\tb \r\n c "), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(words_of(" \t").empty());
}

TEST(TextEscapes, keep_quoted_and_escaped_space_inside_a_word) {
  EXPECT_EQ(words_of(R"("a b" key="c d" e\ f)"), (std::vector<std::string>{R"("a b")", R"(key="c d")", R"(e\ f)"}));
  EXPECT_EQ(words_of(R"("a\" b" c)"), (std::vector<std::string>{R"("a\" b")", "c"}));
}

TEST(TextEscapes, end_a_word_with_the_text) {
  EXPECT_EQ(words_of(R"(a\)"), (std::vector<std::string>{R"(a\)"}));
  EXPECT_EQ(words_of(R"("a b)"), (std::vector<std::string>{R"("a b)"}));
}

TEST(TextEscapes, come_off_with_the_quotes) {
  EXPECT_EQ(unquoted(R"("a \"b\" \\ \065")"), R"(a "b" \ A)");
  EXPECT_EQ(unquoted("bare"), "bare");
  EXPECT_EQ(unquoted(R"("")"), "");
  EXPECT_EQ(unquoted(""), "");
}

TEST(TextEscapes, are_refused_when_broken) {
  for (const char* word : {R"("open)", R"(a"b)", R"("a"b)", R"(\)", R"(\25)", R"(\256)", R"(\2x5)"}) {
    EXPECT_EQ(unquoted(word), std::nullopt) << word;
  }
}

TEST(TextEscapes, quote_every_octet_so_that_it_comes_back) {
  for (int octet = 0; octet < 256; ++octet) {
    std::uint8_t octets[] = {static_cast<std::uint8_t>(octet)};
    std::string text;
    append_quoted(text, octets);
    EXPECT_EQ(unquoted(text), std::string(1, static_cast<char>(octet))) << text;
  }
}

TEST(TextEscapes, write_special_space_by_its_value) {
  std::string text;
  append_escaped(text, ' ', " ;");
  append_escaped(text, ';', " ;");
  append_escaped(text, ' ', ";");
  EXPECT_EQ(text, R"(\032\; )");
}

}  // namespace
}  // namespace dragoman::dns
