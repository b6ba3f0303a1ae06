// Who had a port, against a world that keeps who has every port at every moment, and what the log cannot know.
#include "dragoman/gateway/binding_history.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "binding_json.h"
#include "binding_samples.h"
#include "binding_syslog.h"

namespace dragoman::gateway {
namespace {

using samples::Kind;
using DoubtKind = BindingDoubt::Kind;

WallTime at(std::int64_t ms) { return samples::time + milliseconds(ms); }

BindingQuestion question(std::uint16_t port, std::int64_t from, std::int64_t to) {
  return {samples::v4("198.51.100.1"), port, {}, at(from), at(to)};
}

BindingAnswer ask(const BindingQuestion& asked, const std::vector<std::string>& files) {
  BindingHistory history(asked);
  for (const std::string& file : files) {
    history.read(file);
    history.end_file();
  }
  return history.answer();
}

std::set<std::string> holders(const BindingAnswer& answer) {
  std::set<std::string> all;
  for (const Holding& holding : answer.holdings) {
    all.insert(holding.protocol ? std::string(word_of(*holding.protocol)) + " " + holding.holder : holding.holder);
  }
  return all;
}

bool has(const BindingAnswer& answer, DoubtKind kind) {
  for (const BindingDoubt& doubt : answer.doubts) {
    if (doubt.kind == kind && !doubt.about_end_only) return true;
  }
  return false;
}

bool is_certain(const BindingAnswer& answer) {
  for (const BindingDoubt& doubt : answer.doubts) {
    if (!doubt.about_end_only) return false;
  }
  for (const Holding& holding : answer.holdings) {
    if (!holding.has_begin) return false;
  }
  return true;
}

// -- A log by hand --

class History : public testing::Test {
 protected:
  void started(std::int64_t ms) { encoder.occasion(Occasion::started, at(ms), samples::pool(), backlog); }
  void stopped(std::int64_t ms) { encoder.occasion(Occasion::stopped, at(ms), {}, backlog); }
  void block(std::int64_t ms, Kind kind, const char* subscriber = "2001:db8:1::") {
    StampedEvent stamped = samples::block(kind);
    stamped.time = at(ms);
    stamped.event.subscriber = samples::v6(subscriber);
    encoder.event(stamped, backlog);
  }
  void lost(std::int64_t since, std::int64_t until) {
    encoder.gap({3, at(since), at(until), BindingLoss::queue_full}, backlog);
  }
  std::string file() {
    std::string all;
    for (const std::string& line : samples::units(backlog)) all += line;
    return all;
  }
  BindingAnswer asked(std::int64_t ms, std::uint16_t port = 1030) { return ask(question(port, ms, ms + 1), {log}); }

