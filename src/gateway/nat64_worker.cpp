// The loop of a NAT64 worker: read, translate, write, and the passing of time. One thread; see nat64_worker.h.
// Nothing here allocates or locks while packets pass, but for work that the control thread posts.
#include "nat64_worker.h"

#include <pthread.h>

#include <utility>

#include "dragoman/base/log.h"
#include "dragoman/nat64/segmentation.h"
#include "dragoman/net/random.h"
#include "dragoman/net/thread_priority.h"

namespace dragoman::gateway {
namespace {

constexpr std::size_t packets_a_turn = 64;
// A turn that took less did not sleep: packets come faster than they are taken.
constexpr std::chrono::microseconds shortest_sleep{10};
constexpr seconds tick{1};

// One more octet than any packet that may come: what fills it has been cut.
constexpr std::size_t largest_read = nat64::Packet::max_size + 1;

std::uint64_t make_secret() {
  std::uint64_t secret = 0;
  net::fill_random({reinterpret_cast<std::uint8_t*>(&secret), sizeof secret});
  return secret;
}

}  // namespace

Nat64Worker::Nat64Worker(nat64::Translator::Place place, std::shared_ptr<const nat64::Options> options,
                         const nat64::Translator::Shared& shared, net::TunQueue& queue, BindingLog* log)
    : number_(place.worker),
      queue_(queue),
      log_(log),
      translator_(place, std::move(options), shared, make_secret(), Clock::now()),
      room_(std::make_unique_for_overwrite<std::uint8_t[]>(nat64::Packet::headroom + largest_read +
                                                           nat64::Packet::tailroom)),
      wake_(queue.fd()) {}

Nat64Worker::~Nat64Worker() = default;

void Nat64Worker::meet(const std::vector<Nat64Worker*>& workers) {
  others_ = workers;
  for (const Nat64Worker* other : workers) {
    arrivals_.push_back(other == this ? nullptr : std::make_unique<PacketRing>());
  }
}

void Nat64Worker::start() {
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), ("nat64-" + std::to_string(number_)).c_str());
    net::ask_for_short_slices();
    run();
  });
}

void Nat64Worker::stop() {
  stopped_.store(true, std::memory_order_release);
  wake_.signal();
}

void Nat64Worker::join() {
  if (thread_.joinable()) thread_.join();
}

void Nat64Worker::post(Work work) {
  work_.with([&](auto& waiting) { waiting.push_back(std::move(work)); });
  has_work_.store(true, std::memory_order_release);
  wake_.signal();
}

// One turn: the clock once, then packets, then what time has brought. A worker with nothing to do sleeps until the next
// tick. One that slept takes one packet: where packets come one by one, looking for a second one is a system call for
// nothing; where more wait, the next turn comes at once and takes many.
void Nat64Worker::run() {
  now_ = next_tick_ = Clock::now();
  std::size_t most = 1;
  while (!stopped_.load(std::memory_order_acquire) && alive_.load(std::memory_order_relaxed)) {
    const std::size_t taken = take_from_device(most);
    const bool handed = take_from_others();
    if (has_work_.load(std::memory_order_acquire)) do_work();
    const bool is_due = now_ >= next_tick_;
    if (is_due && !translator_.expire(now_, *this)) next_tick_ = now_ + tick;
    const bool is_behind = is_due && now_ >= next_tick_;
    if (!handed && !is_behind && (taken < packets_a_turn)) sleep();
    const TimePoint before = std::exchange(now_, Clock::now());
    most = now_ - before < shortest_sleep ? packets_a_turn : 1;
  }
}

std::size_t Nat64Worker::take_from_device(std::size_t most) {
  std::size_t taken = 0;
  while (taken < most && read_one()) ++taken;
  if (taken != 0) tun_metrics_.turns.add();
  return taken;
}

