// What a frame must be to be taken: see xdp_program.h. Offsets are those of RFC 894, RFC 791 3.1, RFC 8200 3, RFC 768.
#include "xdp_program.h"

#include <linux/bpf.h>

#include <cstddef>
#include <cstring>

#include "dragoman/base/bytes.h"
#include "dragoman/ip/checksum.h"

namespace dragoman::net {
namespace {

using enum BpfRegister;
using enum BpfSize;
using enum BpfOperation;
using enum BpfCondition;

constexpr int ip_at = 14;
constexpr int type_at = 12;
constexpr std::uint16_t ipv4_type = 0x0800;
constexpr std::uint16_t ipv6_type = 0x86dd;

constexpr int ipv4_version_at = ip_at;
constexpr int ipv4_fragment_at = ip_at + 6;
constexpr int ipv4_protocol_at = ip_at + 9;
constexpr int ipv4_destination_at = ip_at + 16;
constexpr int ipv4_udp_at = ip_at + 20;
constexpr int ipv4_end = ipv4_udp_at + 8;
constexpr int ipv6_next_header_at = ip_at + 6;
constexpr int ipv6_destination_at = ip_at + 24;
constexpr int ipv6_udp_at = ip_at + 40;
constexpr int ipv6_end = ipv6_udp_at + 8;
constexpr int destination_port_at = 2;

constexpr int no_options = 0x45;
constexpr std::uint16_t fragment_bits = 0x3fff;
constexpr int udp_number = 17;

// Packets are loaded as they lie in memory, so constants are compared as they lie there.
inline std::int32_t in_memory(std::uint16_t value) { return static_cast<std::int32_t>(ip::word(value)); }

template <class Value>
Value value_at(const std::uint8_t* at) {
  Value value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

// Registers: r2 the frame, r3 its end, r4 and r5 what is being looked at, r6 the context.
class XdpProgram {
 public:
  XdpProgram(const XdpProgramOptions& options, const XdpMaps& maps) : options_(options), maps_(maps) {}

  std::vector<BpfInstruction> write() {
    BpfAssembler::Label ipv4, known;
    bpf_.apply(move, r6, r1);
    bpf_.load(word, r2, r1, offsetof(xdp_md, data));
    bpf_.load(word, r3, r1, offsetof(xdp_md, data_end));
    pass_if_shorter(ipv4_end);
    pass_if_longer();
    pass_if_for_others();
    bpf_.load(half, r4, r2, type_at);
    bpf_.jump_if(equal, r4, in_memory(ipv4_type), ipv4);
    bpf_.jump_if(not_equal, r4, in_memory(ipv6_type), pass_);
    write_ipv6();
    bpf_.jump(known);
    bpf_.place(ipv4);
    write_ipv4();
    bpf_.place(known);
    write_redirection();
    bpf_.place(pass_);
    bpf_.apply(move, r0, XDP_PASS);
    bpf_.end();
    return bpf_.take();
  }

 private:
  // The key, on the stack.
  static constexpr std::int16_t key_at = -24;
  static constexpr std::int16_t mapped_at = key_at + 8;
  static constexpr std::int16_t ipv4_at = key_at + 12;
  static constexpr std::int16_t port_at = key_at + static_cast<std::int16_t>(offsetof(XdpListenerKey, port));

  void pass_if_shorter(int size) {
    bpf_.apply(move, r4, r2);
    bpf_.apply(add, r4, size);
    bpf_.jump_if(above, r4, r3, pass_);
  }

  void pass_if_longer() {
    bpf_.apply(move, r4, r2);
    bpf_.apply(add, r4, options_.max_frame);
    bpf_.jump_if(above, r3, r4, pass_);
  }

  // As the kernel, which takes no packets that are not for it, whatever address they have.
  void pass_if_for_others() {
    bpf_.load(word, r4, r2, 0);
    bpf_.set(r5, value_at<std::uint32_t>(options_.mac.data()));
    bpf_.jump_if(not_equal, r4, r5, pass_);
    bpf_.load(half, r4, r2, 4);
    bpf_.jump_if(not_equal, r4, value_at<std::uint16_t>(&options_.mac[4]), pass_);
  }

  void copy_to_key(BpfSize size, int from, std::int16_t to) {
    bpf_.load(size, r4, r2, static_cast<std::int16_t>(from));
    bpf_.store(size, r10, to, r4);
  }

  void write_ipv6() {
    pass_if_shorter(ipv6_end);
    bpf_.load(byte, r4, r2, ipv6_next_header_at);
    bpf_.jump_if(not_equal, r4, udp_number, pass_);
    copy_to_key(double_word, ipv6_destination_at, key_at);
    copy_to_key(double_word, ipv6_destination_at + 8, mapped_at);
    bpf_.load(half, r4, r2, ipv6_udp_at + destination_port_at);
  }

  void write_ipv4() {
    bpf_.load(byte, r4, r2, ipv4_version_at);
    bpf_.jump_if(not_equal, r4, no_options, pass_);
    bpf_.load(half, r4, r2, ipv4_fragment_at);
    bpf_.jump_if(any_bit_set, r4, in_memory(fragment_bits), pass_);
    bpf_.load(byte, r4, r2, ipv4_protocol_at);
    bpf_.jump_if(not_equal, r4, udp_number, pass_);
    bpf_.apply(move, r4, 0);
    bpf_.store(double_word, r10, key_at, r4);
    constexpr std::uint8_t mapped[] = {0, 0, 0xff, 0xff};  // RFC 4291 2.5.5.2
    bpf_.set(r4, value_at<std::uint32_t>(mapped));
    bpf_.store(word, r10, mapped_at, r4);
    copy_to_key(word, ipv4_destination_at, ipv4_at);
    bpf_.load(half, r4, r2, ipv4_udp_at + destination_port_at);
  }

  // r4: the port.
  void write_redirection() {
    bpf_.store(half, r10, port_at, r4);
    bpf_.apply(move, r4, 0);
    bpf_.store(half, r10, port_at + 2, r4);
    bpf_.set_map(r1, maps_.listeners);
    bpf_.apply(move, r2, r10);
    bpf_.apply(add, r2, key_at);
    bpf_.call(BpfHelper::map_lookup);
    bpf_.jump_if(equal, r0, 0, pass_);
    bpf_.load(word, r2, r6, offsetof(xdp_md, rx_queue_index));
    bpf_.set_map(r1, maps_.sockets);
    bpf_.apply(move, r3, XDP_PASS);  // where the queue has no socket
    bpf_.call(BpfHelper::redirect_map);
    bpf_.end();
  }

  XdpProgramOptions options_;
  XdpMaps maps_;
  BpfAssembler bpf_;
  BpfAssembler::Label pass_;
};

}  // namespace

XdpListenerKey xdp_listener_key(const ip::Endpoint& endpoint) {
  XdpListenerKey key{};
  key.address = endpoint.address.with_mapping().v6();
  store_u16(key.port.data(), endpoint.port);
  return key;
}

std::vector<BpfInstruction> xdp_program(const XdpProgramOptions& options, const XdpMaps& maps) {
  return XdpProgram(options, maps).write();
}

}  // namespace dragoman::net
