// Requests are gathered per stream, judged by doh_request.cpp, answered by HEADERS and DATA.
#include "h2_session.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cstring>
#include <new>

#include "http_status.h"

namespace dragoman::serve {

namespace {

// A header section that decodes to more than this ends the connection: with HPACK, one octet can stand for 4 KiB.
constexpr std::size_t max_decoded_header = 64 * 1024;
// Octets that unfinished and unanswered bodies of one connection may occupy.
constexpr std::size_t max_bodies = 256 * 1024;

// Values live until submit_response() returned, which copies them. Never in HPACK's table: lengths and ages vary.
nghttp2_nv field(std::string_view name, std::string_view value) {
  const auto octets = [](std::string_view text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  };
  return {octets(name), octets(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NO_INDEX};
}

std::string_view decimal(std::uint64_t number, std::array<char, 40>& room, std::string_view before = {}) {
  char* at = std::copy(before.begin(), before.end(), room.data());
  return {room.data(), std::to_chars(at, room.data() + room.size(), number).ptr};
}

std::optional<H2Abuse> control_kind(const nghttp2_frame_hd& header) {
  switch (header.type) {
    case NGHTTP2_PRIORITY:
      return H2Abuse::priority;
    case NGHTTP2_RST_STREAM:
      return H2Abuse::rst_stream;
    case NGHTTP2_SETTINGS:
      return H2Abuse::settings;
    case NGHTTP2_PING:
      return H2Abuse::ping;
    case NGHTTP2_WINDOW_UPDATE:
      return H2Abuse::window_update;
    case NGHTTP2_PRIORITY_UPDATE:
      return H2Abuse::priority_update;
    case NGHTTP2_DATA:
      if (header.length == 0 && (header.flags & NGHTTP2_FLAG_END_STREAM) == 0) return H2Abuse::empty_data;
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

}  // namespace

// -- The budget for control frames --

void ControlBudget::refill(TimePoint now) {
  if (refilled_ == TimePoint()) refilled_ = now;
  const auto whole_seconds = std::chrono::duration_cast<seconds>(now - refilled_);
  if (whole_seconds.count() <= 0) return;
  refilled_ += whole_seconds;
  const auto earned = static_cast<std::uint64_t>(whole_seconds.count()) * per_second;
  left_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(most, left_ + earned));
}

void ControlBudget::stream_opened() {
  left_ = std::min(most, left_ + per_stream);
  ++free_priority_updates_;
}

bool ControlBudget::spend() { return left_ > 0 && left_-- > 0; }

bool ControlBudget::spend_priority_update() {
  if (free_priority_updates_ == 0) return spend();
  --free_priority_updates_;
  return true;
}

// -- Life --

H2Session::H2Session(H2Shared& shared, const Listeners& listeners, const LimitOptions& limits)
    : shared_(shared), pages_(shared.pages), listeners_(listeners), max_output_(limits.max_output) {
  // Fails only without memory, which ends the program like everywhere else.
  shared_.allocator.gather_into(&pages_);
  const int created =
      nghttp2_session_server_new3(&session_, shared_.callbacks, this, shared_.options, shared_.allocator.memory());
  shared_.allocator.gather_into(nullptr);
  if (created != 0) throw std::bad_alloc();
  const std::array<nghttp2_settings_entry, 3> settings{{
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.queries_per_connection},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, max_header},
      {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
  }};
  nghttp2_submit_settings(nghttp2(), NGHTTP2_FLAG_NONE, settings.data(), settings.size());
}

H2Session::~H2Session() {
  nghttp2_session_del(nghttp2());
  for (H2Stream* stream : streams_) shared_.pool.release(stream);
}

H2Stream* H2Session::find(std::int32_t id) {
  return static_cast<H2Stream*>(nghttp2_session_get_stream_user_data(nghttp2(), id));
}

bool H2Session::receive(Bytes bytes, TimePoint now) {
  if (failed_) return false;
  budget_.refill(now);
  const ssize_t taken = nghttp2_session_mem_recv(nghttp2(), bytes.data(), bytes.size());
  if (taken >= 0) return true;
  // What is not HTTP/2 at all gets no answer in HTTP/2; all else that stops nghttp2 is a limit, ours or its own.
  if (taken != NGHTTP2_ERR_BAD_CLIENT_MAGIC && !abuse_) abuse_ = H2Abuse::flood;
  if (abuse_) {
    give_up(*abuse_);
  } else {
    failed_ = broken_ = true;
  }
  return false;
}

void H2Session::give_up(H2Abuse abuse) {
  shared_.metrics.h2_abuse(abuse).add();
  failed_ = true;
  nghttp2_session_terminate_session(nghttp2(), NGHTTP2_ENHANCE_YOUR_CALM);
}

void H2Session::drain() {
  if (draining_ || failed_) return;
  draining_ = true;
  pages_.wake();
  // RFC 9113 6.8: first a GOAWAY that still lets requests in that are on their way.
  if (!streams_.empty()) nghttp2_submit_shutdown_notice(nghttp2());
}

bool H2Session::finished() const {
  if (pages_.is_asleep()) return false;  // it went to sleep wanting to read
  return broken_ || (nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0);
}

void H2Session::trim() {
  if (!streams_.empty()) return;
  streams_ = {};
  ready_ = {};
  ready_taken_ = 0;
  cancelled_ = {};
  if (!broken_ && nghttp2_session_want_read(nghttp2()) != 0 && nghttp2_session_want_write(session_) == 0)
    pages_.sleep();
}

// -- What the callbacks note --

bool H2Session::count_frame(const nghttp2_frame_hd& header) {
  const auto kind = control_kind(header);
  if (!kind) return true;
  const bool has_budget = kind == H2Abuse::priority_update ? budget_.spend_priority_update() : budget_.spend();
  if (!has_budget) abuse_ = kind;
  return has_budget;
}

void H2Session::open_stream(std::int32_t id) {
  budget_.stream_opened();
  H2Stream* stream = shared_.pool.acquire(id);
  stream->slot = static_cast<std::uint32_t>(streams_.size());
  streams_.push_back(stream);
  ++receiving_;
  current_ = stream;
  nghttp2_session_set_stream_user_data(nghttp2(), id, stream);
}

bool H2Session::take_field(std::string_view name, std::string_view value) {
  header_octets_ += name.size() + value.size() + 32;  // as RFC 9113 6.5.2 counts
  ++fields_;
  if (header_octets_ > max_decoded_header) {
    abuse_ = H2Abuse::header_octets;
    return false;
  }
  if (current_ == nullptr) return true;
  H2Stream& stream = *current_;
  if (header_octets_ > max_header || fields_ > max_fields) {
    stream.status = HttpStatus::header_too_large;
  } else if (name == ":method") {
    stream.method = http_method(value);
  } else if (name == ":path") {
    if (value.size() > max_target) {
      stream.status = HttpStatus::uri_too_long;
    } else {
      stream.target = value;
    }
  } else if (name == "content-type") {
    stream.has_dns_message = is_dns_message(value);
  } else if (name == "content-length") {
    const auto length = parse_content_length(value);
    stream.has_length = length.has_value();
    stream.content_length = static_cast<std::uint32_t>(std::min<std::uint64_t>(length.value_or(0), max_body + 1));
  }
  return true;
}

void H2Session::head_complete(H2Stream& stream, bool is_last) {
  if (stream.status == HttpStatus::ok) stream.status = check_head(stream.head(), listeners_, stream.listener);
  if (stream.status != HttpStatus::ok) return refuse(stream, stream.status);
  if (is_last) return complete(stream);
  if (stream.method != HttpMethod::post || !stream.has_length) return;
  charge_body(stream, stream.content_length);
  if (bodies_ > max_bodies) return refuse(stream, HttpStatus::unavailable);
  stream.body.reserve(stream.content_length);
}

void H2Session::take_body(H2Stream& stream, Bytes octets) {
  if (stream.state != H2Stream::State::receiving || stream.method != HttpMethod::post) return;
  if (stream.body.size() + octets.size() > max_body) return refuse(stream, HttpStatus::content_too_large);
  charge_body(stream, std::max(stream.body_charge, stream.body.size() + octets.size()));
  if (bodies_ > max_bodies) return refuse(stream, HttpStatus::unavailable);
  stream.body.insert(stream.body.end(), octets.begin(), octets.end());
}

void H2Session::refuse(H2Stream& stream, HttpStatus status) {
  stream.status = status;
  complete(stream);
}

void H2Session::complete(H2Stream& stream) {
  if (stream.state != H2Stream::State::receiving) return;
  stream.state = H2Stream::State::ready;
  --receiving_;
  ready_.push_back(stream.id);
}

void H2Session::close_stream(H2Stream& stream) {
  if (stream.state == H2Stream::State::receiving) --receiving_;
  if (stream.state == H2Stream::State::in_flight) {
    --in_flight_;
    cancelled_.push_back(static_cast<std::uint64_t>(stream.id));
  }
  if (current_ == &stream) current_ = nullptr;
  waiting_ -= stream.reply.size() - stream.reply_taken;
  charge_body(stream, 0);
  streams_[stream.slot] = streams_.back();
  streams_[stream.slot]->slot = stream.slot;
  streams_.pop_back();
  nghttp2_session_set_stream_user_data(nghttp2(), stream.id, nullptr);
  shared_.pool.release(&stream);
}

void H2Session::charge_body(H2Stream& stream, std::size_t octets) {
  bodies_ += octets - stream.body_charge;
  stream.body_charge = octets;
}

// -- Requests and replies --

bool H2Session::next_request(Request& request) {
  while (ready_taken_ < ready_.size()) {
    H2Stream* stream = find(ready_[ready_taken_++]);
    if (stream == nullptr || stream->state != H2Stream::State::ready) continue;
    HttpStatus status = stream->status;
    if (status == HttpStatus::ok) status = read_query(stream->head(), stream->body, shared_.decoded, request.message);
    if (status != HttpStatus::ok) {
      respond_error(*stream, status);
      continue;
    }
    stream->state = H2Stream::State::in_flight;
    ++in_flight_;
    request.ticket = static_cast<std::uint64_t>(stream->id);
    request.listener = stream->listener;
    return true;
  }
  ready_.clear();
  ready_taken_ = 0;
  return false;
}

void H2Session::reply(std::uint64_t ticket, Bytes message, const resolve::ReplyFacts& facts) {
  H2Stream* stream = find(static_cast<std::int32_t>(ticket));
  if (stream == nullptr || stream->state != H2Stream::State::in_flight) return;
  --in_flight_;
  stream->reply.assign(message.begin(), message.end());
  respond(*stream, HttpStatus::ok, facts);
}

void H2Session::no_reply(std::uint64_t ticket) {
  H2Stream* stream = find(static_cast<std::int32_t>(ticket));
  if (stream == nullptr || stream->state != H2Stream::State::in_flight) return;
  --in_flight_;
  respond_error(*stream, HttpStatus::bad_request);
}

void H2Session::respond_error(H2Stream& stream, HttpStatus status) {
  const std::string_view text = row_of(status).body;
  stream.reply.assign(text.begin(), text.end());
  respond(stream, status, {});
}

void H2Session::respond(H2Stream& stream, HttpStatus status, const resolve::ReplyFacts& facts) {
  shared_.metrics.http_requests(HttpVersion::http2, stream.method, status).add();
  stream.state = H2Stream::State::replying;
  charge_body(stream, 0);
  stream.body.clear();
  const bool is_answer = status == HttpStatus::ok;
  std::array<char, 40> length_room, age_room;
  std::array<nghttp2_nv, 5> fields{
      field(":status", row_of(status).code),
      field("content-type", is_answer ? dns_message_type : error_type),
      field("content-length", decimal(stream.reply.size(), length_room)),
      field("cache-control", is_answer ? decimal(facts.fresh_s, age_room, "max-age=") : std::string_view("no-store")),
  };
  std::size_t count = 4;
  if (status == HttpStatus::method_not_allowed) fields[count++] = field("allow", allowed_methods);

  if (stream.method == HttpMethod::head) stream.reply.clear();
  waiting_ += stream.reply.size();
  nghttp2_data_provider provider{{.ptr = &stream}, copy_reply};
  nghttp2_submit_response(nghttp2(), stream.id, fields.data(), count, stream.reply.empty() ? nullptr : &provider);
}

ssize_t H2Session::copy_reply(nghttp2_session* nghttp2, std::int32_t id, std::uint8_t* room, std::size_t length,
                              std::uint32_t* flags, nghttp2_data_source* source, void* user_data) {
  H2Stream& stream = *static_cast<H2Stream*>(source->ptr);
  const std::size_t count = std::min(length, stream.reply.size() - stream.reply_taken);
  std::memcpy(room, stream.reply.data() + stream.reply_taken, count);
  stream.reply_taken += static_cast<std::uint32_t>(count);
  static_cast<H2Session*>(user_data)->waiting_ -= count;
  if (stream.reply_taken == stream.reply.size()) {
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    // Refused before its end: the client may stop sending the rest (RFC 9113 8.1).
    if (nghttp2_session_get_stream_remote_close(nghttp2, id) == 0) {
      nghttp2_submit_rst_stream(nghttp2, NGHTTP2_FLAG_NONE, id, NGHTTP2_NO_ERROR);
    }
  }
  return static_cast<ssize_t>(count);
}

void H2Session::take_cancelled(std::vector<std::uint64_t>& tickets) {
  tickets.insert(tickets.end(), cancelled_.begin(), cancelled_.end());
  cancelled_.clear();
}

// -- Output --

bool H2Session::write_output(std::vector<std::uint8_t>& out, std::size_t limit) {
  if (broken_ || pages_.is_asleep()) return false;
  do {
    while (out.size() < limit) {
      const std::uint8_t* octets = nullptr;
      const ssize_t count = nghttp2_session_mem_send(nghttp2(), &octets);
      if (count < 0) {
        failed_ = broken_ = true;
        return false;
      }
      if (count == 0) break;
      out.insert(out.end(), octets, octets + count);
      assert(shared_.allocator.scribble());  // see FrameBufferAllocator: nothing in there is live now
    }
  } while (out.size() < limit && has_last_words());
  return nghttp2_session_want_write(nghttp2()) != 0 && out.size() >= limit;
}

// What is only known when nghttp2 has sent all that it may: that a draining session is done, or that the client's
// windows keep too much back.
bool H2Session::has_last_words() {
  if (failed_) return false;
  if (waiting_ > max_output_) {
    give_up(H2Abuse::unread_replies);
    return true;
  }
  if (!draining_ || said_goodbye_ || !streams_.empty()) return false;
  said_goodbye_ = true;
  nghttp2_submit_goaway(nghttp2(), NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(nghttp2()),
                        NGHTTP2_NO_ERROR, nullptr, 0);
  return true;
}

}  // namespace dragoman::serve
