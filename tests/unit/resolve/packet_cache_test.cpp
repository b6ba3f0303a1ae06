// Packets: what is found again, what takes whose place, and what is told of those that leave.
#include "packet_cache.h"

#include <gmock/gmock.h>

#include <map>
#include <random>
#include <string>

#include "fixture.h"

namespace dragoman::resolve {
namespace {

using testing::ElementsAre;

// A query and what was read of it.
struct Asked {
  explicit Asked(const Ask& ask) : octets(query_octets(ask)) {
    dns::MessageView view;
    EXPECT_EQ(dns::MessageView::parse(octets, view), dns::MessageView::Fault::none);
    inquiry.question = view.question();
    inquiry.client.protocol = ask.protocol;
  }
  PacketCache::Key key() const { return {octets, inquiry}; }

  std::vector<std::uint8_t> octets;
  Inquiry inquiry;
};

std::vector<std::uint8_t> reply(std::size_t length, std::uint8_t fill = 7) {
  return std::vector<std::uint8_t>(length, fill);
}

class PacketCacheTest : public testing::Test {
 protected:
  PacketCache packets{4096, [this](const Packet& packet) {
                        left.push_back(packet.name().to_text() + " " + std::to_string(packet.repeated));
                      }};
  std::vector<std::string> left;
};

TEST_F(PacketCacheTest, gives_back_the_reply_and_what_goes_with_it) {
  const Asked asked({.name = "a.test"});
  EXPECT_EQ(packets.find(asked.key()), nullptr);
  packets.keep(asked.key(), 5, reply(50), {.hit = CacheHit::negative, .dns64 = Dns64Result::no_a, .reply = {60}});
  const Packet* packet = packets.find(asked.key());
  ASSERT_NE(packet, nullptr);
  EXPECT_EQ(packet->second, 5u);
  EXPECT_TRUE(std::ranges::equal(packet->reply(), reply(50)));
  EXPECT_EQ(packet->facts.hit, CacheHit::negative);
  EXPECT_EQ(packet->facts.dns64, Dns64Result::no_a);
  EXPECT_EQ(packet->facts.reply.fresh_s, 60u);
  EXPECT_EQ(packet->name().to_text(), "a.test.");
}

TEST_F(PacketCacheTest, ignores_the_id_and_nothing_else) {
  const Asked asked({.name = "a.test"});
  packets.keep(asked.key(), 5, reply(50), {});
  Asked other_id = asked;
  other_id.octets[0] ^= 1;
  EXPECT_NE(packets.find(PacketCache::Key(other_id.octets, other_id.inquiry)), nullptr);
  for (std::size_t at = 2; at < asked.octets.size(); ++at) {
    Asked changed = asked;
    changed.octets[at] ^= 0x20;
    EXPECT_EQ(packets.find(PacketCache::Key(changed.octets, changed.inquiry)), nullptr) << "octet " << at;
  }
  EXPECT_EQ(packets.find(Asked({.name = "a.test", .protocol = Protocol::udp}).key()), nullptr);
  const dns64::Policy policy;
  Asked by_policy = asked;
  by_policy.inquiry.policy = &policy;
  EXPECT_EQ(packets.find(PacketCache::Key(by_policy.octets, by_policy.inquiry)), nullptr);
}

TEST_F(PacketCacheTest, renews_a_reply_in_its_place) {
  const Asked asked({.name = "a.test"});
  packets.keep(asked.key(), 5, reply(50, 1), {});
  Packet* const packet = packets.find(asked.key());
  packet->repeated = 3;
  packets.keep(asked.key(), 6, reply(50, 2), {});
  EXPECT_EQ(packets.find(asked.key()), packet);
  EXPECT_EQ(packet->second, 6u);
  EXPECT_EQ(packet->repeated, 3u);
  EXPECT_EQ(packet->reply()[0], 2);
}

TEST_F(PacketCacheTest, finds_the_latest_of_another_length) {
  const Asked asked({.name = "a.test"});
  packets.keep(asked.key(), 5, reply(50), {});
  packets.find(asked.key())->repeated = 3;
  packets.keep(asked.key(), 6, reply(80), {});
  EXPECT_EQ(packets.find(asked.key())->reply().size(), 80u);
  packets.find(asked.key())->repeated = 1;
  packets.tell_all();
  EXPECT_THAT(left, ElementsAre("a.test. 3", "a.test. 1"));
}

TEST_F(PacketCacheTest, forgets_all_at_once_and_tells_of_it_once_later) {
  const Asked asked({.name = "a.test"});
  packets.keep(asked.key(), 5, reply(50), {});
  packets.find(asked.key())->repeated = 3;
  packets.forget_all();
  EXPECT_EQ(packets.find(asked.key()), nullptr);
  EXPECT_THAT(left, ElementsAre());
  packets.keep(asked.key(), 6, reply(50), {});
  EXPECT_EQ(packets.find(asked.key())->second, 6u);
  packets.find(asked.key())->repeated = 1;
  packets.tell_all();
  EXPECT_THAT(left, ElementsAre("a.test. 3", "a.test. 1"));
  packets.tell_all();
  EXPECT_EQ(left.size(), 2u);
  packets.find(asked.key())->repeated = 2;
  for (int i = 0; i < 100; ++i) packets.keep(Asked({.name = std::to_string(i) + ".test"}).key(), 5, reply(50), {});
  EXPECT_THAT(left, ElementsAre("a.test. 3", "a.test. 1", "a.test. 2"));
}

TEST_F(PacketCacheTest, tells_of_those_that_were_repeated_when_they_leave) {
  const Asked first({.name = "first.test"}), second({.name = "second.test"});
  packets.keep(first.key(), 5, reply(50), {});
  packets.keep(second.key(), 5, reply(50), {});
  packets.find(second.key())->repeated = 2;
  for (int i = 0; i < 100; ++i) packets.keep(Asked({.name = std::to_string(i) + ".test"}).key(), 5, reply(50), {});
  EXPECT_EQ(packets.find(first.key()), nullptr);
  EXPECT_EQ(packets.find(second.key()), nullptr);
  EXPECT_THAT(left, ElementsAre("second.test. 2"));
}

// As many as there is room for are found again, but for a few.
TEST_F(PacketCacheTest, finds_nearly_all_that_it_has_room_for) {
  PacketCache large(1 << 20, {});
  const auto asked = [](int number) { return Asked({.name = "www.site" + std::to_string(number) + ".test"}); };
  for (int i = 0; i < 4000; ++i) large.keep(asked(i).key(), 5, reply(100), {});
  int found = 0;
  for (int i = 0; i < 4000; ++i) found += large.find(asked(i).key()) != nullptr;
  EXPECT_GT(found, 3990);
}

TEST_F(PacketCacheTest, keeps_nothing_that_is_too_large) {
  const Asked asked({.name = "a.test"});
  packets.keep(asked.key(), 5, reply(1100), {});  // more than a quarter of it
  EXPECT_EQ(packets.find(asked.key()), nullptr);
  PacketCache large(1 << 20, {});
  large.keep(asked.key(), 5, reply(PacketCache::max_reply + 1), {});
  EXPECT_EQ(large.find(asked.key()), nullptr);
}

TEST_F(PacketCacheTest, without_memory_keeps_nothing) {
  PacketCache none(0, {});
  EXPECT_TRUE(none.is_off());
  const Asked asked({.name = "a.test"});
  none.keep(asked.key(), 5, reply(50), {});
  EXPECT_EQ(none.find(asked.key()), nullptr);
}

// Against a map: whatever is found is what was kept last for those octets.
TEST_F(PacketCacheTest, never_gives_what_was_not_kept_for_the_query) {
  std::mt19937 random(6147);
  std::map<std::string, std::vector<std::uint8_t>> kept;
  std::size_t found = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string name = std::to_string(random() % 40) + ".test";
    const Asked asked({.name = name, .edns = random() % 2 == 0});
    const std::string text(asked.octets.begin(), asked.octets.end());
    if (const Packet* packet = packets.find(asked.key())) {
      ++found;
      ASSERT_TRUE(std::ranges::equal(packet->reply(), kept.at(text)));
    }
    kept[text] = reply(40 + random() % 60, static_cast<std::uint8_t>(random()));
    packets.keep(asked.key(), 1, kept[text], {});
  }
  EXPECT_GT(found, 1000u);
}

}  // namespace
}  // namespace dragoman::resolve
