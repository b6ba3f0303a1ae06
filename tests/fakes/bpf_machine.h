// Runs eBPF programs (RFC 9669) without a kernel: the instructions of socket filters that steering
// uses, and no others. It checks what
// the kernel's verifier does: registers are written before they are read, and memory is the stack or a value of a map.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dragoman/base/bpf_assembler.h"
#include "dragoman/base/bytes.h"

namespace dragoman::fakes {

class BpfMachine {
 public:
  struct Map {
    std::size_t key_size;
    std::size_t value_size;
    std::map<std::vector<std::uint8_t>, std::vector<std::uint8_t>> entries{};
    std::size_t updates = 0;  // by programs

    template <class Key, class Value>
    void set(const Key& key, const Value& value) {
      entries[octets_of(key)] = octets_of(value);
    }
  };
  // By their descriptors. An array has its entries from the start.
  std::map<int, Map> maps;

  // The result. Nullopt, and a failed test: the program does what it must not.
  std::optional<std::uint64_t> run(const std::vector<BpfInstruction>& program, Bytes packet) {
    registers_.fill(std::nullopt);
    stack_.fill(0xa5);
    registers_[1] = context;
    registers_[10] = address_of(stack_.data()) + stack_.size();
    packet_ = packet;
    found_.clear();
    result_.reset();
    at_ = 0;
    for (std::size_t steps = 0; steps < program.size(); ++steps) {  // there are no loops
      if (at_ >= program.size()) return fail("runs beyond its end");
      const BpfInstruction& instruction = program[at_++];
      if (!execute(instruction, program)) return result_;
    }
    return fail("does not end");
  }

  template <class T>
  static std::vector<std::uint8_t> octets_of(const T& value) {
    const auto* octets = reinterpret_cast<const std::uint8_t*>(&value);
    return {octets, octets + sizeof value};
  }

 private:
  static constexpr std::uint64_t context = 0xc0ffee;

  static std::uint64_t address_of(const void* memory) { return reinterpret_cast<std::uintptr_t>(memory); }

  std::nullopt_t fail(const std::string& what) {
    ADD_FAILURE() << "instruction " << at_ - 1 << " " << what;
    return std::nullopt;
  }

  std::uint64_t read(unsigned number) {
    if (!registers_[number]) fail("reads r" + std::to_string(number) + ", which has no value");
    return registers_[number].value_or(0);
  }

  // False: the program has ended.
  bool execute(const BpfInstruction& instruction, const std::vector<BpfInstruction>& program) {
    const unsigned to = instruction.registers & 15;
    const unsigned from = instruction.registers >> 4;
    switch (instruction.code & 7) {
      case 0x00:
        if (instruction.code != 0x18) return load_packet(instruction, from);
        registers_[to] = static_cast<std::uint32_t>(instruction.immediate) |
                         std::uint64_t{static_cast<std::uint32_t>(program[at_].immediate)} << 32;
        ++at_;
        return true;
      case 0x01:
        return move_memory(instruction.code, read(from) + std::uint64_t(instruction.offset), to, true);
      case 0x03:
        return move_memory(instruction.code, read(to) + std::uint64_t(instruction.offset), from, false);
      case 0x04:
        return swap_octets(instruction, to);
      case 0x05:
        return jump(instruction, to);
      case 0x07:
        return calculate(instruction, to, from);
      default:
        fail("is unknown");
        return false;
    }
  }

  static std::size_t size_of(std::uint8_t code) {
    const std::size_t sizes[] = {4, 2, 1, 8};
    return sizes[code >> 3 & 3];
  }

