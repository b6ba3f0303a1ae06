// Datagrams to collectors that are there, are not, or come back. Time is an argument; what loopback refuses, it refuses
// at once.
#include "datagram_output.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "binding_ipfix.h"
#include "binding_samples.h"
#include "binding_syslog.h"
#include "dragoman/net/socket.h"
#include "fakes/temporary_directory.h"
#include "ipfix_reader.h"

namespace dragoman::gateway {
namespace {

std::vector<std::string> received(int fd) {
  std::vector<std::string> all;
  std::string buffer(1 << 16, '\0');
  for (;;) {
    const ssize_t length = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (length < 0) return all;
    all.push_back(buffer.substr(0, static_cast<std::size_t>(length)));
  }
}

class DatagramOutputs : public testing::Test {
 protected:
  void add(const std::string& unit) {
    backlog.add({reinterpret_cast<const std::uint8_t*>(unit.data()), unit.size()}, 1, 1);
  }
  void add_numbered(int first, int last) {
    for (int i = first; i <= last; ++i) add(std::to_string(i));
  }
  BindingOutput::Progress write(BindingOutput& output) { return output.write(backlog, syslog, now); }
  void wait(milliseconds time) {
    now.steady += time;
    now.wall += time;
  }
  static net::UniqueFd listen(const ip::Endpoint& endpoint) { return *net::bind_udp(endpoint); }
  static ip::Endpoint any() { return {*ip::Address::from_text("127.0.0.1"), 0}; }

