// The form and the order of findings.
#include "findings.h"

#include "config_testing.h"

namespace dragoman::config {
namespace {

TEST(Problem, is_printed_as_file_line_column_key_and_text) {
  EXPECT_EQ((Problem{"a.yaml", 3, 5, "cache.size", "is wrong", ""}.to_text()), "a.yaml:3:5: cache.size: is wrong");
  EXPECT_EQ((Problem{"a.yaml", 3, 5, "", "is wrong", ""}.to_text()), "a.yaml:3:5: is wrong");
  EXPECT_EQ((Problem{"a.yaml", 0, 0, "", "there is no such file", ""}.to_text()), "a.yaml: there is no such file");
}

TEST(Findings, come_out_in_the_order_of_the_file) {
  Findings findings("f");
  findings.error_at({9, 1}, "c", "x", "");
  findings.error_at({2, 7}, "b", "x", "");
  findings.error_at({2, 3}, "a", "x", "");
  std::string order;
  for (const Problem& problem : findings.take_errors()) order += problem.key;
  EXPECT_EQ(order, "abc");
}

TEST(Findings, are_bounded_in_number) {
  std::string text = basis + "cache:\n";
  for (int i = 0; i < 1000; ++i) text += "  no" + std::to_string(i) + ": 1\n";
  EXPECT_EQ(load_text(text, "f").problems.size(), 100u);
}

TEST(Places, lead_to_the_key_or_to_the_section_it_would_stand_in) {
  Places places("f");
  places.add("tls", 4, 1);
  places.add("listen", 1, 9);
  places.add("listen[1]", 3, 5);
  EXPECT_EQ(places.problem("listen[1]", "x", "").to_text(), "f:3:5: listen[1]: x");
  EXPECT_EQ(places.problem("listen[0]", "x", "").to_text(), "f:1:9: listen[0]: x");
  EXPECT_EQ(places.problem("tls.certificates[0].cert", "x", "").to_text(), "f:4:1: tls.certificates[0].cert: x");
  EXPECT_EQ(places.problem("http.listen[0]", "x", "").to_text(), "f: http.listen[0]: x");
  EXPECT_EQ(places.problem("", "x", "").to_text(), "f: x");
}

}  // namespace
}  // namespace dragoman::config
