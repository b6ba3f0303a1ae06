// The load of ./dev bench: one thread that asks a DNS server on the loopback by UDP, TCP, TLS or HTTPS, checks every
// answer, and reads what it cost the server exactly around the measured time. Prints one JSON object.
//
//   load         many queries over long-lived connections: as fast as answers come (closed), or at a rate (open:
//   latency
//                counts from when a query was due, so that a server that stalls does not slow its own measurement)
//   connections  one query on each of ever new connections, with or without the ticket of an earlier one
//   idle         connections that ask once and are held until standard input ends
//   mix          open, with names never asked before among the known ones, while new connections come
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <deque>
#include <iostream>
#include <map>
#include <optional>

#include "channel.h"
#include "histogram.h"
#include "server_cpu.h"

namespace dragoman::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;
using std::chrono::duration;
using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr auto patience = std::chrono::seconds(2);
constexpr auto window_length = milliseconds(250);
// An open loop asks what is due by then at once: waking up for each query costs this program more than the query.
constexpr auto tick = microseconds(100);
constexpr std::size_t connections_per_source = 20'000;

struct Options {
  Protocol protocol{};
  std::string mode = "load", server = "127.0.0.1", queries;
  std::uint16_t port = 0;
  std::size_t connections = 10, in_flight = 100, count = 0, skip = 0;
  double rate = 0, seconds = 3, warm_up = 1;
  bool resume = false;
  std::vector<int> charged;
  double misses = 0, handshakes = 0;
  std::string fresh_suffix;
  std::size_t fresh_start = 0;
  std::uint16_t handshake_port = 0;
  Protocol handshake_protocol = Protocol::dot;
};

enum class Kind : std::uint8_t { known, fresh, connection };

// A query under way, by its ID.
struct Asked {
  Channel* channel = nullptr;  // null: none
  Time since{};
  Kind kind{};
  Octets question;  // what the answer must repeat
};

struct Counts {
  std::uint64_t sent = 0, answered = 0, lost = 0, failed = 0, noerror = 0, nxdomain = 0, servfail = 0, with_answer = 0,
                resumed = 0, reconnected = 0, made = 0;
};

class Load final : public Answers {
 public:
  explicit Load(const Options& options);
  void run();
  void report() const;

  void answered(Channel& channel, std::span<const std::uint8_t> message) override;
  void opened(Channel& channel) override;
  void failed(Channel& channel) override;

 private:
  // A channel, and what it is for.
  struct Held {
    std::unique_ptr<Channel> channel;
    bool is_new_connection = false;  // one query, then it ends
    Time since{};
    std::size_t under_way = 0;
    bool is_ending = false;  // its place is in to_close_
  };

  bool is_mode(const char* mode) const { return options_.mode == mode; }
  bool is_open_loop() const { return options_.rate > 0; }
  void open(Server& server, bool is_new_connection);
  void end(Held& held);
  void close(std::uint32_t place);
  void turn();
  void wait();
  void ask_as_due();
  void connect_as_due();
  bool ask_next(Time since);
  void ask(Held& held, const Octets& query, Kind kind, Time since);
  Held* next_with_room();
  void count(const Asked& asked, std::span<const std::uint8_t> message);
  void forget_lost();
  void forget_unopened();
  void close_finished();
  void begin_measuring();
  void end_measuring();
  bool is_done() const;
  void hold();
  nanoseconds interval(double rate) const { return nanoseconds(static_cast<std::int64_t>(1e9 / rate)); }

  Options options_;
  Questions questions_;
  Server server_;
  std::optional<Server> handshake_server_;
  int epoll_ = epoll_create1(EPOLL_CLOEXEC);

  std::vector<Held> held_;
  std::vector<std::uint32_t> free_places_, to_close_, asked_of_;
  std::size_t next_held_ = 0, opened_ = 0;
  std::vector<Asked> asked_ = std::vector<Asked>(65536);
  std::deque<std::uint16_t> free_ids_;                    // the one longest unused first
  std::deque<std::pair<std::uint16_t, Time>> under_way_;  // in the order in which they were sent
  std::deque<std::pair<std::uint32_t, Time>> opening_;    // places of new connections, the oldest first
  std::size_t in_flight_ = 0, fresh_ = 0;
  double fresh_share_ = 0, owed_ = 0;  // in an open loop: queries due by now, not asked yet
  Time now_ = Clock::now(), due_{}, connection_due_{}, lost_check_{};

