// The last step of a query: header bits, size, OPT, padding. Worker thread; allocates nothing.
#pragma once

#include <optional>
#include <string_view>

#include "dragoman/dns/edns.h"
#include "dragoman/dns/message_writer.h"
#include "inquiry.h"

namespace dragoman::resolve {

// What a reply says beside its records.
struct ReplyContent {
  dns::Rcode rcode = dns::Rcode::noerror;
  bool authentic = false;  // may be told as AD
  std::optional<dns::Ede> ede;
  std::string_view ede_text;
};

class ReplyWriter {
 public:
  // Writes into `out`; the question, in the client's own case, is there already.
  ReplyWriter(const Inquiry& inquiry, const Settings& settings, Metrics& metrics, MutableBytes out);

  // Where the records go.
  dns::MessageWriter& records() { return writer_; }
  // Completes the message; what does not fit goes out as a bare question with TC (RFC 2181 9).
  HandleResult finish(const ReplyContent& content, Source source, TimePoint now);

 private:
  std::size_t limit(std::size_t room) const;
  dns::EdnsReply edns(const ReplyContent& content) const;
  dns::Header header(const ReplyContent& content) const;
  std::uint32_t freshness(dns::Rcode rcode) const;

  const Inquiry& inquiry_;
  const Settings& settings_;
  Metrics& metrics_;
  MutableBytes out_;
  dns::MessageWriter writer_;
};

}  // namespace dragoman::resolve
