// The binding log as IPFIX messages (RFC 7011) with the NAT events of RFC 8158, each a datagram. Templates go in front,
// soon again, and from then on every BindingLogOptions::ipfix_template_interval, because UDP may lose them.
//
// The sequence number counts records, those that were lost here included: the collector sees the gap.
#pragma once

#include <optional>

#include "binding_encoder.h"
#include "ipfix_message.h"

namespace dragoman::gateway {

class IpfixEncoder final : public BindingEncoder {
 public:
  static constexpr std::size_t shortest = 320;  // what the templates take, in one message

  // `longest`: octets of a message, from `shortest` to 65535.
  IpfixEncoder(const Writer& writer, std::size_t longest);

  void event(const StampedEvent& stamped, Backlog& out) override;
  void gap(const BindingGap& gap, Backlog& out) override;
  void occasion(Occasion occasion, WallTime time, const nat64::Options& nat64, Backlog& out) override;
  void end_turn(TimePoint now, Backlog& out) override;
  void stamp(MutableBytes octets, std::uint64_t records_ahead, WallTime now) override;
  void advance(std::uint64_t records) override { sequence_ += records; }
  Bytes preamble(WallTime wall) override;

  struct Template;
  struct Values;

 private:
  void add(const Template& shape, const Values& values, Backlog& out);
  void put_record(IpfixMessage& message, const Template& shape, const Values& values) const;
  void put_opening(IpfixMessage& message) const;
  void ship(Backlog& out);
  void ship_opening(Backlog& out);

  const std::size_t longest_;
  IpfixMessage message_;      // of data, being put together
  std::uint32_t events_ = 0;  // in message_
  std::uint32_t records_ = 0;
  IpfixMessage opening_;  // templates, and since when this process exports

  std::uint64_t sequence_ = 0;  // records of this stream so far; its low 32 bits are sent
  std::uint64_t lost_ = 0;      // in all gaps
  std::uint32_t entries_per_user_ = 0;
  Duration templates_wait_;
  std::optional<TimePoint> templates_due_;
};

}  // namespace dragoman::gateway
