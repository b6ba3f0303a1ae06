// What the cache gives back, and for how long.
#include "dragoman/cache/answer_cache.h"

#include <gtest/gtest.h>

#include "sample_answers.h"

namespace dragoman::cache {
namespace {

using dns::Rcode;
using dns::Section;
using dns::Type;

constexpr TimePoint start{seconds(1000)};

// A cache with a question to it.
class AnswerCacheTest : public testing::Test {
 protected:
  std::optional<Hit> find(const Key& key, TimePoint now) { return cache_.find(key, KeyHash(key), now, room_); }
  void store(const Key& key, const std::vector<SampleRecord>& records, TimePoint now, Rcode rcode = Rcode::noerror) {
    cache_.store(key, KeyHash(key), make_answer(key.name, key.type, records, rcode).view(), now);
  }
  // The records that the last hit wrote.
  Bytes records(const Hit& hit) const { return Bytes(room_).first(hit.length); }
  std::vector<std::uint32_t> ttls(const Hit& hit, const Key& key) const {
    std::vector<std::uint32_t> found;
    dns::AnswerRecords walk({hit.head, records(hit), static_cast<std::uint16_t>(key.name.length() + 4)});
    for (dns::AnswerRecord record; walk.next(record);) found.push_back(record.ttl);
    return found;
  }