  bool is_measuring_ = false;
  Counts counts_;
  std::map<Kind, Histogram> latencies_;
  Histogram window_, lateness_;  // the latter: of this program, in an open loop
  Time window_end_{};
  std::vector<std::uint64_t> windows_p99_us_;
  Time began_{}, ended_{};
  CpuTime server_before_, server_after_;
  double client_before_ = 0, client_after_ = 0;
};

std::uint64_t microseconds_of(nanoseconds time) {
  const auto us = duration_cast<microseconds>(time).count();
  return us < 0 ? 0 : static_cast<std::uint64_t>(us);
}

double own_cpu_seconds() {
  timespec spent;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) * 1e-9;
}

Load::Load(const Options& options)
    : options_(options),
      questions_(options.queries, options.skip),
      server_(options.server, options.port, options.protocol) {
  for (std::size_t id = 0; id < asked_.size(); ++id) free_ids_.push_back(static_cast<std::uint16_t>(id));
  fresh_ = options.fresh_start;
  if (options.handshake_port != 0) {
    handshake_server_.emplace(options.server, options.handshake_port, options.handshake_protocol);
  }
}

// -- Channels --
void Load::open(Server& server, bool is_new_connection) {
  Channel::Options options{.resumes = options_.resume && is_new_connection};
  options.source = server.protocol() == Protocol::udp
                       ? 0
                       : static_cast<std::uint32_t>(256 + opened_ / connections_per_source % 60'000);
  ++opened_;
  std::uint32_t place;
  if (free_places_.empty()) {
    place = static_cast<std::uint32_t>(held_.size());
    held_.emplace_back();
  } else {
    place = free_places_.back();
    free_places_.pop_back();
  }
  held_[place] = {Channel::open(server, *this, options), is_new_connection, Clock::now()};
  if (is_new_connection) opening_.emplace_back(place, held_[place].since);
  held_[place].channel->place = place;
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLET | EPOLLRDHUP, .data = {.u64 = place}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, held_[place].channel->fd(), &event);
}

void Load::opened(Channel& channel) {
  Held& held = held_[channel.place];
  if (is_measuring_ && channel.was_resumed()) ++counts_.resumed;
  if (held.is_new_connection || is_mode("idle")) ask(held, questions_.next(), Kind::connection, held.since);
}

// A server that hangs up behind its answer has not failed.
void Load::failed(Channel& channel) {
  Held& held = held_[channel.place];
  if (held.is_ending) return;
  if (is_measuring_) ++counts_.failed;
  if (channel.is_dead()) end(held);
}

// Only once: a second entry for this place would close whatever is opened there next.
void Load::end(Held& held) {
  if (held.is_ending) return;
  held.is_ending = true;
  to_close_.push_back(held.channel->place);
}

void Load::close(std::uint32_t place) {
  Held& held = held_[place];
  if (!held.channel) return;
  for (auto& [id, since] : under_way_) {
    Asked& asked = asked_[id];
    if (held.under_way == 0) break;
    if (asked.channel != held.channel.get()) continue;
    asked.channel = nullptr;
    free_ids_.push_back(id);
    --in_flight_;
    --held.under_way;
    if (is_measuring_) ++counts_.lost;
  }
  held = {};
  free_places_.push_back(place);
}

void Load::close_finished() {
  for (std::size_t i = 0; i < to_close_.size(); ++i) {
    const std::uint32_t place = to_close_[i];
    if (!held_[place].channel) continue;
    const bool is_to_be_replaced = !held_[place].is_new_connection && held_[place].channel->is_dead();
    held_[place].channel->finish();
    close(place);
    if (is_mode("idle")) continue;
    if (is_mode("connections")) {
      open(server_, true);
    } else if (is_to_be_replaced) {
      if (is_measuring_) ++counts_.reconnected;
      open(server_, false);
    }
  }
  to_close_.clear();
}

// -- Queries --
void Load::ask(Held& held, const Octets& query, Kind kind, Time since) {
  const std::uint16_t id = free_ids_.front();
  free_ids_.pop_front();
  asked_[id] = {held.channel.get(), since, kind, query};
  under_way_.emplace_back(id, since);
  held.channel->ask(query, id);
  asked_of_.push_back(held.channel->place);
  ++held.under_way;
  ++in_flight_;
  if (is_measuring_) ++counts_.sent;
}

Load::Held* Load::next_with_room() {
  for (std::size_t tries = 0; tries < held_.size(); ++tries) {
    Held& held = held_[next_held_];
    next_held_ = next_held_ + 1 < held_.size() ? next_held_ + 1 : 0;
    if (held.channel && !held.is_new_connection && held.channel->has_room()) return &held;
  }
  return nullptr;
}

