// From octets to an Inquiry, and what is refused on the way.
#include "inquiry.h"

namespace dragoman::resolve {
namespace {

void read_edns(const dns::Edns& edns, const Query& query, Inquiry& inquiry) {
  inquiry.has_edns = true;
  inquiry.dnssec_ok = edns.dnssec_ok;
  inquiry.udp_payload = std::max<std::uint16_t>(edns.udp_payload, 512);  // RFC 6891 6.2.3
  if (edns.options.empty()) return;
  inquiry.wants_padding = is_encrypted(query.client.protocol) && edns.find(dns::EdnsOptionCode::padding).has_value();
  // RFC 7828 3.2.1: over UDP the option is ignored; DoH has HTTP's own means.
  const bool has_keepalive = query.client.protocol == Protocol::tcp || query.client.protocol == Protocol::dot;
  inquiry.wants_keepalive = has_keepalive && edns.find(dns::EdnsOptionCode::tcp_keepalive).has_value();
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

std::optional<Refusal> read_query(const Query& query, Inquiry& inquiry, std::optional<DropReason>& dropped) {
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
  if (inquiry.has_question) inquiry.question = message.question();
  if (inquiry.header.opcode() != dns::Opcode::query) return Refusal{RefusalReason::opcode, dns::Rcode::notimp, {}};
  if (!inquiry.has_question) return Refusal{RefusalReason::malformed, dns::Rcode::formerr, {}};
  if (message.has_edns()) {
    read_edns(*message.edns(), query, inquiry);
    if (message.edns()->version != 0) return Refusal{RefusalReason::edns_version, dns::Rcode::badvers, {}};
  }
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
