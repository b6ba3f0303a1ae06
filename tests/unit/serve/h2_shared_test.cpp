// What HTTP/2 sessions share: above all that one frame buffer is enough for all of them.
#include "h2_shared.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <vector>

#include "h2_client.h"
#include "h2_session.h"
#include "session_driver.h"

namespace dragoman::serve {
namespace {

TEST(H2Shared, one_frame_buffer_serves_every_session) {
  Metrics metrics;
  H2Shared shared(metrics, 64);
  std::vector<std::unique_ptr<H2Session>> sessions;
  for (std::size_t i = 0; i < 10; ++i) {
    sessions.push_back(std::make_unique<H2Session>(shared, dns_query, LimitOptions()));
    // Fails when nghttp2 begins to ask for another size: then every session has a buffer of its own again.
    EXPECT_EQ(shared.allocator.users(), i + 1);
  }
  sessions.clear();
  EXPECT_EQ(shared.allocator.users(), 0u);
}

// The invariant of FrameBufferAllocator: nothing in the buffer is live between two calls, whatever session runs next,
// also when writers are blocked and outputs are cut.
TEST(H2Shared, sessions_that_take_turns_do_not_disturb_each_other) {
  struct Pair {
    explicit Pair(H2Shared& shared) : session(shared, dns_query, LimitOptions()), driver(session) {}
    H2Session session;
    SessionDriver driver;
    H2Client client{{{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 700}}};
    std::vector<TakenRequest> waiting;
    std::vector<std::uint8_t> blocked;  // produced, not delivered yet
    std::vector<std::int32_t> asked;
  };
  Metrics metrics;
  H2Shared shared(metrics, 64);
  std::vector<std::unique_ptr<Pair>> pairs;
  for (int i = 0; i < 30; ++i) pairs.push_back(std::make_unique<Pair>(shared));

  std::mt19937 random(4);
  for (int step = 0; step < 20000; ++step) {
    Pair& pair = *pairs[random() % pairs.size()];
    switch (random() % 5) {
      case 4:
        pair.session.trim();  // sleeps when it has nothing to do
        break;
      case 0:
        if (pair.asked.size() < 60) pair.asked.push_back(pair.client.post(dns_message(0, 12 + random() % 400)));
        break;
      case 1:
        ASSERT_TRUE(pair.driver.give(pair.client.output(), pair.waiting));
        break;
      case 2:
        if (!pair.waiting.empty()) {
          const std::string& query = pair.waiting.back().message;
          pair.driver.reply(pair.waiting.back(),
                            std::string(query.size() * 3, static_cast<char>('a' + query.size() % 26)));
          pair.waiting.pop_back();
        }
        break;
      default:
        pair.session.write_output(pair.blocked, random() % 2000);
        if (random() % 2 == 0) {
          ASSERT_TRUE(pair.client.give(text_of(pair.blocked)));
          pair.blocked.clear();
        }
    }
  }
  for (auto& pair : pairs) {
    for (int round = 0; round < 100; ++round) {
      ASSERT_TRUE(pair->driver.give(pair->client.output(), pair->waiting));
      for (const TakenRequest& request : pair->waiting) {
        const std::size_t size = request.message.size();
        pair->driver.reply(request, std::string(size * 3, static_cast<char>('a' + size % 26)));
      }
      pair->waiting.clear();
      ASSERT_TRUE(pair->client.give(text_of(pair->blocked) + pair->driver.output()));
      pair->blocked.clear();
    }
    for (const std::int32_t id : pair->asked) {
      const H2Reply& reply = pair->client.reply(id);
      ASSERT_TRUE(reply.is_complete);
      ASSERT_EQ(reply.status(), "200");
      const std::size_t size = reply.body.size() / 3;
      ASSERT_EQ(reply.body, std::string(size * 3, static_cast<char>('a' + size % 26)));
    }
  }
}

TEST(H2Shared, allocations_of_other_sizes_are_left_alone) {
  const net::PagePool pages(SessionPages::slot_size, 1);
  FrameBufferAllocator allocator(pages);
  nghttp2_mem* memory = allocator.memory();
  void* block = memory->malloc(100, memory->mem_user_data);
  block = memory->realloc(block, 200, memory->mem_user_data);
  EXPECT_EQ(allocator.users(), 0u);
  memory->free(block, memory->mem_user_data);
}

TEST(H2Shared, a_session_that_wants_another_buffer_gets_its_own) {
  const net::PagePool pages(SessionPages::slot_size, 1);
  FrameBufferAllocator allocator(pages);
  nghttp2_mem* memory = allocator.memory();
  void* shared = memory->realloc(nullptr, FrameBufferAllocator::frame_buffer_size, memory->mem_user_data);
  EXPECT_EQ(allocator.users(), 1u);
  *static_cast<char*>(shared) = 'x';
  void* own = memory->realloc(shared, 2 * FrameBufferAllocator::frame_buffer_size, memory->mem_user_data);
  EXPECT_NE(own, shared);
  EXPECT_EQ(*static_cast<char*>(own), 'x');
  EXPECT_EQ(allocator.users(), 0u);
  memory->free(own, memory->mem_user_data);
}

TEST(H2StreamPool, gives_a_clean_stream_each_time) {
  H2StreamPool pool;
  H2Stream* stream = pool.acquire(1);
  stream->target = "/x";
  stream->body.assign(10, 1);
  stream->status = HttpStatus::not_found;
  stream->reply_taken = 5;
  pool.release(stream);
  H2Stream* again = pool.acquire(3);
  EXPECT_EQ(again, stream);
  EXPECT_EQ(again->id, 3);
  EXPECT_TRUE(again->target.empty());
  EXPECT_TRUE(again->body.empty());
  EXPECT_EQ(again->status, HttpStatus::ok);
  EXPECT_EQ(again->reply_taken, 0u);
  pool.release(again);
}

TEST(H2StreamPool, keeps_no_large_buffers) {
  H2StreamPool pool;
  H2Stream* stream = pool.acquire(1);
  stream->body.assign(60000, 1);
  pool.release(stream);
  stream = pool.acquire(3);
  EXPECT_LE(stream->body.capacity(), 1024u);
  pool.release(stream);
}

}  // namespace
}  // namespace dragoman::serve
