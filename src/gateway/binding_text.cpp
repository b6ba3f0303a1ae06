// The values of each line; see binding_text.h. docs/binding-log.md lists them for who reads a log.
#include "binding_text.h"

namespace dragoman::gateway {
namespace {

using Kind = nat64::BindingEvent::Kind;

std::string run_of(std::uint16_t first, std::uint16_t last) {
  return std::to_string(first) + '-' + std::to_string(last);
}

std::string subscriber_text(const nat64::BindingEvent& event) {
  return ip::Prefix{ip::Address(event.subscriber), event.subscriber_length}.to_text();
}

std::string endpoint_text(const ip::Ipv4Octets& address, std::uint16_t port) {
  return ip::Endpoint{ip::Address(address), port}.to_text();
}

std::string addresses_text(const nat64::PoolEntry& entry) {
  const std::string first = ip::Address(entry.first).to_text();
  return entry.first == entry.last ? first : first + '-' + ip::Address(entry.last).to_text();
}

std::string_view detail_of(const nat64::Options& nat64) {
  if (!nat64.log_sessions) return "blocks";
  return nat64.log_destinations ? "destinations" : "sessions";
}

Line line_of(Occasion occasion) {
  constexpr Line lines[] = {Line::started, Line::changed, Line::stopped};
  return lines[static_cast<std::size_t>(occasion)];
}

}  // namespace

void TextEncoder::event(const StampedEvent& stamped, Backlog& out) {
  begin(gateway::line_of(stamped.event.kind), stamped.time);
  put_event(stamped.event);
  ship(1, out);
}

void TextEncoder::put_event(const nat64::BindingEvent& event) {
  switch (event.kind) {
    case Kind::session_created:
    case Kind::session_deleted:
      return put_session(event);
    case Kind::block_allocated:
    case Kind::block_released:
      text("subscriber", subscriber_text(event));
      text("address", ip::Address(event.address).to_text());
      return text("ports", run_of(event.first_port, event.last_port));
    case Kind::pool_exhausted:
      if (event.subscriber != ip::Ipv6Octets{}) text("subscriber", subscriber_text(event));
      if (event.address != ip::Ipv4Octets{}) text("address", ip::Address(event.address).to_text());
      return;
    case Kind::quota_exceeded:
      return text("subscriber", subscriber_text(event));
  }
}

void TextEncoder::put_session(const nat64::BindingEvent& event) {
  text("protocol", word_of(event.protocol));
  text("inside", ip::Endpoint{ip::Address(event.subscriber), event.inside_port}.to_text());
  text("outside", endpoint_text(event.address, event.first_port));
  if (event.remote != ip::Ipv4Octets{}) text("remote", endpoint_text(event.remote, event.remote_port));
}

void TextEncoder::gap(const BindingGap& gap, Backlog& out) {
  begin(Line::lost, gap.until);
  number("lost", gap.count);
  text("since", dragoman::to_text(gap.since));
  text("reason", telemetry::LabelValues<BindingLoss>::values[static_cast<std::size_t>(gap.reason)]);
  ship(0, out);
}

void TextEncoder::occasion(Occasion occasion, WallTime time, const nat64::Options& nat64, Backlog& out) {
  begin(line_of(occasion), time);
  text("host", writer_.host);
  number("instance", writer_.options.instance);
  if (occasion != Occasion::stopped) {
    text("logs", detail_of(nat64));
    number("block_size", nat64.port_block_size);
    number("subscriber_prefix", nat64.subscriber_prefix);
  }
  ship(0, out);
  if (occasion != Occasion::stopped) put_pool(time, nat64, out);
}

// A line each: a pool of many runs would not fit into a datagram.
void TextEncoder::put_pool(WallTime time, const nat64::Options& nat64, Backlog& out) {
  for (const nat64::PoolEntry& entry : nat64.pool4) {
    begin(Line::pool, time);
    text("addresses", addresses_text(entry));
    text("ports", run_of(entry.first_port, entry.last_port));
    ship(0, out);
  }
  for (const nat64::StaticBinding& binding : nat64.static_bindings) {
    begin(Line::static_binding, time);
    text("protocol", word_of(binding.protocol));
    text("inside", binding.inside.to_text());
    text("outside", binding.outside.to_text());
    ship(0, out);
  }
}

void TextEncoder::ship(std::uint32_t events, Backlog& out) {
  end();
  out.add({reinterpret_cast<const std::uint8_t*>(line_.data()), line_.size()}, events, 1);
  line_.clear();
}

}  // namespace dragoman::gateway
