// `dragoman nat64 who-had` with logs on disk.
#include "commands/who_had.h"

#include <gtest/gtest.h>

#include "cli.h"
#include "fakes/temporary_directory.h"
#include "ran.h"

namespace dragoman::app {
namespace {

constexpr const char* log_text =
    R"({"time":"2026-11-27T22:00:00.000Z","event":"started","host":"nat1","instance":0,"logs":"blocks"})"
    "\n"
    R"({"time":"2026-11-27T22:30:00.000Z","event":"block_allocated","subscriber":"2001:db8:1::/64",)"
    R"("address":"198.51.100.1","ports":"1024-1279"})"
    "\n";
constexpr const char* later_text =
    R"({"time":"2026-11-27T22:40:00.000Z","event":"block_released","subscriber":"2001:db8:1::/64",)"
    R"("address":"198.51.100.1","ports":"1024-1279"})"
    "\n";

Ran run(const WhoHadArguments& arguments) {
  return captured([&] { return run_who_had(arguments); });
}

class WhoHad : public testing::Test {
 protected:
  Ran at(const char* time) { return run({"198.51.100.1", "1030", time, {log}}); }
  test::TemporaryDirectory directory;
  std::string log = directory.write("bindings.jsonl", std::string(log_text) + later_text);
};

TEST_F(WhoHad, finds_the_subscriber) {
  const Ran found = at("2026-11-27T22:31:00Z");
  EXPECT_EQ(found.code, exit_ok);
  EXPECT_EQ(found.out,
            "2001:db8:1::/64 had 198.51.100.1 ports 1024-1279\n"
            "  from 2026-11-27T22:30:00.000Z\n"
            "  until 2026-11-27T22:40:00.000Z\n");
}

TEST_F(WhoHad, fails_when_nobody_had_it) {
  const Ran nobody = at("@1795816740");  // 21:59:00
  EXPECT_EQ(nobody.code, exit_failed);
  EXPECT_EQ(nobody.out.find("Nobody had 198.51.100.1 port 1030 between"), 0u);
  EXPECT_EQ(at("2026-11-27T22:45Z").code, exit_failed);
}

TEST_F(WhoHad, reads_what_rotation_left) {
  directory.write("bindings.jsonl.1", log_text);
  directory.write("bindings.jsonl", later_text);
  EXPECT_EQ(at("2026-11-27T22:31:00Z").code, exit_ok);
  const Ran both = run({"198.51.100.1", "1030", "2026-11-27T22:31:00Z", {log, log + ".1"}, "", true});
  EXPECT_NE(both.out.find("\"certain\":true"), std::string::npos) << both.out;
}

TEST_F(WhoHad, refuses_what_it_cannot_understand) {
  for (const WhoHadArguments& bad :
       {WhoHadArguments{"198.51.100", "1030", "@0", {log}}, WhoHadArguments{"2001:db8::1", "1030", "@0", {log}},
        WhoHadArguments{"198.51.100.1", "65536", "@0", {log}}, WhoHadArguments{"198.51.100.1", "", "@0", {log}},
        WhoHadArguments{"198.51.100.1", "1030", "then", {log}},
        WhoHadArguments{"198.51.100.1", "1030", "@0", {log}, "sctp"}}) {
    const Ran refused = run(bad);
    EXPECT_EQ(refused.code, exit_usage);
    EXPECT_EQ(refused.out, "");
    EXPECT_EQ(refused.err.find("dragoman nat64 who-had: "), 0u);
  }
}

TEST_F(WhoHad, asks_the_files_of_the_configuration) {
  const std::string config = directory.write(
      "nat64.yaml",
      "nat64: {pool4: [{addresses: 198.51.100.0/28}], binding_log: {targets: [{format: json, target: bindings.jsonl}, "
      "{format: syslog, target: \"unix:///dev/log\"}]}}\n");
  const Ran found = run({"198.51.100.1", "1030", "2026-11-27T22:31:00Z", {}, "", false, config});
  EXPECT_EQ(found.code, exit_ok) << found.err;

  const std::string without = directory.write("without.yaml", "nat64: {pool4: [{addresses: 198.51.100.0/28}]}\n");
  EXPECT_EQ(run({"198.51.100.1", "1030", "@0", {}, "", false, without}).code, exit_usage);
  const Ran broken = run({"198.51.100.1", "1030", "@0", {}, "", false, directory.write("broken.yaml", "nat64: 1\n")});
  EXPECT_EQ(broken.code, exit_usage);
  EXPECT_NE(broken.err.find("broken.yaml:1"), std::string::npos) << broken.err;
}

TEST_F(WhoHad, refuses_what_is_no_binding_log) {
  EXPECT_EQ(run({"198.51.100.1", "1030", "@0", {directory.path("missing")}}).code, exit_usage);
  const Ran other = run({"198.51.100.1", "1030", "@0", {directory.write("messages", "kernel: hello\n")}});
  EXPECT_EQ(other.code, exit_usage);
  EXPECT_NE(other.err.find("there is no line of a binding log"), std::string::npos);
}

}  // namespace
}  // namespace dragoman::app
