// A pair for each address of an answer.
#include "remembering.h"

#include "dragoman/dns/rdata.h"
#include "dragoman/dns64/synthesis.h"

namespace dragoman::resolve {

std::optional<LedThroughNat64> remember(nat64::ResolvedAddresses& resolved, const Inquiry& inquiry,
                                        const dns::AnswerView& a, nat64::DomainId domain, Metrics& metrics) {
  std::optional<LedThroughNat64> led(std::in_place);
  led->domain = domain;
  dns::AnswerRecords records(a);
  for (dns::AnswerRecord record; records.next(record) && record.section == dns::Section::answer;) {
    const auto address = record.type == dns::Type::a ? dns::A::read(record.rdata) : std::nullopt;
    const dns64::Mapping* mapping = address ? dns64::mapping_for(*inquiry.policy, address->address) : nullptr;
    if (mapping == nullptr || mapping->prefixes.empty()) continue;
    const LedThroughNat64 one{{{{address->address, record.ttl}}}, 1, domain};
    remember(resolved, inquiry, one, metrics);
    if (led && led->count == LedThroughNat64::most) led.reset();
    if (led) led->addresses[led->count++] = one.addresses[0];
  }
  return led;
}

void remember(nat64::ResolvedAddresses& resolved, const Inquiry& inquiry, const LedThroughNat64& led,
              Metrics& metrics) {
  if (!inquiry.client.address.is_v6()) return;
  for (std::size_t i = 0; i < led.count; ++i) {
    const auto& [address, ttl_s] = led.addresses[i];
    // TTLs count from the question on: what a lookup takes is far less than the grace.
    const bool had_room =
        resolved.add(inquiry.client.address.v6(), address, seconds(ttl_s), led.domain, inquiry.received);
    if (!had_room) metrics.resolved_replaced.add();
  }
}

nat64::DomainId id_of(const Ipv4OnlyNames::Domain& domain, nat64::DomainNames& names, TimePoint now) {
  if (names.use(domain.note, now)) return domain.note;
  std::string text = domain.name.to_text();
  if (text.size() > 1) text.pop_back();  // the final dot
  domain.note = names.add(text, now);
  return domain.note;
}

}  // namespace dragoman::resolve
