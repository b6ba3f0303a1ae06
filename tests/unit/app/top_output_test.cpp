// The list of what still needs IPv4 as people read it.
#include "commands/top_output.h"

#include <gtest/gtest.h>

namespace dragoman::app {
namespace {

constexpr const char* names =
    R"("names":[{"name":"www.example.net","count":9,"error":0,"by_policy":{"default":8,"home":1},"got_aaaa_at":null},)"
    R"({"name":"img.example.net","count":3,"error":2,"by_policy":{"default":1},)"
    R"("got_aaaa_at":"2027-01-15T08:00:00Z"}])";
constexpr const char* names_table =
    "answers  names            by policy          AAAA since\n"
    "      9  www.example.net  default 8, home 1  \n"
    "   <= 3  img.example.net  default 1          2027-01-15T08:00:00Z\n";

std::string domain(const char* name, int sessions, int octets, int missed) {
  return std::string(R"({"name":")") + name +
         R"(","count":12,"error":0,"by_policy":{"default":12},"got_aaaa_at":null,"sessions":)" +
         std::to_string(sessions) + R"(,"octets":)" + std::to_string(octets) + R"(,"octets_missed":)" +
         std::to_string(missed) + "}";
}

TEST(Ipv4OnlyAsText, has_a_table_of_domains_and_one_of_names) {
  EXPECT_EQ(ipv4_only_as_text(R"({"domains":[)" + domain("example.net", 0, 0, 0) + "]," + names +
                              R"(,"others":{"sessions":0,"octets":0}})"),
            std::string("answers  domains      by policy   AAAA since\n"
                        "     12  example.net  default 12  \n"
                        "\n") +
                names_table);
}

TEST(Ipv4OnlyAsText, has_what_the_nat64_carried_when_there_is_one) {
  EXPECT_EQ(
      ipv4_only_as_text(R"({"domains":[)" + domain("example.net", 3, 70000, 0) + "," + domain("example.org", 1, 50, 9) +
                        "]," + names + R"(,"others":{"sessions":2,"octets":1000}})"),
      std::string("answers  domains      sessions  octets  by policy\n"
                  "     12  example.net  3         70000   default 12\n"
                  "     12  example.org  1         >= 50   default 12\n"
                  "beside them: 2 sessions, 1000 octets\n"
                  "\n") +
          names_table);
}

TEST(Ipv4OnlyAsText, says_when_there_is_nothing) {
  EXPECT_EQ(ipv4_only_as_text(R"({"domains":[],"names":[],"others":{"sessions":0,"octets":0}})"),
            "nothing was synthesized yet\n");
}

TEST(Ipv4OnlyAsText, is_nothing_for_what_is_no_such_list) {
  EXPECT_FALSE(ipv4_only_as_text("{}"));
  EXPECT_FALSE(ipv4_only_as_text("no JSON"));
}

}  // namespace
}  // namespace dragoman::app
