// From octets to an Inquiry, and what is refused on the way.
#include "inquiry.h"

#include <ctime>

namespace dragoman::resolve {
namespace {

// RFC 7873 5.2.2: an option of an illegal length is a format error; otherwise it is judged and answered (5.2.3, 5.2.4).
bool read_cookie(Bytes option, const ServerCookies& cookies, Inquiry& inquiry) {
  if (!ServerCookies::has_legal_length(option)) return false;
  const auto now = static_cast<std::int64_t>(std::time(nullptr));
  inquiry.cookie = cookies.judge(option, inquiry.client.address, now, inquiry.cookie_reply);
  return true;
}

// False when an option breaks its format.
bool read_options(const dns::Edns& edns, const Settings& settings, Inquiry& inquiry) {
  const Protocol protocol = inquiry.client.protocol;
  inquiry.wants_padding = is_encrypted(protocol) && edns.find(dns::EdnsOptionCode::padding).has_value();
  // RFC 7828 3.2.1: over UDP the option is ignored; DoH has HTTP's own means.
  const bool has_keepalive = protocol == Protocol::tcp || protocol == Protocol::dot;
  inquiry.wants_keepalive = has_keepalive && edns.find(dns::EdnsOptionCode::tcp_keepalive).has_value();
  if (!settings.cookies) return true;
  const auto cookie = edns.find(dns::EdnsOptionCode::cookie);
  return !cookie || read_cookie(*cookie, *settings.cookies, inquiry);
}

std::optional<Refusal> read_edns(const dns::Edns& edns, const Settings& settings, Inquiry& inquiry) {
  inquiry.has_edns = true;
  inquiry.dnssec_ok = edns.dnssec_ok;
  inquiry.udp_payload = std::max<std::uint16_t>(edns.udp_payload, 512);  // RFC 6891 6.2.3
  if (edns.version != 0) return Refusal{RefusalReason::edns_version, dns::Rcode::badvers, {}};
  if (edns.options.empty() || read_options(edns, settings, inquiry)) return {};
  return Refusal{RefusalReason::malformed, dns::Rcode::formerr, {}};
}

// Zone transfers and the other meta types (RFC 6895 3.1) are no business of a resolver; OPT is no question at all.
std::optional<Refusal> judge_type(dns::Type type) {
  switch (type) {
    case dns::Type::axfr:
    case dns::Type::ixfr:
      return Refusal{RefusalReason::question_type, dns::Rcode::refused, dns::Ede::not_supported};
    case dns::Type::opt:
      return Refusal{RefusalReason::question_type, dns::Rcode::formerr, {}};
    case dns::Type::tkey:
    case dns::Type::tsig:
    case dns::Type::mailb:
    case dns::Type::maila:
      return Refusal{RefusalReason::question_type, dns::Rcode::notimp, {}};
    default:
      return {};
  }
}

}  // namespace

std::optional<Refusal> read_query(const Query& query, const Settings& settings, Inquiry& inquiry,
                                  std::optional<DropReason>& dropped) {
  inquiry.client = query.client;
  inquiry.keepalive = query.keepalive;
  inquiry.trace = query.trace;
  dns::MessageView message;
  const auto fault = dns::MessageView::parse(query.message, message);
  if (fault == dns::MessageView::Fault::short_header) {
    dropped = DropReason::short_header;
    return {};
  }
  inquiry.header = message.header();
  // A reply to a reply would let two servers play ping-pong.
  if (inquiry.header.is_response()) {
    dropped = DropReason::response;
    return {};
  }
  inquiry.has_question = fault == dns::MessageView::Fault::none;
  const bool has_no_question = fault == dns::MessageView::Fault::question_count;
  if (inquiry.has_question) inquiry.question = message.question();
  // Before anything else is said: who sends an OPT gets one back, whatever the reply (RFC 6891 6.1.1).
  std::optional<Refusal> bad_edns;
  const bool is_readable = inquiry.has_question || has_no_question;
  if (is_readable && message.has_edns()) bad_edns = read_edns(*message.edns(), settings, inquiry);
  if (inquiry.header.opcode() != dns::Opcode::query) return Refusal{RefusalReason::opcode, dns::Rcode::notimp, {}};
  inquiry.is_cookie_alone = has_no_question && inquiry.cookie.has_value();
  if (!inquiry.has_question && !inquiry.is_cookie_alone) {
    return Refusal{RefusalReason::malformed, dns::Rcode::formerr, {}};
  }
  if (bad_edns || inquiry.is_cookie_alone) return bad_edns;
  if (inquiry.question.klass != dns::Class::in) {
    return Refusal{RefusalReason::question_class, dns::Rcode::refused, dns::Ede::not_supported};
  }
  return judge_type(inquiry.question.type);
}

std::optional<Refusal> admit(const Inquiry& inquiry, const Settings& settings) {
  if (settings.acl.allows(inquiry.client.address, false)) return {};
  return Refusal{RefusalReason::acl, dns::Rcode::refused, dns::Ede::prohibited};
}

}  // namespace dragoman::resolve
