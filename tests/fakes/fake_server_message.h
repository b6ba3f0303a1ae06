// What the fake upstream servers say: replies to a query as it came, right or wrong in the way a test wants.
#pragma once

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "dragoman/dns/message_view.h"
#include "dragoman/dns/message_writer.h"
#include "dragoman/ip/address.h"

namespace dragoman::fakes {

using Octets = std::vector<std::uint8_t>;

struct Reply {
  dns::Rcode rcode = dns::Rcode::noerror;
  std::string address = "192.0.2.1";  // of an A record; empty for none
  std::uint32_t ttl = 300;
  bool truncated = false;
  bool edns = true;
  std::uint16_t keepalive = 0xffff;  // units of 100 ms; 0xffff: not told
  std::size_t filler = 0;            // octets of TXT records besides
  Octets cookie{};                   // the whole COOKIE option; empty: none
};

inline dns::MessageView parsed(Bytes message) {
  dns::MessageView view;
  if (dns::MessageView::parse(message, view) != dns::MessageView::Fault::none) std::abort();
  return view;
}

inline void write_filler(dns::MessageWriter& writer, dns::NameView owner, std::size_t octets) {
  std::array<std::uint8_t, 256> text;
  text.fill('x');
  text[0] = 255;
  // Each is another one: what is there twice counts once (RFC 2181 5).
  for (std::size_t written = 0; written < octets; written += text.size() + 12) {
    store_u32(&text[1], static_cast<std::uint32_t>(written));
    writer.record(dns::Section::additional, owner, dns::Type::txt, 60, text);
  }
}

// The answer to `query`, its question in the same letter case.
inline Octets reply_to(Bytes query, const Reply& reply = {}) {
  const dns::MessageView asked = parsed(query);
  Octets room(dns::max_message_length);
  dns::MessageWriter writer(room);
  writer.question(asked.question().name, asked.question().type, asked.question().klass);
  if (reply.rcode == dns::Rcode::noerror && !reply.address.empty()) {
    const ip::Ipv4Octets octets = ip::Address::from_text(reply.address)->v4();
    writer.record(dns::Section::answer, asked.question().name, dns::Type::a, reply.ttl, octets);
  }
  if (reply.filler != 0) write_filler(writer, asked.question().name, reply.filler);
  dns::Header header;
  header.id = asked.header().id;
  header.flags = static_cast<std::uint16_t>(dns::Header::qr | dns::Header::rd | dns::Header::ra |
                                            (reply.truncated ? dns::Header::tc : 0) |
                                            (static_cast<std::uint16_t>(reply.rcode) & 15));
  dns::EdnsReply edns;
  edns.rcode = reply.rcode;
  edns.cookie = reply.cookie;
  if (reply.keepalive != 0xffff) edns.keepalive = reply.keepalive;
  const MutableBytes message = writer.finish(header, reply.edns ? &edns : nullptr);
  return {message.begin(), message.end()};
}

// The COOKIE option of a query; empty: none.
inline Octets cookie_of(Bytes query) {
  const dns::MessageView asked = parsed(query);
  const auto option = asked.has_edns() ? asked.edns()->find(dns::EdnsOptionCode::cookie) : std::nullopt;
  return option ? Octets(option->begin(), option->end()) : Octets();
}

// What a server answers to a query with a cookie: the client's half and 16 octets of its own.
inline Octets whole_cookie(Bytes query, std::uint8_t filler = 0xab) {
  Octets cookie = cookie_of(query);
  cookie.resize(8);
  cookie.resize(24, filler);
  return cookie;
}

inline Octets with_id(Octets message, std::uint16_t id) {
  store_u16(message.data(), id);
  return message;
}

inline Octets with_swapped_case(Octets message) {
  for (std::size_t at = dns::header_length; message[at] != 0; at += message[at] + 1u) {
    for (std::size_t i = at + 1; i <= at + message[at]; ++i) {
      if ((message[i] | 0x20) >= 'a' && (message[i] | 0x20) <= 'z') message[i] ^= 0x20;
    }
  }
  return message;
}

// Another name of the same length in the question.
inline Octets with_other_name(Octets message) {
  message[dns::header_length + 1] = message[dns::header_length + 1] == 'x' ? 'y' : 'x';
  return message;
}

}  // namespace dragoman::fakes
