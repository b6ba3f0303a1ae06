// Discovery and probes together, over loopback: what they come to, and what a reload keeps.
#include "dragoman/gateway/prefixes.h"

#include <gmock/gmock.h>

#include "dragoman/base/log.h"
#include "fakes/fake_server_udp.h"
#include "fakes/temporary_directory.h"

namespace dragoman::gateway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Texts = std::vector<std::string>;

ip::Pref64 prefix(const char* text) { return *ip::Pref64::from_text(text); }

Texts to_texts(const std::vector<ip::Pref64>& prefixes) {
  Texts texts;
  for (const ip::Pref64& one : prefixes) texts.push_back(one.to_text());
  return texts;
}

// A resolver with DNS64.
fakes::Octets synthetic_reply(const fakes::Octets& query, const std::vector<ip::Pref64>& prefixes) {
  const dns::MessageView asked = fakes::parsed(query);
  fakes::Octets room(dns::max_message_length);
  dns::MessageWriter writer(room);
  writer.question(asked.question().name, asked.question().type, asked.question().klass);
  for (const ip::Pref64& one : prefixes) {
    for (const std::uint8_t last : {std::uint8_t{170}, std::uint8_t{171}}) {
      writer.record(dns::Section::answer, asked.question().name, dns::Type::aaaa, 600, one.embed({192, 0, 0, last}));
    }
  }
  dns::Header header;
  header.id = asked.header().id;
  header.flags = dns::Header::qr | dns::Header::rd | dns::Header::ra;
  const MutableBytes message = writer.finish(header);
  return {message.begin(), message.end()};
}

class PrefixesTest : public testing::Test {
 protected:
  PrefixesTest() {
    log::configure({.level = LogLevel::error});
    options.probing = {.interval = milliseconds(20), .timeout = milliseconds(20), .fall = 1, .rise = 1};
  }

  void discover(const std::vector<ip::Pref64>& found) {
    resolver.set_script([found](const fakes::Octets& query, std::size_t) {
      return std::vector<fakes::Octets>{synthetic_reply(query, found)};
    });
    options.discover = true;
    options.discovery.from = {*upstream::ServerOptions::from_url(resolver.url())};
  }
  // Nothing comes back from a multicast address, so a probe of ff0e::/16 fails.
  void add_probe(const char* text) {
    options.probed.push_back({prefix(text), *ProbeTarget::from_url("tcp://192.0.2.1:80")});
  }
  void run_until(const std::function<bool()>& done) {
    const TimePoint end = Clock::now() + seconds(10);
    while (!done() && Clock::now() < end) loop.run_once(milliseconds(5));
    EXPECT_TRUE(done());
  }

  net::EventLoop loop;
  fakes::FakeUdpServer resolver{loop};
  Options options;
  int changes = 0;
  Prefixes prefixes{loop, [this] { ++changes; }};
};

TEST_F(PrefixesTest, are_ready_at_once_when_nothing_is_to_be_discovered) {
  EXPECT_TRUE(prefixes.is_ready());
  prefixes.apply(options);
  EXPECT_TRUE(prefixes.is_ready());
  EXPECT_EQ(prefixes.state(), PrefixState());
}

TEST_F(PrefixesTest, are_discovered) {
  discover({prefix("2001:db8:64::/96"), prefix("64:ff9b::/96")});
  prefixes.apply(options);
  EXPECT_FALSE(prefixes.is_ready());
  run_until([&] { return changes == 1; });
  EXPECT_TRUE(prefixes.is_ready());
  EXPECT_THAT(to_texts(prefixes.state().discovered), ElementsAre("2001:db8:64::/96", "64:ff9b::/96"));
  EXPECT_THAT(prefixes.state().failed, IsEmpty());
}

TEST_F(PrefixesTest, a_reload_asks_again_and_keeps_what_is_known) {
  discover({prefix("2001:db8:64::/96")});
  prefixes.apply(options);
  run_until([&] { return changes == 1; });
  discover({prefix("64:ff9b::/96")});
  prefixes.apply(options);
  EXPECT_TRUE(prefixes.is_ready());
  EXPECT_THAT(to_texts(prefixes.state().discovered), ElementsAre("2001:db8:64::/96"));
  run_until([&] { return changes == 2; });
  EXPECT_THAT(to_texts(prefixes.state().discovered), ElementsAre("64:ff9b::/96"));
  options.discover = false;
  prefixes.apply(options);
  EXPECT_THAT(prefixes.state().discovered, IsEmpty());
}

TEST_F(PrefixesTest, those_that_fail_are_in_the_order_in_which_they_failed) {
  add_probe("ff0e:1::/96");
  add_probe("ff0e:2::/96");
  prefixes.apply(options);
  run_until([&] { return changes == 2; });
  EXPECT_THAT(to_texts(prefixes.state().failed), ElementsAre("ff0e:1::/96", "ff0e:2::/96"));
}

