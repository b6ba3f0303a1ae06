// The tables of RFC 7915 4.2 and 5.2, every type, code and pointer of them.
#include "icmp_mapping.h"

#include <gtest/gtest.h>

#include <map>
#include <ostream>
#include <tuple>

namespace dragoman::nat64 {

std::ostream& operator<<(std::ostream& out, const IcmpError& error) {
  return out << int{error.type} << '/' << int{error.code} << ' ' << error.argument;
}

namespace {

using Message = std::pair<int, int>;  // type, code
using Table = std::map<Message, Message>;

IcmpError message(int type, int code, std::uint32_t argument = 0) {
  return {static_cast<std::uint8_t>(type), static_cast<std::uint8_t>(code), argument};
}

// Holds for all messages that are in the table, and for all that are not.
template <class Map>
void hold_to(const Table& table, Map map) {
  for (int type = 0; type < 256; ++type) {
    for (int code = 0; code < 256; ++code) {
      const std::optional<IcmpError> mapped = map(message(type, code));
      const auto row = table.find({type, code});
      ASSERT_EQ(mapped.has_value(), row != table.end()) << type << '/' << code;
      if (mapped) {
        EXPECT_EQ(Message(mapped->type, mapped->code), row->second) << type << '/' << code;
      }
    }
  }
}

// R25, RFC 7915 4.2.
TEST(IcmpMapping, four_to_six_follows_the_table_and_drops_the_rest) {
  Table table{{{3, 0}, {1, 0}},  {{3, 1}, {1, 0}},  {{3, 2}, {4, 1}},  {{3, 3}, {1, 4}},  {{3, 4}, {2, 0}},
              {{3, 5}, {1, 0}},  {{3, 6}, {1, 0}},  {{3, 7}, {1, 0}},  {{3, 8}, {1, 0}},  {{3, 9}, {1, 1}},
              {{3, 10}, {1, 1}}, {{3, 11}, {1, 0}}, {{3, 12}, {1, 0}}, {{3, 13}, {1, 1}}, {{3, 15}, {1, 1}},
              {{12, 0}, {4, 0}}, {{12, 2}, {4, 0}}};
  for (int code = 0; code < 256; ++code) table[{11, code}] = {3, code};
  hold_to(table, icmp6_error_of);
  EXPECT_EQ(icmp6_error_of(message(3, 2)), message(4, 1, 6)) << "the pointer to the Next Header field";
  EXPECT_EQ(icmp6_error_of(message(3, 4, 1400)), message(2, 0, 1400));
}

// R33, RFC 7915 5.2.
TEST(IcmpMapping, six_to_four_follows_the_table_and_drops_the_rest) {
  Table table{{{1, 0}, {3, 1}}, {{1, 1}, {3, 10}}, {{1, 2}, {3, 1}}, {{1, 3}, {3, 1}},
              {{1, 4}, {3, 3}}, {{4, 0}, {12, 0}}, {{4, 1}, {3, 2}}};
  for (int code = 0; code < 256; ++code) {
    table[{2, code}] = {3, 4};
    table[{3, code}] = {11, code};
  }
  hold_to(table, icmp4_error_of);
  EXPECT_EQ(icmp4_error_of(message(2, 0, 1400)), message(3, 4, 1400));
}

// R25, RFC 7915 4.2 figure 3.
TEST(IcmpMapping, pointers_into_ipv4_headers_become_those_into_ipv6_headers) {
  const std::map<std::uint32_t, std::uint32_t> table{{0, 0},  {1, 1},  {2, 4},  {3, 4},   {8, 7},   {9, 6},   {12, 8},
                                                     {13, 8}, {14, 8}, {15, 8}, {16, 24}, {17, 24}, {18, 24}, {19, 24}};
  for (int code : {0, 2}) {
    for (std::uint32_t pointer = 0; pointer < 256; ++pointer) {
      const auto row = table.find(pointer);
      const auto expected = row == table.end() ? std::nullopt : std::optional(message(4, 0, row->second));
      EXPECT_EQ(icmp6_error_of(message(12, code, pointer)), expected) << pointer;
    }
  }
}

// R33, RFC 7915 5.2 figure 6.
TEST(IcmpMapping, pointers_into_ipv6_headers_become_those_into_ipv4_headers) {
  std::map<std::uint32_t, std::uint32_t> table{{0, 0}, {1, 1}, {4, 2}, {5, 2}, {6, 9}, {7, 8}};
  for (std::uint32_t pointer = 8; pointer < 24; ++pointer) table[pointer] = 12;
  for (std::uint32_t pointer = 24; pointer < 40; ++pointer) table[pointer] = 16;
  for (std::uint32_t pointer : {0U, 1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U, 23U, 24U, 39U, 40U, 255U, 256U, 0xffffffffU}) {
    const auto row = table.find(pointer);
    const auto expected = row == table.end() ? std::nullopt : std::optional(message(12, 0, row->second));
    EXPECT_EQ(icmp4_error_of(message(4, 0, pointer)), expected) << pointer;
  }
}

// R25, R33, RFC 7915 4.2, 5.2.
TEST(IcmpMapping, of_the_queries_only_echo_has_a_counterpart) {
  for (int type = 0; type < 256; ++type) {
    const auto octet = static_cast<std::uint8_t>(type);
    using Type = std::optional<std::uint8_t>;
    EXPECT_EQ(icmp6_query_of(octet), type == 8 ? Type(128) : type == 0 ? Type(129) : Type()) << type;
    EXPECT_EQ(icmp4_query_of(octet), type == 128 ? Type(8) : type == 129 ? Type(0) : Type()) << type;
  }
}

Options with_mtus(std::uint16_t mtu6, std::uint16_t mtu4) {
  Options options;
  options.mtu6 = mtu6;
  options.mtu4 = mtu4;
  return options;
}

// R33, RFC 7915 5.2: the least of the advertised MTU - 20, the IPv4 link's, the IPv6 link's - 20.
TEST(IcmpMapping, mtu_for_ipv4_is_the_least_of_three) {
  EXPECT_EQ(icmp4_mtu_of(1400, with_mtus(1500, 1500)), 1380);
  EXPECT_EQ(icmp4_mtu_of(9000, with_mtus(9000, 1450)), 1450);
  EXPECT_EQ(icmp4_mtu_of(9000, with_mtus(1300, 1500)), 1280);
  EXPECT_EQ(icmp4_mtu_of(0xffffffff, with_mtus(9000, 9000)), 8980);
  EXPECT_EQ(icmp4_mtu_of(1000, with_mtus(1500, 1500)), 980);
  EXPECT_EQ(icmp4_mtu_of(88, with_mtus(1500, 1500)), 68) << "RFC 791 3.2: every IPv4 link takes that much";
  EXPECT_EQ(icmp4_mtu_of(0, with_mtus(1500, 1500)), 68);
}

// R26, RFC 7915 4.2: the least of the advertised MTU + 20, the IPv6 link's, the IPv4 link's + 20, but 1280 at least.
TEST(IcmpMapping, mtu_for_ipv6_is_the_least_of_three_and_1280_at_least) {
  EXPECT_EQ(icmp6_mtu_of(1400, 1500, with_mtus(1500, 1500)), 1420U);
  EXPECT_EQ(icmp6_mtu_of(9000, 9001, with_mtus(1450, 1500)), 1450U);
  EXPECT_EQ(icmp6_mtu_of(9000, 9001, with_mtus(1500, 1400)), 1420U);
  EXPECT_EQ(icmp6_mtu_of(1259, 1500, with_mtus(1500, 1500)), 1280U);
  EXPECT_EQ(icmp6_mtu_of(68, 1500, with_mtus(1500, 1500)), 1280U);
}

// R26, RFC 1191 7.1.
TEST(IcmpMapping, an_mtu_that_is_not_advertised_is_the_plateau_below_the_packet) {
  const std::tuple<std::uint16_t, std::uint32_t> table[] = {
      {65535, 32020}, {32001, 32020}, {32000, 17934}, {17914, 8186}, {8166, 4372}, {4352, 2022},
      {2002, 1512},   {1500, 1512},   {1492, 1280},   {68, 1280},    {20, 1280}};
  for (const auto& [total_length, mtu] : table) {
    EXPECT_EQ(icmp6_mtu_of(0, total_length, with_mtus(65535, 65515)), mtu) << total_length;
  }
}

}  // namespace
}  // namespace dragoman::nat64
