// DNS over HTTP/1.1 and 1.0 (RFC 8484 over RFC 9112): curl, health checks and proxies come that way.
// One request at a time, so that replies leave in order (RFC 9112 9.3.2); what a client pipelines waits as octets.
#pragma once

#include <memory>
#include <string_view>

#include "doh_request.h"
#include "dragoman/serve/metrics.h"
#include "session.h"

namespace dragoman::serve {

class H1Session final : public Session {
 public:
  // `listeners` must outlive the session.
  H1Session(const Listeners& listeners, Metrics& metrics);
  ~H1Session() override;

  bool wants_input() const override { return !closing_ && state_ == State::reading; }
  bool receive(Bytes bytes, TimePoint now) override;
  bool next_request(Request& request) override;
  void keep_input() override {}
  void reply(std::uint64_t ticket, Bytes message, const resolve::ReplyFacts& facts) override;
  void no_reply(std::uint64_t ticket) override;
  void take_cancelled(std::vector<std::uint64_t>&) override {}
  bool write_output(std::vector<std::uint8_t>& out, std::size_t limit) override;
  std::size_t waiting() const override { return output_.size() - output_taken_; }
  void drain() override;
  bool finished() const override;
  bool failed() const override { return failed_; }
  bool mid_message() const override { return state_ == State::reading && parser_ != nullptr; }
  std::size_t in_flight() const override { return state_ == State::in_flight ? 1 : 0; }
  void trim() override;

 private:
  struct Parser;
  enum class State : std::uint8_t { reading, complete, in_flight };

  void parse();
  void judge_head();
  void fail(HttpStatus status);
  void respond_error(HttpStatus status);
  void write_head(HttpStatus status, std::string_view cache_control, std::size_t length);
  void append(std::string_view text);
  void end_request();

  const Listeners& listeners_;
  Metrics& metrics_;
  std::unique_ptr<Parser> parser_;   // while a request is being read
  std::vector<std::uint8_t> input_;  // not parsed yet
  std::vector<std::uint8_t> output_;
  std::size_t output_taken_ = 0;
  std::unique_ptr<DecodedQuery> decoded_;
  HttpMethod method_ = HttpMethod::other;
  State state_ = State::reading;
  bool keep_alive_ = true;  // of the current request
  bool is_http10_ = false;
  bool closing_ = false;  // nothing more is read
  bool draining_ = false;
  bool failed_ = false;
};

}  // namespace dragoman::serve
