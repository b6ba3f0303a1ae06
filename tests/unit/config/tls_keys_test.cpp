// tls.
#include "config_testing.h"

namespace dragoman::config {
namespace {

TEST(TlsKeys, have_a_short_form_for_one_pair) {
  net::TlsOptions tls = config_of("tls: {cert: a.crt, key: /k/a.key}\n").tls;
  ASSERT_EQ(tls.certificates.size(), 1u);
  EXPECT_EQ(tls.certificates[0].cert, "a.crt");
  EXPECT_EQ(tls.certificates[0].key, "/k/a.key");
}

TEST(TlsKeys, reach_the_options) {
  net::TlsOptions tls = config_of(
                            "tls:\n  certificates:\n    - {cert: a.crt, key: a.key}\n    - {cert: b.crt, key: b.key}\n"
                            "  server_name: dns.example.net\n  ticket_rotation: 1h\n  handshake_timeout: 3s\n")
                            .tls;
  ASSERT_EQ(tls.certificates.size(), 2u);
  EXPECT_EQ(tls.certificates[1].key, "b.key");
  EXPECT_EQ(tls.server_name, "dns.example.net");
  EXPECT_EQ(tls.ticket_rotation, seconds(3600));
  EXPECT_EQ(tls.handshake_timeout, seconds(3));
}

TEST(TlsKeys, refuse_half_a_pair_and_both_forms_at_once) {
  expect_problems_behind_basis({
      {"tls: {cert: a.crt}\n", {"f:4:6: tls: `key` is missing"}},
      {"tls: {key: a.key}\n", {"f:4:6: tls: `cert` is missing"}},
      {"tls: {certificates: [{cert: b.crt}]}\n", {"f:4:22: tls.certificates[0]: `key` is missing"}},
      {"tls: {certificates: [{}]}\n", {"f:4:22: tls.certificates[0]: names no files"}},
      {"tls: {certificates: [a.crt]}\n", {"f:4:22: tls.certificates[0]: must be a section, this is `a.crt`"}},
      {"tls: {cert: a.crt, key: a.key, certificates: [{cert: b.crt, key: b.key}]}\n",
       {"f:4:46: tls.certificates: stands beside `cert` and `key`"}},
  });
}

}  // namespace
}  // namespace dragoman::config
