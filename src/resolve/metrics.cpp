// From wire values to metric labels.
#include "dragoman/resolve/metrics.h"

namespace dragoman::resolve {

QueryType query_type(dns::Type type) {
  switch (type) {
    case dns::Type::a:
      return QueryType::a;
    case dns::Type::aaaa:
      return QueryType::aaaa;
    case dns::Type::any:
      return QueryType::any;
    case dns::Type::caa:
      return QueryType::caa;
    case dns::Type::cname:
      return QueryType::cname;
    case dns::Type::dnskey:
      return QueryType::dnskey;
    case dns::Type::ds:
      return QueryType::ds;
    case dns::Type::https:
      return QueryType::https;
    case dns::Type::mx:
      return QueryType::mx;
    case dns::Type::naptr:
      return QueryType::naptr;
    case dns::Type::ns:
      return QueryType::ns;
    case dns::Type::ptr:
      return QueryType::ptr;
    case dns::Type::soa:
      return QueryType::soa;
    case dns::Type::srv:
      return QueryType::srv;
    case dns::Type::svcb:
      return QueryType::svcb;
    case dns::Type::tlsa:
      return QueryType::tlsa;
    case dns::Type::txt:
      return QueryType::txt;
    default:
      return QueryType::other;
  }
}

ReplyCode reply_code(dns::Rcode rcode) {
  if (static_cast<std::uint16_t>(rcode) <= 5) return static_cast<ReplyCode>(rcode);
  if (rcode == dns::Rcode::badcookie) return ReplyCode::badcookie;
  return rcode == dns::Rcode::badvers ? ReplyCode::badvers : ReplyCode::other;
}

}  // namespace dragoman::resolve