  Writer writer = samples::writer();
  JsonEncoder encoder{writer};
  Backlog backlog{1 << 20};
  std::string log;
};

TEST_F(History, names_the_subscriber_and_the_times) {
  started(0);
  block(100, Kind::block_allocated);
  block(500, Kind::block_released);
  block(900, Kind::block_allocated, "2001:db8:2::");
  log = file();
  const BindingAnswer answer = asked(300);
  ASSERT_EQ(answer.holdings.size(), 1u);
  const Holding& holding = answer.holdings[0];
  EXPECT_EQ(holding.holder, "2001:db8:1::/64");
  EXPECT_EQ(holding.first_port, 1024);
  EXPECT_EQ(holding.last_port, 1279);
  EXPECT_EQ(holding.from, at(100));
  EXPECT_EQ(holding.until, at(500));
  EXPECT_EQ(holding.end, Holding::End::released);
  EXPECT_TRUE(answer.doubts.empty());
  EXPECT_EQ(answer.is_in_pool, true);
  EXPECT_EQ(answer.lines, 7u);

  EXPECT_EQ(holders(asked(100)), (std::set<std::string>{"2001:db8:1::/64"}));
  EXPECT_EQ(holders(asked(900)), (std::set<std::string>{"2001:db8:2::/64"}));
  EXPECT_EQ(asked(900).holdings[0].end, Holding::End::open);
}

TEST_F(History, says_who_was_next_to_a_moment_when_nobody_was) {
  started(0);
  block(100, Kind::block_allocated);
  block(500, Kind::block_released);
  block(900, Kind::block_allocated, "2001:db8:2::");
  log = file();
  const BindingAnswer answer = asked(500);
  EXPECT_TRUE(answer.holdings.empty());
  ASSERT_TRUE(answer.before && answer.after);
  EXPECT_EQ(answer.before->holder, "2001:db8:1::/64");
  EXPECT_EQ(answer.after->holder, "2001:db8:2::/64");
  EXPECT_TRUE(is_certain(answer));
}

TEST_F(History, names_all_who_had_it_within_the_time_asked_for) {
  started(0);
  block(100, Kind::block_allocated);
  block(500, Kind::block_released);
  block(900, Kind::block_allocated, "2001:db8:2::");
  log = file();
  EXPECT_EQ(holders(ask(question(1030, 400, 1400), {log})),
            (std::set<std::string>{"2001:db8:1::/64", "2001:db8:2::/64"}));
}

TEST_F(History, does_not_mix_up_ports_and_addresses) {
  started(0);
  block(100, Kind::block_allocated);
  StampedEvent other = samples::block();
  other.event.address = samples::v4("198.51.100.10");
  other.event.subscriber = samples::v6("2001:db8:2::");
  encoder.event(other, backlog);
  log = file();
  EXPECT_EQ(holders(asked(300)), (std::set<std::string>{"2001:db8:1::/64"}));
  EXPECT_EQ(asked(300, 1279).holdings.size(), 1u);
  EXPECT_EQ(asked(300, 1280).holdings.size(), 0u);
  EXPECT_EQ(asked(300, 1023).holdings.size(), 0u);
  EXPECT_EQ(asked(300, 1023).is_in_pool, false);
}

TEST_F(History, doubts_what_a_gap_before_may_have_changed) {
  started(0);
  block(100, Kind::block_allocated);
  lost(200, 250);
  log = file();
  EXPECT_TRUE(is_certain(asked(150)));
  EXPECT_TRUE(asked(150).doubts.at(0).about_end_only);
  EXPECT_TRUE(has(asked(300), DoubtKind::lost));
  EXPECT_EQ(asked(300).doubts.at(0).count, 3u);
  block(400, Kind::block_released);
  log += file();
  EXPECT_TRUE(has(asked(300), DoubtKind::lost));
  EXPECT_TRUE(is_certain(asked(400)));
}

TEST_F(History, ends_with_a_restart_and_knows_when_it_was_blind) {
  started(0);
  block(100, Kind::block_allocated);
  block(200, Kind::quota_exceeded);  // the last sign of life
  started(900);
  log = file();
  EXPECT_TRUE(is_certain(asked(150)));
  const BindingAnswer answer = asked(300);
  ASSERT_EQ(answer.holdings.size(), 1u);
  EXPECT_EQ(answer.holdings[0].end, Holding::End::restarted);
  EXPECT_EQ(answer.holdings[0].seen, at(200));
  EXPECT_EQ(answer.holdings[0].until, at(900));
  EXPECT_TRUE(has(answer, DoubtKind::down));
  EXPECT_TRUE(asked(900).holdings.empty());
  EXPECT_TRUE(is_certain(asked(900)));
}

TEST_F(History, is_sure_of_a_clean_stop) {
  started(0);
  block(100, Kind::block_allocated);
  stopped(500);
  started(900);
  log = file();
  EXPECT_EQ(asked(300).holdings.at(0).end, Holding::End::stopped);
  EXPECT_TRUE(is_certain(asked(300)));
  EXPECT_TRUE(asked(700).holdings.empty());
  EXPECT_TRUE(is_certain(asked(700)));
}

TEST_F(History, knows_nothing_of_the_time_before_the_log_nor_after_it) {
  block(100, Kind::block_allocated);
  log = file();
  EXPECT_TRUE(has(asked(50), DoubtKind::begins_later));
  EXPECT_EQ(asked(50).doubts.at(0).until, at(100));
  EXPECT_TRUE(has(ask(question(2000, 100, 101), {log}), DoubtKind::begins_later));
  EXPECT_TRUE(is_certain(asked(100)));
  EXPECT_TRUE(has(asked(101), DoubtKind::ends_before));
  EXPECT_EQ(asked(101).log_ends, at(100));
}

TEST_F(History, says_when_a_begin_is_missing) {
  block(50, Kind::quota_exceeded);
  block(500, Kind::block_released);
  log = file();
  const BindingAnswer answer = asked(300);
  ASSERT_EQ(answer.holdings.size(), 1u);
  EXPECT_FALSE(answer.holdings[0].has_begin);
  EXPECT_EQ(answer.holdings[0].from, at(50));
}

TEST_F(History, tells_protocols_apart_when_asked_to) {
  started(0);
  block(100, Kind::block_allocated);
  StampedEvent session = samples::session();
  session.time = at(200);
  encoder.event(session, backlog);
  log = file();
  BindingQuestion asked_for = question(1030, 300, 301);
  EXPECT_EQ(holders(ask(asked_for, {log})), (std::set<std::string>{"2001:db8:1::/64", "udp [2001:db8:1::5]:40000"}));
  asked_for.protocol = nat64::Protocol::tcp;
  EXPECT_EQ(holders(ask(asked_for, {log})), (std::set<std::string>{"2001:db8:1::/64"}));
}

TEST_F(History, names_static_bindings) {
  started(0);
  log = file();
  EXPECT_EQ(holders(ask(question(8080, 0, 1), {log})), (std::set<std::string>{"tcp [2001:db8:1::80]:80"}));
}

TEST_F(History, counts_what_it_cannot_read_but_for_the_line_that_is_being_written) {
  started(0);
  block(100, Kind::block_allocated);
  log = file();
  block(400, Kind::block_released);
  const std::string torn = file().substr(0, 60);
  EXPECT_TRUE(has(ask(question(1030, 100, 101), {log + torn + "\n"}), DoubtKind::damaged));
  EXPECT_FALSE(has(ask(question(1030, 100, 101), {log + torn}), DoubtKind::damaged));
}

TEST_F(History, takes_lines_that_end_as_elsewhere) {
  started(0);
  block(100, Kind::block_allocated);
  for (const char c : file()) log += c == '\n' ? std::string("\r\n") : std::string(1, c);
  EXPECT_EQ(holders(asked(100)), (std::set<std::string>{"2001:db8:1::/64"}));
  EXPECT_FALSE(has(asked(100), DoubtKind::damaged));
}

TEST_F(History, is_of_one_nat64) {
  started(0);
  writer.host = "nat2";
  started(100);
  log = file();
  EXPECT_TRUE(has(asked(200), DoubtKind::many_hosts));
}

TEST_F(History, is_none_where_nothing_is_of_a_binding_log) {
  log = "Nov 27 22:31:00 nat1 kernel: hello\n{\"event\":\"of another program\"}\n";
  EXPECT_EQ(asked(0).lines, 0u);
}

TEST(SyslogHistory, keeps_nat64s_apart_by_their_hosts) {
  Writer one = samples::writer(), two = samples::writer();
  two.host = "nat2";
  SyslogEncoder first(one), second(two);
  Backlog backlog(1 << 20);
  first.occasion(Occasion::started, at(0), samples::pool(), backlog);
  StampedEvent block = samples::block();
  block.time = at(100);
  first.event(block, backlog);
  second.occasion(Occasion::started, at(200), {}, backlog);
  second.gap({5, at(200), at(250), BindingLoss::queue_full}, backlog);
  std::string log = "<30>1 2026-11-27T22:31:00Z nat1 sshd 1 - - something else\n";
  for (const std::string& line : samples::units(backlog)) log += line + "\n";
  const BindingAnswer answer = ask(question(1030, 250, 251), {log});
  EXPECT_EQ(holders(answer), (std::set<std::string>{"2001:db8:1::/64"}));
  EXPECT_TRUE(is_certain(answer));
}

// -- A world that knows --

// One address, two blocks of four ports, five subscribers. Keeps the holders of each port at each millisecond.
class World {
 public:
  World(unsigned seed, BindingEncoder& encoder, bool loses) : random_(seed), encoder_(encoder), loses_(loses) {
    occasion(Occasion::started);
    while (now_ < end) step();
    tell_gap();
    remember_until(end);
  }

