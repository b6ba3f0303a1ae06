// Names in upstream URLs: resolved by given addresses or the system, refreshed, and all their addresses tried.
#include "bootstrap.h"

#include "asking.h"
#include "fakes/fake_server_udp.h"

namespace dragoman::upstream {
namespace {

using fakes::FakeUdpServer;
using fakes::Octets;
using fakes::reply_to;

class BootstrapTest : public Asking {
 protected:
  static ip::Endpoint endpoint_of(const FakeUdpServer& server) {
    return {ip::Address(ip::Ipv4Octets{127, 0, 0, 1}), server.port()};
  }
  static std::string url(const std::string& name, const FakeUdpServer& server) {
    return "dns://" + name + ":" + std::to_string(server.port());
  }
  // Answers A with the address, AAAA with nothing.
  static FakeUdpServer::Script knows(std::string address) {
    return [address](const Octets& query, std::size_t) {
      const bool is_a = fakes::parsed(query).question().type == dns::Type::a;
      return std::vector<Octets>{reply_to(query, {.address = is_a ? address : ""})};
    };
  }
};

TEST_F(BootstrapTest, asks_the_given_resolvers_for_the_name) {
  FakeUdpServer server(loop), resolver(loop, knows("127.0.0.1"));
  options.bootstrap = {endpoint_of(resolver)};
  forward_to({url("resolver.example", server)});
  EXPECT_EQ(word(ask()), "192.0.2.1");
  EXPECT_EQ(resolver.asked().size(), 2u);
  EXPECT_EQ(word(ask()), "192.0.2.1");
  EXPECT_EQ(resolver.asked().size(), 2u) << "the addresses are kept";
}

TEST_F(BootstrapTest, asks_the_next_resolver_when_one_is_gone) {
  FakeUdpServer server(loop), resolver(loop, knows("127.0.0.1"));
  ip::Endpoint gone;
  {
    FakeUdpServer closed(loop);
    gone = endpoint_of(closed);
  }
  options.bootstrap = {gone, endpoint_of(resolver)};
  forward_to({url("resolver.example", server)});
  EXPECT_EQ(word(ask()), "192.0.2.1");
}

TEST_F(BootstrapTest, fails_questions_quickly_when_the_name_does_not_exist) {
  FakeUdpServer server(loop);
  FakeUdpServer resolver(loop, [](const Octets& query, std::size_t) {
    return std::vector<Octets>{reply_to(query, {.rcode = dns::Rcode::nxdomain})};
  });
  options.bootstrap = {endpoint_of(resolver)};
  forward_to({url("resolver.example", server)});
  const Outcome outcome = ask();
  EXPECT_EQ(word(outcome), "network");
  EXPECT_LT(outcome.elapsed, options.attempt_timeout);
}

TEST_F(BootstrapTest, asks_again_for_a_name_that_was_not_there) {
  FakeUdpServer server(loop);
  FakeUdpServer resolver(loop, [](const Octets& query, std::size_t) {
    return std::vector<Octets>{reply_to(query, {.rcode = dns::Rcode::servfail})};
  });
  options.bootstrap = {endpoint_of(resolver)};
  forward_to({url("resolver.example", server)});
  EXPECT_EQ(word(ask()), "network");
  resolver.set_script(knows("127.0.0.1"));
  EXPECT_TRUE(run_until([&] { return word(ask()) == "192.0.2.1"; }));
}

TEST_F(BootstrapTest, tries_all_addresses_of_the_name) {
  FakeUdpServer server(loop);
  FakeUdpServer resolver(loop, [](const Octets& query, std::size_t) {
    const bool is_a = fakes::parsed(query).question().type == dns::Type::a;
    if (is_a) return std::vector<Octets>{reply_to(query, {.address = "127.0.0.1"})};
    // ::1 has nobody on this port: the fake server is on 127.0.0.1 alone.
    Octets room(512);
    const dns::MessageView asked = fakes::parsed(query);
    dns::MessageWriter writer(room);
    writer.question(asked.question().name, dns::Type::aaaa, dns::Class::in);
    Octets loopback(16);
    loopback[15] = 1;
    writer.record(dns::Section::answer, asked.question().name, dns::Type::aaaa, 300, loopback);
    dns::Header header;
    header.id = asked.header().id;
    header.flags = dns::Header::qr;
    const MutableBytes message = writer.finish(header);
    return std::vector<Octets>{Octets(message.begin(), message.end())};
  });
  options.bootstrap = {endpoint_of(resolver)};
  forward_to({url("resolver.example", server)});
  const Outcome outcome = ask();
  EXPECT_EQ(word(outcome), "192.0.2.1");
  EXPECT_LT(outcome.elapsed, options.attempt_timeout);
}

TEST_F(BootstrapTest, asks_the_system_when_no_resolver_is_given) {
  FakeUdpServer server(loop);
  forward_to({url("localhost", server)});
  EXPECT_EQ(word(ask()), "192.0.2.1");
}

TEST_F(BootstrapTest, may_go_while_the_system_is_still_asked) {
  FakeUdpServer server(loop);
  forward_to({url("localhost", server)});
  forwarder.reset();
  run_for(milliseconds(20));
}

}  // namespace
}  // namespace dragoman::upstream
