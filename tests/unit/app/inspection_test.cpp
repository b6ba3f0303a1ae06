// What `dragoman check` finds on the host.
#include "commands/inspection.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "dragoman/net/socket.h"
#include "fakes/test_certificates.h"

namespace dragoman::app {
namespace {

using Texts = std::vector<std::string>;

class Inspection : public testing::Test {
 protected:
  static constexpr const char* basis = "upstream: dns://192.0.2.1\nlimits: {connections: 10}\n";

  // "severity key: text" of each finding behind `basis`; the directory is called D.
  Texts found(const std::string& configuration, bool try_ports = false) {
    const std::string text = std::string(basis) + configuration;
    const config::Loaded loaded = config::load_text(text, directory_.path("f.yaml"));
    for (const config::Problem& problem : loaded.problems) ADD_FAILURE() << problem.to_text();
    Texts out;
    if (!loaded.config) return out;
    for (const Finding& finding : inspect(*loaded.config, loaded.places, try_ports)) {
      EXPECT_NE(finding.problem.fix, "");
      EXPECT_GT(finding.problem.line, 0) << finding.problem.to_text();
      std::string line = finding.severity == Severity::error ? "error " : "warning ";
      line += finding.problem.key + ": " + finding.problem.text;
      for (std::size_t at; (at = line.find(directory_.path().string())) != std::string::npos;) {
        line.replace(at, directory_.path().string().size(), "D");
      }
      out.push_back(line);
    }
    return out;
  }

  std::string pair(const net::CertificateFiles& files) {
    return "listen: tls://127.0.0.1:0\ntls: {cert: " + files.cert + ", key: " + files.key + "}\n";
  }

  test::TemporaryDirectory directory_;
  test::TestAuthority authority_;
};

TEST_F(Inspection, has_nothing_to_say_about_a_good_pair) {
  EXPECT_EQ(found(pair(authority_.issue({.names = {"dns.test"}}).save(directory_, "a"))), Texts{});
}

TEST_F(Inspection, finds_files_that_are_missing_at_the_key_that_names_them) {
  EXPECT_EQ(found(pair({directory_.path("a.crt"), directory_.path("a.key")})),
            (Texts{"error tls.cert: there is no file D/a.crt", "error tls.key: there is no file D/a.key"}));
}

TEST_F(Inspection, finds_a_key_that_belongs_to_another_certificate) {
  net::CertificateFiles files = authority_.issue({.names = {"dns.test"}}).save(directory_, "a");
  files.key = authority_.issue({.names = {"dns.test"}}).save(directory_, "b").key;
  const Texts texts = found(pair(files));
  ASSERT_EQ(texts.size(), 1u);
  EXPECT_EQ(texts[0].find("error tls: "), 0u) << texts[0];
}

TEST_F(Inspection, finds_a_certificate_that_has_expired) {
  const Texts texts = found(pair(
      authority_.issue({.names = {"dns.test"}, .valid_from_s = -7200, .valid_until_s = -3600}).save(directory_, "a")));
  ASSERT_EQ(texts.size(), 1u);
  EXPECT_EQ(texts[0].find("error tls.cert: D/a.crt: expired"), 0u) << texts[0];
}

TEST_F(Inspection, warns_of_a_certificate_that_expires_soon) {
  const Texts texts =
      found(pair(authority_.issue({.names = {"dns.test"}, .valid_from_s = -90 * 86'400, .valid_until_s = 86'400})
                     .save(directory_, "a")));
  ASSERT_EQ(texts.size(), 1u);
  EXPECT_EQ(texts[0].find("warning tls.cert: D/a.crt: "), 0u) << texts[0];
}

TEST_F(Inspection, warns_of_a_key_that_everybody_can_read) {
  const net::CertificateFiles files = authority_.issue({.names = {"dns.test"}}).save(directory_, "a");
  std::filesystem::permissions(files.key, std::filesystem::perms::others_read, std::filesystem::perm_options::add);
  const Texts texts = found(pair(files));
  ASSERT_EQ(texts.size(), 1u);
  EXPECT_EQ(texts[0].find("warning tls.key: D/a.key: "), 0u) << texts[0];
}

TEST_F(Inspection, warns_of_a_name_that_no_certificate_is_for) {
  const net::CertificateFiles files = authority_.issue({.names = {"dns.test"}}).save(directory_, "a");
  const Texts texts = found("listen: tls://127.0.0.1:0\ntls: {certificates: [{cert: " + files.cert +
                            ", key: " + files.key + "}], server_name: other.test}\n");
  ASSERT_EQ(texts.size(), 1u);
  EXPECT_EQ(texts[0].find("warning tls.server_name: "), 0u) << texts[0];
}

TEST_F(Inspection, finds_a_port_that_somebody_else_holds) {
  const auto taken = net::listen_tcp(*ip::Endpoint::from_text("127.0.0.1:0"), false);
  ASSERT_TRUE(taken);
  const std::string endpoint = net::local_endpoint(taken->get()).to_text();
  const Texts texts = found("listen: dns://" + endpoint + "\n", true);
  ASSERT_EQ(texts.size(), 1u);
  EXPECT_EQ(texts[0].find("error listen[0]: "), 0u) << texts[0];
  EXPECT_NE(texts[0].find("(TCP)"), std::string::npos) << texts[0];
  EXPECT_EQ(found("listen: dns://" + endpoint + "\n", false), Texts{});
}

TEST_F(Inspection, finds_an_address_that_this_host_does_not_have) {
  const Texts texts = found("listen: dns://192.0.2.1:0\n", true);
  ASSERT_EQ(texts.size(), 2u);
  EXPECT_NE(texts[0].find("(UDP)"), std::string::npos);
  EXPECT_NE(texts[1].find("(TCP)"), std::string::npos);
}

TEST_F(Inspection, finds_an_interface_for_xdp_that_is_not_there) {
  const std::string listen = "listen: dns://127.0.0.1:53\n";
  EXPECT_EQ(found(listen + "xdp: [lo, nowhere]\n"), (Texts{"warning xdp: there is no interface nowhere"}));
  EXPECT_EQ(found(listen + "xdp: {interfaces: nowhere, mode: native}\n"),
            (Texts{"error xdp: there is no interface nowhere"}));
}

TEST_F(Inspection, finds_ca_files_that_are_missing_or_no_certificates) {
  const std::string upstream = "upstream: {servers: [tls://192.0.2.1#dns.test], ca_file: ";
  auto with_ca = [&](const std::string& file) {
    const config::Loaded loaded =
        config::load_text("listen: dns://127.0.0.1:0\n" + upstream + file + "}\nlimits: {connections: 10}\n", "f");
    return inspect(*loaded.config, loaded.places, false);
  };
  EXPECT_TRUE(with_ca(authority_.save(directory_)).empty());
  for (const std::string& file : {directory_.path("missing"), directory_.write("text", "no certificate")}) {
    const std::vector<Finding> findings = with_ca(file);
    ASSERT_EQ(findings.size(), 1u) << file;
    EXPECT_EQ(findings[0].problem.key, "upstream.ca_file");
    EXPECT_EQ(findings[0].problem.line, 2);
  }
}

TEST_F(Inspection, warns_when_more_connections_are_allowed_than_files) {
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  if (limit.rlim_max > 10'000'000) GTEST_SKIP() << "no limit here that a configuration could exceed";
  const config::Loaded loaded =
      config::load_text("listen: dns://127.0.0.1:0\nupstream: dns://192.0.2.1\nlimits: {connections: 10000000}\n", "f");
  const std::vector<Finding> findings = inspect(*loaded.config, loaded.places, false);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].severity, Severity::warning);
  EXPECT_EQ(findings[0].problem.to_text().find("f:3:23: limits.connections: 10000000 connections need"), 0u);
}

