// A reply that is on its way to a listener or connection which may be gone before it comes. Worker thread only.
#pragma once

#include <cstdint>

#include "dragoman/resolve/query.h"

namespace dragoman::resolve {

class PendingReply {
 public:
  PendingReply(ReplyTarget& target, std::uint64_t ticket);
  ~PendingReply();
  PendingReply(const PendingReply&) = delete;
  PendingReply& operator=(const PendingReply&) = delete;

  // False once the target is gone or has forgotten the ticket.
  bool wanted() const { return target_ != nullptr; }
  // Hands the reply over, if it is still wanted; at most once.
  void deliver(Bytes message, const ReplyFacts& facts);

 private:
  friend class ReplyTarget;
  void detach();
  ReplyTarget* target_;
  std::uint64_t ticket_;
  PendingReply* next_ = nullptr;
  PendingReply* previous_ = nullptr;
};

}  // namespace dragoman::resolve
