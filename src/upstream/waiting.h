// The exchanges that wait on one socket or connection, found by message id: an intrusive hash table, so that a question
// costs no allocation. Ids are random and unique among those that wait. One thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "exchange.h"
#include "random.h"

namespace dragoman::upstream {

class WaitingExchanges {
 public:
  static constexpr std::size_t all_ids = 65536;

  // Gives the exchange an id that no other here has. False when all are taken.
  bool insert(Exchange& exchange, Random& random) {
    if (size_ == all_ids) return false;
    exchange.id = random.u16();
    while (find(exchange.id) != nullptr) ++exchange.id;
    exchange.next_in_bucket = bucket(exchange.id);
    bucket(exchange.id) = &exchange;
    order_.append(exchange);
    ++size_;
    return true;
  }
  Exchange* find(std::uint16_t id) {
    Exchange* at = bucket(id);
    while (at != nullptr && at->id != id) at = at->next_in_bucket;
    return at;
  }
  void remove(Exchange& exchange) {
    Exchange** link = &bucket(exchange.id);
    while (*link != &exchange) link = &(*link)->next_in_bucket;
    *link = exchange.next_in_bucket;
    exchange.unlink();
    --size_;
  }
  // Who has waited longest; null when nobody waits.
  Exchange* oldest() { return order_.is_linked() ? static_cast<Exchange*>(order_.next()) : nullptr; }
  std::size_t size() const { return size_; }

 private:
  Exchange*& bucket(std::uint16_t id) { return buckets_[id % buckets_.size()]; }

  std::array<Exchange*, 128> buckets_{};
  Link order_;
  std::size_t size_ = 0;
};

}  // namespace dragoman::upstream
