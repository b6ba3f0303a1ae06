// The steering of the NAT64's device: BPF maps that say who owns what, and the program that reads them. Without the
// right to load it, workers hand packets to their owners themselves.
#pragma once

#include <optional>

#include "dragoman/base/result.h"
#include "dragoman/nat64/options.h"
#include "dragoman/nat64/port_pool.h"
#include "dragoman/net/bpf.h"
#include "dragoman/net/tun_device.h"

namespace dragoman::gateway {

class Steering {
 public:
  // Makes the maps. Error: permission.
  static Result<Steering> make(const nat64::Options& options);

  // For the PortPool; outlives it.
  nat64::OwnerWords owners() const { return owners_.words(); }
  // Loads the program and puts it to work.
  Result<void> attach(const nat64::Options& options, net::TunDevice& device);
  // The addresses of a pool that is new or has grown, and who has the ports of static bindings. Addresses that are gone
  // stay while they drain.
  Result<void> learn(const nat64::Options& options, const nat64::PortPool& pool, unsigned workers);

 private:
  Steering(net::BpfMap addresses, net::BpfWords owners, net::BpfMap fragments)
      : addresses_(std::move(addresses)), owners_(std::move(owners)), fragments_(std::move(fragments)) {}

  net::BpfMap addresses_;
  net::BpfWords owners_;
  net::BpfMap fragments_;
};

}  // namespace dragoman::gateway
