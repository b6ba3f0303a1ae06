// What names are compressed to (RFC 1035 4.1.4), and that they read the same afterwards.
#include <gtest/gtest.h>

#include <random>

#include "dragoman/dns/message_writer.h"
#include "wire.h"

namespace dragoman::dns {
namespace {

using test::Draft;
using test::hex;
using test::name;
using test::Octets;
using test::wire;

// Owner names alone, without what follows them in a record.
std::string owners(std::initializer_list<const char*> names, const char* question) {
  Draft draft(question);
  std::string text;
  for (const char* each : names) {
    std::size_t before = draft.writer.length();
    draft.writer.record(Section::answer, name(each), Type::txt, 0, {});
    Bytes written = Bytes(draft.memory).first(draft.writer.length()).subspan(before);
    text += hex(written.first(written.size() - 10)) + " ";
  }
  return text;
}

TEST(NameCompression, points_to_the_longest_suffix_of_the_question) {
  EXPECT_EQ(owners({"www.example.com"}, "www.example.com"), "c00c ");
  EXPECT_EQ(owners({"example.com"}, "www.example.com"), "c010 ");
  EXPECT_EQ(owners({"ns.example.com"}, "www.example.com"), "026e73c010 ");
  EXPECT_EQ(owners({"ns.com"}, "www.example.com"), "026e73c018 ");
}

TEST(NameCompression, points_to_names_written_later) {
  EXPECT_EQ(owners({"a.other", "b.a.other", "other"}, "q"), "0161056f7468657200 0162c013 c015 ");
}

TEST(NameCompression, does_not_see_case) { EXPECT_EQ(owners({"nS.eXample.CoM"}, "www.example.com"), "026e53c010 "); }

TEST(NameCompression, writes_the_root_as_it_is) {
  EXPECT_EQ(owners({"."}, "q"), "00 ");
  EXPECT_EQ(owners({"."}, "."), "00 ");
}

TEST(NameCompression, tells_labels_apart_that_share_octets) {
  EXPECT_EQ(owners({R"(b\.c)", "b.c"}, "a"), "03622e6300 0162016300 ");
}

TEST(NameCompression, points_nowhere_beyond_14_bits) {
  Draft draft("q");
  draft.writer.record(Section::answer, name("q"), Type::txt, 0, Octets(0x4000));
  for (int i = 0; i < 2; ++i) {
    std::size_t before = draft.writer.length();
    draft.writer.record(Section::answer, name("late.name"), Type::txt, 0, {});
    EXPECT_EQ(draft.writer.length() - before, 11u + 10);
  }
}

TEST(NameCompression, goes_on_without_new_names_when_its_table_is_full) {
  Draft draft("q");
  std::vector<Name> names;
  for (int i = 0; i < 200; ++i) names.push_back(name("a" + std::to_string(i) + ".b" + std::to_string(i)));
  for (const Name& each : names) draft.writer.record(Section::answer, each, Type::txt, 0, {});
  const test::Parsed view(draft.finish());
  std::size_t index = 0;
  for (const auto& [section, record] : view->records()) EXPECT_TRUE(equal(view->owner(record), names[index++]));
  EXPECT_EQ(index, names.size());
}

// Names of few different labels share suffixes in every way there is.
TEST(NameCompression, never_changes_what_a_name_says) {
  std::mt19937 random(1);
  auto random_name = [&] {
    Name made;
    for (auto labels = random() % 6; labels > 0; --labels) {
      std::string label(1 + random() % 2, static_cast<char>('a' + random() % 3));
      if (random() % 2 == 0) label[0] = static_cast<char>(label[0] - 32);
      made.prepend_label(Bytes(reinterpret_cast<const std::uint8_t*>(label.data()), label.size()));
    }
    return made;
  };
  for (int round = 0; round < 200; ++round) {
    Draft draft(random_name().to_text());
    std::vector<Name> names;
    for (int i = 0; i < 40; ++i) {
      names.push_back(random_name());
      draft.writer.record(Section::answer, names.back(), Type::txt, 0, {});
    }
    const test::Parsed view(draft.finish());
    std::size_t index = 0;
    for (const auto& [section, record] : view->records()) {
      ASSERT_TRUE(equal(view->owner(record), names[index])) << names[index].to_text();
      ++index;
    }
    ASSERT_EQ(index, names.size());
  }
}

}  // namespace
}  // namespace dragoman::dns
