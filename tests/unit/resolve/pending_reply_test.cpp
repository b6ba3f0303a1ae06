// Replies and targets may go in any order.
#include "dragoman/resolve/pending_reply.h"

#include <gmock/gmock.h>

#include <memory>

namespace dragoman::resolve {
namespace {

class Target final : public ReplyTarget {
 public:
  void deliver(std::uint64_t ticket, Bytes, const ReplyFacts&) override { delivered.push_back(ticket); }
  std::vector<std::uint64_t> delivered;
};

TEST(PendingReply, is_delivered_once) {
  Target target;
  PendingReply reply(target, 7);
  reply.deliver({}, {});
  reply.deliver({}, {});
  EXPECT_THAT(target.delivered, testing::ElementsAre(7u));
  EXPECT_EQ(target.pending(), 0u);
}

TEST(PendingReply, is_not_wanted_once_its_target_is_gone) {
  auto target = std::make_unique<Target>();
  PendingReply first(*target, 1), second(*target, 2);
  target.reset();
  EXPECT_FALSE(first.wanted());
  EXPECT_FALSE(second.wanted());
  first.deliver({}, {});
}

TEST(PendingReply, takes_itself_off_wherever_it_stands) {
  Target target;
  auto first = std::make_unique<PendingReply>(target, 1);
  auto second = std::make_unique<PendingReply>(target, 2);
  auto third = std::make_unique<PendingReply>(target, 3);
  second.reset();
  EXPECT_EQ(target.pending(), 2u);
  third.reset();
  first->deliver({}, {});
  EXPECT_THAT(target.delivered, testing::ElementsAre(1u));
}

TEST(PendingReply, is_forgotten_by_its_ticket_alone) {
  Target target;
  PendingReply first(target, 1), second(target, 2);
  target.forget(1);
  target.forget(99);
  EXPECT_FALSE(first.wanted());
  EXPECT_TRUE(second.wanted());
}

}  // namespace
}  // namespace dragoman::resolve
