// Designated resolvers (RFC 9462).
#include "ddr.h"

#include <gmock/gmock.h>

#include "dragoman/dns/rdata.h"
#include "listening.h"

namespace dragoman::app {
namespace {

// "owner rdata" of each record.
std::vector<std::string> designated(const config::Config& config) {
  std::vector<std::string> texts;
  for (const resolve::LocalRecord& record : designations(config)) {
    std::vector<std::uint8_t> room(1024);
    dns::MessageWriter writer(room);
    writer.question(record.name, record.type, dns::Class::in);
    writer.record(dns::Section::answer, record.name, record.type, 300, record.rdata);
    dns::Header header;
    header.flags = dns::Header::qr;
    dns::MessageView view;
    EXPECT_EQ(dns::MessageView::parse(writer.finish(header), view), dns::MessageView::Fault::none);
    texts.push_back(record.name.to_text() + " " + dns::rdata_to_text(view, (*view.records().begin()).record));
  }
  return texts;
}

TEST(Designations, tell_each_way_in_by_both_names_doh_first) {
  const auto config = listening_on({"dns://192.0.2.1", "tls://192.0.2.1", "https://192.0.2.1/q",
                                    "https://[2001:db8::1]/q", "https://192.0.2.1:8443/dns-query"});
  EXPECT_THAT(
      designated(config),
      testing::ElementsAre("_dns.resolver.arpa. 1 dns.example.net. alpn=\"h2,http/1.1\" port=443 ipv4hint=192.0.2.1 "
                           "ipv6hint=2001:db8::1 dohpath=\"/q{?dns}\"",
                           "_dns.dns.example.net. 1 dns.example.net. alpn=\"h2,http/1.1\" port=443 ipv4hint=192.0.2.1 "
                           "ipv6hint=2001:db8::1 dohpath=\"/q{?dns}\"",
                           "_dns.resolver.arpa. 2 dns.example.net. alpn=\"h2,http/1.1\" port=8443 ipv4hint=192.0.2.1 "
                           "dohpath=\"/dns-query{?dns}\"",
                           "_dns.dns.example.net. 2 dns.example.net. alpn=\"h2,http/1.1\" port=8443 ipv4hint=192.0.2.1 "
                           "dohpath=\"/dns-query{?dns}\"",
                           "_dns.resolver.arpa. 3 dns.example.net. alpn=\"dot\" port=853 ipv4hint=192.0.2.1",
                           "_dns.dns.example.net. 3 dns.example.net. alpn=\"dot\" port=853 ipv4hint=192.0.2.1"));
}

TEST(Designations, give_no_hint_for_wildcard_listeners) {
  EXPECT_THAT(designated(listening_on({"tls://[::]"})),
              testing::Contains("_dns.resolver.arpa. 1 dns.example.net. alpn=\"dot\" port=853"));
}

TEST(Designations, need_a_name_an_encrypted_listener_and_leave) {
  EXPECT_THAT(designated(listening_on({"dns://192.0.2.1"})), testing::IsEmpty());
  EXPECT_THAT(designated(listening_on({"tls://192.0.2.1:0"})), testing::IsEmpty());
  auto nameless = listening_on({"tls://192.0.2.1"});
  nameless.tls.server_name.clear();
  EXPECT_THAT(designated(nameless), testing::IsEmpty());
  auto unwilling = listening_on({"tls://192.0.2.1"});
  unwilling.ddr = false;
  EXPECT_THAT(designated(unwilling), testing::IsEmpty());
}

}  // namespace
}  // namespace dragoman::app
