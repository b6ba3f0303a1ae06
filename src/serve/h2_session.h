// DNS over HTTP/2 (RFC 8484 over RFC 9113): nghttp2 with memory in and memory out.
// nghttp2 is not re-entrant, so its callbacks only note what came; requests are handed out after it returned, and
// write_output() is the one place that lets it produce octets.
#pragma once

#include <optional>

#include "dragoman/serve/options.h"
#include "h2_shared.h"
#include "session.h"

namespace dragoman::serve {

// How many control frames a client may send: some at once, some per second, some more per request (RFC 9113 10.5).
// A browser needs one PRIORITY_UPDATE, two WINDOW_UPDATE and now and then a PING or RST_STREAM per request.
class ControlBudget {
 public:
  void refill(TimePoint now);
  void stream_opened();
  bool spend();  // false: used up
  bool spend_priority_update();

 private:
  static constexpr std::uint32_t most = 400, at_start = 200, per_second = 20, per_stream = 4;

  std::uint32_t left_ = at_start;
  std::uint32_t free_priority_updates_ = 100;
  TimePoint refilled_{};
};

class H2Session final : public Session {
 public:
  // `listeners` must outlive the session.
  H2Session(H2Shared& shared, const Listeners& listeners, const LimitOptions& limits);
  ~H2Session() override;
  H2Session(const H2Session&) = delete;
  H2Session& operator=(const H2Session&) = delete;

  // Always: the client's WINDOW_UPDATE and RST_STREAM must be seen.
  bool wants_input() const override { return !failed_; }
  bool receive(Bytes bytes, TimePoint now) override;
  bool next_request(Request& request) override;
  void keep_input() override {}
  void reply(std::uint64_t ticket, Bytes message, const resolve::ReplyFacts& facts) override;
  void no_reply(std::uint64_t ticket) override;
  void take_cancelled(std::vector<std::uint64_t>& tickets) override;
  bool write_output(std::vector<std::uint8_t>& out, std::size_t limit) override;
  std::size_t waiting() const override { return waiting_; }
  void drain() override;
  bool finished() const override;
  bool failed() const override { return failed_; }
  bool mid_message() const override { return receiving_ > 0 || !settings_seen_; }
  std::size_t in_flight() const override { return in_flight_; }
  void trim() override;

 private:
  friend struct H2Callbacks;

  // nghttp2's session, woken if it sleeps: the only way to it.
  nghttp2_session* nghttp2() {
    pages_.wake();
    return session_;
  }
  H2Stream* find(std::int32_t id);
  // What the callbacks note.
  bool count_frame(const nghttp2_frame_hd& header);
  void open_stream(std::int32_t id);
  bool take_field(std::string_view name, std::string_view value);
  void head_complete(H2Stream& stream, bool is_last);
  void take_body(H2Stream& stream, Bytes octets);
  void complete(H2Stream& stream);
  void refuse(H2Stream& stream, HttpStatus status);
  void close_stream(H2Stream& stream);
  // nghttp2 asks for the next octets of a reply.
  static ssize_t copy_reply(nghttp2_session* nghttp2, std::int32_t id, std::uint8_t* room, std::size_t length,
                            std::uint32_t* flags, nghttp2_data_source* source, void* user_data);

  void respond(H2Stream& stream, HttpStatus status, const resolve::ReplyFacts& facts);
  void respond_error(H2Stream& stream, HttpStatus status);
  void charge_body(H2Stream& stream, std::size_t octets);
  void give_up(H2Abuse abuse);
  bool has_last_words();

  H2Shared& shared_;
  SessionPages pages_;
  nghttp2_session* session_ = nullptr;
  const Listeners& listeners_;
  std::vector<H2Stream*> streams_;   // all that are open
  std::vector<std::int32_t> ready_;  // complete, in order
  std::size_t ready_taken_ = 0;
  std::vector<std::uint64_t> cancelled_;
  H2Stream* current_ = nullptr;                 // whose header section is being decoded
  std::size_t header_octets_ = 0, fields_ = 0;  // of that header section
  std::size_t waiting_ = 0;                     // octets of replies that were not sent yet
  std::size_t bodies_ = 0;                      // octets that bodies occupy, or announced
  std::size_t max_output_;
  std::uint32_t receiving_ = 0;
  std::uint32_t in_flight_ = 0;
  ControlBudget budget_;
  std::optional<H2Abuse> abuse_;
  bool settings_seen_ = false;
  bool draining_ = false;
  bool said_goodbye_ = false;
  bool failed_ = false;
  bool broken_ = false;  // not even GOAWAY can be sent
};

}  // namespace dragoman::serve