bool Nat64Worker::read_one() {
  nat64::Packet packet{room_.get() + nat64::Packet::headroom, 0, {}};
  const auto [result, size] = queue_.read(packet.offload, {packet.data, largest_read});
  if (result == net::TunResult::again) return false;
  if (result != net::TunResult::ok) return note_unread(result);
  packet.size = size;
  tun_metrics_.reads(packet.offload.is_super_packet() ? PacketKind::super : PacketKind::single).add();
  tun_metrics_.read_bytes.add(size);
  translator_.translate(packet, nat64::Translator::Arrival::device, now_, *this);
  return true;
}

// False: nothing more in this turn.
bool Nat64Worker::note_unread(net::TunResult result) {
  const bool is_down = result == net::TunResult::down || result == net::TunResult::gone;
  const ReadFailure reason = result == net::TunResult::too_long ? ReadFailure::too_long
                             : is_down                          ? ReadFailure::down
                                                                : ReadFailure::failed;
  tun_metrics_.read_failures(reason).add();
  if (result == net::TunResult::gone) {
    log::error("nat64_device_gone", "the device was deleted: the NAT64 carries nothing until the program is restarted");
    alive_.store(false, std::memory_order_release);
  }
  return false;
}

bool Nat64Worker::take_from_others() {
  bool any = false;
  for (const auto& ring : arrivals_) {
    nat64::Packet packet;
    for (std::size_t i = 0; i < packets_a_turn && ring && ring->pop(packet, room_.get() + nat64::Packet::headroom);
         ++i) {
      any = true;
      translator_.translate(packet, nat64::Translator::Arrival::handed_off, now_, *this);
    }
  }
  return any;
}

bool Nat64Worker::has_arrivals() const {
  for (const auto& ring : arrivals_) {
    if (ring && !ring->empty()) return true;
  }
  return false;
}

void Nat64Worker::do_work() {
  has_work_.store(false, std::memory_order_release);
  std::vector<Work> waiting;
  work_.with([&](auto& shared) { waiting.swap(shared); });
  for (Work& work : waiting) work(translator_, *this, now_);
}

void Nat64Worker::sleep() {
  wake_.about_to_sleep();
  if (has_arrivals() || has_work_.load() || stopped_.load()) return wake_.stay_awake();
  const auto until_tick = std::chrono::ceil<milliseconds>(next_tick_ - now_);
  wake_.wait(std::max(until_tick, milliseconds(0)));
}

void Nat64Worker::send(nat64::Packet& packet) {
  if (write(packet)) return;
  // A kernel with a fault in its checks, or one that lost an offload: the segments alone it must take.
  tun_metrics_.offload_rejections.add();
  write_segments(packet);
}

// False: the kernel does not believe its offload header.
bool Nat64Worker::write(const nat64::Packet& packet) {
  switch (queue_.write(packet.offload, {packet.data, packet.size})) {
    case net::TunResult::ok:
      return true;
    case net::TunResult::rejected:
      if (packet.offload != nat64::Offload{}) return false;
      tun_metrics_.write_failures(WriteFailure::rejected).add();
      return true;
    case net::TunResult::again:
      tun_metrics_.write_failures(WriteFailure::no_room).add();
      return true;
    case net::TunResult::down:
    case net::TunResult::gone:
      tun_metrics_.write_failures(WriteFailure::down).add();
      return true;
    case net::TunResult::too_long:
    case net::TunResult::failed:
      break;
  }
  tun_metrics_.write_failures(WriteFailure::failed).add();
  return true;
}

void Nat64Worker::write_segments(nat64::Packet& packet) {
  nat64::segment(packet, [this](const nat64::Packet& piece) {
    tun_metrics_.segments_made.add();
    if (!write(piece)) tun_metrics_.write_failures(WriteFailure::rejected).add();
  });
}

bool Nat64Worker::hand_off(unsigned worker, const nat64::Packet& packet, nat64::HandOff) {
  Nat64Worker& owner = *others_[worker];
  if (!owner.arrivals_[number_]->push(packet)) return false;
  owner.wake_.signal();
  return true;
}

void Nat64Worker::note(const nat64::BindingEvent& event) {
  if (log_ != nullptr) log_->note(number_, event);
}

}  // namespace dragoman::gateway
