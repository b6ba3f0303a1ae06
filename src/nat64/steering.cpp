// Who owns a packet, in C++ and as a BPF program: see dragoman/nat64/steering.h. Tests run the program and compare.
#include "dragoman/nat64/steering.h"

#include <bit>

#include "headers.h"

namespace dragoman::nat64 {
namespace {

using enum BpfRegister;
using enum BpfSize;
using enum BpfOperation;
using enum BpfCondition;

// -- Where headers have what (RFC 8200 3, RFC 791 3.1, RFC 792, RFC 4443 2.1) --
constexpr int ipv6_next_header = 6;
constexpr int ipv6_source = 8;
constexpr int ipv6_destination = 24;
constexpr int ipv6_header_size = 40;
constexpr int ipv4_identification = 4;
constexpr int ipv4_fragment = 6;
constexpr int ipv4_protocol = 9;
constexpr int ipv4_source = 12;
constexpr int ipv4_destination = 16;
constexpr int source_port = 0;
constexpr int destination_port = 2;
constexpr int icmp_identifier = 4;
constexpr int icmp_header_size = 8;  // an error has the packet that it is about behind it

constexpr int echo_reply = 0;
constexpr int echo_request = 8;
constexpr int last_icmp_error = 12;
constexpr int icmp6_informational_bit = 0x80;

// -- The hash --
// The finaliser of MurmurHash3: each bit of the input changes each bit of the result in half of all cases. A product
// alone leaves the low bits, which choose the worker, to the low bits.
constexpr std::uint64_t first_factor = 0xff51afd7ed558ccd;
constexpr std::uint64_t second_factor = 0xc4ceb9fe1a85ec53;
constexpr int fold_bits = 33;

constexpr std::uint64_t mix(std::uint64_t value) {
  value ^= value >> fold_bits;
  value *= first_factor;
  value ^= value >> fold_bits;
  value *= second_factor;
  return value ^ value >> fold_bits;
}

std::uint64_t load_u64(const std::uint8_t* at) { return std::uint64_t{load_u32(at)} << 32 | load_u32(at + 4); }

unsigned hash_of_prefix(const std::uint8_t* address, std::uint8_t length, unsigned workers) {
  if (length <= 64) return static_cast<unsigned>(mix(load_u64(address) >> (64 - length)) % workers);
  const std::uint64_t low = load_u64(address + 8) >> (128 - length);
  return static_cast<unsigned>(mix(mix(load_u64(address)) + low) % workers);
}

// -- The program --
// Registers: r6 the context, r7 an offset in the packet, r8 a value that is being made, r9 the fragment field.
class SteeringProgram {
 public:
  SteeringProgram(const SteeringOptions& options, const SteeringMaps& maps) : options_(options), maps_(maps) {}

  std::vector<BpfInstruction> write() {
    BpfAssembler::Label ipv4;
    bpf_.apply(move, r6, r1);
    bpf_.load_packet(byte, 0);
    bpf_.apply(move, r7, r0);
    bpf_.apply(shift_right, r0, 4);
    bpf_.jump_if(equal, r0, 4, ipv4);
    bpf_.jump_if(not_equal, r0, 6, nobody_);
    write_ipv6();
    bpf_.place(ipv4);
    write_ipv4();
    bpf_.place(nobody_);
    bpf_.apply(move, r0, 0);
    bpf_.end();
    return bpf_.take();
  }

 private:
  static constexpr int fragment_offset_bits = 0x1fff;
  static constexpr int more_fragments_bit = 0x2000;
  // On the stack, from its end.
  static constexpr std::int16_t index_at = -4;
  static constexpr std::int16_t key_at = -16;
  static constexpr std::int16_t worker_at = -20;
  static_assert(sizeof(FragmentSteeringKey) == index_at - key_at);

  // The source's prefix; in an ICMPv6 error (RFC 4443 2.1) the destination of the packet that it is about.
  void write_ipv6() {
    BpfAssembler::Label known;
    bpf_.apply(move, r7, ipv6_source);
    bpf_.load_packet(byte, ipv6_next_header);
    bpf_.jump_if(not_equal, r0, icmp6_number, known);
    bpf_.load_packet(byte, ipv6_header_size);
    bpf_.jump_if(any_bit_set, r0, icmp6_informational_bit, known);
    bpf_.apply(move, r7, ipv6_header_size + icmp_header_size + ipv6_destination);
    bpf_.place(known);
    load_u64_at(0);
    if (options_.subscriber_prefix <= 64) {
      shift_right_by(64 - options_.subscriber_prefix);
    } else {
      mix_value();
      bpf_.apply(move, r9, r8);
      load_u64_at(8);
      shift_right_by(128 - options_.subscriber_prefix);
      bpf_.apply(add, r8, r9);
    }
    end_with_hash();
  }

