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
  std::optional<dns::Ede> further_ede{};
  std::optional<Dns64Result> dns64{};  // what became of an AAAA question that a policy is for
};

class ReplyWriter {
 public:
  // Writes into `out`; the question, in the client's own case, is there already.
  ReplyWriter(const Inquiry& inquiry, const Settings& settings, Metrics& metrics, MutableBytes out);

  // Where the records go.
  dns::MessageWriter& records() { return writer_; }
  // Completes the message; what does not fit goes out as a bare question with TC (RFC 2181 9).
  // Over UDP response rate limiting may take the reply away: then nothing is handled but dropped.
  HandleResult finish(const ReplyContent& content, Source source, TimePoint now);
  // Instead of finish(), for a query over UDP beyond a limit: nothing, or once in a while the bare question with TC, so
  // that the client comes over TCP, or with BADCOOKIE and a cookie to come again with (RFC 7873 5.2.3).
  HandleResult answer_excess(RateRule rule, TimePoint now);

 private:
  HandleResult slip(TimePoint now);
  HandleResult demand_cookie(TimePoint now);
  std::size_t write_bare(const ReplyContent& content, std::uint16_t flag);
  void count(dns::Rcode rcode, Source source, TimePoint now);
  std::optional<HandleResult> limit_response(const ReplyContent& content, TimePoint now);
  RateLimits::Response response(dns::Rcode rcode, dns::Name& zone) const;
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
