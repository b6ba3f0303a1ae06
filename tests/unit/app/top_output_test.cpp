// The list of what still needs IPv4 as people read it.
#include "commands/top_output.h"

#include <gtest/gtest.h>

namespace dragoman::app {
namespace {

TEST(Ipv4OnlyAsText, has_a_table_of_domains_and_one_of_names) {
  const auto text = ipv4_only_as_text(
      R"({"domains":[{"name":"example.net","count":12,"error":0,"by_policy":{"default":12},"got_aaaa_at":null}],)"
      R"("names":[{"name":"www.example.net","count":9,"error":0,"by_policy":{"default":8,"home":1},"got_aaaa_at":null},)"
      R"({"name":"img.example.net","count":3,"error":2,"by_policy":{"default":1},)"
      R"("got_aaaa_at":"2027-01-15T08:00:00Z"}]})");
  EXPECT_EQ(text,
            "answers  domains      by policy   AAAA since\n"
            "     12  example.net  default 12  \n"
            "\n"
            "answers  names            by policy          AAAA since\n"
            "      9  www.example.net  default 8, home 1  \n"
            "   <= 3  img.example.net  default 1          2027-01-15T08:00:00Z\n");
}

TEST(Ipv4OnlyAsText, says_when_there_is_nothing) {
  EXPECT_EQ(ipv4_only_as_text(R"({"domains":[],"names":[]})"), "nothing was synthesized yet\n");
}

TEST(Ipv4OnlyAsText, is_nothing_for_what_is_no_such_list) {
  EXPECT_FALSE(ipv4_only_as_text("{}"));
  EXPECT_FALSE(ipv4_only_as_text("no JSON"));
}

}  // namespace
}  // namespace dragoman::app
