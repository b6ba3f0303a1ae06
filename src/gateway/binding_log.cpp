// The thread around the writer.
//
// It looks at the queues 20 times a second, more often while they fill faster than that, and is never woken: a producer
// that rang a bell would pay for a system call, or for a fence to know that it need not.
#include "dragoman/gateway/binding_log.h"

#include <unistd.h>

#include <thread>

#include "binding_writer.h"
#include "dragoman/net/event_loop.h"

namespace dragoman::gateway {
namespace {

constexpr milliseconds between_turns{50};
constexpr double busy = 0.25;  // of a queue: then the next turn comes at once
constexpr seconds farewell{1};
constexpr milliseconds between_farewells{10};

Moment moment() { return {wall_now(), Clock::now()}; }

// RFC 5424 6.2.4: printable ASCII, "-" when there is no name.
std::string host_name(const std::string& configured) {
  char name[256] = "";
  if (configured.empty()) ::gethostname(name, sizeof name - 1);
  std::string printable;
  for (const char c : configured.empty() ? std::string(name) : configured) {
    if (c > ' ' && c <= '~' && c != '"' && c != '\\' && c != ']') printable += c;
  }
  return printable.empty() ? "-" : printable.substr(0, 255);
}

}  // namespace

struct BindingLog::State {
  std::vector<std::unique_ptr<Producer>> producers;
  BindingLogMetrics metrics;

  // The writer's thread.
  std::unique_ptr<BindingWriter> writer;
  net::EventLoop loop;
  net::Timer timer{[](void* self) { static_cast<State*>(self)->turn(); }, this};
  std::thread thread;

  ~State() {
    if (!thread.joinable()) return;
    loop.stop();
    thread.join();
    say_farewell();
  }
  void turn() {
    const double fullest = writer->turn(moment());
    loop.set_after(timer, fullest > busy ? milliseconds(0) : between_turns);
  }
  void say_farewell();
};

// On the thread that closes the log; producers and writer have ended.
void BindingLog::State::say_farewell() {
  writer->turn(moment());
  writer->turn(moment());  // what the first one found missing
  writer->stop(wall_now());
  const TimePoint deadline = Clock::now() + farewell;
  writer->turn(moment());
  while (writer->is_worth_waiting_for() && Clock::now() < deadline) {
    std::this_thread::sleep_for(between_farewells);
    writer->turn(moment());
  }
  writer->close();
}

BindingLog::BindingLog(std::unique_ptr<State> state) : state_(std::move(state)) {}
BindingLog::~BindingLog() = default;

Result<std::unique_ptr<BindingLog>> BindingLog::open(const BindingLogOptions& options, unsigned producers,
                                                     const nat64::Options& nat64) {
  auto state = std::make_unique<State>();
  for (unsigned i = 0; i < producers; ++i) state->producers.push_back(std::make_unique<Producer>(options.queue_size));
  Writer writer{host_name(options.host), static_cast<std::uint32_t>(::getpid()), wall_now(), options};
  auto opened = BindingWriter::open(std::move(writer), state->producers, nat64, state->metrics);
  if (!opened) return opened.error();
  state->writer = *std::move(opened);
  State& running = *state;
  running.thread = std::thread([&running] {
    running.turn();
    running.loop.run();
  });
  return std::unique_ptr<BindingLog>(new BindingLog(std::move(state)));
}

bool BindingLog::note(unsigned producer, const nat64::BindingEvent& event) {
  Producer& its = *state_->producers[producer];
  if (its.ring.push({wall_now(), event})) return true;
  its.lost.store(its.lost.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  return false;
}

void BindingLog::reopen() {
  state_->loop.post([state = state_.get()] { state->writer->reopen(); });
}

void BindingLog::apply(const nat64::Options& nat64) {
  state_->loop.post([state = state_.get(), nat64] { state->writer->change(nat64, wall_now()); });
}

const BindingLogMetrics& BindingLog::metrics() const { return state_->metrics; }

}  // namespace dragoman::gateway
