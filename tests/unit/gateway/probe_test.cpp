// Probes over loopback: ::1 reads as 0.0.0.1 under a prefix of zeros, so that the test needs no address of its own.
#include "probe.h"

#include <gmock/gmock.h>

#include "dragoman/base/log.h"
#include "fakes/fake_server_udp.h"

namespace dragoman::gateway {
namespace {

TEST(RiseAndFall, takes_some_results_in_a_row_to_change) {
  RiseAndFall state(2, 3);
  EXPECT_TRUE(state.is_up());
  EXPECT_FALSE(state.add(false));
  EXPECT_FALSE(state.add(false));
  EXPECT_FALSE(state.add(true)) << "begins anew";
  EXPECT_FALSE(state.add(false));
  EXPECT_FALSE(state.add(false));
  EXPECT_TRUE(state.add(false));
  EXPECT_FALSE(state.is_up());
  EXPECT_FALSE(state.add(false));
  EXPECT_FALSE(state.add(true));
  EXPECT_FALSE(state.add(false));
  EXPECT_FALSE(state.add(true));
  EXPECT_TRUE(state.add(true));
  EXPECT_TRUE(state.is_up());
}

// Answers on ::1, or says nothing.
class DnsServer final : public net::Watcher {
 public:
  explicit DnsServer(net::EventLoop& event_loop) : loop(event_loop) { loop.watch(fd.get(), *this); }
  ~DnsServer() { loop.unwatch(fd.get(), *this); }
  std::uint16_t port() const { return net::local_endpoint(fd.get()).port; }

  void on_ready(net::Ready) override {
    net::UdpBatch batch;
    for (std::size_t count = batch.receive(fd.get()); count > 0; count = batch.receive(fd.get())) {
      for (std::size_t i = 0; i < count; ++i) reply(batch, i);
      batch.send(fd.get());
    }
  }
  void reply(net::UdpBatch& batch, std::size_t i) {
    asked.emplace_back(batch.query(i).begin(), batch.query(i).end());
    if (is_silent) return;
    fakes::Octets message = fakes::reply_to(batch.query(i), {.rcode = dns::Rcode::refused, .edns = false});
    if (lies) message[0] ^= 0xff;
    std::copy(message.begin(), message.end(), batch.reply_buffer(i).begin());
    batch.set_reply(i, message.size());
  }

  net::EventLoop& loop;
  net::UniqueFd fd{*net::bind_udp({*ip::Address::from_text("::1"), 0})};
  std::vector<fakes::Octets> asked;
  bool is_silent = false, lies = false;
};

class ProbeTest : public testing::Test {
 protected:
  ProbeTest() { log::configure({.level = LogLevel::error}); }

  // 0.0.0.1 in ::/96 is ::1; 192.0.2.1 in the documentation's prefix is nowhere.
  void probe(const std::string& url, const char* prefix = "::/96") {
    probing =
        std::make_unique<Probe>(loop, ProbedPrefix{*ip::Pref64::from_text(prefix), *ProbeTarget::from_url(url)},
                                options, metrics, [this](const Probe& probe) { changes.push_back(probe.is_up()); });
    text = prefix;
    probing->start_after(Duration(0));
  }
  std::uint64_t count(ProbeResult result) { return metrics.row(text).probes(result).value(); }
  void run_until(const std::function<bool()>& done) {
    const TimePoint end = Clock::now() + seconds(10);
    while (!done() && Clock::now() < end) loop.run_once(milliseconds(5));
    EXPECT_TRUE(done());
  }
  void expect_results(ProbeResult result, std::uint64_t how_many) {
    run_until([&] { return count(result) >= how_many; });
  }
  static std::string port_url(const char* scheme, std::uint16_t port) {
    return std::string(scheme) + "://0.0.0.1:" + std::to_string(port);
  }

  net::EventLoop loop;
  Metrics metrics;
  ProbingOptions options{.interval = milliseconds(20), .timeout = milliseconds(20), .fall = 2, .rise = 2};
  std::vector<bool> changes;
  std::string text;
  std::unique_ptr<Probe> probing;
};

TEST_F(ProbeTest, a_connection_that_is_taken_passes) {
  const net::UniqueFd listener = *net::listen_tcp({*ip::Address::from_text("::1"), 0}, false);
  probe(port_url("tcp", net::local_endpoint(listener.get()).port));
  expect_results(ProbeResult::passed, 2);
  EXPECT_TRUE(probing->is_up());
  EXPECT_TRUE(changes.empty());
}

TEST_F(ProbeTest, a_reset_passes_because_it_came_from_the_other_end) {
  std::uint16_t port;
  {
    const net::UniqueFd listener = *net::listen_tcp({*ip::Address::from_text("::1"), 0}, false);
    port = net::local_endpoint(listener.get()).port;
  }
  probe(port_url("tcp", port));
  expect_results(ProbeResult::passed, 2);
  EXPECT_TRUE(changes.empty());
}

TEST_F(ProbeTest, any_dns_answer_passes) {
  DnsServer server(loop);
  probe(port_url("dns", server.port()));
  expect_results(ProbeResult::passed, 2);
  const dns::MessageView question = fakes::parsed(server.asked.front());
  EXPECT_TRUE(question.question().name.is_root());
  EXPECT_TRUE(question.header().has(dns::Header::rd));
}

TEST_F(ProbeTest, silence_brings_it_down_and_answers_up_again) {
  DnsServer server(loop);
  server.is_silent = true;
  probe(port_url("dns", server.port()));
  run_until([&] { return changes.size() == 1; });
  EXPECT_EQ(count(ProbeResult::timeout), 2u);
  EXPECT_FALSE(probing->is_up());
  EXPECT_FALSE(metrics.row(text).up.value());
  server.is_silent = false;
  run_until([&] { return changes.size() == 2; });
  EXPECT_EQ(count(ProbeResult::passed), 2u);
  EXPECT_TRUE(metrics.row(text).up.value());
  EXPECT_THAT(changes, testing::ElementsAre(false, true));
}

TEST_F(ProbeTest, an_answer_to_another_question_counts_for_nothing) {
  DnsServer server(loop);
  server.lies = true;
  probe(port_url("dns", server.port()));
  expect_results(ProbeResult::timeout, 1);
  EXPECT_EQ(count(ProbeResult::passed), 0u);
}

TEST_F(ProbeTest, an_icmp_message_does_not_pass) {
  std::uint16_t port;
  {
    const net::UniqueFd gone = *net::bind_udp({*ip::Address::from_text("::1"), 0});
    port = net::local_endpoint(gone.get()).port;
  }
  probe(port_url("dns", port));
  expect_results(ProbeResult::unreachable, 2);
  EXPECT_FALSE(probing->is_up());
}

// The multicast prefix is nobody's to connect to: the system says so at once, on hosts with and without IPv6.
TEST_F(ProbeTest, no_way_to_the_prefix_does_not_pass) {
  probe("tcp://192.0.2.1:80", "ff0e::/96");
  expect_results(ProbeResult::unreachable, 2);
  EXPECT_FALSE(probing->is_up());
}

TEST_F(ProbeTest, a_prefix_that_is_not_probed_any_more_is_not_shown) {
  probe("tcp://192.0.2.1:80", "ff0e::/96");
  EXPECT_TRUE(metrics.row(text).is_probed.value());
  expect_results(ProbeResult::unreachable, 1);
  probing.reset();
  EXPECT_FALSE(metrics.row(text).is_probed.value());
}

}  // namespace
}  // namespace dragoman::gateway