// RFC 8215.
TEST_F(Inspection, notes_a_prefix_for_local_use) {
  EXPECT_EQ(found("listen: dns://127.0.0.1:0\ndns64: {prefix: \"64:ff9b:1::/96\"}\n").size(), 1u);
  EXPECT_EQ(found("listen: dns://127.0.0.1:0\ndns64: {prefix: \"64:ff9b::/96\"}\n").size(), 0u);
}

// What it says of /dev/net/tun depends on the machine.
Texts without_device(Texts texts) {
  std::erase_if(texts, [](const std::string& text) { return text.starts_with("warning nat64.device"); });
  return texts;
}

TEST_F(Inspection, finds_a_user_whom_the_nat64_cannot_become) {
  const std::string nat64 = "nat64: {pool4: 198.51.100.1, ";
  EXPECT_EQ(without_device(found(nat64 + "user: nobody-of-that-name, group: no-such-group}\n")),
            (Texts{"error nat64.user: there is no user nobody-of-that-name",
                   "error nat64.group: there is no group no-such-group"}));
  EXPECT_EQ(without_device(found(nat64 + "user: root}\n")), Texts{});
  EXPECT_EQ(without_device(found(nat64 + "user: 12345, group: 12345}\n")), Texts{});
}

TEST_F(Inspection, finds_a_log_without_a_folder) {
  const auto nat64 = [&](const std::string& target) {
    return "nat64: {pool4: 198.51.100.1, binding_log: {format: json, target: \"" + target + "\"}}\n";
  };
  EXPECT_EQ(without_device(found(nat64(directory_.path("none/log.jsonl")))),
            Texts{"warning nat64.binding_log: there is no folder D/none"});
  EXPECT_EQ(without_device(found(nat64(directory_.path("log.jsonl")))), Texts{});
}

TEST_F(Inspection, says_where_validation_begins) {
  const std::string listen = "listen: dns://127.0.0.1:0\n";
  EXPECT_EQ(found(listen + "dnssec: {mode: off}\n"), Texts{});
  EXPECT_EQ(found(listen + "dnssec: {mode: validate}\n"),
            (Texts{"warning dnssec: validation begins at . (DS 20326, DS 38696)"}));
  const std::string file = directory_.write("k", ". DNSKEY 257 3 8 AQID\ncorp.test. DS 7 8 99 00\n");
  EXPECT_EQ(found(listen + "dnssec: {mode: validate, trust_anchor_file: " + file + "}\n").at(0),
            "warning dnssec.trust_anchor_file: validation begins at . (DNSKEY 2059), corp.test. (DS 7)");
}

// RFC 7646 2.
TEST_F(Inspection, notes_names_that_are_never_to_be_validated) {
  const Texts texts = found(
      "listen: dns://127.0.0.1:0\ndnssec: {mode: validate, negative_trust_anchors: [a.test, {name: b.test, expires: "
      "2126-01-01T00:00:00Z}]}\n");
  ASSERT_EQ(texts.size(), 2u);
  EXPECT_EQ(texts[1], "warning dnssec.negative_trust_anchors[0]: a.test. will never be validated (RFC 7646 2)");
}

TEST_F(Inspection, finds_a_folder_that_is_missing_for_the_state_of_anchors) {
  const std::string section = "listen: dns://127.0.0.1:0\ndnssec: {mode: validate, managed_anchors: ";
  EXPECT_EQ(found(section + directory_.path("state") + "}\n").size(), 1u);
  EXPECT_EQ(found(section + directory_.path("none/state") + "}\n").at(1),
            "warning dnssec.managed_anchors: there is no folder D/none");
}

}  // namespace
}  // namespace dragoman::app
