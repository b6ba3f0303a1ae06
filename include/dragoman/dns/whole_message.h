// An answer put back behind its question, so that its records can be read with all their names. Off the hot path: it
// copies and parses. Pure.
#pragma once

#include <vector>

#include "dragoman/dns/answer.h"
#include "dragoman/dns/message_view.h"

namespace dragoman::dns {

class WholeMessage {
 public:
  WholeMessage(const Question& question, const AnswerView& answer);
  WholeMessage(const WholeMessage&) = delete;
  WholeMessage& operator=(const WholeMessage&) = delete;

  // False when the answer does not belong to the question, which would be a fault of ours.
  bool ok() const { return ok_; }
  const MessageView& view() const { return view_; }

 private:
  std::vector<std::uint8_t> octets_;
  MessageView view_;
  bool ok_ = false;
};

}  // namespace dragoman::dns