  void write_ipv4() {
    bpf_.apply(bit_and, r7, 15);
    bpf_.apply(shift_left, r7, 2);  // where the transport header is
    bpf_.load_packet(half, ipv4_fragment);
    bpf_.apply(move, r9, r0);
    BpfAssembler::Label later_fragment;
    bpf_.jump_if(any_bit_set, r9, fragment_offset_bits, later_fragment);
    write_port();
    write_holder();
    write_first_fragment();
    bpf_.place(later_fragment);
    write_later_fragment();
  }

  // r0 = the port or identifier that is ours, and on the stack the address.
  void write_port() {
    BpfAssembler::Label port, icmp, identifier;
    bpf_.load_packet(word, ipv4_destination);
    store_address();
    bpf_.load_packet(byte, ipv4_protocol);
    bpf_.jump_if(equal, r0, icmp_number, icmp);
    jump_if_no_transport();
    bpf_.load_packet(half, r7, destination_port);
    bpf_.jump(port);

    bpf_.place(icmp);
    bpf_.load_packet(byte, r7, 0);
    bpf_.jump_if(equal, r0, echo_reply, identifier);
    bpf_.jump_if(equal, r0, echo_request, identifier);
    bpf_.jump_if(at_least, r0, last_icmp_error + 1, nobody_);
    // An error: the packet inside was sent by us. r7 goes to its transport header.
    bpf_.load_packet(word, r7, icmp_header_size + ipv4_source);
    store_address();
    bpf_.load_packet(byte, r7, icmp_header_size + ipv4_protocol);
    bpf_.apply(move, r8, r0);
    bpf_.load_packet(byte, r7, icmp_header_size);
    bpf_.apply(bit_and, r0, 15);
    bpf_.apply(shift_left, r0, 2);
    bpf_.apply(add, r7, r0);
    bpf_.apply(add, r7, icmp_header_size);
    bpf_.jump_if(equal, r8, icmp_number, identifier);
    bpf_.apply(move, r0, r8);
    jump_if_no_transport();
    bpf_.load_packet(half, r7, source_port);
    bpf_.jump(port);

    bpf_.place(identifier);
    bpf_.load_packet(half, r7, icmp_identifier);
    bpf_.place(port);
  }

  // r0: a protocol number. Others than TCP and UDP have no ports.
  void jump_if_no_transport() {
    BpfAssembler::Label has_ports;
    bpf_.jump_if(equal, r0, tcp_number, has_ports);
    bpf_.jump_if(not_equal, r0, udp_number, nobody_);
    bpf_.place(has_ports);
  }

  void store_address() {
    bpf_.to_network_order(r0, 32);
    bpf_.store(word, r10, index_at, r0);
  }

  // r0: a port; its address on the stack. r8 = the worker that holds its block.
  void write_holder() {
    const int block_bits = std::countr_zero(options_.block_size);
    bpf_.apply(move, r8, r0);
    bpf_.apply(shift_right, r8, block_bits);
    look_up(maps_.addresses, index_at);
    bpf_.jump_if(equal, r0, 0, nobody_);
    bpf_.load(word, r0, r0, 0);
    bpf_.apply(shift_left, r0, 16 - block_bits);  // index * blocks of an address
    bpf_.apply(add, r8, r0);
    bpf_.store(word, r10, index_at, r8);
    look_up(maps_.owners, index_at);
    bpf_.jump_if(equal, r0, 0, nobody_);
    bpf_.load(double_word, r8, r0, 0);
    bpf_.jump_if(equal, r8, 0, nobody_);
    bpf_.apply(subtract, r8, 1);
  }

