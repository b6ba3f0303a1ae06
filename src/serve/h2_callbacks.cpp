// nghttp2's callbacks: each notes what came in the session that it belongs to, and calls nothing that could come back.
// Here too: the options that every session gets, with the limits of CVE-2023-44487 and CVE-2024-28182.
#include <algorithm>
#include <cstring>

#include "h2_session.h"

namespace dragoman::serve {

struct H2Callbacks {
  static H2Session& session_of(void* user_data) { return *static_cast<H2Session*>(user_data); }

  static int on_begin_frame(nghttp2_session*, const nghttp2_frame_hd* header, void* user_data) {
    return session_of(user_data).count_frame(*header) ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
  }

  static int on_begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
    H2Session& session = session_of(user_data);
    session.header_octets_ = 0;
    session.fields_ = 0;
    session.current_ = nullptr;
    if (frame->headers.cat == NGHTTP2_HCAT_REQUEST) session.open_stream(frame->hd.stream_id);
    return 0;
  }

  static int on_header(nghttp2_session*, const nghttp2_frame*, const std::uint8_t* name, std::size_t name_length,
                       const std::uint8_t* value, std::size_t value_length, std::uint8_t, void* user_data) {
    const bool ok = session_of(user_data).take_field({reinterpret_cast<const char*>(name), name_length},
                                                     {reinterpret_cast<const char*>(value), value_length});
    return ok ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
  }

  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
    H2Session& session = session_of(user_data);
    const bool is_last = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    switch (frame->hd.type) {
      case NGHTTP2_SETTINGS:
        session.settings_seen_ = true;
        break;
      case NGHTTP2_HEADERS:
        session.current_ = nullptr;
        if (H2Stream* stream = session.find(frame->hd.stream_id)) {
          if (frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
            session.head_complete(*stream, is_last);
          } else if (is_last) {
            session.complete(*stream);  // trailers
          }
        }
        break;
      case NGHTTP2_DATA:
        if (H2Stream* stream = is_last ? session.find(frame->hd.stream_id) : nullptr) session.complete(*stream);
        break;
      default:
        break;
    }
    return 0;
  }

  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* octets, std::size_t length,
                     void* user_data) {
    H2Session& session = session_of(user_data);
    if (H2Stream* stream = session.find(id)) session.take_body(*stream, Bytes(octets, length));
    return 0;
  }

  static int on_stream_close(nghttp2_session*, std::int32_t id, std::uint32_t, void* user_data) {
    H2Session& session = session_of(user_data);
    if (H2Stream* stream = session.find(id)) session.close_stream(*stream);
    return 0;
  }

  // An error that nghttp2 found itself: it queues the GOAWAY and goes on. INTERNAL_ERROR is what it says of too many
  // resets (CVE-2023-44487).
  static int on_frame_sent(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
    if (frame->hd.type != NGHTTP2_GOAWAY || frame->goaway.error_code == NGHTTP2_NO_ERROR) return 0;
    H2Session& session = session_of(user_data);
    session.failed_ = true;
    if (frame->goaway.error_code == NGHTTP2_INTERNAL_ERROR) session.shared_.metrics.h2_abuse(H2Abuse::flood).add();
    return 0;
  }

  // PRIORITY_UPDATE (RFC 9218 7.1) is counted in on_begin_frame, and its content is of no interest.
  static int on_extension(nghttp2_session*, void**, const nghttp2_frame_hd*, void*) { return NGHTTP2_ERR_CANCEL; }
};

H2Shared::H2Shared(Metrics& counts, std::size_t connections)
    : pages(SessionPages::slot_size, connections), allocator(pages), metrics(counts) {
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, H2Callbacks::on_begin_frame);
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, H2Callbacks::on_begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, H2Callbacks::on_header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, H2Callbacks::on_frame);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, H2Callbacks::on_data);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, H2Callbacks::on_stream_close);
  nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, H2Callbacks::on_frame_sent);
  nghttp2_session_callbacks_set_unpack_extension_callback(callbacks, H2Callbacks::on_extension);

  nghttp2_option_new(&options);
  nghttp2_option_set_no_closed_streams(options, 1);               // else an idle session keeps its last 100 streams
  nghttp2_option_set_max_deflate_dynamic_table_size(options, 0);  // replies repeat nothing worth a table
  nghttp2_option_set_max_continuations(options, 8);
  nghttp2_option_set_stream_reset_rate_limit(options, 200, 33);
  nghttp2_option_set_max_outbound_ack(options, 100);
  nghttp2_option_set_max_settings(options, 32);
  nghttp2_option_set_user_recv_extension_type(options, NGHTTP2_PRIORITY_UPDATE);
}

H2Shared::~H2Shared() {
  nghttp2_option_del(options);
  nghttp2_session_callbacks_del(callbacks);
}

}  // namespace dragoman::serve
