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
  if (inquiry_.cookie) edns.cookie = inquiry_.cookie_reply;
  edns.ede = content.ede;
  edns.ede_text = content.ede_text;
  edns.further_ede = content.further_ede;
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
  if (content.authentic && settings_.vouches() && asked) header.flags |= H::ad;
  return header;
}

// RFC 8484 5.1: no longer than any answer record; RFC 2308 5 for what is not there.
std::uint32_t ReplyWriter::freshness(dns::Rcode rcode) const {
  if (rcode != dns::Rcode::noerror && rcode != dns::Rcode::nxdomain) return 0;
  const dns::AnswerView answer = dns::written_answer(writer_, {rcode});
  constexpr auto forever = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t fresh = forever;
  dns::AnswerRecord record;
  for (dns::AnswerRecords records(answer); records.next(record);) {
    if (record.section == dns::Section::answer) fresh = std::min(fresh, record.ttl);
    if (record.section == dns::Section::authority && record.type == dns::Type::soa) {
      fresh = std::min(fresh, dns::negative_ttl(answer));
    }
  }
  return fresh == forever ? 0 : fresh;
}

HandleResult ReplyWriter::finish(const ReplyContent& content, Source source, TimePoint now) {
  if (content.dns64) metrics_.dns64(*content.dns64).add();
  if (inquiry_.limits_reply) {
    if (auto limited = limit_response(content, now)) return *limited;
  }
  const dns::EdnsReply opt = edns(content);
  const dns::EdnsReply* opt_or_none = inquiry_.has_edns ? &opt : nullptr;
  HandleResult result{Handled::answered, 0, {}};
  const std::size_t opt_size = opt_or_none == nullptr ? 0 : dns::MessageWriter::size_of(opt);
  const bool fits = writer_.ok() && writer_.available() >= opt_size;
  if (inquiry_.trace != nullptr) {
    tell_reply(inquiry_, content,
               {header(content), source, writer_.count(dns::Section::answer), !fits,
                settings_.validates() && !inquiry_.checking_disabled()});
  }
  if (fits) {
    if (inquiry_.client.protocol == Protocol::doh) result.facts.fresh_s = freshness(content.rcode);
    result.length = writer_.finish(header(content), opt_or_none).size();
  } else {
    metrics_.truncated.add();
    result.length = write_bare(content, dns::Header::tc);
  }
  count(content.rcode, source, now);
  return result;
}

HandleResult ReplyWriter::slip(TimePoint now) {
  count(dns::Rcode::noerror, Source::local, now);
  return {Handled::answered, write_bare({}, dns::Header::tc), {}};
}

HandleResult ReplyWriter::demand_cookie(TimePoint now) {
  const ReplyContent content{dns::Rcode::badcookie, false, {}, {}};
  metrics_.refused(RefusalReason::bad_cookie).add();
  count(content.rcode, Source::local, now);
  return {Handled::answered, write_bare(content, 0), {}};
}

// The question and the OPT, whatever was written so far.
std::size_t ReplyWriter::write_bare(const ReplyContent& content, std::uint16_t flag) {
  const dns::EdnsReply opt = edns(content);
  dns::Header head = header(content);
  head.flags |= flag;
  dns::MessageWriter bare(out_);
  if (inquiry_.has_question) {
    bare.question(inquiry_.question.name, inquiry_.question.type, inquiry_.question.klass);
  }
  return bare.finish(head, inquiry_.has_edns ? &opt : nullptr).size();
}

void ReplyWriter::count(dns::Rcode rcode, Source source, TimePoint now) {
  metrics_.responses(inquiry_.client.protocol, reply_code(rcode)).add();
  metrics_.duration(inquiry_.client.protocol, source).observe(now - inquiry_.received);
}

// Response rate limiting: who floods somebody with our replies has to ask for the same things over and over.
std::optional<HandleResult> ReplyWriter::limit_response(const ReplyContent& content, TimePoint now) {
  RateLimits& limits = *settings_.rate_limits;
  const ip::Address& client = inquiry_.client.address;
  dns::Name zone;
  if (limits.admits_response(client, response(content.rcode, zone), now)) return {};
  limits.report(client, "response", now);
  return answer_excess(RateRule::response, now);
}

HandleResult ReplyWriter::answer_excess(RateRule rule, TimePoint now) {
  if (settings_.rate_limits->next_excess() == Excess::drop || !inquiry_.has_question) {
    metrics_.rate_limited(rule, RateAction::drop).add();
    metrics_.dropped(DropReason::rate_limit).add();
    return {};
  }
  const bool knows_cookies = inquiry_.cookie && inquiry_.cookie != CookieState::valid;
  if (knows_cookies && settings_.cookies->demanded_when_limited()) {
    metrics_.rate_limited(rule, RateAction::badcookie).add();
    return demand_cookie(now);
  }
  metrics_.rate_limited(rule, RateAction::slip).add();
  return slip(now);
}

// What makes replies the same: random names below a zone all have its one denial.
RateLimits::Response ReplyWriter::response(dns::Rcode rcode, dns::Name& zone) const {
  const dns::NameView name = inquiry_.question.name;
  const dns::AnswerView answer = dns::written_answer(writer_, {rcode});
  if (rcode == dns::Rcode::noerror) {
    return {answer.head.answers > 0 ? ResponseKind::data : ResponseKind::nodata, name, inquiry_.question.type};
  }
  if (rcode != dns::Rcode::nxdomain) return {ResponseKind::error, {}, {}};
  zone = name.parent();
  dns::AnswerRecord record;
  for (dns::AnswerRecords records(answer); records.next(record);) {
    const bool is_denial = record.section == dns::Section::authority && record.type == dns::Type::soa;
    if (is_denial) zone = dns::owner_of(answer, name, record);
  }
  return {ResponseKind::nxdomain, zone, {}};
}

}  // namespace dragoman::resolve
