// What the tests of this module share: an event loop, a forwarder with options that make failures quick, and asking it.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/base/log.h"
#include "dragoman/dns/answer.h"
#include "dragoman/net/event_loop.h"
#include "dragoman/upstream/forwarder.h"
#include "dragoman/upstream/metrics.h"

namespace dragoman::upstream {

class Asking : public testing::Test {
 protected:
  Asking() {
    log::configure({.level = LogLevel::error});
    options.timeout = milliseconds(1500);
    options.attempt_timeout = milliseconds(100);
    options.silence_timeout = milliseconds(60);
    options.connect_timeout = milliseconds(300);
    options.first_probe = milliseconds(50);
    options.slowest_probe = milliseconds(200);
  }

  Forwarder& forward_to(const std::vector<std::string>& urls) {
    for (const std::string& url : urls) options.servers.push_back(*ServerOptions::from_url(url));
    forwarder = std::make_unique<Forwarder>(loop, options, metrics);
    return *forwarder;
  }

  static Lookup lookup_of(const std::string& name, dns::Type type = dns::Type::a) {
    Lookup lookup;
    lookup.name = *dns::Name::from_text(name);
    lookup.type = type;
    return lookup;
  }

  Task<Outcome> start(const std::string& name = "www.example.com") {
    loop.run_once(milliseconds(0));  // the loop's time is that of its last turn
    Task<Outcome> task = forwarder->ask(lookup_of(name));
    task.start();
    return task;
  }

  // Turns the loop until `done`; false when that takes longer than any test should.
  bool run_until(const std::function<bool()>& done) {
    const TimePoint end = Clock::now() + seconds(10);
    while (!done()) {
      if (Clock::now() > end) return false;
      loop.run_once(milliseconds(5));
    }
    return true;
  }

  void run_for(Duration time) {
    const TimePoint end = Clock::now() + time;
    while (Clock::now() < end) loop.run_once(milliseconds(5));
  }

  Outcome finish(Task<Outcome> task) {
    EXPECT_TRUE(run_until([&] { return task.done(); }));
    return task.done() ? task.await_resume() : Outcome{};
  }

  Outcome ask(const std::string& name = "www.example.com") { return finish(start(name)); }

  ServerMetrics& row(std::size_t index) { return metrics.servers.row({}, options.servers[index].url); }

  // "192.0.2.1", "SERVFAIL", "timeout": what came of it in a word.
  static std::string word(const Outcome& outcome) {
    static constexpr const char* failures[] = {"none", "timeout", "network", "tls", "overloaded", "malformed"};
    if (!outcome.answer) return failures[static_cast<std::size_t>(outcome.failure)];
    if (outcome.answer->head.rcode != dns::Rcode::noerror) return dns::to_text(outcome.answer->head.rcode);
    const dns::AnswerView view = outcome.answer->view();
    dns::AnswerRecords records(view);
    dns::AnswerRecord record;
    if (!records.next(record) || record.rdata.size() != 4) return "no address";
    return ip::Address(ip::Ipv4Octets{record.rdata[0], record.rdata[1], record.rdata[2], record.rdata[3]}).to_text();
  }

  net::EventLoop loop;
  Options options;
  Metrics metrics;
  std::unique_ptr<Forwarder> forwarder;
};

}  // namespace dragoman::upstream
