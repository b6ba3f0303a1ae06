// From listeners to SVCB records.
#include "ddr.h"

#include <algorithm>
#include <string>

#include "dragoman/dns/rdata.h"

namespace dragoman::app {
namespace {

// Short, for what is designated may be withdrawn: clients hold on to it for as long.
constexpr seconds designation_ttl{300};

// One way in: what differs in the address alone is the same.
struct Way {
  serve::Scheme scheme{};
  std::uint16_t port = 0;
  std::string path{};
  std::vector<ip::Address> addresses{};  // that clients can be told
};

void add_way(const serve::ListenOptions& listen, std::vector<Way>& ways) {
  const auto known = std::find_if(ways.begin(), ways.end(), [&](const Way& way) {
    return way.scheme == listen.scheme && way.port == listen.endpoint.port && way.path == listen.path;
  });
  Way& way = known != ways.end() ? *known : ways.emplace_back(Way{listen.scheme, listen.endpoint.port, listen.path});
  if (!listen.endpoint.address.is_unspecified()) way.addresses.push_back(listen.endpoint.address);
}

// DoH first: more clients speak it, and more networks let it through.
std::vector<Way> ways_in(const config::Config& config) {
  std::vector<Way> ways;
  for (const serve::Scheme scheme : {serve::Scheme::https, serve::Scheme::tls}) {
    for (const serve::ListenOptions& listen : config.listen) {
      if (listen.scheme == scheme && listen.endpoint.port != 0) add_way(listen, ways);
    }
  }
  return ways;
}

std::string hint(const Way& way, bool is_v6) {
  std::string list;
  for (const ip::Address& address : way.addresses) {
    if (address.is_v6() == is_v6) list += (list.empty() ? "" : ",") + address.to_text();
  }
  if (list.empty()) return {};
  return (is_v6 ? " ipv6hint=" : " ipv4hint=") + list;
}

// RFC 9461 5: a URI template, relative to the server. As a quoted string (RFC 1035 5.1).
std::string dohpath(const Way& way) {
  std::string quoted;
  for (const char octet : way.path) {
    if (octet == '"' || octet == '\\') quoted += '\\';
    quoted += octet;
  }
  return " dohpath=\"" + quoted + "{?dns}\"";
}

// RFC 9462 4: the target is a name, never ".", since clients verify its certificate.
std::string svcb_text(const Way& way, std::size_t priority, const dns::Name& target) {
  const bool is_doh = way.scheme == serve::Scheme::https;
  std::string text = std::to_string(priority) + " " + target.to_text();
  text += is_doh ? " alpn=h2,http/1.1" : " alpn=dot";
  text += " port=" + std::to_string(way.port);
  if (is_doh) text += dohpath(way);
  return text + hint(way, false) + hint(way, true);
}

}  // namespace

std::vector<resolve::LocalRecord> designations(const config::Config& config) {
  const auto target = dns::Name::from_text(config.tls.server_name);
  if (!config.ddr || !target || target->view().is_root()) return {};
  std::vector<dns::Name> owners{*dns::Name::from_text("_dns.resolver.arpa")};
  if (auto own = dns::Name::from_text("_dns." + config.tls.server_name)) owners.push_back(*own);
  std::vector<resolve::LocalRecord> records;
  std::size_t priority = 0;
  for (const Way& way : ways_in(config)) {
    auto rdata = dns::rdata_from_text(dns::Type::svcb, svcb_text(way, ++priority, *target));
    if (!rdata) continue;
    for (const dns::Name& owner : owners) records.push_back({owner, dns::Type::svcb, *rdata, designation_ttl});
  }
  return records;
}

}  // namespace dragoman::app