bool Load::ask_next(Time since) {
  Held* held = free_ids_.empty() ? nullptr : next_with_room();
  if (held == nullptr) return false;
  fresh_share_ += options_.misses;
  if (fresh_share_ >= 1) {
    fresh_share_ -= 1;
    ask(*held, make_query("x" + std::to_string(fresh_++) + "." + options_.fresh_suffix, "AAAA"), Kind::fresh, since);
  } else {
    ask(*held, questions_.next(), Kind::known, since);
  }
  return true;
}

void Load::ask_as_due() {
  if (is_mode("connections") || is_mode("idle")) return;
  if (is_open_loop()) {
    for (; due_ <= now_; due_ += tick) {
      for (owed_ += options_.rate * duration<double>(tick).count(); owed_ >= 1; --owed_) {
        if (!ask_next(due_) && is_measuring_) ++counts_.lost;
      }
      if (is_measuring_) lateness_.add(microseconds_of(now_ - due_));
    }
    return;
  }
  const bool counts = options_.count > 0;
  while (in_flight_ < options_.in_flight && !(counts && counts_.sent >= options_.count)) {
    if (!ask_next(now_)) break;
  }
}

void Load::connect_as_due() {
  if (options_.handshakes <= 0) return;
  for (; connection_due_ <= now_; connection_due_ += interval(options_.handshakes)) {
    open(handshake_server_ ? *handshake_server_ : server_, true);
    if (is_measuring_) ++counts_.made;
  }
}

void Load::answered(Channel& channel, std::span<const std::uint8_t> message) {
  Held& held = held_[channel.place];
  const bool is_whole = message.size() >= 12 && (message[2] & 0x80) != 0;
  const std::size_t id = is_whole ? std::size_t{message[0]} << 8 | message[1] : 0;
  Asked& asked = asked_[id];
  const std::size_t name_at = 12;
  if (!is_whole || asked.channel != &channel || message.size() < asked.question.size() ||
      std::memcmp(message.data() + name_at, asked.question.data() + name_at, asked.question.size() - name_at) != 0) {
    if (is_measuring_) ++counts_.failed;
    return;
  }
  asked.channel = nullptr;
  free_ids_.push_back(static_cast<std::uint16_t>(id));
  --in_flight_;
  --held.under_way;
  if (is_measuring_ && asked.since >= began_) count(asked, message);
  if (held.is_new_connection) end(held);
}

void Load::count(const Asked& asked, std::span<const std::uint8_t> message) {
  ++counts_.answered;
  const int rcode = message[3] & 15;
  counts_.noerror += rcode == 0;
  counts_.nxdomain += rcode == 3;
  counts_.servfail += rcode == 2;
  counts_.with_answer += message[6] != 0 || message[7] != 0;
  const std::uint64_t latency = microseconds_of(Clock::now() - asked.since);
  latencies_[asked.kind].add(latency);
  if (asked.kind == Kind::known) window_.add(latency);
}

void Load::forget_lost() {
  if (now_ < lost_check_) return;
  lost_check_ = now_ + milliseconds(20);
  while (!under_way_.empty()) {
    const auto [id, since] = under_way_.front();
    Asked& asked = asked_[id];
    const bool is_under_way = asked.channel != nullptr && asked.since == since;
    if (is_under_way && now_ - since < patience) return;
    under_way_.pop_front();
    if (!is_under_way) continue;
    Held& held = held_[asked.channel->place];
    if (held.is_new_connection) end(held);
    asked.channel = nullptr;
    free_ids_.push_back(id);
    --in_flight_;
    --held.under_way;
    if (is_measuring_) ++counts_.lost;
  }
}

// A handshake that comes to no end would keep its place for ever, for no query is under way yet that could be lost.
void Load::forget_unopened() {
  for (; !opening_.empty() && now_ - opening_.front().second >= patience; opening_.pop_front()) {
    const auto [place, since] = opening_.front();
    Held& held = held_[place];
    if (!held.channel || held.since != since || held.channel->is_open() || held.is_ending) continue;
    if (is_measuring_) ++counts_.failed;
    end(held);
  }
}

// -- Time --
void Load::turn() {
  now_ = Clock::now();
  ask_as_due();
  connect_as_due();
  for (const std::uint32_t place : asked_of_) {
    if (held_[place].channel) held_[place].channel->flush();
  }
  asked_of_.clear();
  wait();
  close_finished();
  forget_lost();
  forget_unopened();
  if (is_measuring_ && is_mode("mix") && now_ >= window_end_) {
    windows_p99_us_.push_back(window_.quantile(0.99));
    window_.clear();
    window_end_ += window_length;
  }
}

