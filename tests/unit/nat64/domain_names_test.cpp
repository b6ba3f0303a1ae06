// Names as numbers, in a table that is too small for all of them.
#include "dragoman/nat64/domain_names.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace dragoman::nat64 {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t one_group = 512;  // four names

TimePoint at(seconds second) { return TimePoint(second); }

std::string text_of(const DomainNames& names, DomainId id) {
  const auto text = names.text(id);
  return text ? std::string(text->view()) : "-";
}

TEST(DomainNames, gives_a_name_one_number) {
  DomainNames names(1 << 16, 7);
  const DomainId id = names.add("example.net", at(1s));
  EXPECT_NE(id, no_domain);
  EXPECT_EQ(names.add("example.net", at(2s)), id);
  EXPECT_NE(names.add("example.org", at(2s)), id);
  EXPECT_EQ(text_of(names, id), "example.net");
  EXPECT_TRUE(names.use(id, at(3s)));
}

TEST(DomainNames, has_room_for_names_up_to_100_octets) {
  DomainNames names(one_group, 7);
  const std::string longest(DomainNames::longest, 'a');
  EXPECT_EQ(text_of(names, names.add(longest, at(1s))), longest);
  EXPECT_EQ(names.add(longest + "a", at(1s)), no_domain);
  EXPECT_EQ(names.add("", at(1s)), no_domain);
}

TEST(DomainNames, the_name_that_was_not_used_for_longest_makes_room) {
  DomainNames names(one_group, 7);
  std::vector<DomainId> ids;
  for (const char* name : {"a.test", "b.test", "c.test", "d.test"}) ids.push_back(names.add(name, at(10s)));
  EXPECT_TRUE(names.use(ids[0], at(20s)));
  EXPECT_TRUE(names.use(ids[1], at(20s)));
  EXPECT_TRUE(names.use(ids[3], at(20s)));
  const DomainId newcomer = names.add("e.test", at(21s));
  EXPECT_EQ(text_of(names, newcomer), "e.test");
  EXPECT_FALSE(names.use(ids[2], at(22s))) << "its place has another name";
  EXPECT_EQ(text_of(names, ids[2]), "-");
  EXPECT_EQ(text_of(names, ids[0]), "a.test");
}

TEST(DomainNames, numbers_that_nobody_gave_are_nobodys) {
  DomainNames names(one_group, 7);
  names.add("a.test", at(1s));
  for (const DomainId id : {no_domain, DomainId{2}, ~DomainId{0}, DomainId{3u << 14}}) {
    EXPECT_FALSE(names.use(id, at(1s))) << id;
    EXPECT_EQ(text_of(names, id), "-") << id;
  }
}

TEST(DomainNames, the_hash_of_a_name_is_the_same_whatever_its_number) {
  DomainNames names(one_group, 7);
  const DomainId first = names.add("a.test", at(1s));
  const std::uint64_t hash = names.text(first)->hash;
  for (const char* name : {"b.test", "c.test", "d.test", "e.test"}) names.add(name, at(2s));
  const DomainId second = names.add("a.test", at(3s));
  EXPECT_NE(first, second);
  EXPECT_EQ(names.text(second)->hash, hash);
}

TEST(DomainNames, no_number_ever_shows_half_a_name) {
  DomainNames names(one_group, 7);
  std::atomic<bool> done{false};
  std::atomic<std::uint32_t> shown{no_domain};
  const auto write = [&](char letter) {
    for (unsigned i = 0; i < 20'000; ++i) {
      const std::string name(1 + (i * 7 + static_cast<unsigned char>(letter)) % DomainNames::longest, letter);
      if (const DomainId id = names.add(name, at(seconds(i))); id != no_domain) shown.store(id);
    }
    done.store(true);
  };
  std::thread first(write, 'a'), second(write, 'b');
  while (!done.load()) {
    const auto text = names.text(shown.load());
    if (!text || text->view().empty()) continue;
    ASSERT_EQ(text->view().find_first_not_of(text->view()[0]), std::string_view::npos) << text->view();
  }
  first.join();
  second.join();
}

}  // namespace
}  // namespace dragoman::nat64
