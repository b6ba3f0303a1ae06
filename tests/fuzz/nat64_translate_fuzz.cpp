// Any octets as a packet of either family, with any offload header: read, translated with made-up tuples, cut into
// segments and fragments. A refusal leaves the packet as it was; what is translated has lengths that agree, lies in the
// room it was given, is no larger than the next link takes, and its checksums are right if and only if they were right.
#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "dragoman/nat64/segmentation.h"
#include "fragmenting.h"
#include "fragments.h"
#include "fuzz/choices.h"
#include "fuzz/nat64_judge.h"
#include "translation.h"

namespace dragoman::nat64 {
namespace {

using namespace fuzzed;
using fuzz::Choices;
using Octets = std::vector<std::uint8_t>;

constexpr ip::Ipv6Octets address6{0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9};
constexpr ip::Ipv6Octets remote6{0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, 192, 0, 2, 33};
constexpr ip::Ipv4Octets address4{198, 51, 100, 7};
constexpr ip::Ipv4Octets remote4{192, 0, 2, 33};
constexpr std::size_t choice_octets = 12;  // of an input, in front of the packet

// What the first octets of an input choose.
struct Setting {
  explicit Setting(Choices& choices) {
    const std::uint8_t bits = choices.octet();
    is_v6 = (bits & 1) != 0;
    repairs_headers = (bits & 2) != 0;
    repairs_checksum = (bits & 4) != 0;
    options.copy_traffic_class = (bits & 8) != 0;
    if (bits & 16) options.tcp_mss = 1000;
    if (bits & 32) options.mtu6 = 1280;
    if (bits & 64) options.mtu4 = 576;
    if (bits & 128) options.lowest_ipv6_mtu = 1500;
    offload.flags = choices.octet();
    offload.kind = choices.octet();
    offload.segment_size = number(choices);
    offload.checksum_start = number(choices);
    offload.checksum_offset = choices.octet();
    source_port = number(choices);
    destination_port = number(choices);
  }
  static std::uint16_t number(Choices& choices) {
    const std::uint8_t high = choices.octet();
    return static_cast<std::uint16_t>(high << 8 | choices.octet());
  }

  bool is_v6 = false;
  bool repairs_headers = false;   // version, length, IPv4 header checksum
  bool repairs_checksum = false;  // of the transport header
  Options options;
  Offload offload;
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
};

// -- One packet's way --

class Way {
 public:
  Way(const Setting& setting, const std::uint8_t* octets, std::size_t size)
      : setting_(setting), room_(Packet::headroom + size + Packet::tailroom) {
    std::copy(octets, octets + size, room_.begin() + Packet::headroom);
    packet_ = {room_.data() + Packet::headroom, size, setting.offload};
  }

  void go() {
    if (setting_.is_v6) {
      if (setting_.repairs_headers && packet_.size >= 40) {
        packet_.data[0] = static_cast<std::uint8_t>(0x60 | (packet_.data[0] & 15));
        store_u16(packet_.data + 4, static_cast<std::uint16_t>(std::min<std::size_t>(65535, packet_.size - 40)));
      }
      go_as<Ipv6Headers>();
    } else {
      if (setting_.repairs_headers && packet_.size >= 20) repair_ipv4();
      go_as<Ipv4Headers>();
    }
  }

 private:
  void repair_ipv4() {
    std::uint8_t* header = packet_.data;
    const std::size_t words = std::clamp<std::size_t>(header[0] & 15, 5, packet_.size / 4);
    header[0] = static_cast<std::uint8_t>(0x40 | words);
    store_u16(header + 2, static_cast<std::uint16_t>(std::min<std::size_t>(65535, packet_.size)));
    ip::store_word(header + 10, 0);
    ip::store_word(header + 10, ip::checksum_of(ip::sum_words(header, words * 4)));
  }

  template <class Headers>
  void go_as() {
    Headers headers;
    remember();
    if (const Step refusal = read(packet_, headers)) {
      check_untouched("a packet that cannot be read is untouched");
      return tell(*refusal, headers);
    }
    check(headers.transport_offset + headers.transport_size == packet_.size, "the transport is the rest");
    if (setting_.repairs_checksum && judge(packet_, headers) != Checksum::not_known) give_checksum(packet_, headers);
    remember();
    const Checksum before = judge(packet_, headers);
    const Step refusal =
        headers.transport.kind == TransportKind::icmp_error ? translate_error(headers) : translate(headers);
    if (refusal) {
      check_untouched("a packet that is refused is untouched");
      return tell(*refusal, headers);
    }
    check(packet_.data >= room_.data() + sizeof(Offload) && packet_.data + packet_.size <= room_.data() + room_.size(),
          "the packet lies in its room, with an offload header in front of it");
    check(is_v6(packet_) != setting_.is_v6, "the family has changed");
    check_lengths(packet_);
    check_checksum(before);
    check_size(headers);
    cut(headers);
  }

  Step translate(const Ipv6Headers& headers) {
    return six_to_four(packet_, headers, {address4, remote4, setting_.source_port, setting_.destination_port},
                       identification_, setting_.options);
  }
  Step translate(const Ipv4Headers& headers) {
    return four_to_six(packet_, headers, {remote6, address6, setting_.source_port, setting_.destination_port},
                       setting_.options);
  }
  Step translate_error(const Ipv6Headers& outer) {
    Ipv6Headers embedded;
    if (const Step refusal = read_embedded_ipv6(packet_, outer, embedded)) return refusal;
    ErrorTuple4 tuple{address4, remote4, {remote4, address4, setting_.destination_port, setting_.source_port}};
    if (setting_.source_port % 2 == 0) tuple.router6 = outer.source;
    tuple.id = identification_.take();
    return error_six_to_four(packet_, outer, embedded, tuple, setting_.options);
  }
  Step translate_error(const Ipv4Headers& outer) {
    Ipv4Headers embedded;
    if (const Step refusal = read_embedded_ipv4(packet_, outer, embedded)) return refusal;
    const ErrorTuple6 tuple{remote6, address6, {address6, remote6, setting_.destination_port, setting_.source_port}};
    return error_four_to_six(packet_, outer, embedded, tuple, setting_.options);
  }

