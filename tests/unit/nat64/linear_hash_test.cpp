// Finding records while the table grows (linear_hash.h), against std::unordered_map.
#include "linear_hash.h"

#include <gtest/gtest.h>

#include <unordered_map>

#include "fakes/random.h"
#include "keyed_hash.h"

namespace dragoman::nat64 {
namespace {

struct Record {
  Index next = none;
  std::uint32_t key = 0;
};
struct KeyHash {
  std::uint32_t operator()(std::uint32_t key) const { return keyed_hash(&key, sizeof key, 99); }
  std::uint32_t operator()(const Record& record) const { return (*this)(record.key); }
};
// All records in one chain: what a mistake in the hash, or an attacker who knew the secret, would do.
struct SameHash {
  std::uint32_t operator()(std::uint32_t) const { return 5; }
  std::uint32_t operator()(const Record&) const { return 5; }
};

template <class Hash>
class Table {
 public:
  void insert(std::uint32_t key) {
    const Index made = records_.take();
    records_[made].key = key;
    hash_.insert(Hash()(key), made);
    model_[key] = made;
  }
  void remove(std::uint32_t key) {
    const Index gone = model_.at(key);
    hash_.remove(Hash()(key), gone);
    records_.give_back(gone);
    model_.erase(key);
  }
  Index find(std::uint32_t key) const {
    return hash_.find(Hash()(key), [=](const Record& record) { return record.key == key; });
  }
  bool has(std::uint32_t key) const { return model_.contains(key); }
  const auto& model() const { return model_; }
  std::size_t memory() const { return hash_.memory(); }

 private:
  Slab<Record> records_;
  LinearHash<Record, Hash> hash_{records_, Hash()};
  std::unordered_map<std::uint32_t, Index> model_;
};

TEST(LinearHash, finds_what_is_in_it_and_nothing_else) {
  fakes::Random random(1);
  Table<KeyHash> table;
  for (int i = 0; i < 200000; ++i) {
    const std::uint32_t key = random.below(60000);
    table.has(key) ? table.remove(key) : table.insert(key);
    const std::uint32_t other = random.below(60000);
    ASSERT_EQ(table.find(other), table.has(other) ? table.model().at(other) : none);
  }
  for (const auto& [key, index] : table.model()) ASSERT_EQ(table.find(key), index);
}

TEST(LinearHash, keeps_everything_through_many_rounds_of_growth) {
  Table<KeyHash> table;
  for (std::uint32_t key = 0; key < 300000; ++key) table.insert(key);
  for (std::uint32_t key = 0; key < 300000; ++key) ASSERT_NE(table.find(key), none);
  EXPECT_EQ(table.find(300000), none);
  EXPECT_LE(table.memory(), 4 * 300000 + 2 * 65536 * 4) << "four octets a record";
}

TEST(LinearHash, is_right_when_all_hashes_are_the_same) {
  Table<SameHash> table;
  for (std::uint32_t key = 0; key < 2000; ++key) table.insert(key);
  for (std::uint32_t key = 0; key < 2000; key += 2) table.remove(key);
  for (std::uint32_t key = 0; key < 2000; ++key) ASSERT_EQ(table.find(key) != none, key % 2 == 1);
}

}  // namespace
}  // namespace dragoman::nat64
