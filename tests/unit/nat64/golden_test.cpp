// Runs tests/golden/nat64/*.txt, and holds what must be true of any packet against them cut and damaged.
#include <gtest/gtest.h>

#include <random>

#include "dragoman/ip/checksum.h"
#include "dragoman/telemetry/metric.h"
#include "golden_case.h"

namespace dragoman::nat64 {
namespace {

using test::golden_files;
using test::GoldenCase;
using test::hex;
using test::Octets;
using test::PacketBuffer;
using test::read_golden;
using test::translate;

Octets copy(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

class Golden : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(Golden, packet_leaves_as_written) {
  const GoldenCase test = read_golden(GetParam());
  SCOPED_TRACE(test.title);
  ASSERT_NE(test.out.has_value(), test.refusal.has_value()) << "either `out` or `drop`";
  PacketBuffer buffer(test.in.packet, test.in.offload);
  const Octets before = copy(buffer.memory());
  const Step step = translate(buffer.packet, test);
  if (test.refusal) {
    EXPECT_EQ(step, test.refusal);
    EXPECT_EQ(hex(buffer.memory()), hex(before)) << "a refused packet is left as it was";
    return;
  }
  ASSERT_EQ(step, Step{}) << telemetry::LabelValues<DropReason>::values[static_cast<std::size_t>(step->reason)];
  EXPECT_EQ(hex(buffer.bytes()), hex(test.out->packet));
  EXPECT_EQ(buffer.packet.offload, test.out->offload);
}

INSTANTIATE_TEST_SUITE_P(Nat64, Golden, testing::ValuesIn(golden_files()),
                         [](const auto& file) { return file.param.stem().string(); });

TEST(GoldenFiles, begin_with_a_requirement_and_are_many) {
  EXPECT_GE(golden_files().size(), 150U);
  for (const auto& path : golden_files()) {
    const std::string title = read_golden(path).title;
    EXPECT_TRUE(title.starts_with('R')) << path << ": " << title;
    const bool names_a_paragraph =
        title.find("(RFC ") != std::string::npos || title.find("(VIRTIO ") != std::string::npos;
    EXPECT_TRUE(names_a_paragraph) << path << ": " << title;
  }
}

// -- Hostile packets: golden ones, cut and damaged --

// What must be true of any packet: a refused one is as it was; what goes out lies inside its memory and is a packet
// that we ourselves would read.
void hold_what_is_always_true(const Octets& octets, const GoldenCase& test) {
  PacketBuffer buffer(octets, test.in.offload);
  const Octets before = copy(buffer.memory());
  const bool from_six = !octets.empty() && octets[0] >> 4 == 6;
  if (translate(buffer.packet, test)) {
    EXPECT_TRUE(copy(buffer.memory()) == before) << "refused, but changed: " << hex(octets);
    EXPECT_EQ(buffer.packet.size, octets.size());
    EXPECT_EQ(buffer.packet.offload, test.in.offload);
    return;
  }
  ASSERT_TRUE(buffer.is_inside());
  Ipv4Headers headers4;
  Ipv6Headers headers6;
  const std::size_t size = buffer.packet.size;
  const Step step = from_six ? read_ipv4(buffer.packet, headers4) : read_ipv6(buffer.packet, headers6);
  EXPECT_EQ(step, Step{}) << hex(octets) << " became " << hex(buffer.bytes());
  EXPECT_EQ(buffer.packet.size, size);
}

// So that what was cut or damaged is not refused for its lengths and header checksum alone.
void mend(Octets& octets) {
  if (octets.size() >= 40 && octets[0] >> 4 == 6) {
    store_u16(octets.data() + 4, static_cast<std::uint16_t>(octets.size() - 40));
  } else if (octets.size() >= 20 && octets[0] >> 4 == 4) {
    const std::size_t header = std::min<std::size_t>(4 * (octets[0] & 15), octets.size());
    store_u16(octets.data() + 2, static_cast<std::uint16_t>(octets.size()));
    store_u16(octets.data() + 10, 0);
    store_u16(octets.data() + 10, static_cast<std::uint16_t>(~test::slow_sum(Bytes(octets).first(header))));
  }
}

TEST_P(Golden, packet_may_be_cut_anywhere) {
  const GoldenCase test = read_golden(GetParam());
  const std::size_t all = std::min<std::size_t>(test.in.packet.size(), 1500);
  for (std::size_t size = 0; size < all; ++size) {
    Octets cut(test.in.packet.begin(), test.in.packet.begin() + static_cast<std::ptrdiff_t>(size));
    hold_what_is_always_true(cut, test);
    mend(cut);
    hold_what_is_always_true(cut, test);
    if (HasFailure()) return;
  }
}

TEST_P(Golden, packet_may_be_damaged_anywhere) {
  const GoldenCase test = read_golden(GetParam());
  std::mt19937 random(1);
  const std::size_t headers = std::min<std::size_t>(test.in.packet.size(), 160);
  for (int i = 0; i < 1000; ++i) {
    Octets damaged(test.in.packet.begin(), test.in.packet.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(
                                                                        test.in.packet.size(), 1500)));
    const auto count = 1 + random() % 3;
    for (std::size_t j = 0; j < count; ++j) damaged[random() % headers] = static_cast<std::uint8_t>(random());
    mend(damaged);
    hold_what_is_always_true(damaged, test);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace dragoman::nat64
