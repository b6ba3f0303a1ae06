// What each answer of the kernel means for what waits; see datagram_output.h.
#include "datagram_output.h"

#include <array>
#include <cerrno>
#include <cstring>

namespace dragoman::gateway {
namespace {

constexpr seconds between_attempts{1};
constexpr seconds longest_way{5};  // an ICMP error comes sooner, or never

// The oldest unit is gone.
void take(Backlog& backlog, BindingEncoder& encoder, BindingOutput::Progress& progress) {
  const Backlog::Unit unit = backlog.units().front();
  progress.events += unit.events;
  progress.bytes += unit.length;
  encoder.advance(unit.records);
  backlog.pop();
}

}  // namespace

BindingOutput::Progress DatagramOutput::write(Backlog& backlog, BindingEncoder& encoder, Moment now) {
  Progress progress;
  if (state_ != State::open && now.steady >= next_attempt_) recover(backlog, encoder, now, progress);
  while (state_ == State::open && !backlog.is_empty() && send_batch(backlog, encoder, now, progress)) {
  }
  if (progress.events != 0) {
    sent_before_ = progress.events;
    before_ = now;
  }
  if (state_ != State::open) progress.trouble = trouble_;
  return progress;
}

void DatagramOutput::recover(Backlog& backlog, BindingEncoder& encoder, Moment now, Progress& progress) {
  next_attempt_ = now.steady + between_attempts;
  switch (state_) {
    case State::closed:
      return connect();
    case State::blocked:
      state_ = State::open;
      return;
    case State::asking:
      if (!sender_->take_refusal()) {
        if (asks_with_unit_) take(backlog, encoder, progress);
        state_ = State::open;
        return;
      }
      [[fallthrough]];
    case State::refused:
      return ask(backlog, encoder, now.wall);
    case State::open:
      return;
  }
}

// A UDP collector sees another port, and must be told all anew.
void DatagramOutput::connect() {
  auto sender = is_unix() ? net::DatagramSender::to_unix(std::get<UnixPlace>(place_).path)
                          : net::DatagramSender::to_udp(std::get<ip::Endpoint>(place_));
  if (!sender) {
    trouble_ = sender.error().text();
    return;
  }
  sender_.emplace(*std::move(sender));
  state_ = was_open_ && !is_unix() ? State::refused : State::open;
  was_open_ = true;
}

void DatagramOutput::ask(Backlog& backlog, BindingEncoder& encoder, WallTime now) {
  Bytes datagram = encoder.preamble(now);
  asks_with_unit_ = datagram.empty();
  if (asks_with_unit_ && backlog.is_empty()) {
    state_ = State::refused;
    return;
  }
  if (asks_with_unit_) {
    const MutableBytes oldest = backlog.octets().first(backlog.units().front().length);
    encoder.stamp(oldest, 0, now);
    datagram = oldest;
  }
  state_ = sender_->send({&datagram, 1}).error == 0 ? State::asking : State::refused;
}

// Whether there is reason to go on.
bool DatagramOutput::send_batch(Backlog& backlog, BindingEncoder& encoder, Moment now, Progress& progress) {
  std::array<Bytes, net::DatagramSender::batch> datagrams;
  const std::size_t count = std::min(backlog.units().size(), datagrams.size());
  MutableBytes rest = backlog.octets();
  std::uint64_t records = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const Backlog::Unit& unit = backlog.units()[i];
    encoder.stamp(rest.first(unit.length), records, now.wall);
    records += unit.records;
    datagrams[i] = rest.first(unit.length);
    rest = rest.subspan(unit.length);
  }
  const net::DatagramSender::Sent sent = sender_->send({datagrams.data(), count});
  for (std::size_t i = 0; i < sent.count; ++i) take(backlog, encoder, progress);
  if (sent.error != EMSGSIZE) return sent.error == 0 || handle(sent.error, now, progress);
  progress.unsendable += backlog.units().front().events;
  encoder.advance(backlog.units().front().records);
  backlog.pop();
  return true;
}

bool DatagramOutput::handle(int error, Moment now, Progress& progress) {
  switch (error) {
    case EAGAIN:
    case ENOBUFS:
    case ENOMEM:
      progress.trouble = "its reader does not keep up";
      return false;
    case ECONNREFUSED:
      if (is_unix()) break;
      progress.refused = progress.events;
      progress.refused_since = now.wall;
      if (sent_before_ != 0 && now.steady - before_.steady < longest_way) {
        progress.refused += sent_before_;
        progress.refused_since = before_.wall;
      }
      stop(State::refused, "its host says that nobody listens on this port", now.steady);
      return false;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EPERM:
    case EACCES:
      stop(State::blocked, std::strerror(error), now.steady);
      return false;
    default:
      break;
  }
  sender_.reset();
  stop(State::closed, is_unix() ? "nobody listens on this socket" : std::strerror(error), now.steady);
  return false;
}

void DatagramOutput::stop(State state, std::string trouble, TimePoint now) {
  state_ = state;
  trouble_ = std::move(trouble);
  next_attempt_ = now + between_attempts;
}

}  // namespace dragoman::gateway