  static constexpr std::int64_t end = 2000;
  static constexpr std::uint16_t first_port = 1024, ports = 8, block_size = 4;

  const std::set<std::string>& truth(std::uint16_t port, std::int64_t ms) const {
    return truth_[static_cast<std::size_t>(port - first_port)][static_cast<std::size_t>(ms)];
  }
  // Whether it was down without a word, as far as the log can tell.
  bool is_blind(std::int64_t ms) const {
    for (const auto& [since, until] : blind_) {
      if (since <= ms && ms < until) return true;
    }
    return false;
  }
  // In pieces, oldest first.
  std::vector<std::string> files() {
    std::vector<std::string> all(1);
    for (std::string& line : lines_) {
      if (random_() % 64 == 0 && !all.back().empty()) all.emplace_back();
      all.back() += line;
      if (!line.ends_with('\n')) all.back() += '\n';
    }
    return all;
  }

 private:
  struct Session {
    std::string host;
    int count = 0;
  };
  using Key = std::pair<nat64::Protocol, std::uint16_t>;

  void step() {
    remember_until(now_ + 1 + static_cast<std::int64_t>(random_() % 4));
    const std::size_t block = random_() % 2;
    switch (random_() % 40) {
      case 0:
        return stop();
      case 1:
        return crash();
      case 2:
        return occasion(Occasion::changed);
      case 3:
        is_losing_ = loses_;
        return;
      case 4:
      case 5:
        return tell_gap();
      default:
        break;
    }
    if (!owner_[block]) return allocate(block);
    if (random_() % 12 == 0) return release(block);
    if (random_() % 2 == 0) return create(block);
    return destroy(block);
  }

