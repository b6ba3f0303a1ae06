// A worker of the NAT64: one thread, one queue of the TUN device, one translator. Packets of the device and packets
// that other workers handed off go in, the translator says where they go. Workers share the port pool, the session
// budget, and the rings between them, which have one writer and one reader each.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "dragoman/base/guarded.h"
#include "dragoman/gateway/binding_log.h"
#include "dragoman/gateway/nat64_metrics.h"
#include "dragoman/nat64/translator.h"
#include "dragoman/net/tun_device.h"
#include "dragoman/net/wake.h"
#include "packet_ring.h"

namespace dragoman::gateway {

class Nat64Worker final : private nat64::Output {
 public:
  using Work = std::function<void(nat64::Translator&, nat64::Output&, TimePoint)>;

  // `log` may be null. The queue, the log and what is shared outlive the worker.
  Nat64Worker(nat64::Translator::Place place, std::shared_ptr<const nat64::Options> options,
              const nat64::Translator::Shared& shared, net::TunQueue& queue, BindingLog* log);
  ~Nat64Worker();  // stop() and join() first

  // Before start(): all workers of the device, this one among them, in order.
  void meet(const std::vector<Nat64Worker*>& workers);
  void start();

  // -- Any thread --
  void stop();
  void join();
  // Runs `work` on the worker's thread, soon and in order.
  void post(Work work);
  bool is_alive() const { return alive_.load(std::memory_order_acquire); }  // false: its device is gone
  const nat64::Metrics& metrics() const { return translator_.metrics(); }
  const TunMetrics& tun_metrics() const { return tun_metrics_; }

 private:
  void run();
  std::size_t take_from_device(std::size_t most);
  bool read_one();
  bool note_unread(net::TunResult result);
  bool take_from_others();
  void do_work();
  bool has_arrivals() const;
  void sleep();

  void send(nat64::Packet& packet) override;
  bool hand_off(unsigned worker, const nat64::Packet& packet, nat64::HandOff reason) override;
  void note(const nat64::BindingEvent& event) override;
  bool write(const nat64::Packet& packet);
  void write_segments(nat64::Packet& packet);

  unsigned number_;
  net::TunQueue& queue_;
  BindingLog* log_;
  nat64::Translator translator_;
  std::unique_ptr<std::uint8_t[]> room_;  // head- and tailroom around the largest packet
  TimePoint now_{};
  TimePoint next_tick_{};
  std::vector<Nat64Worker*> others_;  // by number

  // Written by other threads.
  std::vector<std::unique_ptr<PacketRing>> arrivals_;  // by the number of the writer; null: my own
  Guarded<std::vector<Work>> work_;
  std::atomic<bool> has_work_{false};
  std::atomic<bool> stopped_{false};
  net::Wake wake_;

  // Read by other threads.
  TunMetrics tun_metrics_;
  std::atomic<bool> alive_{true};

  std::thread thread_;
};

}  // namespace dragoman::gateway