  Writer writer = samples::writer();
  SyslogEncoder syslog{writer};
  Backlog backlog{1 << 20};
  Moment now{samples::time, TimePoint(seconds(100))};
};

TEST_F(DatagramOutputs, send_each_unit_alone) {
  const net::UniqueFd collector = listen(any());
  DatagramOutput output(net::local_endpoint(collector.get()), 0);
  add_numbered(0, 199);
  const auto progress = write(output);
  EXPECT_EQ(progress.events, 200u);
  EXPECT_EQ(progress.bytes, 10u + 2 * 90 + 3 * 100);
  EXPECT_EQ(progress.trouble, "");
  const auto all = received(collector.get());
  ASSERT_EQ(all.size(), 200u);
  EXPECT_EQ(all[199], "199");
}

TEST_F(DatagramOutputs, lose_little_to_a_collector_that_is_down_and_keep_the_rest) {
  auto collector = std::make_unique<net::UniqueFd>(listen(any()));
  const ip::Endpoint place = net::local_endpoint(collector->get());
  collector.reset();
  DatagramOutput output(place, 0);
  add_numbered(0, 99);
  const auto progress = write(output);
  EXPECT_EQ(progress.trouble, "its host says that nobody listens on this port");
  EXPECT_LE(progress.events, 2u);
  EXPECT_EQ(progress.refused, progress.events);
  EXPECT_EQ(progress.refused_since, now.wall);
  const std::uint64_t kept = backlog.events();
  EXPECT_EQ(kept, 100 - progress.events);

  // It asks once a second, and what it asks with is not lost.
  for (int i = 0; i < 5; ++i) {
    wait(milliseconds(500));
    const auto asked = write(output);
    EXPECT_EQ(asked.events, 0u);
    EXPECT_EQ(asked.refused, 0u);
    EXPECT_NE(asked.trouble, "");
  }
  EXPECT_EQ(backlog.events(), kept);

  collector = std::make_unique<net::UniqueFd>(listen(place));
  wait(milliseconds(1000));
  EXPECT_EQ(write(output).events, 0u);  // asks
  EXPECT_EQ(received(collector->get()).size(), 1u);
  wait(milliseconds(999));
  EXPECT_EQ(write(output).events, 0u);
  wait(milliseconds(1));
  const auto back = write(output);
  EXPECT_EQ(back.events, kept);
  EXPECT_EQ(back.trouble, "");
  const auto rest = received(collector->get());
  EXPECT_EQ(rest.size(), kept - 1);
  EXPECT_EQ(rest.back(), "99");
}

TEST_F(DatagramOutputs, count_what_was_sent_before_the_refusal_came) {
  auto collector = std::make_unique<net::UniqueFd>(listen(any()));
  DatagramOutput output(net::local_endpoint(collector->get()), 0);
  const WallTime first = now.wall;
  add_numbered(0, 9);
  write(output);
  collector.reset();
  wait(milliseconds(4000));
  add("10");
  const WallTime second = now.wall;
  EXPECT_EQ(write(output).events, 1u);  // refused, but who knows
  EXPECT_NE(first, second);
  wait(milliseconds(50));
  add("11");
  const auto progress = write(output);
  EXPECT_EQ(progress.refused, 1u);
  EXPECT_EQ(progress.refused_since, second);
  EXPECT_EQ(backlog.events(), 1u);
}

TEST_F(DatagramOutputs, give_a_collector_that_comes_back_the_templates_first) {
  auto collector = std::make_unique<net::UniqueFd>(listen(any()));
  const ip::Endpoint place = net::local_endpoint(collector->get());
  DatagramOutput output(place, 484);
  IpfixEncoder ipfix(writer, 484);
  ipfix.occasion(Occasion::started, now.wall, samples::pool(), backlog);
  const auto turn = [&](int events) {
    for (int i = 0; i < events; ++i) ipfix.event(samples::block(), backlog);
    ipfix.end_turn(now.steady, backlog);
    return output.write(backlog, ipfix, now);
  };
  turn(3);
  collector.reset();
  wait(milliseconds(50));
  turn(1);
  wait(milliseconds(50));
  EXPECT_EQ(turn(1).refused, 1u);

  collector = std::make_unique<net::UniqueFd>(listen(place));
  wait(milliseconds(1000));
  turn(1);  // the templates go
  wait(milliseconds(1000));
  EXPECT_EQ(turn(1).events, 3u);
  samples::IpfixReader reader;
  std::vector<std::uint64_t> sequences, export_times;
  std::size_t records = 0;
  for (const std::string& octets : received(collector->get())) {
    const auto message = reader.read(octets);
    export_times.push_back(message.export_time);
    sequences.push_back(message.sequence);
    records += message.records.size();
  }
  ASSERT_GE(sequences.size(), 2u);
  EXPECT_EQ(export_times.front(), 1795818661u);  // when they left, not when they were written
  EXPECT_EQ(export_times.back(), 1795818662u);
  EXPECT_EQ(sequences[0], 1u + 3 + 1);  // the start, three events, and one that nobody heard
  EXPECT_EQ(sequences[1], sequences[0] + 1);
  EXPECT_EQ(records, 1u + 3);
}

TEST_F(DatagramOutputs, drop_what_is_too_long_for_any_datagram) {
  const net::UniqueFd collector = listen(any());
  DatagramOutput output(net::local_endpoint(collector.get()), 0);
  add("before");
  add(std::string(70000, 'x'));
  add("after");
  const auto progress = write(output);
  EXPECT_EQ(progress.events, 2u);
  EXPECT_EQ(progress.unsendable, 1u);
  EXPECT_EQ(progress.trouble, "");
  EXPECT_EQ(received(collector.get()), (std::vector<std::string>{"before", "after"}));
}

class UnixOutputs : public DatagramOutputs {
 protected:
  std::unique_ptr<net::UniqueFd> listen_unix() {
    ::unlink(path.c_str());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    auto fd = std::make_unique<net::UniqueFd>(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::bind(fd->get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return fd;
  }
  test::TemporaryDirectory directory;
  const std::string path = directory.path("log");
  DatagramOutput output{UnixPlace{path}, 0};
};

TEST_F(UnixOutputs, wait_for_a_reader_that_is_slow) {
  const auto reader = listen_unix();
  add_numbered(0, 4999);
  std::vector<std::string> all;
  int turns = 0;
  while (!backlog.is_empty()) {
    const auto progress = write(output);
    if (!backlog.is_empty()) {
      EXPECT_EQ(progress.trouble, "its reader does not keep up");
    }
    for (std::string& text : received(reader->get())) all.push_back(std::move(text));
    ASSERT_LT(++turns, 5000);
  }
  EXPECT_GT(turns, 1);
  ASSERT_EQ(all.size(), 5000u);
  for (int i = 0; i < 5000; ++i) ASSERT_EQ(all[static_cast<std::size_t>(i)], std::to_string(i));
}

TEST_F(UnixOutputs, lose_nothing_while_there_is_no_reader) {
  add("0");
  EXPECT_NE(write(output).trouble.find("nobody listens on this socket"), std::string::npos);
  auto reader = listen_unix();
  EXPECT_EQ(write(output).events, 0u);  // not yet: one attempt a second
  wait(milliseconds(1000));
  EXPECT_EQ(write(output).events, 1u);

  reader.reset();  // syslogd starts again
  add("1");
  EXPECT_EQ(write(output).trouble, "nobody listens on this socket");
  reader = listen_unix();
  add("2");
  wait(milliseconds(1000));
  EXPECT_EQ(write(output).events, 2u);
  EXPECT_EQ(received(reader->get()), (std::vector<std::string>{"1", "2"}));
}

}  // namespace
}  // namespace dragoman::gateway