  bool load_packet(const BpfInstruction& instruction, unsigned from) {
    if (registers_[6] != context) fail("loads of the packet without the context in r6");
    const bool is_indirect = (instruction.code & 0xe0) == 0x40;
    const std::uint64_t offset = (is_indirect ? read(from) : 0) + std::uint64_t(instruction.immediate);
    const std::size_t size = size_of(instruction.code);
    for (unsigned i = 1; i <= 5; ++i) registers_[i].reset();
    if (offset + size > packet_.size()) {
      result_ = 0;
      return false;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value = value << 8 | packet_[offset + i];
    registers_[0] = value;
    return true;
  }

  bool is_memory(std::uint64_t address, std::size_t size) const {
    const auto holds = [&](const void* begin, std::size_t length) {
      return address >= address_of(begin) && address + size <= address_of(begin) + length;
    };
    if (holds(stack_.data(), stack_.size())) return true;
    for (const Bytes value : found_) {
      if (holds(value.data(), value.size())) return true;
    }
    return false;
  }

  bool move_memory(std::uint8_t code, std::uint64_t address, unsigned number, bool loads) {
    const std::size_t size = size_of(code);
    if (!is_memory(address, size) || address % size != 0) {
      fail("uses memory that is not its own");
      return false;
    }
    auto* memory = reinterpret_cast<std::uint8_t*>(address);
    std::uint64_t value = loads ? 0 : read(number);
    if (loads) {
      std::memcpy(&value, memory, size);  // little-endian, as is what stores
      registers_[number] = value;
    } else {
      std::memcpy(memory, &value, size);
    }
    return true;
  }

  bool swap_octets(const BpfInstruction& instruction, unsigned to) {
    if (instruction.code != 0xdc) fail("is an unknown change of byte order");
    const std::uint64_t value = read(to);
    registers_[to] = instruction.immediate == 32 ? __builtin_bswap32(static_cast<std::uint32_t>(value))
                                                 : __builtin_bswap16(static_cast<std::uint16_t>(value));
    return true;
  }

  bool jump(const BpfInstruction& instruction, unsigned to) {
    if (instruction.code == 0x95) {
      result_ = read(0);
      return false;
    }
    if (instruction.code == 0x85) return call(instruction.immediate);
    const std::uint64_t value = instruction.code == 0x05 ? 0 : read(to);
    const std::uint64_t operand = (instruction.code & 8) != 0
                                      ? read(instruction.registers >> 4)
                                      : static_cast<std::uint64_t>(std::int64_t{instruction.immediate});
    bool is_taken = false;
    switch (instruction.code & ~8) {
      case 0x05:
        is_taken = true;
        break;
      case 0x15:
        is_taken = value == operand;
        break;
      case 0x25:
        is_taken = value > operand;
        break;
      case 0x35:
        is_taken = value >= operand;
        break;
      case 0x45:
        is_taken = (value & operand) != 0;
        break;
      case 0x55:
        is_taken = value != operand;
        break;
      default:
        fail("is an unknown jump");
        return false;
    }
    if (is_taken) at_ += static_cast<std::size_t>(instruction.offset);
    return true;
  }

  bool calculate(const BpfInstruction& instruction, unsigned to, unsigned from) {
    const std::uint64_t operand =
        (instruction.code & 8) != 0 ? read(from) : static_cast<std::uint64_t>(std::int64_t{instruction.immediate});
    const std::uint64_t value = (instruction.code & 0xf0) == 0xb0 ? 0 : read(to);
    switch (instruction.code & 0xf0) {
      case 0x00:
        registers_[to] = value + operand;
        return true;
      case 0x10:
        registers_[to] = value - operand;
        return true;
      case 0x20:
        registers_[to] = value * operand;
        return true;
      case 0x40:
        registers_[to] = value | operand;
        return true;
      case 0x50:
        registers_[to] = value & operand;
        return true;
      case 0x60:
        registers_[to] = value << operand;
        return true;
      case 0x70:
        registers_[to] = value >> operand;
        return true;
      case 0x90:
        registers_[to] = value % operand;
        return true;
      case 0xa0:
        registers_[to] = value ^ operand;
        return true;
      case 0xb0:
        registers_[to] = operand;
        return true;
      default:
        fail("is unknown arithmetic");
        return false;
    }
  }

  std::vector<std::uint8_t> copy(std::uint64_t address, std::size_t size) {
    if (!is_memory(address, size)) {
      fail("gives memory that is not its own");
      return std::vector<std::uint8_t>(size);
    }
    const auto* octets = reinterpret_cast<const std::uint8_t*>(address);
    return {octets, octets + size};
  }

  bool call(std::int32_t helper) {
    const auto found = maps.find(static_cast<int>(read(1)));
    if (found == maps.end()) {
      fail("calls with a map that is not there");
      return false;
    }
    Map& map = found->second;
    const std::vector<std::uint8_t> key = copy(read(2), map.key_size);
    if (helper == 1) {
      const auto entry = map.entries.find(key);
      registers_[0] = entry == map.entries.end() ? 0 : address_of(entry->second.data());
      if (entry != map.entries.end()) found_.push_back(entry->second);
    } else if (helper == 2) {
      read(4);
      map.entries[key] = copy(read(3), map.value_size);
      ++map.updates;
      registers_[0] = 0;
    } else {
      fail("calls an unknown helper");
      return false;
    }
    for (unsigned i = 1; i <= 5; ++i) registers_[i].reset();
    return true;
  }

  std::array<std::optional<std::uint64_t>, 11> registers_{};
  alignas(8) std::array<std::uint8_t, 512> stack_{};
  Bytes packet_;
  std::vector<Bytes> found_;  // values of maps that the program has the address of
  std::optional<std::uint64_t> result_;
  std::size_t at_ = 0;
};

}  // namespace dragoman::fakes
