// One question to one server, as the command line asks it.
#include "dragoman/upstream/client.h"

#include <gtest/gtest.h>

#include "dragoman/base/log.h"
#include "fakes/fake_server_stream.h"
#include "fakes/fake_server_thread.h"
#include "fakes/fake_server_udp.h"

namespace dragoman::upstream {
namespace {

using fakes::FakeStreamServer;
using fakes::FakeUdpServer;
using fakes::Octets;
using fakes::reply_to;

Heard ask(const std::string& url) {
  log::configure({.level = LogLevel::error});
  Options options;
  options.timeout = milliseconds(500);
  options.attempt_timeout = milliseconds(100);
  Lookup lookup;
  lookup.name = *dns::Name::from_text("www.example.com");
  lookup.type = dns::Type::a;
  return ask_server(*ServerOptions::from_url(url), options, lookup);
}

TEST(Client, hears_the_whole_message) {
  fakes::OnThread<FakeUdpServer> server;
  const Heard heard = ask(server.url());
  ASSERT_EQ(heard.failure, Failure::none);
  EXPECT_EQ(heard.transport, Transport::udp);
  EXPECT_EQ(fakes::parsed(heard.message).header().answers, 1);
}

TEST(Client, tells_the_transport) {
  fakes::OnThread<FakeStreamServer> server;
  const Heard heard = ask(server.url());
  ASSERT_EQ(heard.failure, Failure::none);
  EXPECT_EQ(heard.transport, Transport::tcp);
}

TEST(Client, asks_again_when_a_datagram_was_lost) {
  fakes::OnThread<FakeUdpServer> server(FakeUdpServer::Script([](const Octets& query, std::size_t number) {
    return number == 0 ? std::vector<Octets>{} : std::vector<Octets>{reply_to(query)};
  }));
  EXPECT_EQ(ask(server.url()).failure, Failure::none);
}

TEST(Client, gives_up_in_time) {
  fakes::OnThread<FakeUdpServer> server(
      FakeUdpServer::Script([](const Octets&, std::size_t) { return std::vector<Octets>{}; }));
  const Heard heard = ask(server.url());
  EXPECT_EQ(heard.failure, Failure::timeout);
  EXPECT_GE(heard.elapsed, milliseconds(500));
}

TEST(Client, says_why_a_server_cannot_be_reached) {
  std::string url;
  {
    fakes::OnThread<FakeStreamServer> gone;
    url = gone.url();
  }
  const Heard heard = ask(url);
  EXPECT_EQ(heard.failure, Failure::network);
  EXPECT_EQ(heard.reason, "Connection refused");
}

}  // namespace
}  // namespace dragoman::upstream
