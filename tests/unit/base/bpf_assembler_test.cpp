// The encoding of instructions, by the examples and tables of RFC 9669; jumps lead where they are to lead.
#include "dragoman/base/bpf_assembler.h"

#include <gtest/gtest.h>

#include "fakes/bpf_machine.h"

namespace dragoman {
namespace {

using enum BpfRegister;

std::uint64_t word_of(const BpfInstruction& instruction) {
  std::uint64_t word;
  std::memcpy(&word, &instruction, sizeof word);
  return word;
}

std::uint64_t run(BpfAssembler& assembler, Bytes packet = {}) {
  return fakes::BpfMachine().run(assembler.take(), packet).value_or(~0ull);
}

TEST(BpfAssembler, encodes_instructions_as_the_kernel_reads_them) {
  BpfAssembler bpf;
  BpfAssembler::Label end;
  bpf.apply(BpfOperation::move, r6, r1);
  bpf.apply(BpfOperation::bit_and, r7, 15);
  bpf.set(r0, 0x1122334455667788);
  bpf.set_map(r1, 5);
  bpf.to_network_order(r0, 32);
  bpf.load_packet(BpfSize::half, 6);
  bpf.load_packet(BpfSize::byte, r7, 9);
  bpf.load(BpfSize::double_word, r8, r0, 0);
  bpf.store(BpfSize::word, r10, -4, r8);
  bpf.jump_if(BpfCondition::above, r3, r2, end);
  bpf.call(BpfHelper::map_update);
  bpf.place(end);
  bpf.end();
  // Code, registers, offset, immediate: little-endian words.
  const std::uint64_t expected[] = {0x00000000000016bf, 0x0000000f00000757, 0x5566778800000018, 0x1122334400000000,
                                    0x0000000500001118, 0x0000000000000000, 0x00000020000000dc, 0x0000000600000028,
                                    0x0000000900007050, 0x0000000000000879, 0x00000000fffc8a63, 0x000000000001232d,
                                    0x0000000200000085, 0x0000000000000095};
  const std::vector<BpfInstruction> program = bpf.take();
  ASSERT_EQ(program.size(), std::size(expected));
  for (std::size_t i = 0; i < program.size(); ++i) EXPECT_EQ(word_of(program[i]), expected[i]) << i;
}

TEST(BpfAssembler, calculates) {
  BpfAssembler bpf;
  bpf.set(r8, 0xffffffffffffffff);
  bpf.apply(BpfOperation::shift_right, r8, 60);  // 15
  bpf.apply(BpfOperation::multiply, r8, r8);     // 225
  bpf.apply(BpfOperation::add, r8, 7);           // 232
  bpf.apply(BpfOperation::subtract, r8, 2);      // 230
  bpf.apply(BpfOperation::modulo, r8, 100);      // 30
  bpf.apply(BpfOperation::bit_xor, r8, 1);       // 31
  bpf.apply(BpfOperation::bit_or, r8, 64);       // 95
  bpf.apply(BpfOperation::shift_left, r8, 1);    // 190
  bpf.apply(BpfOperation::move, r0, r8);
  bpf.end();
  EXPECT_EQ(run(bpf), 190u);
}

TEST(BpfAssembler, jumps_to_labels_that_are_placed_later) {
  for (const bool jumps : {false, true}) {
    BpfAssembler bpf;
    BpfAssembler::Label first, second;
    bpf.apply(BpfOperation::move, r7, jumps ? 6 : 5);
    bpf.apply(BpfOperation::move, r0, 1);
    bpf.jump_if(BpfCondition::equal, r7, 6, first);
    bpf.set(r0, 2);  // two instructions wide
    bpf.jump(second);
    bpf.place(first);
    bpf.apply(BpfOperation::add, r0, 10);
    bpf.place(second);
    bpf.apply(BpfOperation::add, r0, 100);
    bpf.end();
    EXPECT_EQ(run(bpf), jumps ? 111u : 102u);
  }
}

TEST(BpfAssembler, knows_conditions) {
  const struct {
    BpfCondition condition;
    std::int32_t immediate;
    bool is_taken;
  } cases[] = {{BpfCondition::equal, 6, true},       {BpfCondition::equal, 7, false},
               {BpfCondition::not_equal, 7, true},   {BpfCondition::not_equal, 6, false},
               {BpfCondition::at_least, 6, true},    {BpfCondition::at_least, 7, false},
               {BpfCondition::above, 5, true},       {BpfCondition::above, 6, false},
               {BpfCondition::any_bit_set, 2, true}, {BpfCondition::any_bit_set, 9, false}};
  for (const auto& each : cases) {
    for (const bool with_register : {false, true}) {
      BpfAssembler bpf;
      BpfAssembler::Label taken;
      bpf.apply(BpfOperation::move, r0, 6);
      bpf.apply(BpfOperation::move, r2, each.immediate);
      if (with_register) {
        bpf.jump_if(each.condition, r0, r2, taken);
      } else {
        bpf.jump_if(each.condition, r0, each.immediate, taken);
      }
      bpf.apply(BpfOperation::move, r0, 0);
      bpf.place(taken);
      bpf.end();
      EXPECT_EQ(run(bpf), each.is_taken ? 6u : 0u) << static_cast<int>(each.condition) << " " << each.immediate;
    }
  }
}

TEST(BpfAssembler, loads_of_the_packet_in_host_order) {
  const std::uint8_t packet[] = {0x45, 0x01, 0x02, 0x03, 0x04};
  BpfAssembler bpf;
  bpf.apply(BpfOperation::move, r6, r1);
  bpf.load_packet(BpfSize::word, 1);
  bpf.end();
  EXPECT_EQ(run(bpf, packet), 0x01020304u);
}

}  // namespace
}  // namespace dragoman
