// A step of the pipeline: the reply that the same octets got within this second (packet_cache.h). Who may ask, how
// much, and by which policy was decided before; what remains is to send it and to count as if it had been made anew.
#include "pipeline.h"

namespace dragoman::resolve {

// Nothing for a reply that is one client's alone: a cookie is, keepalive depends on the load, and response rate
// limiting wants to look at each.
std::optional<PacketCache::Key> Resolver::State::packet_key(Bytes message, const Inquiry& inquiry) const {
  if (packets.is_off() || inquiry.cookie || inquiry.wants_keepalive || inquiry.limits_reply) return {};
  return PacketCache::Key(message, inquiry);
}

std::optional<HandleResult> Resolver::State::answer_again(const std::optional<PacketCache::Key>& key,
                                                          const Inquiry& inquiry, MutableBytes reply) {
  if (!key) return {};
  if (cache.clearings() != packets_since) [[unlikely]] {
    packets_since = cache.clearings();
    packets.forget_all();
  }
  Packet* const packet = packets.find(*key);
  if (packet == nullptr || packet->second != cache::seconds_of(inquiry.received)) return {};
  if (packet->reply_length > reply.size()) return {};
  const Bytes sent = packet->reply();
  std::copy(sent.begin(), sent.end(), reply.begin());
  store_u16(reply.data(), inquiry.header.id);
  ++packet->repeated;

  const PacketFacts& facts = packet->facts;
  const Protocol protocol = inquiry.client.protocol;
  if (settings->resolved) remember(*settings->resolved, inquiry, facts.led, metrics);
  metrics.packets_repeated.add();
  metrics.cache_hits(facts.hit).add();
  if (facts.dns64) metrics.dns64(*facts.dns64).add();
  metrics.responses(protocol, facts.code).add();
  metrics.duration(protocol, Source::cache).observe(clock_for_hit() - inquiry.received);
  return HandleResult{Handled::answered, sent.size(), facts.reply};
}

// One that was cut short is not kept: the client comes back over TCP.
void Resolver::State::keep_packet(const std::optional<PacketCache::Key>& key, const Inquiry& inquiry, Bytes reply,
                                  const PacketFacts& facts) {
  if (!key || reply.empty()) return;
  const bool is_truncated = (load_u16(reply.data() + 2) & dns::Header::tc) != 0;
  if (!is_truncated) packets.keep(*key, cache::seconds_of(inquiry.received), reply, facts);
}

void Resolver::State::count_repeated(const Packet& packet) {
  if (packet.facts.counts_for) ipv4_only->were_synthesized(packet.name(), *packet.facts.counts_for, packet.repeated);
}

}  // namespace dragoman::resolve