  void allocate(std::size_t block) {
    owner_[block] = random_() % 5;
    write_block(block, Kind::block_allocated);
  }
  void release(std::size_t block) {
    for (auto it = sessions_.begin(); it != sessions_.end();) {
      if (block_of(it->first.second) != block) {
        ++it;
        continue;
      }
      for (; it->second.count > 0; --it->second.count) write_session(it->first, it->second.host, Kind::session_deleted);
      it = sessions_.erase(it);
    }
    write_block(block, Kind::block_released);
    owner_[block].reset();
  }
  void create(std::size_t block) {
    const auto port = static_cast<std::uint16_t>(first_port + block * block_size + random_() % block_size);
    Session& session = sessions_[{static_cast<nat64::Protocol>(random_() % 3), port}];
    const Key key =
        std::find_if(sessions_.begin(), sessions_.end(), [&](auto& entry) { return &entry.second == &session; })->first;
    if (session.count == 0) {
      session.host = "2001:db8:" + std::to_string(*owner_[block] + 1) + "::" + std::to_string(1 + random_() % 3);
    }
    ++session.count;
    write_session(key, session.host, Kind::session_created);
  }
  void destroy(std::size_t block) {
    for (auto it = sessions_.begin(); it != sessions_.end(); ++it) {
      if (block_of(it->first.second) != block) continue;
      write_session(it->first, it->second.host, Kind::session_deleted);
      if (--it->second.count == 0) sessions_.erase(it);
      return;
    }
  }
  void stop() {
    tell_gap();
    occasion(Occasion::stopped);
    forget();
    remember_until(now_ + 1 + static_cast<std::int64_t>(random_() % 20));
    occasion(Occasion::started);
  }
  void crash() {
    tell_gap();
    const std::int64_t seen = last_written_;
    forget();
    remember_until(now_ + 1 + static_cast<std::int64_t>(random_() % 20));
    blind_.emplace_back(seen, now_);
    occasion(Occasion::started);
  }
  void forget() {
    owner_ = {};
    sessions_.clear();
  }

  static std::size_t block_of(std::uint16_t port) { return static_cast<std::size_t>(port - first_port) / block_size; }

