// Writes eBPF instructions (RFC 9669) one after the other, with labels for jumps ahead. Of the instruction set only
// what the programs of this project need. Pure: what is written are words; net loads them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace dragoman {

// One eBPF instruction (struct bpf_insn).
struct BpfInstruction {
  std::uint8_t code = 0;
  std::uint8_t registers = 0;  // destination in the low, source in the high half
  std::int16_t offset = 0;
  std::int32_t immediate = 0;
};
static_assert(sizeof(BpfInstruction) == 8);
using BpfProgram = std::span<const BpfInstruction>;

// r0: results of calls and packet loads, and of the program. r1 to r5: arguments, lost in calls and packet loads. r6 to
// r9 are kept; r6 has to be the packet's context for packet loads. r10: the end of the stack, 512 octets.
enum class BpfRegister : std::uint8_t { r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, r10 };

enum class BpfSize : std::uint8_t { word = 0x00, half = 0x08, byte = 0x10, double_word = 0x18 };
// Of 64 bits, unsigned.
enum class BpfOperation : std::uint8_t {
  add = 0x00,
  subtract = 0x10,
  multiply = 0x20,
  bit_or = 0x40,
  bit_and = 0x50,
  shift_left = 0x60,
  shift_right = 0x70,
  modulo = 0x90,
  bit_xor = 0xa0,
  move = 0xb0,
};
enum class BpfCondition : std::uint8_t {
  always = 0x00,
  equal = 0x10,
  above = 0x20,
  at_least = 0x30,
  any_bit_set = 0x40,
  not_equal = 0x50
};
enum class BpfHelper : std::int32_t { map_lookup = 1, map_update = 2, redirect_map = 51 };

class BpfAssembler {
 public:
  // A place that is jumped to from before it.
  class Label {
    friend class BpfAssembler;
    std::vector<std::size_t> jumps;
  };

  void apply(BpfOperation operation, BpfRegister to, std::int32_t immediate);
  void apply(BpfOperation operation, BpfRegister to, BpfRegister from);
  void set(BpfRegister to, std::uint64_t value);
  void set_map(BpfRegister to, int descriptor);
  void to_network_order(BpfRegister in, int bits);  // 16 or 32

  // Socket filters. r0 = what the packet has there, in host order; beyond the packet's end the program ends with 0.
  // Offset 0: the IP header.
  void load_packet(BpfSize size, std::int32_t offset);
  void load_packet(BpfSize size, BpfRegister base, std::int32_t offset);
  void load(BpfSize size, BpfRegister to, BpfRegister from, std::int16_t offset);
  void store(BpfSize size, BpfRegister to, std::int16_t offset, BpfRegister from);

  void jump(Label& to) { jump_if(BpfCondition::always, BpfRegister::r0, 0, to); }
  void jump_if(BpfCondition condition, BpfRegister value, std::int32_t immediate, Label& to);
  void jump_if(BpfCondition condition, BpfRegister value, BpfRegister other, Label& to);
  void place(Label& label);  // once, behind all jumps to it
  void call(BpfHelper helper);
  void end();  // the program: its result is r0

  std::vector<BpfInstruction> take() { return std::move(instructions_); }

 private:
  void append(int code, BpfInstruction rest) {
    rest.code = static_cast<std::uint8_t>(code);
    instructions_.push_back(rest);
  }
  void set_wide(BpfRegister to, std::uint8_t kind, std::uint64_t value);
  std::vector<BpfInstruction> instructions_;
};

}  // namespace dragoman