  const dns::Name www_ = name("www.example");
  const Key key_{www_, Type::a};
  AnswerCache cache_{Options{.size = 1u << 20}};
  std::vector<std::uint8_t> room_ = std::vector<std::uint8_t>(dns::max_message_length);
};

TEST_F(AnswerCacheTest, gives_back_what_was_stored) {
  dns::Answer answer = make_answer(www_, Type::a, {{.ttl = 300}, {.section = Section::authority, .type = Type::ns}});
  answer.head.authentic = true;
  answer.head.authoritative = true;
  cache_.store(key_, KeyHash(key_), answer.view(), start);

  const auto hit = find(key_, start);
  ASSERT_TRUE(hit);
  EXPECT_EQ(std::vector<std::uint8_t>(records(*hit).begin(), records(*hit).end()), answer.records);
  EXPECT_EQ(hit->head.rcode, Rcode::noerror);
  EXPECT_TRUE(hit->head.authentic);
  EXPECT_TRUE(hit->head.authoritative);
  EXPECT_EQ(hit->head.answers, 1);
  EXPECT_EQ(hit->head.authorities, 1);
  EXPECT_EQ(hit->head.additionals, 0);
  EXPECT_EQ(hit->remaining_s, 300u);
  EXPECT_FALSE(hit->is_failure);
}

TEST_F(AnswerCacheTest, claims_neither_ad_nor_aa_that_was_not_there) {
  store(key_, {{}}, start);
  const auto hit = find(key_, start);
  ASSERT_TRUE(hit);
  EXPECT_FALSE(hit->head.authentic);
  EXPECT_FALSE(hit->head.authoritative);
}

TEST_F(AnswerCacheTest, finds_a_name_in_any_case) {
  store(key_, {{}}, start);
  const dns::Name other_case = name("WwW.eXaMpLe");
  EXPECT_TRUE(find({other_case, Type::a}, start));
}

TEST_F(AnswerCacheTest, keeps_types_do_and_cd_apart) {
  store(key_, {{}}, start);
  const dns::Name other = name("xww.example");
  EXPECT_FALSE(find({other, Type::a}, start));
  EXPECT_FALSE(find({www_, Type::aaaa}, start));
  EXPECT_FALSE(find({www_, Type::a, true, false}, start));
  EXPECT_FALSE(find({www_, Type::a, false, true}, start));
}

TEST_F(AnswerCacheTest, lowers_ttls_by_age) {
  store(key_, {{.ttl = 60}, {.ttl = 300}, {.section = Section::authority, .type = Type::ns, .ttl = 20}}, start);
  const auto hit = find(key_, start + seconds(45));
  ASSERT_TRUE(hit);
  EXPECT_EQ(ttls(*hit, key_), (std::vector<std::uint32_t>{15, 255, 0}));
  EXPECT_EQ(hit->remaining_s, 15u);
}

TEST_F(AnswerCacheTest, forgets_an_entry_when_its_ttl_ends) {
  store(key_, {{.ttl = 60}}, start);
  EXPECT_TRUE(find(key_, start + seconds(59)));
  EXPECT_FALSE(find(key_, start + seconds(60)));
}

TEST_F(AnswerCacheTest, takes_no_age_from_a_clock_that_lags) {
  store(key_, {{.ttl = 60}}, start);
  const auto hit = find(key_, start - seconds(2));
  ASSERT_TRUE(hit);
  EXPECT_EQ(hit->remaining_s, 60u);
  EXPECT_EQ(ttls(*hit, key_), (std::vector<std::uint32_t>{60}));
}

TEST_F(AnswerCacheTest, keeps_a_denial_as_long_as_its_soa_says) {
  const Key aaaa{www_, Type::aaaa};
  store(aaaa, {soa(3600, 300)}, start);
  const auto hit = find(aaaa, start + seconds(200));
  ASSERT_TRUE(hit);
  EXPECT_EQ(hit->remaining_s, 100u);
  EXPECT_EQ(ttls(*hit, aaaa), (std::vector<std::uint32_t>{100}));
  EXPECT_FALSE(find(aaaa, start + seconds(300)));
}

TEST_F(AnswerCacheTest, keeps_nxdomain) {
  store(key_, {soa(60, 60)}, start, Rcode::nxdomain);
  const auto hit = find(key_, start);
  ASSERT_TRUE(hit);
  EXPECT_EQ(hit->head.rcode, Rcode::nxdomain);
  EXPECT_FALSE(hit->is_failure);
}

TEST_F(AnswerCacheTest, keeps_no_denial_without_soa) {
  store(key_, {}, start);
  store({www_, Type::aaaa}, {}, start, Rcode::nxdomain);
  EXPECT_EQ(cache_.stats().entries, 0u);
}

TEST_F(AnswerCacheTest, leaves_an_answer_alone_when_the_next_may_not_be_kept) {
  store(key_, {{.ttl = 60}}, start);
  store(key_, {}, start + seconds(1));
  EXPECT_TRUE(find(key_, start + seconds(2)));
}

TEST_F(AnswerCacheTest, keeps_an_upstreams_failure_with_its_rcode) {
  store(key_, {}, start, Rcode::refused);
  const auto hit = find(key_, start + seconds(4));
  ASSERT_TRUE(hit);
  EXPECT_EQ(hit->head.rcode, Rcode::refused);
  EXPECT_TRUE(hit->is_failure);
  EXPECT_FALSE(find(key_, start + seconds(5)));
}

TEST_F(AnswerCacheTest, remembers_that_nobody_could_answer) {
  cache_.store_failure(key_, KeyHash(key_), start);
  const auto hit = find(key_, start + seconds(4));
  ASSERT_TRUE(hit);
  EXPECT_EQ(hit->head.rcode, Rcode::servfail);
  EXPECT_TRUE(hit->is_failure);
  EXPECT_EQ(hit->length, 0u);
  EXPECT_EQ(hit->remaining_s, 1u);
  EXPECT_FALSE(find(key_, start + seconds(5)));
}

TEST_F(AnswerCacheTest, replaces_a_failure_by_an_answer) {
  cache_.store_failure(key_, KeyHash(key_), start);
  store(key_, {{.ttl = 60}}, start);
  const auto hit = find(key_, start);
  ASSERT_TRUE(hit);
  EXPECT_FALSE(hit->is_failure);
  EXPECT_EQ(cache_.stats().entries, 1u);
}

// RFC 9520 3.2.
TEST_F(AnswerCacheTest, remembers_each_failure_in_a_row_twice_as_long) {
  TimePoint now = start;
  for (const std::uint32_t lifetime : {5u, 10u, 20u, 40u, 80u, 160u, 300u, 300u}) {
    cache_.store_failure(key_, KeyHash(key_), now);
    const auto hit = find(key_, now);
    ASSERT_TRUE(hit);
    EXPECT_EQ(hit->remaining_s, lifetime);
    now += seconds(lifetime);
    EXPECT_FALSE(find(key_, now));
  }
}

TEST_F(AnswerCacheTest, begins_again_after_an_answer) {
  cache_.store_failure(key_, KeyHash(key_), start);
  cache_.store_failure(key_, KeyHash(key_), start + seconds(5));
  store(key_, {{.ttl = 0}}, start + seconds(15));
  cache_.store_failure(key_, KeyHash(key_), start + seconds(16));
  EXPECT_EQ(find(key_, start + seconds(16))->remaining_s, 5u);
}

TEST_F(AnswerCacheTest, counts_two_failures_at_a_time_as_one) {
  cache_.store_failure(key_, KeyHash(key_), start);
  cache_.store_failure(key_, KeyHash(key_), start + seconds(3));
  EXPECT_EQ(find(key_, start + seconds(3))->remaining_s, 2u);
  cache_.store_failure(key_, KeyHash(key_), start + seconds(5));
  EXPECT_EQ(find(key_, start + seconds(5))->remaining_s, 10u);
}

TEST_F(AnswerCacheTest, does_not_hold_the_fault_of_servers_against_a_question) {
  for (int times = 0; times < 3; ++times) {
    const TimePoint now = start + seconds(5 * times);
    cache_.store_failure(key_, KeyHash(key_), now, Fault::servers);
    EXPECT_EQ(find(key_, now)->remaining_s, 5u);
  }
}

TEST_F(AnswerCacheTest, leaves_an_answer_alone_when_the_next_attempt_fails) {
  store(key_, {{.ttl = 60}}, start);
  store(key_, {}, start + seconds(1), Rcode::servfail);
  cache_.store_failure(key_, KeyHash(key_), start + seconds(1));
  EXPECT_FALSE(find(key_, start + seconds(2))->is_failure);
  EXPECT_FALSE(cache_.find_stale(key_, KeyHash(key_), start + seconds(61), room_)) << "which is off by default";
}

TEST_F(AnswerCacheTest, says_once_that_a_popular_entry_is_due) {
  store(key_, {{.ttl = 100}}, start);
  EXPECT_FALSE(find(key_, start)->is_due);
  EXPECT_FALSE(find(key_, start + seconds(89))->is_due) << "it is not the last tenth yet";
  EXPECT_TRUE(find(key_, start + seconds(90))->is_due);
  EXPECT_FALSE(find(key_, start + seconds(91))->is_due);
  store(key_, {{.ttl = 100}}, start + seconds(91));
  EXPECT_TRUE(find(key_, start + seconds(185))->is_due) << "its successor inherits how popular it is";
}

TEST_F(AnswerCacheTest, lets_names_expire_that_are_not_asked_again) {
  store(key_, {{.ttl = 100}}, start);
  EXPECT_FALSE(find(key_, start + seconds(95))->is_due) << "asked for once since it came";
}

TEST_F(AnswerCacheTest, never_finds_short_lived_entries_or_failures_due) {
  store(key_, {{.ttl = 9}}, start);
  for (int second = 0; second < 9; ++second) EXPECT_FALSE(find(key_, start + seconds(second))->is_due);
  const Key other{www_, Type::mx};
  AnswerCache failing{Options{.size = 1u << 20, .failure_ttl = seconds(100)}};
  failing.store_failure(other, KeyHash(other), start);
  for (int second = 0; second < 100; ++second) {
    EXPECT_FALSE(failing.find(other, KeyHash(other), start + seconds(second), room_)->is_due);
  }
}

TEST_F(AnswerCacheTest, without_prefetch_finds_nothing_due) {
  AnswerCache plain{Options{.size = 1u << 20, .prefetch = false}};
  plain.store(key_, KeyHash(key_), make_answer(www_, Type::a, {{.ttl = 100}}).view(), start);
  for (int second = 80; second < 100; ++second) {
    EXPECT_FALSE(plain.find(key_, KeyHash(key_), start + seconds(second), room_)->is_due);
  }
}

// RFC 8767.
class StaleTest : public AnswerCacheTest {
 protected:
  std::optional<Hit> find_stale(const Key& key, TimePoint now) {
    return lasting_.find_stale(key, KeyHash(key), now, room_);
  }
  std::optional<Hit> find(TimePoint now) { return lasting_.find(key_, KeyHash(key_), now, room_); }
  void store(const std::vector<SampleRecord>& records, TimePoint now, Rcode rcode = Rcode::noerror) {
    lasting_.store(key_, KeyHash(key_), make_answer(www_, Type::a, records, rcode).view(), now);
  }
  void fail(TimePoint now) { lasting_.store_failure(key_, KeyHash(key_), now); }

