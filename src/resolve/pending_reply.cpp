// The list of a target's waiting replies: whoever goes first, target or reply, takes itself off.
#include "dragoman/resolve/pending_reply.h"

namespace dragoman::resolve {

PendingReply::PendingReply(ReplyTarget& target, std::uint64_t ticket)
    : target_(&target), ticket_(ticket), next_(target.first_) {
  if (next_ != nullptr) next_->previous_ = this;
  target.first_ = this;
  ++target.pending_;
}

PendingReply::~PendingReply() {
  if (wanted()) detach();
}

void PendingReply::detach() {
  (previous_ != nullptr ? previous_->next_ : target_->first_) = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
  --target_->pending_;
  target_ = nullptr;
}

void PendingReply::deliver(Bytes message, const ReplyFacts& facts) {
  if (!wanted()) return;
  ReplyTarget& target = *target_;
  detach();
  target.deliver(ticket_, message, facts);
}

void ReplyTarget::forget(std::uint64_t ticket) {
  for (PendingReply* reply = first_; reply != nullptr; reply = reply->next_) {
    if (reply->ticket_ == ticket) return reply->detach();
  }
}

void ReplyTarget::forget_all() {
  while (first_ != nullptr) first_->detach();
}

}  // namespace dragoman::resolve