TEST_F(PrefixesTest, a_reload_keeps_the_state_of_probes_that_stay) {
  add_probe("ff0e:1::/96");
  add_probe("ff0e:2::/96");
  prefixes.apply(options);
  run_until([&] { return changes == 2; });
  options.probed.erase(options.probed.begin());
  prefixes.apply(options);
  EXPECT_THAT(to_texts(prefixes.state().failed), ElementsAre("ff0e:2::/96"));
  options.probing.fall = 5;
  prefixes.apply(options);
  EXPECT_THAT(prefixes.state().failed, IsEmpty()) << "what it takes to be down is another thing now";
}

TEST_F(PrefixesTest, what_is_discovered_is_probed_when_that_is_wanted) {
  discover({prefix("::/96")});
  options.discovery.probe = *ProbeTarget::from_url("dns://192.0.2.1");
  prefixes.apply(options);
  run_until([&] { return changes == 1; });
  EXPECT_THAT(prefixes.state().discovered, IsEmpty()) << "no translator has this prefix";

  discover({prefix("2001:db8:64::/96")});
  prefixes.apply(options);
  run_until([&] { return !prefixes.state().failed.empty(); });
  EXPECT_THAT(to_texts(prefixes.state().failed), ElementsAre("2001:db8:64::/96"));
  EXPECT_THAT(to_texts(prefixes.state().discovered), ElementsAre("2001:db8:64::/96"));
}

TEST_F(PrefixesTest, another_resolv_conf_is_asked_about_at_once) {
  test::TemporaryDirectory directory;
  options.discover = true;
  options.discovery.resolv_conf = directory.write("resolv.conf", "nameserver 127.0.0.1\n");
  options.own_listeners = {*ip::Endpoint::from_text("127.0.0.1:53")};
  options.discovery.first_retry = options.discovery.slowest_retry = std::chrono::hours(1);
  prefixes.apply(options);
  const auto& failed = prefixes.metrics().discoveries(DiscoveryResult::failed);
  run_until([&] { return failed.value() == 1; });
  directory.write("resolv.conf", "# nobody\n");
  run_until([&] { return failed.value() == 2; });
}

TEST_F(PrefixesTest, those_of_our_own_nat64_fail_and_are_strained_while_it_is_not_ok) {
  options.own = {prefix("2001:db8:1::/96"), prefix("2001:db8:2::/96")};
  prefixes.apply(options);
  EXPECT_EQ(prefixes.state(), PrefixState());
  for (const Nat64State state : {Nat64State::full, Nat64State::draining, Nat64State::down}) {
    prefixes.note_nat64(state);
    EXPECT_THAT(to_texts(prefixes.state().failed), ElementsAre("2001:db8:1::/96", "2001:db8:2::/96"));
    EXPECT_THAT(to_texts(prefixes.state().strained), ElementsAre("2001:db8:1::/96", "2001:db8:2::/96"));
  }
  EXPECT_EQ(changes, 1);
  prefixes.note_nat64(Nat64State::ok);
  EXPECT_EQ(prefixes.state(), PrefixState());
  EXPECT_EQ(changes, 2);
}

TEST_F(PrefixesTest, a_reload_keeps_what_is_known_of_our_own_nat64) {
  options.own = {prefix("2001:db8:1::/96")};
  prefixes.apply(options);
  prefixes.note_nat64(Nat64State::full);
  prefixes.apply(options);
  EXPECT_THAT(to_texts(prefixes.state().failed), ElementsAre("2001:db8:1::/96"));
  options.own = {prefix("2001:db8:2::/96")};
  prefixes.apply(options);
  EXPECT_THAT(to_texts(prefixes.state().failed), ElementsAre("2001:db8:2::/96"));
  EXPECT_THAT(to_texts(prefixes.state().strained), ElementsAre("2001:db8:2::/96"));
}

// The last prefix stays in answers: better a NAT64 that is full than one where nothing passes.
TEST_F(PrefixesTest, our_own_comes_last_among_those_that_failed_unless_it_is_down) {
  options.own = {prefix("2001:db8:1::/96")};
  add_probe("ff0e:1::/96");
  prefixes.apply(options);
  prefixes.note_nat64(Nat64State::full);
  run_until([&] { return prefixes.state().failed.size() == 2; });
  EXPECT_THAT(to_texts(prefixes.state().failed), ElementsAre("ff0e:1::/96", "2001:db8:1::/96"));
}

TEST_F(PrefixesTest, our_own_goes_first_when_it_failed_before_others_and_is_down) {
  options.own = {prefix("2001:db8:1::/96")};
  add_probe("ff0e:1::/96");
  prefixes.apply(options);
  prefixes.note_nat64(Nat64State::down);
  run_until([&] { return prefixes.state().failed.size() == 2; });
  EXPECT_THAT(to_texts(prefixes.state().failed), ElementsAre("2001:db8:1::/96", "ff0e:1::/96"));
}

}  // namespace
}  // namespace dragoman::gateway
