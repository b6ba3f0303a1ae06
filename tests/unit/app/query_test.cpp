// `dragoman query`: its words, and the exit code for what came of it.
#include "commands/query.h"

#include <gtest/gtest.h>

#include "cli.h"
#include "fakes/fake_server_thread.h"
#include "fakes/fake_server_udp.h"
#include "ran.h"

namespace dragoman::app {
namespace {

using fakes::FakeUdpServer;
using fakes::Octets;
using fakes::reply_to;

Ran run(QueryArguments arguments) {
  arguments.timeout_s = 2;
  return captured([&] { return run_query(arguments); });
}

FakeUdpServer::Script replies(const fakes::Reply& reply) {
  return [reply](const Octets& query, std::size_t) { return std::vector<Octets>{reply_to(query, reply)}; };
}

TEST(Query, prints_the_answer_and_is_content) {
  fakes::OnThread<FakeUdpServer> server;
  const Ran ran = run({.name = "www.example.com", .server_url = server.url()});
  EXPECT_EQ(ran.code, exit_ok);
  EXPECT_NE(ran.out.find("www.example.com.  300  IN  A  192.0.2.1"), std::string::npos) << ran.out;
  EXPECT_EQ(ran.err, "");
}

TEST(Query, is_not_content_without_records) {
  for (const dns::Rcode rcode : {dns::Rcode::nxdomain, dns::Rcode::servfail, dns::Rcode::noerror}) {
    fakes::OnThread<FakeUdpServer> server(replies({.rcode = rcode, .address = {}}));
    EXPECT_EQ(run({.name = "www.example.com", .server_url = server.url()}).code, exit_failed);
  }
}

TEST(Query, says_on_the_error_output_that_nobody_answers) {
  std::string url;
  {
    fakes::OnThread<FakeUdpServer> gone;
    url = gone.url();
  }
  const Ran ran = run({.name = "www.example.com", .server_url = url});
  EXPECT_EQ(ran.code, exit_failed);
  EXPECT_EQ(ran.out, "");
  EXPECT_NE(ran.err.find("cannot be reached"), std::string::npos) << ran.err;
}

TEST(Query, asks_for_the_reverse_name_of_an_address) {
  fakes::OnThread<FakeUdpServer> server(replies({.address = {}}));
  const Ran v4 = run({.name = "192.0.2.1", .server_url = server.url()});
  EXPECT_NE(v4.out.find("1.2.0.192.in-addr.arpa.  IN  PTR"), std::string::npos) << v4.out;
  const Ran v6 = run({.name = "2001:db8::1", .server_url = server.url()});
  EXPECT_NE(v6.out.find("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.  IN  PTR"),
            std::string::npos)
      << v6.out;
}

struct Misuse {
  const char* name;
  QueryArguments arguments;
};

class QueryMisuse : public testing::TestWithParam<Misuse> {};

TEST_P(QueryMisuse, is_told_what_is_wrong) {
  const Ran ran = run(GetParam().arguments);
  EXPECT_EQ(ran.code, exit_usage);
  EXPECT_NE(ran.err, "");
}

INSTANTIATE_TEST_SUITE_P(Query, QueryMisuse,
                         testing::Values(Misuse{"url", {.name = "a.example", .server_url = "quic://127.0.0.1"}},
                                         Misuse{"type", {.name = "a.example", .type = "NONSENSE"}},
                                         Misuse{"name", {.name = "a..example"}}),
                         [](const auto& param) { return std::string(param.param.name); });

}  // namespace
}  // namespace dragoman::app
