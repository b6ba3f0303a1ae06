// Client and Server Cookie of one server; see cookies.h.
#include "cookies.h"

#include <algorithm>

namespace dragoman::upstream {

void Cookies::renew() {
  for (std::size_t i = 0; i < client_length; ++i) octets_[i] = random_.octet();
  length_ = client_length;
}

ClientCookie Cookies::client_cookie() const {
  ClientCookie cookie;
  std::copy_n(octets_.begin(), cookie.size(), cookie.begin());
  return cookie;
}

Cookies::Verdict Cookies::judge(const std::optional<Bytes>& option, const ClientCookie& sent) {
  if (!option) return Verdict::missing;
  // A response has both halves (RFC 7873 5.2.3); a Client Cookie alone only proves that the server echoes options.
  const bool is_echo = option->size() == client_length;
  if (!is_echo && (option->size() < shortest_whole || option->size() > longest)) return Verdict::forged;
  if (!std::equal(sent.begin(), sent.end(), option->begin())) return Verdict::forged;
  return is_echo ? Verdict::missing : Verdict::good;
}

void Cookies::learn(Bytes option) {
  if (!std::equal(octets_.begin(), octets_.begin() + client_length, option.begin())) return;
  std::copy(option.begin(), option.end(), octets_.begin());
  length_ = option.size();
}

}  // namespace dragoman::upstream
