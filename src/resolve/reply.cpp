// Finishing replies. What a client did not ask for it does not get: no OPT without EDNS, no padding without padding.
#include "reply.h"

#include <algorithm>

#include "tracing.h"

namespace dragoman::resolve {
namespace {

constexpr std::uint16_t reply_padding = 468;  // RFC 8467 4.1

}  // namespace

ReplyWriter::ReplyWriter(const Inquiry& inquiry, const Settings& settings, Metrics& metrics, MutableBytes out)
    : inquiry_(inquiry), settings_(settings), metrics_(metrics), out_(out.first(limit(out.size()))), writer_(out_) {
  if (inquiry.has_question) {
    writer_.question(inquiry.question.name, inquiry.question.type, inquiry.question.klass);
  }
}

std::size_t ReplyWriter::limit(std::size_t room) const {
  std::size_t limit = dns::max_message_length;
  if (is_datagram(inquiry_.client.protocol)) limit = std::min(inquiry_.udp_payload, settings_.max_udp_reply);
  return std::min(limit, room);
}

dns::EdnsReply ReplyWriter::edns(const ReplyContent& content) const {
  dns::EdnsReply edns;
  edns.udp_payload = settings_.max_udp_reply;
  edns.rcode = content.rcode;
  edns.dnssec_ok = inquiry_.dnssec_ok;
  edns.ede = content.ede;
  edns.ede_text = content.ede_text;
  if (inquiry_.wants_keepalive) edns.keepalive = inquiry_.keepalive;
  if (inquiry_.wants_padding) edns.pad_to = reply_padding;
  return edns;
}

dns::Header ReplyWriter::header(const ReplyContent& content) const {
  using H = dns::Header;
  dns::Header header;
  header.id = inquiry_.header.id;
  header.flags = static_cast<std::uint16_t>(H::qr | H::ra | (inquiry_.header.flags & (H::rd | H::cd)) |
                                            static_cast<std::uint16_t>(inquiry_.header.opcode()) << 11 |
                                            (static_cast<std::uint16_t>(content.rcode) & 15));
  // RFC 6840 5.8: AD only for who asked about it.
  const bool asked = inquiry_.dnssec_ok || inquiry_.header.has(H::ad);
  if (content.authentic && settings_.trust_upstream_ad && asked) header.flags |= H::ad;
  return header;
}

// RFC 8484 5.1: no longer than any answer record; RFC 2308 5 for what is not there.
std::uint32_t ReplyWriter::freshness(dns::Rcode rcode) const {
  if (rcode != dns::Rcode::noerror && rcode != dns::Rcode::nxdomain) return 0;
  const auto mark = writer_.mark();
  const dns::AnswerView written{{rcode, false, false, mark.counts[1], mark.counts[2], mark.counts[3]},
                                Bytes(out_).subspan(writer_.records_offset(), mark.length - writer_.records_offset()),
                                static_cast<std::uint16_t>(writer_.records_offset() - dns::header_length)};
  constexpr auto forever = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t fresh = forever;
  dns::AnswerRecord record;
  for (dns::AnswerRecords records(written); records.next(record);) {
    if (record.section == dns::Section::answer) fresh = std::min(fresh, record.ttl);
    if (record.section == dns::Section::authority && record.type == dns::Type::soa) {
      fresh = std::min(fresh, dns::negative_ttl(written));
    }
  }
  return fresh == forever ? 0 : fresh;
}

HandleResult ReplyWriter::finish(const ReplyContent& content, Source source, TimePoint now) {
  const dns::EdnsReply opt = edns(content);
  const dns::EdnsReply* opt_or_none = inquiry_.has_edns ? &opt : nullptr;
  dns::Header head = header(content);
  HandleResult result{Handled::answered, 0, {}};
  const std::size_t opt_size = opt_or_none == nullptr ? 0 : dns::MessageWriter::size_of(opt);
  const bool fits = writer_.ok() && writer_.available() >= opt_size;
  if (inquiry_.trace != nullptr) tell_reply(inquiry_, content, {head, source, writer_.mark().counts[1], !fits});
  if (fits) {
    if (inquiry_.client.protocol == Protocol::doh) result.facts.fresh_s = freshness(content.rcode);
    result.length = writer_.finish(head, opt_or_none).size();
  } else {
    metrics_.truncated.add();
    head.flags |= dns::Header::tc;
    dns::MessageWriter bare(out_);
    bare.question(inquiry_.question.name, inquiry_.question.type, inquiry_.question.klass);
    result.length = bare.finish(head, opt_or_none).size();
  }
  metrics_.responses(inquiry_.client.protocol, reply_code(content.rcode)).add();
  metrics_.duration(inquiry_.client.protocol, source).observe(now - inquiry_.received);
  return result;
}

}  // namespace dragoman::resolve
