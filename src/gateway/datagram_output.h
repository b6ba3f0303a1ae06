// Units as datagrams, to a UDP collector or to a Unix socket (/dev/log).
//
// When the collector's host says that nobody listens, sending stops but for one datagram a second, until a second has
// passed without such a word. What waits meanwhile is kept, and what a collector must have first goes first.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "binding_output.h"
#include "dragoman/net/datagram_sender.h"

namespace dragoman::gateway {

class DatagramOutput final : public BindingOutput {
 public:
  using Place = std::variant<UnixPlace, ip::Endpoint>;
  // `longest`: octets of a datagram that is sure to pass; 0: no limit.
  DatagramOutput(Place place, std::size_t longest) : place_(std::move(place)), longest_(longest) {}

  Progress write(Backlog& backlog, BindingEncoder& encoder, Moment now) override;
  std::size_t longest_datagram() const override { return longest_; }

 private:
  enum class State : std::uint8_t {
    closed,   // no socket yet, or not any more
    open,     // datagrams flow
    blocked,  // the system would not send: try again
    refused,  // nobody listened: ask
    asking,   // a datagram is on its way to find out
  };
  bool is_unix() const { return std::holds_alternative<UnixPlace>(place_); }
  void recover(Backlog& backlog, BindingEncoder& encoder, Moment now, Progress& progress);
  void connect();
  void ask(Backlog& backlog, BindingEncoder& encoder, WallTime now);
  bool send_batch(Backlog& backlog, BindingEncoder& encoder, Moment now, Progress& progress);
  bool handle(int error, Moment now, Progress& progress);
  void stop(State state, std::string trouble, TimePoint now);

  const Place place_;
  const std::size_t longest_;
  std::optional<net::DatagramSender> sender_;
  State state_ = State::closed;
  bool asks_with_unit_ = false;  // with the oldest of the backlog, which stays there meanwhile
  bool was_open_ = false;
  TimePoint next_attempt_{};
  std::string trouble_;

  // Of the last call that sent something: a refusal comes late.
  std::uint64_t sent_before_ = 0;
  Moment before_{};
};

}  // namespace dragoman::gateway
