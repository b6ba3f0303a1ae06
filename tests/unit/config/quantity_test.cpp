// Numbers, durations and sizes.
#include "quantity.h"

#include <gtest/gtest.h>

namespace dragoman::config {
namespace {

struct Written {
  const char* text;
  std::int64_t value;
};

TEST(Quantity, reads_durations_in_milliseconds) {
  for (const Written& row : std::vector<Written>{{"0", 0},
                                                 {"5", 5000},
                                                 {"1500ms", 1500},
                                                 {"5s", 5000},
                                                 {"2m", 120'000},
                                                 {"1h", 3'600'000},
                                                 {"1d", 86'400'000},
                                                 {"2h4m", 7'440'000},
                                                 {"1m1ms", 60'001}}) {
    auto value = quantity_from_text(row.text, Unit::milliseconds);
    ASSERT_TRUE(value) << row.text;
    EXPECT_EQ(*value, row.value) << row.text;
  }
}

TEST(Quantity, reads_sizes_in_octets) {
  for (const Written& row : std::vector<Written>{
           {"0", 0}, {"1500", 1500}, {"64K", 65'536}, {"64KiB", 65'536}, {"512MiB", 536'870'912}, {"1T", 1LL << 40}}) {
    auto value = quantity_from_text(row.text, Unit::octets);
    ASSERT_TRUE(value) << row.text;
    EXPECT_EQ(*value, row.value) << row.text;
  }
}

TEST(Quantity, refuses_what_is_none) {
  for (const char* text : {"", " ", "s", "-5s", "+5s", "5x", "5 s", "1.5h", "30s5m", "5s5s", "5s5", "0x10", "5mss"}) {
    EXPECT_FALSE(quantity_from_text(text, Unit::milliseconds)) << text;
  }
  for (const char* text : {"", "MiB", "512MB", "512kb", "1e6", "-1"}) {
    EXPECT_FALSE(quantity_from_text(text, Unit::octets)) << text;
  }
  for (const char* text : {"", "1K", "1s", "two", "1.0", "-1"}) {
    EXPECT_FALSE(quantity_from_text(text, Unit::count)) << text;
  }
}

TEST(Quantity, refuses_what_does_not_fit) {
  EXPECT_EQ(quantity_from_text("9223372036854775808", Unit::count).error().code, ErrorCode::too_large);
  EXPECT_EQ(quantity_from_text("9223372036854775807d", Unit::milliseconds).error().code, ErrorCode::too_large);
  EXPECT_EQ(quantity_from_text("106751991167d9223372036854775807s", Unit::milliseconds).error().code,
            ErrorCode::too_large);
}

TEST(Quantity, shows_values_so_that_they_read_back_the_same) {
  for (Unit unit : {Unit::count, Unit::milliseconds, Unit::octets}) {
    for (std::int64_t value : {0LL, 1LL, 999LL, 1000LL, 1500LL, 60'000LL, 5'400'000LL, 86'400'000LL, 90'061'000LL,
                               1LL << 20, (1LL << 20) + 1, 3LL << 40}) {
      std::string text = quantity_to_text(value, unit);
      auto back = quantity_from_text(text, unit);
      ASSERT_TRUE(back) << text;
      EXPECT_EQ(*back, value) << text;
    }
  }
  EXPECT_EQ(quantity_to_text(5'400'000, Unit::milliseconds), "1h30m");
  EXPECT_EQ(quantity_to_text(1500, Unit::milliseconds), "1500ms");
  EXPECT_EQ(quantity_to_text(512 << 20, Unit::octets), "512MiB");
}

TEST(Range, holds_both_its_ends) {
  Range range{Unit::milliseconds, 1000, 60'000};
  EXPECT_TRUE(range.contains(1000));
  EXPECT_TRUE(range.contains(60'000));
  EXPECT_FALSE(range.contains(999));
  EXPECT_FALSE(range.contains(60'001));
  EXPECT_EQ(range.to_text(), "1s to 1m");
}

}  // namespace
}  // namespace dragoman::config
