// The encoding of eBPF instructions (RFC 9669 3 to 5): see dragoman/base/bpf_assembler.h.
#include "dragoman/base/bpf_assembler.h"

namespace dragoman {
namespace {

// Instruction classes (RFC 9669 3.1), with the modes that are used with them.
constexpr int load_class = 0x00;
constexpr int load_register_class = 0x61;  // MEM
constexpr int store_register_class = 0x63;
constexpr int arithmetic_class = 0x07;  // of 64 bits
constexpr int byte_order_class = 0x04;
constexpr int jump_class = 0x05;
constexpr int from_register = 0x08;  // the source, instead of the immediate

constexpr int absolute_mode = 0x20;  // legacy packet access (RFC 9669 5.5)
constexpr int indirect_mode = 0x40;
constexpr int wide_immediate = 0x18;
constexpr int to_big_endian = 0xd0 | from_register;
constexpr int call_code = 0x80;
constexpr int exit_code = 0x90;
constexpr std::uint8_t map_descriptor = 1;  // the kind of a wide immediate

constexpr std::uint8_t registers(BpfRegister to, BpfRegister from = BpfRegister::r0) {
  return static_cast<std::uint8_t>(static_cast<int>(to) | static_cast<int>(from) << 4);
}

}  // namespace

void BpfAssembler::apply(BpfOperation operation, BpfRegister to, std::int32_t immediate) {
  append(arithmetic_class | static_cast<int>(operation), {.registers = registers(to), .immediate = immediate});
}

void BpfAssembler::apply(BpfOperation operation, BpfRegister to, BpfRegister from) {
  append(arithmetic_class | from_register | static_cast<int>(operation), {.registers = registers(to, from)});
}

void BpfAssembler::set(BpfRegister to, std::uint64_t value) { set_wide(to, 0, value); }

void BpfAssembler::set_map(BpfRegister to, int descriptor) {
  set_wide(to, map_descriptor, static_cast<std::uint32_t>(descriptor));
}

void BpfAssembler::set_wide(BpfRegister to, std::uint8_t kind, std::uint64_t value) {
  const auto kind_and_register = static_cast<std::uint8_t>(registers(to) | kind << 4);
  append(wide_immediate, {.registers = kind_and_register, .immediate = static_cast<std::int32_t>(value)});
  append(0, {.immediate = static_cast<std::int32_t>(value >> 32)});
}

void BpfAssembler::to_network_order(BpfRegister in, int bits) {
  append(byte_order_class | to_big_endian, {.registers = registers(in), .immediate = bits});
}

void BpfAssembler::load_packet(BpfSize size, std::int32_t offset) {
  append(load_class | absolute_mode | static_cast<int>(size), {.immediate = offset});
}

void BpfAssembler::load_packet(BpfSize size, BpfRegister base, std::int32_t offset) {
  append(load_class | indirect_mode | static_cast<int>(size),
         {.registers = registers(BpfRegister::r0, base), .immediate = offset});
}

void BpfAssembler::load(BpfSize size, BpfRegister to, BpfRegister from, std::int16_t offset) {
  append(load_register_class | static_cast<int>(size), {.registers = registers(to, from), .offset = offset});
}

void BpfAssembler::store(BpfSize size, BpfRegister to, std::int16_t offset, BpfRegister from) {
  append(store_register_class | static_cast<int>(size), {.registers = registers(to, from), .offset = offset});
}

void BpfAssembler::jump_if(BpfCondition condition, BpfRegister value, std::int32_t immediate, Label& to) {
  to.jumps.push_back(instructions_.size());
  append(jump_class | static_cast<int>(condition), {.registers = registers(value), .immediate = immediate});
}

void BpfAssembler::jump_if(BpfCondition condition, BpfRegister value, BpfRegister other, Label& to) {
  to.jumps.push_back(instructions_.size());
  append(jump_class | from_register | static_cast<int>(condition), {.registers = registers(value, other)});
}

void BpfAssembler::place(Label& label) {
  for (const std::size_t jump : label.jumps) {
    instructions_[jump].offset = static_cast<std::int16_t>(instructions_.size() - jump - 1);
  }
}

void BpfAssembler::call(BpfHelper helper) {
  append(jump_class | call_code, {.immediate = static_cast<std::int32_t>(helper)});
}

void BpfAssembler::end() { append(jump_class | exit_code, {}); }

}  // namespace dragoman
