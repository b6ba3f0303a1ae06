// NXDOMAIN for every type of a name (RFC 2308 5) and for the names below it (RFC 8020).
#include <gtest/gtest.h>

#include "sample_answers.h"

namespace dragoman::cache {
namespace {

using dns::Rcode;
using dns::Section;
using dns::Type;

constexpr TimePoint start{seconds(1000)};

class DenialTest : public testing::Test {
 protected:
  void deny(std::string_view text, Type type = Type::a, bool dnssec_ok = false) {
    const dns::Name owner = name(text);
    const Key key{owner, type, dnssec_ok};
    cache_.store(key, KeyHash(key), make_answer(owner, type, {soa(300, 300)}, Rcode::nxdomain).view(), start);
  }
  void store(std::string_view text, Type type, const std::vector<SampleRecord>& records, TimePoint now = start,
             Rcode rcode = Rcode::noerror) {
    const dns::Name owner = name(text);
    const Key key{owner, type};
    cache_.store(key, KeyHash(key), make_answer(owner, type, records, rcode).view(), now);
  }
  bool is_denied(std::string_view text, Type type = Type::aaaa, TimePoint now = start) {
    return is_denied_in(cache_, text, type, now);
  }
  bool is_denied_in(AnswerCache& cache, std::string_view text, Type type = Type::aaaa, TimePoint now = start) {
    const dns::Name owner = name(text);
    return cache.find_denial({owner, type}, now, room_).has_value();
  }

  AnswerCache cache_{Options{.size = 1u << 20}};
  std::vector<std::uint8_t> room_ = std::vector<std::uint8_t>(dns::max_message_length);
};

TEST_F(DenialTest, holds_for_every_type_of_the_name) {
  deny("gone.example", Type::a);
  EXPECT_TRUE(is_denied("gone.example", Type::aaaa));
  EXPECT_TRUE(is_denied("GONE.example", Type::mx));
  EXPECT_FALSE(is_denied("here.example"));
  EXPECT_FALSE(is_denied("example")) << "the names above exist";
}

TEST_F(DenialTest, holds_for_everything_below_the_name) {
  deny("gone.example");
  EXPECT_TRUE(is_denied("a.gone.example"));
  EXPECT_TRUE(is_denied("a.b.c.d.gone.example"));
  EXPECT_FALSE(is_denied("a.begone.example"));
}

TEST_F(DenialTest, without_the_cut_holds_for_the_name_alone) {
  AnswerCache flat{Options{.size = 1u << 20, .nxdomain_cut = false}};
  const dns::Name owner = name("gone.example");
  const Key key{owner, Type::a};
  flat.store(key, KeyHash(key), make_answer(owner, Type::a, {soa(300, 300)}, Rcode::nxdomain).view(), start);
  EXPECT_TRUE(is_denied_in(flat, "gone.example"));
  EXPECT_FALSE(is_denied_in(flat, "a.gone.example"));
}

TEST_F(DenialTest, reads_behind_the_question_that_it_answers_now) {
  deny("gone.example");
  const dns::Name below = name("a.gone.example");
  const auto answer = cache_.find_denial({below, Type::aaaa}, start + seconds(100), room_);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->head.rcode, Rcode::nxdomain);
  EXPECT_EQ(answer->head.authorities, 1);
  dns::AnswerRecords records(*answer);
  dns::AnswerRecord record;
  ASSERT_TRUE(records.next(record));
  EXPECT_EQ(record.type, Type::soa);
  EXPECT_EQ(record.ttl, 200u);
  EXPECT_EQ(dns::owner_of(*answer, below, record).to_text(), "example.");
  EXPECT_EQ(dns::target_of(*answer, below, record).to_text(), "ns.example.");
}

TEST_F(DenialTest, ends_with_the_answer_that_said_so) {
  deny("gone.example");
  EXPECT_TRUE(is_denied("a.gone.example", Type::aaaa, start + seconds(299)));
  EXPECT_FALSE(is_denied("a.gone.example", Type::aaaa, start + seconds(300)));
}

TEST_F(DenialTest, ends_when_the_name_turns_out_to_exist) {
  deny("gone.example");
  store("gone.example", Type::mx, {soa(60, 60)}, start + seconds(1));
  EXPECT_FALSE(is_denied("gone.example", Type::aaaa, start + seconds(2)));
  EXPECT_FALSE(is_denied("a.gone.example", Type::aaaa, start + seconds(2)));
}

// RFC 4074 4.2.
TEST_F(DenialTest, is_not_believed_of_a_name_whose_addresses_are_known) {
  store("half.example", Type::a, {{.ttl = 60}});
  deny("half.example", Type::aaaa);
  EXPECT_FALSE(is_denied("half.example", Type::mx));
  EXPECT_FALSE(is_denied("a.half.example"));
  store("half.example", Type::aaaa, {soa(300, 300)}, start + seconds(60), Rcode::nxdomain);
  EXPECT_TRUE(is_denied("half.example", Type::mx, start + seconds(60))) << "they are not known any more";
}

TEST_F(DenialTest, is_not_taken_from_an_answer_with_a_chain) {
  store("alias.example", Type::a, {{.type = Type::cname}, soa(300, 300)}, start, Rcode::nxdomain);
  EXPECT_FALSE(is_denied("alias.example", Type::mx)) << "the alias itself exists";
  EXPECT_FALSE(is_denied("a.alias.example"));
}

TEST_F(DenialTest, is_not_taken_from_an_answer_without_soa) {
  store("gone.example", Type::a, {}, start, Rcode::nxdomain);
  EXPECT_FALSE(is_denied("gone.example"));
}

TEST_F(DenialTest, does_not_cross_between_clients_that_validate_and_others) {
  deny("gone.example", Type::a, true);
  EXPECT_FALSE(is_denied("a.gone.example"));
  const dns::Name below = name("a.gone.example");
  EXPECT_TRUE(cache_.find_denial({below, Type::aaaa, true}, start, room_));
  EXPECT_FALSE(cache_.find_denial({below, Type::aaaa, true, true}, start, room_));
}

TEST_F(DenialTest, is_not_looked_for_above_the_highest_name_that_counts) {
  deny("gone.example");
  const dns::Name below = name("a.b.gone.example"), between = name("b.gone.example"), at = name("gone.example");
  EXPECT_FALSE(cache_.find_denial({below, Type::aaaa}, start, room_, between));
  EXPECT_TRUE(cache_.find_denial({below, Type::aaaa}, start, room_, at));
}

TEST_F(DenialTest, is_no_answer_to_a_question_of_type_0) {
  deny("gone.example");
  const dns::Name owner = name("gone.example");
  const Key key{owner, Type{}};
  EXPECT_FALSE(cache_.find(key, KeyHash(key), start, room_));
}

TEST_F(DenialTest, of_the_root_is_nonsense) {
  deny(".");
  EXPECT_FALSE(is_denied("example"));
}

TEST_F(DenialTest, keeps_to_the_room_it_is_given) {
  deny("gone.example");
  const dns::Name below = name("a.gone.example");
  std::vector<std::uint8_t> small(60);
  EXPECT_FALSE(cache_.find_denial({below, Type::aaaa}, start, small));
}

}  // namespace
}  // namespace dragoman::cache
