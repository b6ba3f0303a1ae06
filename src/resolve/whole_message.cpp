// Writes the question, appends the records as they are, and parses the result.
#include "whole_message.h"

#include "dragoman/dns/message_writer.h"

namespace dragoman::resolve {

WholeMessage::WholeMessage(const dns::Question& question, const dns::AnswerView& answer)
    : octets_(dns::header_length + question.name.length() + 4 + answer.records.size()) {
  dns::MessageWriter writer(octets_);
  writer.question(question.name, question.type, question.klass);
  writer.append_records(answer.records, answer.head.answers, answer.head.authorities, answer.head.additionals);
  if (!writer.ok()) return;
  dns::Header header;
  header.flags = dns::Header::qr | (static_cast<std::uint16_t>(answer.head.rcode) & 15);
  writer.finish(header);
  ok_ = dns::MessageView::parse(octets_, view_) == dns::MessageView::Fault::none;
}

}  // namespace dragoman::resolve
