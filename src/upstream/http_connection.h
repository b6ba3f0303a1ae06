// DNS over HTTPS to an upstream (RFC 8484) on HTTP/2 (RFC 9113): POST, one stream per question. nghttp2 works from
// memory to memory and is not re-entrant: its callbacks only note what came, and received() draws the conclusions
// afterwards. Worker thread.
#pragma once

#include <nghttp2/nghttp2.h>

#include <memory>
#include <string_view>
#include <vector>

#include "connection.h"
#include "query_message.h"

namespace dragoman::upstream {

class HttpConnection final : public Connection {
 public:
  HttpConnection(Context& context, ConnectionPool& pool, net::UniqueFd fd);
  ~HttpConnection() override;

  void send(Exchange& exchange) override;
  std::size_t load() const override { return waiting_; }
  bool has_room() const override;
  void abandon(Exchange& exchange) override;

 private:
  // A request and what came of its response. Outlives an exchange that is given up, until its stream is closed.
  struct Request : Link {
    Exchange* exchange = nullptr;  // null: given up
    std::int32_t stream = 0;
    QueryBuffer query;
    std::size_t query_length = 0, query_sent = 0;
    std::vector<std::uint8_t> body;
    int status = 0;
    std::uint32_t age = 0;         // seconds, RFC 9111 5.1
    std::uint32_t error_code = 0;  // of the stream's end
    bool is_dns_message = false;
    bool is_too_large = false;
  };
  struct Callbacks;  // what nghttp2 calls; in the .cpp

  void opened() override;
  bool received(Bytes octets) override;
  void fill(std::vector<std::uint8_t>& out) override;
  void seems_silent() override;
  void end_all(Ending ending) override;

  bool submit(Request& request);
  void drain();
  void conclude(Request& request);
  Ending read_response(Request& request);

  nghttp2_session* session_ = nullptr;
  Link requests_;  // whose streams are open
  Link closed_;    // whose streams were closed in this call of nghttp2
  std::size_t waiting_ = 0;
  bool going_away_ = false;  // GOAWAY came: no further requests (RFC 9113 6.8)
};

}  // namespace dragoman::upstream
