// Drives a Session with arrays, in the order of a connection's turn.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "dragoman/serve/options.h"
#include "session.h"

namespace dragoman::serve {

inline Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string text_of(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

// What sessions of DNS over HTTPS are made with: the usual listener alone.
inline const Listeners dns_query{*ListenOptions::from_url("https://127.0.0.1/dns-query")};

// A message of `size` octets that begins with `id` and is filled with `mark`.
inline std::string dns_message(std::uint16_t id, std::size_t size = 33, char mark = 'q') {
  std::string message(size, mark);
  store_u16(reinterpret_cast<std::uint8_t*>(message.data()), id);
  return message;
}

struct TakenRequest {
  std::uint64_t ticket;
  std::string message;
  std::size_t listener;
};

class SessionDriver {
 public:
  explicit SessionDriver(Session& session) : session_(session) {}

  // Gives octets as one read would; what the session points to is destroyed afterwards, as in a shared buffer.
  bool give(std::string_view octets, std::vector<TakenRequest>& taken) {
    std::vector<std::uint8_t> buffer(octets.begin(), octets.end());
    const bool ok = session_.receive(buffer, now);
    take(taken);
    std::fill(buffer.begin(), buffer.end(), std::uint8_t{0xee});
    return ok;
  }
  std::vector<TakenRequest> give(std::string_view octets) {
    std::vector<TakenRequest> taken;
    give(octets, taken);
    return taken;
  }
  std::vector<TakenRequest> give_slowly(std::string_view octets) {
    std::vector<TakenRequest> taken;
    for (const char octet : octets) give({&octet, 1}, taken);
    return taken;
  }
  std::vector<TakenRequest> take() {
    std::vector<TakenRequest> taken;
    take(taken);
    return taken;
  }
  void take(std::vector<TakenRequest>& taken) {
    Request request;
    while (session_.next_request(request))
      taken.push_back({request.ticket, text_of(request.message), request.listener});
    session_.keep_input();
  }
  void reply(const TakenRequest& request, std::string_view message, std::uint32_t fresh_s = 0) {
    session_.reply(request.ticket, bytes_of(message), {fresh_s});
  }
  std::string output(std::size_t limit = 1 << 20) {
    std::vector<std::uint8_t> out;
    while (session_.write_output(out, limit)) limit += 1 << 20;
    return text_of(out);
  }

  TimePoint now{std::chrono::hours(1)};

 private:
  Session& session_;
};

}  // namespace dragoman::serve