void Load::wait() {
  Time wake = now_ + milliseconds(20);
  if (is_open_loop()) wake = std::min(wake, due_);
  if (options_.handshakes > 0) wake = std::min(wake, connection_due_);
  const auto left = std::max(nanoseconds(0), duration_cast<nanoseconds>(wake - Clock::now())).count();
  const timespec timeout{left / 1'000'000'000, left % 1'000'000'000};
  std::array<epoll_event, 512> events;
  const int count = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
  for (int i = 0; i < count; ++i) {
    Held& held = held_[events[static_cast<std::size_t>(i)].data.u64];
    if (held.channel && !held.channel->is_dead()) held.channel->on_ready();
  }
}

void Load::begin_measuring() {
  server_before_ = cpu_time(options_.charged);
  client_before_ = own_cpu_seconds();
  began_ = Clock::now();
  window_end_ = began_ + window_length;
  is_measuring_ = true;
}

void Load::end_measuring() {
  ended_ = Clock::now();
  server_after_ = cpu_time(options_.charged);
  client_after_ = own_cpu_seconds();
  is_measuring_ = false;
}

bool Load::is_done() const {
  if (options_.count > 0) return counts_.answered + counts_.lost >= options_.count;
  return Clock::now() - began_ >= duration<double>(options_.seconds);
}

void Load::run() {
  if (is_mode("idle")) return hold();
  const bool is_new = is_mode("connections");
  for (std::size_t i = 0; i < options_.connections; ++i) {
    open(server_, is_new);
    // A burst of handshakes beyond the backlog would be retried after a second.
    if (options_.protocol != Protocol::udp && i % 64 == 63) wait();
  }
  if (!is_new) {
    const Time give_up = Clock::now() + std::chrono::seconds(20);
    const auto are_open = [this] {
      return std::all_of(held_.begin(), held_.end(),
                         [](const Held& held) { return held.channel && held.channel->is_open(); });
    };
    while (!are_open()) {
      if (Clock::now() > give_up) throw std::runtime_error("the connections did not open");
      wait();
      close_finished();
    }
  }
  now_ = Clock::now();
  due_ = connection_due_ = now_;
  if (options_.count == 0) {
    const Time warm = now_ + duration_cast<nanoseconds>(duration<double>(options_.warm_up));
    while (Clock::now() < warm) turn();
  }
  begin_measuring();
  while (!is_done()) turn();
  end_measuring();
}

void Load::hold() {
  constexpr std::size_t at_once = 100;
  is_measuring_ = true;
  const Time give_up = Clock::now() + std::chrono::minutes(5);
  while (counts_.answered < options_.connections) {
    if (Clock::now() > give_up || counts_.failed > 0) throw std::runtime_error("the connections were not all opened");
    while (opened_ < options_.connections && opened_ - counts_.answered < at_once) open(server_, false);
    turn();
  }
  std::cout << "{\"open\": " << counts_.answered << "}" << std::endl;
  while (std::getc(stdin) != EOF) {
  }
}

// -- The report --
class Json {
 public:
  template <class Value>
  Json& add(const char* name, Value value) {
    text_ << (text_.tellp() > 0 ? ", " : "") << '"' << name << "\": " << value;
    return *this;
  }
  Json& add_latency(const Histogram& latency) {
    for (const auto& [name, share] :
         {std::pair{"p50_us", 0.5}, {"p90_us", 0.9}, {"p99_us", 0.99}, {"p999_us", 0.999}}) {
      add(name, latency.quantile(share));
    }
    return *this;
  }
  std::string text() const { return "{" + text_.str() + "}"; }

 private:
  std::ostringstream text_;
};

const std::map<std::string, Protocol> protocols{
    {"udp", Protocol::udp}, {"tcp", Protocol::tcp}, {"dot", Protocol::dot}, {"doh", Protocol::doh}};

std::string name_of(Protocol wanted) {
  const auto is_wanted = [wanted](const auto& named) { return named.second == wanted; };
  return std::ranges::find_if(protocols, is_wanted)->first;
}

std::string latency_object(const Histogram& latency) {
  return Json().add("count", latency.count()).add_latency(latency).text();
}

