// DNS cookies towards one server (RFC 7873 5.1 and 5.3): our Client Cookie for it, and the Server Cookie that it gave
// us. Who is not on the path sees neither, so an answer without them is no answer. Pure; worker thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "dragoman/base/bytes.h"
#include "random.h"

namespace dragoman::upstream {

using ClientCookie = std::array<std::uint8_t, 8>;

class Cookies {
 public:
  explicit Cookies(Random& random) : random_(random) { renew(); }

  // For another server address, or when our own has changed: nobody shall recognise us by it (RFC 9018 3).
  void renew();

  // The COOKIE option for a question; valid until the next call that changes something.
  Bytes option() const { return {octets_.data(), length_}; }
  ClientCookie client_cookie() const;
  // The server has shown that it does cookies.
  bool is_known() const { return length_ > client_length; }

  // What the COOKIE option of a response is worth, given what its question carried.
  enum class Verdict : unsigned char {
    good,
    missing,  // there is none
    forged,   // of an illegal length, or not to our Client Cookie
  };
  static Verdict judge(const std::optional<Bytes>& option, const ClientCookie& sent);
  // Keeps the Server Cookie of a good option, unless the Client Cookie is another one by now.
  void learn(Bytes option);
  // The server does no cookies any more.
  void forget() { length_ = client_length; }

 private:
  static constexpr std::size_t client_length = 8, longest = 40, shortest_whole = 16;
  Random& random_;
  std::array<std::uint8_t, longest> octets_{};
  std::size_t length_ = client_length;
};

}  // namespace dragoman::upstream
