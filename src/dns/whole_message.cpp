// Writes the question, appends the records as they are, and parses the result.
#include "dragoman/dns/whole_message.h"

#include "dragoman/dns/message_writer.h"

namespace dragoman::dns {

WholeMessage::WholeMessage(const Question& question, const AnswerView& answer)
    : octets_(header_length + question.name.length() + 4 + answer.records.size()) {
  MessageWriter writer(octets_);
  writer.question(question.name, question.type, question.klass);
  writer.append_records(answer.records, answer.head.answers, answer.head.authorities, answer.head.additionals);
  if (!writer.ok()) return;
  Header header;
  header.flags = Header::qr | (static_cast<std::uint16_t>(answer.head.rcode) & 15);
  writer.finish(header);
  ok_ = MessageView::parse(octets_, view_) == MessageView::Fault::none;
}

}  // namespace dragoman::dns