  AnswerCache lasting_{Options{.size = 1u << 20, .serve_stale = {.enabled = true, .max_stale = seconds(1000)}}};
};

TEST_F(StaleTest, is_found_until_max_stale_after_the_lifetime_has_ended) {
  store({{.ttl = 60}}, start);
  EXPECT_FALSE(find(start + seconds(60))) << "first somebody has to wait in vain";
  EXPECT_TRUE(find_stale(key_, start + seconds(60)));
  EXPECT_TRUE(find_stale(key_, start + seconds(1059)));
  EXPECT_FALSE(find_stale(key_, start + seconds(1060)));
}

TEST_F(StaleTest, has_the_configured_ttl_everywhere_and_no_ad) {
  dns::Answer answer = make_answer(www_, Type::a, {{.ttl = 60}, {.ttl = 300}, soa(5, 5)});
  answer.head.authentic = true;
  lasting_.store(key_, KeyHash(key_), answer.view(), start);
  const auto hit = find_stale(key_, start + seconds(100));
  ASSERT_TRUE(hit);
  EXPECT_TRUE(hit->is_stale);
  EXPECT_FALSE(hit->head.authentic);
  EXPECT_EQ(ttls(*hit, key_), (std::vector<std::uint32_t>{30, 30, 30}));
  EXPECT_EQ(hit->remaining_s, 0u);
}

TEST_F(StaleTest, is_not_stale_while_it_is_fresh) {
  store({{.ttl = 60}}, start);
  const auto hit = find_stale(key_, start + seconds(20));
  ASSERT_TRUE(hit);
  EXPECT_FALSE(hit->is_stale);
  EXPECT_EQ(ttls(*hit, key_), (std::vector<std::uint32_t>{40}));
}

TEST_F(StaleTest, serves_at_once_for_retry_after_when_an_attempt_has_failed) {
  store({{.ttl = 60}}, start);
  fail(start + seconds(70));
  for (const int second : {70, 99}) {
    const auto hit = find(start + seconds(second));
    ASSERT_TRUE(hit);
    EXPECT_TRUE(hit->is_stale);
    EXPECT_FALSE(hit->is_failure);
  }
  EXPECT_FALSE(find(start + seconds(100))) << "time for another attempt";
  fail(start + seconds(101));
  EXPECT_TRUE(find(start + seconds(130))) << "which is no rarer than the first";
  EXPECT_FALSE(find(start + seconds(131)));
}

TEST_F(StaleTest, yields_to_the_failure_when_it_is_too_old) {
  store({{.ttl = 60}}, start);
  fail(start + seconds(1050));
  EXPECT_TRUE(find(start + seconds(1059))->is_stale);
  EXPECT_TRUE(find(start + seconds(1060))->is_failure);
}

TEST_F(StaleTest, is_not_replaced_by_an_upstreams_failure) {
  store({{.ttl = 60}}, start);
  store({}, start + seconds(70), Rcode::servfail);
  store({}, start + seconds(70), Rcode::refused);
  EXPECT_EQ(find(start + seconds(71))->head.answers, 1);
}

TEST_F(StaleTest, is_replaced_by_data_and_by_denials) {
  store({{.ttl = 60}}, start);
  store({soa(60, 60)}, start + seconds(70));
  EXPECT_EQ(find(start + seconds(71))->head.answers, 0);
  store({soa(60, 60)}, start + seconds(140), Rcode::nxdomain);
  EXPECT_EQ(find(start + seconds(141))->head.rcode, Rcode::nxdomain);
  fail(start + seconds(250));
  EXPECT_EQ(find(start + seconds(251))->head.rcode, Rcode::nxdomain);
  EXPECT_TRUE(find(start + seconds(251))->is_stale);
}

TEST_F(StaleTest, is_gone_when_an_answer_has_contradicted_it_that_may_not_be_kept) {
  store({{.ttl = 60}}, start);
  store({{.ttl = 0}}, start + seconds(70));
  EXPECT_FALSE(find_stale(key_, start + seconds(71)));
}

TEST_F(AnswerCacheTest, says_how_much_room_an_entry_needs) {
  store(key_, {{}, {}}, start);
  std::size_t needed = 0;
  std::array<std::uint8_t, 31> small;
  EXPECT_FALSE(cache_.find(key_, KeyHash(key_), start, small, &needed));
  EXPECT_EQ(needed, 32u);
  EXPECT_FALSE(cache_.find(key_, KeyHash(key_), start, small)) << "nobody asked how much";
  std::array<std::uint8_t, 32> enough;
  EXPECT_TRUE(cache_.find(key_, KeyHash(key_), start, enough));
}

TEST_F(AnswerCacheTest, does_not_keep_what_would_fill_a_large_part_of_it) {
  // A quarter of the small ring of a stripe: 1 MiB / 4 stripes / 10 / 4, about 6.5 KiB.
  store(key_, std::vector<SampleRecord>(40, {.type = Type::txt}), start);
  EXPECT_FALSE(find(key_, start));
  EXPECT_EQ(cache_.stats().entries, 0u);
}

TEST_F(AnswerCacheTest, without_size_keeps_nothing) {
  AnswerCache none{Options{.size = 0}};
  none.store(key_, KeyHash(key_), make_answer(www_, Type::a, {{}}).view(), start);
  EXPECT_FALSE(none.find(key_, KeyHash(key_), start, room_));
  EXPECT_EQ(none.stats().capacity, 0u);
}

TEST_F(AnswerCacheTest, is_empty_when_cleared_and_works_on) {
  store(key_, {{}}, start);
  cache_.clear();
  EXPECT_FALSE(find(key_, start));
  EXPECT_EQ(cache_.stats().entries, 0u);
  EXPECT_EQ(cache_.stats().bytes, 0u);
  store(key_, {{}}, start);
  EXPECT_TRUE(find(key_, start));
}

TEST_F(AnswerCacheTest, counts_what_it_holds_and_what_left) {
  store(key_, {{.ttl = 60}}, start);
  Stats stats = cache_.stats();
  EXPECT_EQ(stats.entries, 1u);
  // header 20, name 13, type and bits 3, record 16: 52, in units of eight.
  EXPECT_EQ(stats.bytes, 56u);
  EXPECT_LE(stats.capacity, 1u << 20);
  EXPECT_GT(stats.capacity, (1u << 20) - 100);
  EXPECT_EQ(stats.insertions, 1u);
  EXPECT_EQ(stats.expired, 0u);
  store(key_, {{.ttl = 60}}, start + seconds(60));
  stats = cache_.stats();
  EXPECT_EQ(stats.entries, 1u);
  EXPECT_EQ(stats.insertions, 2u);
  EXPECT_EQ(stats.expired, 1u);
  EXPECT_EQ(stats.evictions, 0u);
}

}  // namespace
}  // namespace dragoman::cache