  void write_block(std::size_t block, Kind kind) {
    StampedEvent stamped = samples::block(kind);
    stamped.event.subscriber = samples::v6(("2001:db8:" + std::to_string(*owner_[block] + 1) + "::").c_str());
    stamped.event.first_port = static_cast<std::uint16_t>(first_port + block * block_size);
    stamped.event.last_port = static_cast<std::uint16_t>(stamped.event.first_port + block_size - 1);
    write(stamped);
  }
  void write_session(const Key& key, const std::string& host, Kind kind) {
    StampedEvent stamped = samples::session(kind);
    stamped.event.protocol = key.first;
    stamped.event.subscriber = samples::v6(host.c_str());
    stamped.event.inside_port = key.second;
    stamped.event.first_port = stamped.event.last_port = key.second;
    write(stamped);
  }
  void write(StampedEvent stamped) {
    stamped.time = at(now_);
    if (is_losing_) {
      if (missing_++ == 0) missing_since_ = now_;
      return;
    }
    encoder_.event(stamped, backlog_);
    gather();
  }
  void occasion(Occasion occasion) {
    encoder_.occasion(occasion, at(now_), {}, backlog_);
    gather();
  }
  void tell_gap() {
    if (missing_ != 0) encoder_.gap({missing_, at(missing_since_), at(now_), BindingLoss::queue_full}, backlog_);
    missing_ = 0;
    is_losing_ = false;
    gather();
  }
  void gather() {
    for (std::string& line : samples::units(backlog_)) {
      lines_.push_back(std::move(line));
      last_written_ = now_;
    }
  }
  void remember_until(std::int64_t ms) {
    for (; now_ < ms; ++now_) {
      for (std::uint16_t i = 0; i < ports; ++i)
        truth_[i].push_back(holders_of(static_cast<std::uint16_t>(first_port + i)));
    }
  }
  std::set<std::string> holders_of(std::uint16_t port) const {
    std::set<std::string> all;
    if (const auto& owner = owner_[block_of(port)]) all.insert("2001:db8:" + std::to_string(*owner + 1) + "::/64");
    for (const auto& [key, session] : sessions_) {
      if (key.second != port) continue;
      all.insert(std::string(word_of(key.first)) + " [" + session.host + "]:" + std::to_string(port));
    }
    return all;
  }

  std::mt19937 random_;
  BindingEncoder& encoder_;
  const bool loses_;
  Backlog backlog_{1 << 20};
  std::vector<std::string> lines_;
  std::int64_t now_ = 0, last_written_ = 0;
  std::array<std::optional<std::size_t>, 2> owner_;
  std::map<Key, Session> sessions_;
  bool is_losing_ = false;
  std::uint64_t missing_ = 0;
  std::int64_t missing_since_ = 0;
  std::array<std::vector<std::set<std::string>>, ports> truth_;
  std::vector<std::pair<std::int64_t, std::int64_t>> blind_;
};

// In pieces of any size.
BindingAnswer ask_in_pieces(const BindingQuestion& asked, const std::vector<std::string>& files, std::mt19937& random) {
  BindingHistory history(asked);
  for (std::string_view file : files) {
    while (!file.empty()) {
      const std::size_t length = std::min<std::size_t>(1 + random() % 7000, file.size());
      history.read(file.substr(0, length));
      file.remove_prefix(length);
    }
    history.end_file();
  }
  return history.answer();
}

template <class Encoder>
void compare_with_a_world(unsigned seed) {
  const Writer writer = samples::writer();
  Encoder encoder(writer);
  const bool loses = seed % 2 == 1;
  World world(seed, encoder, loses);
  std::vector<std::string> files = world.files();
  std::mt19937 random(seed);
  std::shuffle(files.begin(), files.end(), random);
  unsigned certain = 0;
  for (int i = 0; i < 100; ++i) {
    const auto port = static_cast<std::uint16_t>(World::first_port + random() % World::ports);
    const auto ms = static_cast<std::int64_t>(random() % World::end);
    const BindingAnswer answer = ask_in_pieces(question(port, ms, ms + 1), files, random);
    if (world.is_blind(ms)) {
      EXPECT_TRUE(has(answer, DoubtKind::down)) << seed << " " << ms;
      continue;
    }
    if (!loses) {
      EXPECT_FALSE(has(answer, DoubtKind::lost));
    }
    if (!is_certain(answer)) continue;
    ++certain;
    EXPECT_EQ(holders(answer), world.truth(port, ms)) << "seed " << seed << " port " << port << " ms " << ms;
  }
  EXPECT_GT(certain, loses ? 8u : 60u) << seed;
}

TEST(HistoryTwin, of_json_lines_says_what_was_or_that_it_is_not_sure) {
  for (unsigned seed = 0; seed < 24; ++seed) compare_with_a_world<JsonEncoder>(seed);
}

TEST(HistoryTwin, of_syslog_says_what_was_or_that_it_is_not_sure) {
  for (unsigned seed = 1000; seed < 1008; ++seed) compare_with_a_world<SyslogEncoder>(seed);
}

}  // namespace
}  // namespace dragoman::gateway