  void remember() {
    kept_ = room_;
    kept_packet_ = packet_;
  }
  void check_untouched(const char* what) const {
    const bool is_same_view = packet_.data == kept_packet_.data && packet_.size == kept_packet_.size;
    check(is_same_view && packet_.offload == kept_packet_.offload && room_ == kept_, what);
  }

  // An error about a packet is a packet.
  template <class Headers>
  void tell(const Refusal& refusal, const Headers& headers) {
    if (refusal.tell.type == 0 || !may_be_told(headers)) return;
    Octets room(Packet::headroom + (setting_.is_v6 ? 1280 : 576) + Packet::tailroom);
    Packet error;
    if constexpr (std::is_same_v<Headers, Ipv6Headers>) {
      error = make_icmp6_error(room, packet_, headers, remote6, refusal.tell);
    } else {
      error = make_icmp4_error(room, packet_, headers, remote4, refusal.tell);
    }
    check_lengths(error);
    check(error.size <= (setting_.is_v6 ? 1280u : 576u), "an error is small");
    check(judge(error) == Checksum::right, "an error has its checksum");
  }

  void check_checksum(Checksum before) {
    after_ = judge(packet_);
    if (before == Checksum::not_known) return;
    // RFC 7915 4.5: IPv6 wants one.
    const bool becomes_right = before == Checksum::zeros || (before == Checksum::none && !setting_.is_v6);
    const Checksum wanted = becomes_right ? Checksum::right : before;
    check(after_ == wanted, "the checksum is right if and only if it was");
  }

  void check_size(const Ipv6Headers&) {
    const bool df = (packet_.data[6] & 0x40) != 0;
    check(!df || longest_segment(packet_) <= setting_.options.mtu4, "what may not be fragmented fits the IPv4 link");
  }
  void check_size(const Ipv4Headers& headers) {
    check(!headers.dont_fragment || longest_segment(packet_) <= setting_.options.mtu6 ||
              headers.transport.kind == TransportKind::icmp_error,
          "what may not be fragmented fits the IPv6 link");
  }

  void check_piece(const Packet& piece, std::size_t limit) {
    check(piece.offload == Offload{}, "pieces need no offload");
    check(piece.data >= room_.data() && piece.data + piece.size <= room_.data() + room_.size(),
          "pieces lie in the room");
    check_lengths(piece);
    check(piece.size <= limit, "pieces fit");
  }

  void cut(const Ipv6Headers&) {
    const std::size_t longest = longest_segment(packet_);
    const std::size_t count = segment_count(packet_);
    std::size_t given = 0;
    segment(packet_, [&](const Packet& piece) {
      check_piece(piece, longest);
      check_segment(piece);
      ++given;
    });
    check(given == count, "segments are as many as were counted");
  }

  void check_segment(const Packet& piece) {
    const Checksum checksum = judge(piece);
    check(after_ == Checksum::wrong || checksum == after_ || after_ == Checksum::not_known,
          "a segment of a right packet is right");
  }

  void cut(const Ipv4Headers& headers) {
    if (headers.dont_fragment || !needs_fragmenting(packet_, setting_.options)) {
      const std::size_t longest = longest_segment(packet_);
      segment(packet_, [&](const Packet& piece) {
        check_piece(piece, longest);
        check_segment(piece);
      });
      return;
    }
    const bool joins = headers.fragment.is_whole();
    Fragments fragments(1 << 20, seconds(2), 1);
    fragment_ipv6(packet_, headers.fragment.id, setting_.options, [&](const Packet& piece) {
      check_piece(piece, setting_.options.lowest_ipv6_mtu);
      if (joins) join(fragments, piece);
    });
    check(fragments.held_octets() == 0, "the pieces are all of their datagram");
  }

  void join(Fragments& fragments, Packet piece) {
    Ipv6Headers headers;
    check(!read_ipv6(piece, headers), "a piece can be read");
    if (!headers.fragment.has_header) return check_segment(piece);
    FragmentKey key;
    key.is_v6 = true;
    key.id = headers.fragment.id;
    const FragmentPlace place{headers.fragment.offset, headers.fragment.more, headers.transport_offset,
                              headers.transport_size};
    const auto whole = fragments.reassemble({key, piece, place}, DropReason::fragment_timeout, TimePoint(),
                                            [](DropReason, const Packet&) { check(false, "pieces fit together"); });
    if (whole) check_segment(*whole);
  }

  const Setting& setting_;
  Octets room_;
  Packet packet_;
  Octets kept_;
  Packet kept_packet_;
  Identification identification_{7};
  Checksum after_ = Checksum::not_known;
};

}  // namespace
}  // namespace dragoman::nat64

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dragoman::nat64;
  if (size < choice_octets) return 0;
  dragoman::fuzz::Choices choices({data, choice_octets});
  const Setting setting(choices);
  Way(setting, data + choice_octets, size - choice_octets).go();
  return 0;
}