void Load::report() const {
  const double seconds = duration<double>(ended_ - began_).count();
  const double answered = static_cast<double>(std::max<std::uint64_t>(1, counts_.answered));
  const auto cpu_ns = static_cast<double>(server_after_.ns - server_before_.ns);
  const auto kernel = static_cast<double>(server_after_.kernel_ticks - server_before_.kernel_ticks);
  const auto user = static_cast<double>(server_after_.user_ticks - server_before_.user_ticks);
  const auto latency = [this](Kind kind) {
    const auto found = latencies_.find(kind);
    return found == latencies_.end() ? Histogram() : found->second;
  };
  Json json;
  json.add("protocol", '"' + name_of(options_.protocol) + '"').add("mode", '"' + options_.mode + '"');
  json.add("seconds", seconds).add("sent", counts_.sent);
  json.add("answered", counts_.answered).add("lost", counts_.lost).add("failed", counts_.failed);
  json.add("noerror", counts_.noerror).add("nxdomain", counts_.nxdomain).add("servfail", counts_.servfail);
  json.add("with_answer", counts_.with_answer).add("resumed", counts_.resumed);
  json.add("reconnected", counts_.reconnected).add("qps", static_cast<double>(counts_.answered) / seconds);
  json.add("cpu_us", cpu_ns / 1e3 / answered).add("kernel_share", kernel / std::max(1.0, kernel + user));
  json.add("busy", cpu_ns * 1e-9 / seconds).add("client_busy", (client_after_ - client_before_) / seconds);
  json.add_latency(latency(is_mode("connections") ? Kind::connection : Kind::known));
  if (is_open_loop()) json.add("late_p99_us", lateness_.quantile(0.99));
  if (is_mode("mix")) {
    std::string windows;
    for (const std::uint64_t p99 : windows_p99_us_) windows += (windows.empty() ? "" : ", ") + std::to_string(p99);
    json.add("cached", latency_object(latency(Kind::known)));
    json.add("missed", latency_object(latency(Kind::fresh)));
    json.add("connections", latency_object(latency(Kind::connection))).add("made", counts_.made);
    json.add("windows_p99_us", "[" + windows + "]");
  }
  std::cout << json.text() << std::endl;
}

int parse(int argc, char** argv, Options& options) {
  CLI::App app{"Loads a DNS server on the loopback and tells what it cost."};
  app.add_option("--protocol", options.protocol)->required()->transform(CLI::CheckedTransformer(protocols));
  app.add_option("--mode", options.mode)->check(CLI::IsMember({"load", "connections", "idle", "mix"}));
  app.add_option("--server", options.server, "an address in 127.0.0.0/8");
  app.add_option("--port", options.port)->required();
  app.add_option("--queries", options.queries, "a file of lines: name type")->required();
  app.add_option("--connections", options.connections, "that are open at once; sockets for UDP");
  app.add_option("--in-flight", options.in_flight, "queries under way, all together");
  app.add_option("--rate", options.rate, "queries a second, whatever the answers do");
  app.add_option("--seconds", options.seconds);
  app.add_option("--warm-up", options.warm_up, "seconds before the measured ones");
  app.add_option("--count", options.count, "so many queries instead, without warming up");
  app.add_option("--skip", options.skip, "begin so many lines into the file");
  app.add_flag("--resume", options.resume, "new connections show the ticket of an earlier one");
  app.add_option("--charge", options.charged, "processes whose CPU time is told")->delimiter(',');
  app.add_option("--misses", options.misses, "share of queries for names that nobody asked before");
  app.add_option("--fresh-suffix", options.fresh_suffix, "where these names lie");
  app.add_option("--fresh-start", options.fresh_start, "the number of the first");
  app.add_option("--handshakes", options.handshakes, "new connections a second");
  app.add_option("--handshake-port", options.handshake_port, "where these go, if elsewhere");
  app.add_option("--handshake-protocol", options.handshake_protocol)->transform(CLI::CheckedTransformer(protocols));
  CLI11_PARSE(app, argc, argv);
  return -1;
}

void raise_descriptor_limit() {
  rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace
}  // namespace dragoman::bench

int main(int argc, char** argv) {
  using namespace dragoman::bench;
  std::signal(SIGPIPE, SIG_IGN);  // a server that hangs up fails one connection
  prctl(PR_SET_TIMERSLACK, 1);  // an open loop wakes when a query is due, and not up to 50 us behind
  Options options;
  if (const int status = parse(argc, argv, options); status >= 0) return status;
  raise_descriptor_limit();
  try {
    Load load(options);
    load.run();
    if (options.mode != "idle") load.report();
  } catch (const std::exception& error) {
    std::cerr << "dns_load: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