  // r8: the worker of a packet that may be a first fragment: then the rest is to follow it.
  void write_first_fragment() {
    BpfAssembler::Label whole;
    bpf_.apply(bit_and, r9, more_fragments_bit);
    bpf_.jump_if(equal, r9, 0, whole);
    bpf_.store(word, r10, worker_at, r8);
    store_fragment_key();
    bpf_.set_map(r1, maps_.fragments);
    set_to_stack(r2, key_at);
    set_to_stack(r3, worker_at);
    bpf_.apply(move, r4, 0);  // BPF_ANY
    bpf_.call(BpfHelper::map_update);
    bpf_.place(whole);
    bpf_.apply(move, r0, r8);
    bpf_.end();
  }

  // To the worker of the first fragment; if that has not come yet, to fragment_worker().
  void write_later_fragment() {
    BpfAssembler::Label unknown;
    store_fragment_key();
    look_up(maps_.fragments, key_at);
    bpf_.jump_if(equal, r0, 0, unknown);
    bpf_.load(word, r0, r0, 0);
    bpf_.end();
    bpf_.place(unknown);
    bpf_.apply(move, r7, ipv4_source);
    load_u64_at(0);  // source and destination
    mix_value();
    bpf_.load_packet(half, ipv4_identification);
    bpf_.apply(add, r8, r0);
    end_with_hash();
  }

  void store_fragment_key() {
    bpf_.load_packet(word, ipv4_source);
    bpf_.to_network_order(r0, 32);
    bpf_.store(word, r10, key_at, r0);
    bpf_.load_packet(word, ipv4_destination);
    bpf_.to_network_order(r0, 32);
    bpf_.store(word, r10, key_at + 4, r0);
    bpf_.load_packet(half, ipv4_identification);
    bpf_.to_network_order(r0, 16);
    bpf_.store(half, r10, key_at + 8, r0);
    bpf_.load_packet(byte, ipv4_protocol);
    bpf_.store(byte, r10, key_at + 10, r0);
    bpf_.apply(move, r0, 0);
    bpf_.store(byte, r10, key_at + 11, r0);
  }

  // r0 = where the map has the value of the key on the stack, or 0.
  void look_up(int map, std::int16_t key) {
    bpf_.set_map(r1, map);
    set_to_stack(r2, key);
    bpf_.call(BpfHelper::map_lookup);
  }

  void set_to_stack(BpfRegister to, std::int16_t offset) {
    bpf_.apply(move, to, r10);
    bpf_.apply(add, to, offset);
  }

  // r8 = load_u64() at r7 + offset
  void load_u64_at(std::int32_t offset) {
    bpf_.load_packet(word, r7, offset);
    bpf_.apply(move, r8, r0);
    bpf_.apply(shift_left, r8, 32);
    bpf_.load_packet(word, r7, offset + 4);
    bpf_.apply(bit_or, r8, r0);
  }

  void shift_right_by(int bits) {
    if (bits != 0) bpf_.apply(shift_right, r8, bits);
  }

  // r8 = mix(r8)
  void mix_value() {
    fold_value();
    multiply_value(first_factor);
    fold_value();
    multiply_value(second_factor);
    fold_value();
  }
  void fold_value() {
    bpf_.apply(move, r0, r8);
    bpf_.apply(shift_right, r0, fold_bits);
    bpf_.apply(bit_xor, r8, r0);
  }
  void multiply_value(std::uint64_t factor) {
    bpf_.set(r0, factor);
    bpf_.apply(multiply, r8, r0);
  }

  // mix(r8) % workers
  void end_with_hash() {
    mix_value();
    bpf_.apply(move, r0, r8);
    bpf_.apply(modulo, r0, static_cast<std::int32_t>(options_.workers));
    bpf_.end();
  }

  SteeringOptions options_;
  SteeringMaps maps_;
  BpfAssembler bpf_;
  BpfAssembler::Label nobody_;
};

}  // namespace

unsigned subscriber_worker(const std::uint8_t* address, std::uint8_t prefix_length, unsigned workers) {
  return hash_of_prefix(address, prefix_length, workers);
}

unsigned fragment_worker(const std::uint8_t* source, const std::uint8_t* destination, std::uint16_t identification,
                         unsigned workers) {
  const std::uint64_t addresses = std::uint64_t{load_u32(source)} << 32 | load_u32(destination);
  return static_cast<unsigned>(mix(mix(addresses) + identification) % workers);
}

std::vector<BpfInstruction> steering_program(const SteeringOptions& options, const SteeringMaps& maps) {
  return SteeringProgram(options, maps).write();
}

}  // namespace dragoman::nat64
