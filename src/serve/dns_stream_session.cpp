// Queries are parsed where they were read; only what is incomplete, or held because too much is in flight, is copied.
#include "dns_stream_session.h"

#include <algorithm>

#include "doh_request.h"

namespace dragoman::serve {

namespace {
constexpr std::size_t length_size = 2;
}

bool DnsStreamSession::has_complete_message() const {
  return input_.size() >= length_size && input_.size() - length_size >= load_u16(input_.data());
}

bool DnsStreamSession::wants_input() const { return !failed_ && !has_complete_message(); }

bool DnsStreamSession::receive(Bytes bytes, TimePoint) {
  if (failed_) return false;
  if (input_.empty()) {
    kept_.clear();
    input_ = bytes;
  } else {
    keep_input();
    kept_.insert(kept_.end(), bytes.begin(), bytes.end());
    input_ = kept_;
  }
  // A length that no DNS message can have: whatever follows is not at a message boundary (RFC 1035 4.2.2).
  if (input_.size() >= length_size && load_u16(input_.data()) < dns_header_size) failed_ = true;
  return !failed_;
}

bool DnsStreamSession::next_request(Request& request) {
  if (failed_ || in_flight_ >= most_in_flight_ || !has_complete_message()) return false;
  const std::size_t length = load_u16(input_.data());
  if (length < dns_header_size) {
    failed_ = true;
    return false;
  }
  request.ticket = ++next_ticket_;
  request.message = input_.subspan(length_size, length);
  input_ = input_.subspan(length_size + length);
  ++in_flight_;
  return true;
}

void DnsStreamSession::keep_input() {
  const bool is_kept =
      !input_.empty() && !kept_.empty() && input_.data() >= kept_.data() && input_.data() < kept_.data() + kept_.size();
  if (is_kept) {
    kept_.erase(kept_.begin(), kept_.begin() + (input_.data() - kept_.data()));
  } else {
    kept_.assign(input_.begin(), input_.end());
  }
  input_ = kept_;
}

void DnsStreamSession::reply(std::uint64_t, Bytes message, const resolve::ReplyFacts&) {
  --in_flight_;
  output_.push_back(static_cast<std::uint8_t>(message.size() >> 8));
  output_.push_back(static_cast<std::uint8_t>(message.size()));
  output_.insert(output_.end(), message.begin(), message.end());
}

void DnsStreamSession::no_reply(std::uint64_t) { --in_flight_; }

bool DnsStreamSession::write_output(std::vector<std::uint8_t>& out, std::size_t limit) {
  if (out.size() >= limit) return waiting() > 0;
  const std::size_t count = std::min(limit - out.size(), waiting());
  const auto from = output_.begin() + static_cast<std::ptrdiff_t>(output_taken_);
  out.insert(out.end(), from, from + static_cast<std::ptrdiff_t>(count));
  output_taken_ += count;
  if (waiting() > 0) return true;
  output_.clear();
  output_taken_ = 0;
  return false;
}

bool DnsStreamSession::finished() const {
  return in_flight_ == 0 && (failed_ || (draining_ && !has_complete_message()));
}

bool DnsStreamSession::mid_message() const { return !input_.empty() && !has_complete_message(); }

void DnsStreamSession::trim() {
  if (input_.empty()) {
    kept_ = {};
    input_ = {};
  }
  if (waiting() == 0) output_ = {};
}

}  // namespace dragoman::serve
