// Lifetimes by RFC 1035, RFC 2308 and RFC 9520, as a table.
#include "keeping.h"

#include <gtest/gtest.h>

#include "sample_answers.h"

namespace dragoman::cache {
namespace {

using dns::Rcode;
using dns::Section;
using dns::Type;

struct Case {
  const char* title;
  Type question;
  Rcode rcode;
  std::vector<SampleRecord> records;
  std::uint32_t lifetime;
  bool is_failure = false;
};

const Case cases[] = {
    {"the smallest TTL of the answer section",
     Type::a,
     Rcode::noerror,
     {{.ttl = 300}, {.ttl = 60}, {.section = Section::authority, .type = Type::ns, .ttl = 5}},
     60},
    {"a CNAME in front counts",
     Type::a,
     Rcode::noerror,
     {{.type = Type::cname, .ttl = 20}, {.ttl = 300, .owner = "target.example"}},
     20},
    {"a signature counts", Type::a, Rcode::noerror, {{.ttl = 300}, {.type = Type::rrsig, .ttl = 30}}, 30},
    {"a CNAME asked for is data", Type::cname, Rcode::noerror, {{.type = Type::cname, .ttl = 40}}, 40},
    {"anything is data for ANY", Type::any, Rcode::noerror, {{.type = Type::txt, .ttl = 50}}, 50},
    {"no longer than max_ttl", Type::a, Rcode::noerror, {{.ttl = 1000000}}, 86400},
    {"TTL 0 is not kept", Type::a, Rcode::noerror, {{.ttl = 0}}, 0},
    {"NODATA: the SOA's TTL", Type::aaaa, Rcode::noerror, {soa(120, 300)}, 120},
    {"NODATA: the SOA's MINIMUM", Type::aaaa, Rcode::noerror, {soa(900, 300)}, 300},
    {"NODATA: negative_max_ttl", Type::aaaa, Rcode::noerror, {soa(86400, 86400)}, 3600},
    {"NODATA without SOA is not kept", Type::aaaa, Rcode::noerror, {}, 0},
    {"NODATA behind a CNAME: the CNAME counts too",
     Type::aaaa,
     Rcode::noerror,
     {{.type = Type::cname, .ttl = 10}, soa(900, 300)},
     10},
    {"a CNAME that leads nowhere is not kept", Type::aaaa, Rcode::noerror, {{.type = Type::cname, .ttl = 10}}, 0},
    {"another type is no data", Type::aaaa, Rcode::noerror, {{.type = Type::a, .ttl = 10}}, 0},
    {"NXDOMAIN: the SOA", Type::a, Rcode::nxdomain, {soa(900, 200)}, 200},
    {"NXDOMAIN behind a CNAME: both",
     Type::a,
     Rcode::nxdomain,
     {{.type = Type::cname, .ttl = 150}, soa(900, 200)},
     150},
    {"NXDOMAIN with data of the type asked for is negative all the same",
     Type::cname,
     Rcode::nxdomain,
     {{.type = Type::cname, .ttl = 150}},
     0},
    {"NXDOMAIN without SOA is not kept", Type::a, Rcode::nxdomain, {}, 0},
    {"SERVFAIL", Type::a, Rcode::servfail, {}, 5, true},
    {"REFUSED", Type::a, Rcode::refused, {}, 5, true},
    {"an extended RCODE", Type::a, Rcode::badvers, {}, 5, true},
};

TEST(Keeping, has_a_lifetime_for_every_kind_of_answer) {
  dns::Name question = name("www.example");
  for (const Case& row : cases) {
    dns::Answer answer = make_answer(question, row.question, row.records, row.rcode);
    Keeping keeping = keeping_of(row.question, answer.view(), Options{});
    EXPECT_EQ(keeping.lifetime, row.lifetime) << row.title;
    EXPECT_EQ(keeping.is_failure, row.is_failure) << row.title;
  }
}

TEST(Keeping, raises_short_ttls_of_data_to_min_ttl) {
  dns::Name question = name("www.example");
  Options options{.min_ttl = seconds(30)};
  auto lifetime = [&](const std::vector<SampleRecord>& records) {
    return keeping_of(Type::a, make_answer(question, Type::a, records).view(), options).lifetime;
  };
  EXPECT_EQ(lifetime({{.ttl = 0}}), 30u);
  EXPECT_EQ(lifetime({{.ttl = 31}}), 31u);
  EXPECT_EQ(lifetime({soa(10, 10)}), 10u) << "a denial is not data";
}

TEST(Keeping, holds_failures_between_one_second_and_five_minutes) {
  dns::Name question = name("www.example");
  dns::Answer answer = make_answer(question, Type::a, {}, Rcode::servfail);
  struct {
    seconds option;
    std::uint32_t lifetime;
  } const table[] = {{seconds(0), 1}, {seconds(30), 30}, {seconds(3600), 300}};
  for (const auto& row : table) {
    EXPECT_EQ(keeping_of(Type::a, answer.view(), {.failure_ttl = row.option}).lifetime, row.lifetime);
  }
}

// RFC 9520 3.2.
TEST(Keeping, doubles_the_lifetime_of_failures_in_a_row) {
  struct {
    const char* title;
    std::uint32_t former, age, lifetime;
  } const table[] = {
      {"right after the first", 5, 5, 10},
      {"and so on", 10, 11, 20},
      {"up to five minutes", 160, 160, 300},
      {"and no further", 300, 400, 300},
      {"five minutes after it was forgotten", 5, 305, 10},
      {"after that it is the first again", 5, 306, 5},
      {"one that stood beside a stale answer for 30 s", 30, 30, 60},
      {"one under other options", 1, 1, 5},
  };
  for (const auto& row : table) EXPECT_EQ(next_failure_ttl(row.former, row.age, {}), row.lifetime) << row.title;
}

TEST(Keeping, never_makes_later_failures_shorter_than_the_first) {
  const Options options{.failure_ttl = seconds(60), .failure_max_ttl = seconds(10)};
  EXPECT_EQ(next_failure_ttl(60, 60, options), 60u);
}

// The TTLs of an answer's records as they would be kept.
std::vector<std::uint32_t> kept_ttls(Type question_type, const std::vector<SampleRecord>& records,
                                     const Options& options) {
  dns::Name question = name("www.example");
  dns::Answer answer = make_answer(question, question_type, records);
  Keeping keeping = keeping_of(question_type, answer.view(), options);
  dns::Answer kept = answer;
  if (keeping.changes_ttls) bound_ttls(answer.view(), keeping, kept.records);
  std::vector<std::uint32_t> ttls;
  dns::AnswerRecords walk(kept.view());
  for (dns::AnswerRecord record; walk.next(record);) ttls.push_back(record.ttl);
  return ttls;
}

TEST(Keeping, leaves_ttls_within_the_bounds_alone) {
  EXPECT_EQ(kept_ttls(Type::a, {{.ttl = 300}, {.ttl = 60}}, {}), (std::vector<std::uint32_t>{300, 60}));
}

TEST(Keeping, brings_ttls_of_data_within_the_options_bounds) {
  Options options{.max_ttl = seconds(100), .min_ttl = seconds(10)};
  EXPECT_EQ(kept_ttls(Type::a, {{.ttl = 300}, {.ttl = 60}, {.ttl = 1}}, options),
            (std::vector<std::uint32_t>{100, 60, 10}));
}

TEST(Keeping, lets_the_soa_of_a_denial_count_down_to_zero_with_it) {
  EXPECT_EQ(kept_ttls(Type::aaaa, {soa(3600, 300)}, {}), (std::vector<std::uint32_t>{300}));
}

}  // namespace
}  // namespace dragoman::cache
