// DNS over a byte stream: TCP and, behind TLS, DoT (RFC 7766, RFC 7858). Every message has a length of two octets in
// front. Queries are taken as they come and answered as replies come, out of order (RFC 7766 6.2.1.1).
#pragma once

#include "session.h"

namespace dragoman::serve {

class DnsStreamSession final : public Session {
 public:
  explicit DnsStreamSession(std::uint32_t most_in_flight) : most_in_flight_(most_in_flight) {}

  bool wants_input() const override;
  bool receive(Bytes bytes, TimePoint now) override;
  bool next_request(Request& request) override;
  void keep_input() override;
  void reply(std::uint64_t ticket, Bytes message, const resolve::ReplyFacts& facts) override;
  void no_reply(std::uint64_t ticket) override;
  void take_cancelled(std::vector<std::uint64_t>&) override {}
  bool write_output(std::vector<std::uint8_t>& out, std::size_t limit) override;
  std::size_t waiting() const override { return output_.size() - output_taken_; }
  void drain() override { draining_ = true; }
  bool finished() const override;
  bool failed() const override { return failed_; }
  bool mid_message() const override;
  std::size_t in_flight() const override { return in_flight_; }
  void trim() override;

 private:
  bool has_complete_message() const;

  std::vector<std::uint8_t> kept_;  // what of earlier octets is not handed out
  Bytes input_;                     // what is not handed out: a part of kept_, or of what receive() was given
  std::vector<std::uint8_t> output_;
  std::size_t output_taken_ = 0;
  std::uint64_t next_ticket_ = 0;
  std::uint32_t in_flight_ = 0;
  std::uint32_t most_in_flight_;
  bool draining_ = false;
  bool failed_ = false;
};

}  // namespace dragoman::serve
