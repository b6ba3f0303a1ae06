// One function per thing; see nat64_json.h.
#include "nat64_json.h"

namespace dragoman::app {
namespace {

namespace json = boost::json;
using nat64::Protocol;

const char* to_text(nat64::SessionState state) {
  static constexpr const char* words[] = {"open",       "v4_init",    "v6_init",       "established",
                                          "v4_fin_rcv", "v6_fin_rcv", "v4_v6_fin_rcv", "trans"};
  return words[static_cast<std::size_t>(state)];
}

// {"tcp": 1, "udp": 2, "icmp": 3}
template <class Label, class ValueOf>
json::object by(ValueOf value_of) {
  json::object out;
  for (std::size_t i = 0; i < telemetry::label_count<Label>; ++i)
    out[telemetry::label_text(static_cast<Label>(i))] = value_of(static_cast<Label>(i));
  return out;
}

// Over all workers.
template <class ValueOf>
std::int64_t sum(const Nat64Questions& nat64, ValueOf value_of) {
  std::int64_t all = 0;
  for (unsigned i = 0; i < nat64.worker_count(); ++i) all += static_cast<std::int64_t>(value_of(nat64.metrics(i)));
  return all;
}

// Over the protocols, and over all workers.
json::object traffic(const Nat64Questions& nat64,
                     const telemetry::Counters<nat64::Direction, nat64::Counted> nat64::Metrics::*counters) {
  return by<nat64::Direction>([&](nat64::Direction direction) {
    return sum(nat64, [&](const nat64::Metrics& metrics) {
      std::uint64_t all = 0;
      for (std::size_t i = 0; i < telemetry::label_count<nat64::Counted>; ++i) {
        all += (metrics.*counters)(direction, static_cast<nat64::Counted>(i)).value();
      }
      return all;
    });
  });
}

// Those that there were.
json::object drops(const Nat64Questions& nat64) {
  json::object out;
  for (std::size_t i = 0; i < telemetry::label_count<nat64::DropReason>; ++i) {
    const auto reason = static_cast<nat64::DropReason>(i);
    const std::int64_t dropped =
        sum(nat64, [&](const nat64::Metrics& metrics) { return metrics.drops(reason).value(); });
    if (dropped > 0) out[telemetry::label_text(reason)] = dropped;
  }
  return out;
}

}  // namespace

json::object as_json(const nat64::SessionInfo& session) {
  return {{"protocol", telemetry::label_text(session.protocol)},
          {"inside", session.inside.to_text()},
          {"outside", session.outside.to_text()},
          {"remote", session.remote.to_text()},
          {"state", to_text(session.state)},
          {"expires_in_s", session.expires_in.count()}};
}

json::object as_json(const nat64::SubscriberInfo& subscriber, const nat64::PortPool& pool) {
  json::array blocks;
  for (const nat64::BlockNumber block : subscriber.blocks) {
    const unsigned first = pool.first_port(block);
    blocks.push_back(json::object{{"address", ip::Address(pool.address_of(block)).to_text()},
                                  {"first_port", first},
                                  {"last_port", first + pool.block_size() - 1u}});
  }
  return {{"prefix", subscriber.prefix.to_text()},
          {"bindings",
           by<Protocol>([&](Protocol protocol) { return subscriber.bindings[static_cast<std::size_t>(protocol)]; })},
          {"sessions", subscriber.sessions},
          {"blocks", std::move(blocks)}};
}

json::object as_json(const nat64::SubscriberLimits& limits) {
  return {{"ports", limits.ports},
          {"sessions", limits.sessions},
          {"new_sessions_per_second", limits.new_sessions_per_second}};
}

json::array addresses_as_json(const nat64::PortPool& pool, std::size_t most) {
  json::array out;
  for (nat64::AddressIndex index = 0; index < pool.address_count() && out.size() < most; ++index) {
    const nat64::PortPool::Usage usage = pool.usage_of(index);
    out.push_back(json::object{{"address", ip::Address(pool.address(index)).to_text()},
                               {"blocks", usage.blocks},
                               {"taken", usage.taken},
                               {"draining", usage.draining},
                               {"gives", pool.gives(index)}});
  }
  return out;
}

json::object status_as_json(const Nat64Questions& nat64, std::size_t memory) {
  const nat64::PortPool::Usage pool = nat64.pool().usage();
  json::array prefixes;
  for (const ip::Pref64& prefix : nat64.prefixes()) prefixes.emplace_back(json::string(prefix.to_text()));
  return {{"state", telemetry::label_text(nat64.state())},
          {"device", nat64.description()},
          {"prefixes", std::move(prefixes)},
          {"workers", nat64.worker_count()},
          {"subscribers", sum(nat64, [](const nat64::Metrics& metrics) { return metrics.subscribers.value(); })},
          {"sessions", by<Protocol>([&](Protocol protocol) {
             return sum(nat64, [&](const nat64::Metrics& metrics) { return metrics.sessions(protocol).value(); });
           })},
          {"sessions_limit", nat64.session_limit()},
          {"bindings", by<Protocol>([&](Protocol protocol) {
             return sum(nat64, [&](const nat64::Metrics& metrics) { return metrics.bindings(protocol).value(); });
           })},
          {"pool", json::object{{"block_size", nat64.pool().block_size()},
                                {"blocks", pool.blocks},
                                {"taken", pool.taken},
                                {"draining", pool.draining}}},
          {"memory", memory},
          {"packets", traffic(nat64, &nat64::Metrics::packets)},
          {"bytes", traffic(nat64, &nat64::Metrics::bytes)},
          {"drops", drops(nat64)}};
}

}  // namespace dragoman::app
